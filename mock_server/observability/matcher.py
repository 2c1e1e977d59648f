"""Matchers: the requests of the journal that a test expects, and the differences of those that come near."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from code_contract import ContractError, UnknownNameError, patterns
from code_contract.text import escape_unprintable
from mock_server.observability.journal import APP, JournalEntry

OPERATORS = ("equals", "contains", "matches")
"""The keys of an object that is an operator and not a value."""
FIELDS = ("method", "path", "query", "headers", "body", "client", "source")
MAX_NEAREST = 3
"""Entries that are named if too few match."""
MAX_DIFFERENCES = 20
"""Differences of one body."""
MAX_PATTERN = 1000
"""Characters of a regular expression."""
MATCH_TIMEOUT = 5.0
"""Seconds for all entries, each of whose patterns is limited in its backtracking."""
_MAX_SHOWN = 200


class InvalidMatcherError(ValueError):
    """A matcher is invalid. The message gives a valid one."""


@dataclass(frozen=True)
class Matcher:
    """Conditions on a request. Those that are None match every request.

    A text is the whole text, or an operator: `{"contains": "text"}` or `{"matches": "regular expression"}`, which is of
    the syntax of JSON Schema (ECMA-262) and matches a part of a text unless it begins with ^ and ends with $.

    Attributes:
        method: The method.
        path: The path without the query: a text or an operator.
        query: Texts or operators by the name of a parameter.
        headers: Texts or operators by the name of a header, in any case.
        body: A text, an operator, or JSON: an object matches one that has at least its fields, to any depth.
            `{"equals": value}` matches this JSON alone.
        client: The client.
        source: APP or PAGE.
    """

    method: str | None = None
    path: Any = None
    query: Mapping[str, Any] | None = None
    headers: Mapping[str, Any] | None = None
    body: Any = None
    client: str | None = None
    source: str = APP

    def __post_init__(self) -> None:
        for each in (self.path, self.body, *(self.query or {}).values(), *(self.headers or {}).values()):
            pattern = each.get("matches") if _operator(each) else None
            if isinstance(pattern, str):
                _check_pattern(pattern)

    @classmethod
    def with_conditions(cls, conditions: Mapping[str, Any]) -> Matcher:
        """Return the matcher with these fields. Raises TypeError, with the nearest name, if one is unknown."""
        unknown = next((name for name in conditions if name not in FIELDS), None)
        if unknown is not None:
            raise TypeError(str(UnknownNameError("condition", unknown, FIELDS)))
        return cls(**conditions)

    def differences(self, entry: JournalEntry) -> list[str]:
        """Return a sentence for each condition that the request does not meet; none if it matches."""
        return list(self._differences(entry))

    def _differences(self, entry: JournalEntry) -> Iterator[str]:
        if self.method is not None and self.method.upper() != entry.method:
            yield _sentence("method", self.method.upper(), entry.method)
        if self.path is not None:
            yield from _text("path", self.path, [entry.path])
        if self.client is not None:
            yield from _text("client", self.client, [entry.client] if entry.client else [])
        for name, expected in (self.query or {}).items():
            yield from _text(f"query parameter {name}", expected, [v for n, v in entry.query if n == name])
        for name, expected in (self.headers or {}).items():
            lower = name.lower()
            yield from _text(f"header {name}", expected, [v for n, v in entry.headers if n.lower() == lower])
        if self.body is not None:
            yield from _body(self.body, entry.body)

    def likeness(self, entry: JournalEntry) -> float:
        """Return how much the path is like the one that is expected, from 0 to 1."""
        operator = _operator(self.path)
        wanted = self.path[operator] if operator else self.path
        return SequenceMatcher(None, str(wanted or "")[:_MAX_SHOWN], entry.path[:_MAX_SHOWN]).quick_ratio()

    def matches(self, entry: JournalEntry) -> bool:
        """Return True if a request matches, and is of the source."""
        return entry.source == self.source and next(self._differences(entry), None) is None


@dataclass(frozen=True)
class Verification:
    """The result of counting the requests that match.

    Attributes:
        matched: True if the number is within the limits.
        requests: The numbers of the entries that match.
        nearest: If too few match, the entries with the fewest differences, with these; the most similar path first.
    """

    matched: bool
    requests: list[int]
    nearest: list[tuple[JournalEntry, list[str]]]

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON values: the schema `Verification` of the admin API."""
        nearest = [{"number": entry.number, "differences": differences} for entry, differences in self.nearest]
        return {"matched": self.matched, "count": len(self.requests), "requests": self.requests, "nearest": nearest}


def limits(times: float | Mapping[str, float] | None) -> tuple[float, float | None]:
    """Return the lowest and the highest number of requests: of `times`, or at least 1."""
    if isinstance(times, (int, float)):
        return times, times
    return (1, None) if times is None else (times.get("min", 0), times.get("max"))


def verify(entries: Sequence[JournalEntry], matcher: Matcher, low: float, high: float | None) -> Verification:
    """Count the entries that match, and compare the number with the limits.

    Args:
        entries: The entries.
        matcher: The matcher.
        low: The lowest number.
        high: The highest number, or None.

    Raises:
        InvalidMatcherError: The patterns take longer than MATCH_TIMEOUT.
    """
    found: list[int] = []
    others: list[tuple[JournalEntry, list[str]]] = []
    end = time.monotonic() + MATCH_TIMEOUT
    for entry in entries:
        if entry.source != matcher.source:
            continue
        if time.monotonic() > end:
            raise InvalidMatcherError(f"the patterns take longer than {MATCH_TIMEOUT:g} seconds; use simpler ones")
        differences = matcher.differences(entry)
        if differences:
            others.append((entry, differences))
        else:
            found.append(entry.number)
    if len(found) >= low:
        return Verification(high is None or len(found) <= high, found, [])
    others.sort(key=lambda each: (len(each[1]), -matcher.likeness(each[0]), -each[0].number))
    return Verification(False, found, others[:MAX_NEAREST])


def _check_pattern(pattern: str) -> None:
    if len(pattern) > MAX_PATTERN:
        raise InvalidMatcherError(f"the pattern has {len(pattern)} characters; use at most {MAX_PATTERN}")
    try:
        patterns.require_valid(pattern, "")
    except ContractError as error:
        raise InvalidMatcherError(str(error)) from None


def _operator(expected: Any) -> str | None:
    """The operator of an object that is one, else None."""
    names = list(expected) if isinstance(expected, Mapping) else []
    return names[0] if len(names) == 1 and names[0] in OPERATORS else None


_TEXT_OPERATORS: dict[str | None, tuple[str, Callable[[str, str], bool]]] = {
    None: ("", lambda expected, text: expected == text),
    "equals": ("", lambda expected, text: expected == text),
    "contains": ("a text with ", lambda expected, text: expected in text),
    "matches": ("a match of ", patterns.matches),
}


def _text(name: str, expected: Any, values: Sequence[str]) -> Iterator[str]:
    """The difference of a text, one of whose values is to match."""
    operator = _operator(expected)
    wanted = str(expected[operator] if operator else expected)
    words, is_match = _TEXT_OPERATORS[operator]
    if not any(is_match(wanted, each) for each in values):
        yield _sentence(name, words + wanted, ", ".join(values) if values else "none")


def _body(expected: Any, body: str) -> Iterator[str]:
    operator = _operator(expected)
    if isinstance(expected, str) or operator in ("contains", "matches"):
        yield from _text("body", expected, [body])
        return
    wanted = expected[operator] if operator else expected
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        yield _sentence("body", json.dumps(wanted, ensure_ascii=False), body or "none")
        return
    for number, sentence in enumerate(_values("$", wanted, found, is_exact=operator is not None)):
        if number == MAX_DIFFERENCES:
            return
        yield sentence


def _values(place: str, expected: Any, found: Any, *, is_exact: bool) -> Iterator[str]:
    """The differences of two JSON values; unless exact, the one found may have further fields."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for name, value in expected.items():
            if name not in found:
                yield _sentence(f"body at {place}.{name}", _json(value), "none")
            else:
                yield from _values(f"{place}.{name}", value, found[name], is_exact=is_exact)
        for name in found if is_exact else ():
            if name not in expected:
                yield _sentence(f"body at {place}.{name}", "none", _json(found[name]))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _values(f"{place}[{index}]", one, other, is_exact=is_exact)
    elif isinstance(expected, bool) is not isinstance(found, bool) or expected != found:
        yield _sentence(f"body at {place}", _json(expected), _json(found))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sentence(name: str, expected: str, found: str) -> str:
    texts = (f"{each[:_MAX_SHOWN]}…" if len(each) > _MAX_SHOWN else each for each in (expected, found))
    return escape_unprintable("{}: expected {}, got {}".format(name, *texts))
