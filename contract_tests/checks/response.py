"""One exchange, parsed as far as possible: content coding, text, JSON, success or error.

Parsing stops at the first problem. Later values are then None, and the clauses about them are not checked on this
exchange, so that one defect is reported under one clause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from code_contract import FieldPath, Operation
from code_contract.media_types import is_json, mime_essence
from contract_tests.checks.decoding import Content, undo_content_coding
from contract_tests.checks.json_text import MISSING, ParsedJson, RepeatedName, json_limit, parse_json
from contract_tests.checks.schema import SchemaResult
from contract_tests.http.exchange import BodyCapture, Exchange
from contract_tests.verdict import LimitExceeded, Violation

NOT_SERVED_STATUSES = frozenset({404, 405, 501})


class ParsedResponse:
    """The response of one exchange. Properties are computed on first use.

    Args:
        exchange: The exchange.
        operation: The operation that was requested.
        matches_success: True if a JSON value is the body of a success response; None if the HTTP status decides.
        check_schema: Validates a JSON value against the documented schema; None if no schema is checked.
        limit: The reason why the content is not checked, "" if it is within the limits.
    """

    def __init__(
        self,
        exchange: Exchange,
        operation: Operation,
        matches_success: Callable[[Any], bool] | None = None,
        check_schema: Callable[[Any], SchemaResult] | None = None,
        limit: str = "",
    ) -> None:
        self.exchange = exchange
        self.operation = operation
        self._matches_success = matches_success
        self._check_schema = check_schema
        self._limit = limit
        self._cache: dict[str, Any] = {}

    @property
    def status(self) -> int | None:
        """The HTTP status, None if no head arrived."""
        return self.exchange.status

    @property
    def is_complete(self) -> bool:
        """True if the whole response arrived."""
        return self.exchange.error is None

    @property
    def has_body(self) -> bool:
        """True if the body is known, even if empty; a recording may lack it."""
        return self.exchange.held is not BodyCapture.NOTHING

    @cached_property
    def media_type(self) -> tuple[str, str | None]:
        """Media type in lower case and charset parameter as received (RFC 9110 §8.3.1); ("", None) without header."""
        essence, *parameters = (self.exchange.header("content-type") or "").split(";")
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                return essence.strip().lower(), value.strip().strip('"')
        return essence.strip().lower(), None

    @cached_property
    def _decoded(self) -> Content | Violation | None:
        if self.exchange.held is not BodyCapture.WIRE:
            return Content(self.exchange.body)
        try:
            return undo_content_coding(self.exchange)
        except LimitExceeded as error:
            self._limit = error.reason
            return None

    @property
    def coding_problem(self) -> Violation | None:
        """The reason why the content coding cannot be undone, None if it can."""
        return self._decoded if isinstance(self._decoded, Violation) else None

    @property
    def coding_deviations(self) -> tuple[Violation, ...]:
        """Deviations of the content coding that recipients commonly accept."""
        return self._decoded.deviations if isinstance(self._decoded, Content) else ()

    @property
    def body(self) -> bytes | None:
        """The body without its content coding; None if it is incomplete, not recorded or cannot be decoded."""
        decoded = self._decoded if self.is_complete and self.has_body else None
        return decoded.data if isinstance(decoded, Content) else None

    @cached_property
    def text(self) -> str | None:
        """The body as text, without a byte order mark; None if it is not UTF-8."""
        if self.body is None:
            return None
        try:
            return self.body.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        except UnicodeDecodeError:
            return None

    @property
    def limit(self) -> str:
        """The reason why the content is not checked, "" if it is within the limits of the checks."""
        error = self.exchange.error
        if error is not None and error.kind.is_limit:
            return error.detail
        # Parsed first: its content coding may exceed a limit.
        return self._json.limit or self._limit

    @cached_property
    def _json(self) -> ParsedJson:
        if self._limit or self.text is None:
            return ParsedJson(MISSING, "no text")
        limit = json_limit(self.text)
        return ParsedJson(MISSING, limit=limit) if limit else parse_json(self.text)

    @property
    def value(self) -> Any:
        """The JSON value of the body, MISSING if the body is not JSON."""
        return self._json.value

    @property
    def json_problem(self) -> str:
        """The reason why the body is not JSON, "" if it is."""
        return self._json.problem

    @property
    def repeated_names(self) -> tuple[RepeatedName, ...]:
        """Names that occur twice in one object of the body."""
        return self._json.repeated_names

    @cached_property
    def is_success(self) -> bool:
        """True for a success response: by its envelope, or by HTTP status if the contract has no success schema."""
        if self.status is None or not self.is_complete:
            return False
        if self._matches_success is None:
            return 200 <= self.status < 300
        return self.value is not MISSING and bool(self._bounded(self._matches_success))

    def _bounded(self, check: Callable[[Any], Any]) -> Any:
        """Return the result of a check of the value, None if it exceeds a limit."""
        try:
            return check(self.value)
        except LimitExceeded as error:
            self._limit = error.reason
            return None

    @property
    def is_served(self) -> bool:
        """True if the operation responded: any status except an undocumented 404, 405 or 501 without success."""
        if self.status is None:
            return False
        undocumented = self.status in NOT_SERVED_STATUSES and str(self.status) not in self.operation.responses
        return self.is_success or not undocumented

    @property
    def is_api_response(self) -> bool:
        """True if body and envelope are checked: a complete response with status 2xx, or a success response.

        The error page of a gateway says nothing about the API. `error-uses-the-envelope` covers error responses.
        """
        if not self.is_complete or self.status is None:
            return False
        return 200 <= self.status < 300 or self.is_success

    @cached_property
    def expects_json(self) -> bool:
        """True if the contract documents JSON for this status, and JSON or nothing else arrived."""
        documented = self.operation.response(self.status or 0)
        # Content of a status without a body is a mistake of the document (RFC 9110 §6.4.1).
        has_content = documented is not None and documented.status not in ("204", "205", "304")
        types = [mime_essence(each) for each in documented.content] if documented and has_content else []
        if not any(map(is_json, types)):
            return False
        return len(types) == 1 or self.media_type[0] not in types or is_json(self.media_type[0])

    @cached_property
    def schema_result(self) -> SchemaResult | None:
        """The result of the documented schema, for any HTTP status; None if the body is not JSON."""
        if self.value is MISSING or self._check_schema is None:
            return None
        result: SchemaResult | None = self._bounded(self._check_schema)
        return result

    @property
    def api_schema_result(self) -> SchemaResult | None:
        """The result of the documented schema, None if this is not an API response."""
        return self.schema_result if self.is_api_response else None

    @property
    def matches_schema(self) -> bool:
        """True if the body conforms to the documented schema, for any HTTP status."""
        return self.schema_result is not None and self.schema_result.conforms

    @property
    def is_valid_error(self) -> bool:
        """True for an API response that conforms to the schema and is an error response."""
        return self.api_schema_result is not None and self.api_schema_result.conforms and not self.is_success

    def cached(self, key: str, make: Callable[[], Any]) -> Any:
        """Return `make()`, computed once for each key: several checks share what is costly to compute."""
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    def values_at(self, place: FieldPath) -> Iterator[tuple[str, Any]]:
        """Yield every value at a field path of the body, with its JSON path."""
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
