"""Leaks: the answer in the body or in the file of the picture, and ids that tell when they were made.

A text that is the same in every response about another id is not a leak: a comment of the encoder, a result code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from code_contract import Clause, FieldPath
from code_contract.marks import CHALLENGE_UUID
from contract_tests import sanitize
from contract_tests.checks.freshness import MIN_IDS, ids
from contract_tests.checks.parsed_picture import ParsedPicture
from contract_tests.checks.picture import pictures
from contract_tests.checks.registry import Aggregate, CheckRegistry, clause_json_path
from contract_tests.checks.response import ParsedResponse
from contract_tests.checks.selectors import api_responses
from contract_tests.http.exchange import Exchange
from contract_tests.message import Message
from contract_tests.pictures import texts
from contract_tests.verdict import Violation

CHECKS = CheckRegistry()

MAX_PLACES, MAX_VALUES = 200, 2_000
"""Places of which values are compared, and values of one body that are read."""
MAX_CLOCK_DIFFERENCE = 86_400.0
"""Seconds between the clocks of target and client, beyond which a number is not a time."""

_ANSWER = re.compile(r"\w{1,8}")
_QUESTION = re.compile(r"\s*\d{1,3}\s*[-+*/xX×÷]\s*\d{1,3}\s*(=\s*([?？]|\d{1,5})?\s*)?")
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_ULID_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GREGORIAN = 12_219_292_800
"""Seconds from the beginning of the Gregorian calendar to that of Unix time (RFC 9562 §5.1)."""


class _Changing(Aggregate):
    """Collects texts by place; violated at a place where they change from response to response."""

    expected = ""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._first: dict[str, str] = {}
        self._changed: dict[str, tuple[Exchange, str]] = {}

    def record(self, place: str, text: str, response: ParsedResponse) -> None:
        """Record a text that may be an answer or a question.

        Where the client chooses the id, every response is about the same one: a number or a question counts at once.
        """
        known = place in self._first or len(self._first) < MAX_PLACES
        has_fixed_id = CHALLENGE_UUID not in response.operation.mock_fields.values() and bool(
            response.operation.pictures
        )
        if known and ((has_fixed_id and self.is_certain(text)) or self._first.setdefault(place, text) != text):
            self._changed.setdefault(place, (response.exchange, text))

    def is_certain(self, text: str) -> bool:
        """True if a text is an answer or a question although it does not change."""
        return bool(_QUESTION.fullmatch(text))

    def finish(self) -> Iterator[tuple[Exchange, Violation]]:
        for place, (exchange, text) in self._changed.items():
            yield exchange, Violation(sanitize.escape(place), self.expected, sanitize.quoted(text, 40))


@CHECKS.whole_run("answer-is-not-in-the-body", select=api_responses)
class AnswerInBody(_Changing):
    """Violated by undocumented fields with the name of an answer, and by texts that are a calculation."""

    expected = "no field that gives the answer"

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._names = {_folded(name) for name in clause.limits.get("names", ())}

    def add(self, response: ParsedResponse, subject: ParsedResponse) -> None:
        documented = response.operation.documented(response.status)
        for path, place, value in _scalars(response.value):
            if place in response.operation.mock_fields or isinstance(value, bool) or value is None:
                continue
            text = str(value)
            named = _folded(place[-1]) in self._names and not documented.documents(place)
            if _QUESTION.fullmatch(text) or (named and _ANSWER.fullmatch(text)):
                self.record(path, text, response)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _scalars(value: Any) -> Iterator[tuple[str, FieldPath, Any]]:
    """Yield the strings, numbers, booleans and nulls in objects: JSON path, field path, value."""
    nodes: list[tuple[str, FieldPath, Any]] = [("$", (), value)]
    for _ in range(MAX_VALUES):
        if not nodes:
            return
        path, place, node = nodes.pop()
        if isinstance(node, dict):
            nodes += ((f"{path}.{name}", (*place, name), each) for name, each in node.items())
        elif isinstance(node, list):
            nodes += ((f"{path}[*]", (*place, "*"), each) for each in node[:MAX_VALUES])
        elif place:
            yield path, place, node


@CHECKS.whole_run("img-carries-no-answer", select=pictures, skip_reason="no response contained a picture")
class AnswerInPicture(_Changing):
    """Violated by short texts in the file of a picture, such as comments."""

    expected = "no text that gives the answer"

    def is_certain(self, text: str) -> bool:
        return text.isdecimal() or super().is_certain(text)

    def add(self, response: ParsedResponse, subject: ParsedPicture) -> None:
        for where, text in _texts(subject):
            if _QUESTION.fullmatch(text) or _ANSWER.fullmatch(text):
                self.record(f"{subject.path}, {where}", text, response)


def _texts(picture: ParsedPicture) -> Iterable[tuple[str, str]]:
    if not picture.is_valid or picture.data is None:
        return ()
    if picture.mark.format == "SVG":
        return [(f"<{name}>", re.sub(r"\s", "", text)) for name, text in picture.svg.texts.items()]
    return texts.of_png(picture.png) if picture.png else texts.of_other(picture.data, picture.mark.format)


@CHECKS.whole_run("uuid-tells-no-time", select=ids, skip_reason="no response contained an id")
class TimeInId(Aggregate):
    """Violated if every id, read in one of the known forms, gives about the time of its response."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._epochs = clause.limits.get("snowflake-epochs", ())
        self._forms: set[str] | None = None
        self._last: tuple[Exchange, str] | None = None

    def add(self, response: ParsedResponse, subject: str) -> None:
        if self._forms is None or self._forms:
            received = response.exchange.started + response.exchange.elapsed
            found = {form for form, time in _times(subject[:100], self._epochs) if _is_near(time, received)}
            self._forms = found if self._forms is None else self._forms & found
            self._last = (response.exchange, sanitize.quoted(subject, 60))

    def finish(self) -> Iterator[tuple[Exchange, Violation]]:
        if self.checked < MIN_IDS:
            self.checked = 0
        elif self._forms and self._last:
            exchange, received = self._last
            place = clause_json_path(self.clause)
            yield exchange, Violation(place, "an id without a time", Message("{}: {}", received, min(self._forms)))


def _is_near(time: float, received: float) -> bool:
    return abs(time - received) < MAX_CLOCK_DIFFERENCE


def _times(text: str, epochs: Iterable[int]) -> Iterator[tuple[str, float]]:
    """Yield the times that an id may tell: the form of the id, and the Unix time."""
    digits = text.replace("-", "")
    if found := re.search(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32}(?![0-9A-Fa-f])", digits):
        uuid = UUID(found[0])
        ticks = {1: uuid.time, 6: (uuid.int >> 80) << 12 | (uuid.int >> 64) & 0xFFF}.get(uuid.version or 0)
        if ticks is not None:
            yield Message("a UUID of version {}", uuid.version), ticks / 1e7 - _GREGORIAN
        if uuid.version == 7:
            yield "a UUID of version 7", (uuid.int >> 80) / 1e3
    if found := _ULID.search(text.upper()):
        number = 0
        for digit in found[0][:10]:
            number = number * 32 + _ULID_DIGITS.index(digit)
        yield "a ULID", number / 1e3
    if re.fullmatch(r"[0-9A-Fa-f]{24}", text):
        yield "an ObjectId", float(int(text[:8], 16))
    for number_text in re.findall(r"[0-9]{10,25}", text):
        yield "a timestamp in seconds", float(number_text[:10])
        yield "a timestamp in milliseconds", float(number_text[:13]) / 1e3
        if 15 <= len(number_text) <= 19:
            yield from (("a snowflake id", ((int(number_text) >> 22) + epoch) / 1e3) for epoch in epochs)
