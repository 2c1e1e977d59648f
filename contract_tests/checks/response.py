"""One exchange, read as far as it can be: coding undone, text decoded, JSON parsed, told a grant from a refusal.

Reading stops where something is wrong and says so as a problem; what lies behind is None, and the clauses about it are
not judged on this exchange. So one defect is reported under one clause.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NoReturn

from code_contract import FieldPath, Operation
from contract_tests import sanitize as showing
from contract_tests.checks.schema import SchemaResult
from contract_tests.http.exchange import BodyCapture, Exchange
from contract_tests.verdict import Violation

MAX_DECODED = 8 * 1024 * 1024
"""Bytes a coded body may inflate to."""
MAX_DEPTH = 100
"""Levels of JSON that are read (RFC 8259 §9 lets a reader set a limit)."""
MAX_DIGITS = 1_000

NOT_SERVED_STATUSES = frozenset({404, 405, 501})

MISSING: Any = object()
"""Stands for the JSON value of a body that has none."""


class ParsedResponse:
    """What one exchange says. Computed when first asked for, then kept.

    `grants` tells a grant from a refusal by the body, `schema` judges it by the contract; where all that is wanted is
    what the body holds, there are none.
    """

    def __init__(
        self,
        exchange: Exchange,
        operation: Operation,
        grants: Callable[[Any], bool] | None = None,
        schema: Callable[[Any], SchemaResult] | None = None,
    ) -> None:
        self.exchange = exchange
        self.operation = operation
        self._grants = grants
        self._schema = schema
        self.repeated_names: list[str] = []
        self._kept: dict[str, Any] = {}

    @property
    def status(self) -> int | None:
        """The HTTP status, None where no head arrived."""
        return self.exchange.status

    @property
    def is_complete(self) -> bool:
        """Whether the answer arrived complete."""
        return self.exchange.trouble is None

    @property
    def has_body(self) -> bool:
        """Whether there is a body to judge, were it an empty one; a recording may hold none of an answer's."""
        return self.exchange.held is not BodyCapture.NOTHING

    @cached_property
    def media_type(self) -> tuple[str, str | None]:
        """The media type in lower case and the charset parameter as given (RFC 9110 §8.3.1); ("", None) for none."""
        essence, *parameters = (self.exchange.header("content-type") or "").split(";")
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                return essence.strip().lower(), value.strip().strip('"')
        return essence.strip().lower(), None

    @cached_property
    def _decoded(self) -> bytes | Violation:
        if self.exchange.held is not BodyCapture.WIRE:
            return self.exchange.body
        coding = (self.exchange.header("content-encoding") or "identity").strip().lower()
        if coding in ("", "identity"):
            return self.exchange.body
        where = "header Content-Encoding"
        if coding not in ("gzip", "x-gzip", "deflate"):
            return Violation(where, "gzip, deflate or none, as asked for", showing.quoted(coding))
        expected = f"a body in {coding} of at most {MAX_DECODED} bytes"
        # 32: zlib tells gzip from zlib by itself. RFC 9110 §8.4.1.2 notes that some send raw deflate.
        for window in (32 + zlib.MAX_WBITS, *((-zlib.MAX_WBITS,) if coding == "deflate" else ())):
            inflater = zlib.decompressobj(window)
            try:
                plain = inflater.decompress(self.exchange.body, MAX_DECODED + 1)
            except zlib.error:
                continue
            if len(plain) > MAX_DECODED:
                return Violation("body", expected, "a body that inflates to more")
            if not inflater.eof:
                return Violation("body", expected, f"a {coding} stream that breaks off")
            return plain
        return Violation("body", expected, showing.body(self.exchange.body, 60))

    @property
    def coding_problem(self) -> Violation | None:
        """Why the content coding cannot be undone, None where it can."""
        return self._decoded if isinstance(self._decoded, Violation) else None

    @property
    def body(self) -> bytes | None:
        """The body with its content coding undone; None where it did not arrive, was not kept or cannot be decoded."""
        return self._decoded if self.is_complete and self.has_body and isinstance(self._decoded, bytes) else None

    @cached_property
    def text(self) -> str | None:
        """The body as text, without a byte order mark; None where it is not UTF-8."""
        if self.body is None:
            return None
        try:
            return self.body.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        except UnicodeDecodeError:
            return None

    @cached_property
    def _parsed(self) -> tuple[Any, str]:
        """The JSON value and "", or MISSING and why there is none."""
        if self.text is None:
            return MISSING, "no text"
        try:
            value = json.loads(
                self.text,
                parse_constant=_no_constant,
                parse_int=_bounded_int,
                object_pairs_hook=self._object,
            )
        except RecursionError:
            return MISSING, f"JSON nested deeper than the {MAX_DEPTH} levels that are read"
        except ValueError as error:
            return MISSING, showing.escape(str(error))
        if _deeper_than(value, MAX_DEPTH):
            return MISSING, f"JSON nested deeper than the {MAX_DEPTH} levels that are read"
        return value, ""

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            self.repeated_names += sorted({name for name in found if names.count(name) > 1})[:3]
        return found

    @property
    def value(self) -> Any:
        """The JSON value of the body, MISSING where there is none."""
        return self._parsed[0]

    @property
    def json_problem(self) -> str:
        """Why the body is no JSON value, "" where it is."""
        return self._parsed[1]

    @cached_property
    def is_success(self) -> bool:
        """Whether the answer grants what was asked: by its envelope; by HTTP status where the contract has none."""
        if self.status is None or not self.is_complete:
            return False
        if self._grants is None:
            return 200 <= self.status < 300
        return self.value is not MISSING and self._grants(self.value)

    @property
    def is_served(self) -> bool:
        """True if the operation responded: any status except an undocumented 404, 405 or 501 without success."""
        if self.status is None:
            return False
        undocumented = self.status in NOT_SERVED_STATUSES and str(self.status) not in self.operation.responses
        return self.is_success or not undocumented

    @property
    def is_api_response(self) -> bool:
        """Whether body and envelope are judged: a whole answer of HTTP's success kind, or one that grants.

        An error page of a gateway says nothing of the API; `error-uses-the-envelope` speaks of those.
        """
        if not self.is_complete or self.status is None:
            return False
        return 200 <= self.status < 300 or self.is_success

    @cached_property
    def schema_result(self) -> SchemaResult | None:
        """What the documented schema says of the body, of whatever HTTP status; None where it is no JSON."""
        return None if self.value is MISSING or self._schema is None else self._schema(self.value)

    @property
    def api_schema_result(self) -> SchemaResult | None:
        """The same, of what is meant as an answer."""
        return self.schema_result if self.is_api_response else None

    @property
    def matches_schema(self) -> bool:
        """Whether the body, of whatever HTTP status, conforms to the documented schema."""
        return self.schema_result is not None and self.schema_result.conforms

    @property
    def is_valid_error(self) -> bool:
        """Whether this is a refusal as the contract models one: it conforms, and grants nothing."""
        return self.api_schema_result is not None and self.api_schema_result.conforms and not self.is_success

    def cached(self, key: str, make: Callable[[], Any]) -> Any:
        """What `make` made for `key` when it was first asked for: judges share what is costly to read."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def values_at(self, place: FieldPath) -> Iterator[tuple[str, Any]]:
        """Every value at `place` of the body, with the JSON path that leads there."""
        if self.is_api_response and self.value is not MISSING:
            yield from _at(self.value, place, "$")


def _at(value: Any, place: FieldPath, path: str) -> Iterator[tuple[str, Any]]:
    if not place:
        yield path, value
    elif place[0] == "*" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _at(item, place[1:], f"{path}[{index}]")
    elif isinstance(value, dict) and place[0] in value:
        yield from _at(value[place[0]], place[1:], f"{path}.{place[0]}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _bounded_int(digits: str) -> int:
    # Python refuses to convert very long numbers, and converting them is slow; JSON sets no limit. The first digits
    # are integer enough to be judged.
    return int(digits[:MAX_DIGITS])


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return any(isinstance(node, (dict, list)) for node in level)
