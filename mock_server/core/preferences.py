"""Preferences: what a client asks of one response, by the Prefer header (RFC 7240) or by query parameters.

An active behaviour is a preference too. A preference has four independent parts: the response, the fault, the
delay, and the answer to the captcha.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from werkzeug.http import parse_list_header, parse_options_header

from code_contract.scenarios import MAX_DELAY_SECONDS
from mock_server.core.errors import MALFORMED, NOT_ACCEPTABLE, UNDOCUMENTED
from mock_server.reasons import Reason, ReasonError

QUERY_PREFIX = "__"
CLIENT_PARAMETER = "client"
"""The query parameter, without its prefix, that names the client."""

_DELAY = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(?:-(\d{1,6}(?:\.\d{1,6})?))?")


class UnsatisfiablePreferenceError(ReasonError):
    """A preference cannot be applied. The reason names the possible values.

    Attributes:
        error_example: The name of the error to respond with.
    """

    error_example = MALFORMED


class NotAcceptableError(UnsatisfiablePreferenceError):
    """The client accepts none of the documented media types (RFC 9110 §15.5.7)."""

    error_example = NOT_ACCEPTABLE


class UndocumentedResponseError(UnsatisfiablePreferenceError):
    """The document has no response with the preferred status, or no example of the preferred name."""

    error_example = UNDOCUMENTED


@dataclass(frozen=True)
class Preferences:
    """The preferences for one response; None for each that is not given.

    Attributes:
        scenario: The name of a scenario.
        example: The name of an example.
        code: An HTTP status.
        dynamic: True for a fresh captcha, False for the documented one.
        fault: The name of a fault.
        delay: The shortest and the longest delay, in seconds.
        answer: True for the answer to the captcha in a response header.
    """

    scenario: str | None = None
    example: str | None = None
    code: int | None = None
    dynamic: bool | None = None
    fault: str | None = None
    delay: tuple[float, float] | None = None
    answer: bool | None = None

    @property
    def selects_response(self) -> bool:
        """True if they select the response."""
        return (self.scenario, self.example, self.code, self.dynamic) != (None,) * 4

    def merged_over(self, other: Preferences) -> Preferences:
        """Return these preferences, each part that is not given taken from `other`."""
        response = self if self.selects_response else other
        answer = other.answer if self.answer is None else self.answer
        return replace(response, fault=self.fault or other.fault, delay=self.delay or other.delay, answer=answer)

    def __str__(self) -> str:
        """The preferences as they are written in a Prefer header."""
        words = []
        for name in PREFERENCE_NAMES:
            value = getattr(self, name)
            if isinstance(value, tuple):
                low, high = value
                value = f"{low:g}" if low == high else f"{low:g}-{high:g}"
            if value is not None:
                text = f"{name}={str(value).lower() if isinstance(value, bool) else value}"
                words.append(name if text == "answer=true" else text)
        return ", ".join(words)


PREFERENCE_NAMES = tuple(each.name for each in fields(Preferences))
NO_PREFERENCES = Preferences()
REGISTERED_HINTS = ("handling", "respond-async", "return", "wait")
"""Preferences of RFC 7240 §4. They are hints that the mock may ignore; `wait` is not a delay."""


def from_request(prefer: Sequence[str], query: Mapping[str, str]) -> tuple[Preferences, list[str]]:
    """Read the preferences of a request.

    Args:
        prefer: The values of its Prefer headers.
        query: Its query parameters.

    Returns:
        The preferences, and the unknown names in Prefer, which a server ignores (RFC 7240 §2). The registered hints are
        ignored too, but known.

    Raises:
        UnsatisfiablePreferenceError: A value is invalid, or a query parameter with our prefix is unknown.
    """
    found: dict[str, str] = {}
    unknown: list[str] = []
    if not prefer and not query:
        return NO_PREFERENCES, unknown
    for item in parse_list_header(", ".join(prefer)):
        first, further = parse_options_header(item)
        for name, value in (_split_pair(first), *further.items()):
            if name in PREFERENCE_NAMES:
                found.setdefault(name, value)
            elif name and name not in REGISTERED_HINTS:
                unknown.append(name)
    for key, value in query.items():
        if key.startswith(QUERY_PREFIX):
            name = key.removeprefix(QUERY_PREFIX)
            if name not in (*PREFERENCE_NAMES, CLIENT_PARAMETER):
                known = ", ".join(QUERY_PREFIX + each for each in (*PREFERENCE_NAMES, CLIENT_PARAMETER))
                raise UnsatisfiablePreferenceError(Reason("unknown-query", value=repr(key), names=known))
            if name != CLIENT_PARAMETER:
                found.setdefault(name, value)
    return from_mapping(found) if found else NO_PREFERENCES, unknown


def from_mapping(values: Mapping[str, Any]) -> Preferences:
    """Return the preferences with these values, given as text or as JSON has them.

    Raises:
        UnsatisfiablePreferenceError: A name is unknown or a value is invalid.
    """
    unknown = next((name for name in values if name not in PREFERENCE_NAMES), None)
    if unknown is not None:
        raise UnsatisfiablePreferenceError(unknown_preference(unknown))
    return Preferences(
        **{name: _PARSERS[name](values[name]) for name in PREFERENCE_NAMES if values.get(name) is not None}
    )


def unknown_preference(name: str) -> Reason:
    """Return the reason for a name that is not one of PREFERENCE_NAMES."""
    return Reason("unknown-preference", value=repr(name), names=", ".join(PREFERENCE_NAMES))


def _split_pair(item: str) -> tuple[str, str]:
    name, _, value = item.partition("=")
    return name.strip().lower(), value.strip().strip('"')


def _parse_status(value: Any) -> int:
    text = str(int(value) if isinstance(value, float) else value)
    if not (text.isascii() and text.isdigit() and len(text) == 3 and text >= "200"):
        raise UnsatisfiablePreferenceError(Reason("invalid-code", value=repr(text[:40])))
    return int(text)


def _parse_bool(name: str, value: Any) -> bool:
    text = str(value).lower()
    if text not in ("", "true", "false"):
        raise UnsatisfiablePreferenceError(Reason("invalid-boolean", key=name, value=repr(text[:40])))
    return text != "false"


def _parse_delay(value: Any) -> tuple[float, float]:
    found = _DELAY.fullmatch(str(value))
    if isinstance(value, (int, float)):
        low = high = float(value)
    else:
        low, high = sorted((float(found[1]), float(found[2] or found[1]))) if found else (0.0, MAX_DELAY_SECONDS + 1)
    if high > MAX_DELAY_SECONDS:
        reason = Reason("invalid-delay", value=repr(str(value)[:40]), bound=f"{MAX_DELAY_SECONDS:g}")
        raise UnsatisfiablePreferenceError(reason)
    return low, high


_PARSERS: dict[str, Callable[[Any], Any]] = {
    "scenario": str,
    "example": str,
    "fault": str,
    "code": _parse_status,
    "dynamic": partial(_parse_bool, "dynamic"),
    "delay": _parse_delay,
    "answer": partial(_parse_bool, "answer"),
}
