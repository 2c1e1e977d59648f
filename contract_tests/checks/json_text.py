"""From a text to a JSON value (RFC 8259), within limits."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from code_contract import FieldPath
from contract_tests.message import Message

MAX_DEPTH = 100
"""Maximum nesting of JSON (RFC 8259 §9 allows a limit)."""
MAX_VALUES = 250_000
"""Maximum number of values in a JSON text. Each takes up to a microsecond and 300 bytes."""
MAX_TEXT = 10 * 1024 * 1024
"""Maximum size in memory of a text, in bytes: one character outside the BMP makes a text four times as large."""
MAX_DIGITS = 1_000
MAX_REPEATED = 20
"""Maximum number of repeated names that are examined."""

MISSING: Any = object()
"""Stands for the JSON value of a body that is not JSON."""

_PROBLEMS = {
    "Expecting value": "no JSON value",
    "Expecting property name": "a name in double quotes is missing",
    "Expecting ','": "a comma or a closing bracket is missing",
    "Expecting ':'": "a colon is missing",
    "Illegal trailing comma": "a comma before a closing bracket",
    "Extra data": "text after the end of the value",
    "Unterminated string": "a string without an end",
    "Invalid control character": "a control character in a string",
    "Invalid \\": "an invalid escape in a string",
}
"""Our words by the beginning of those of json."""
_TOO_DEEP = Message("JSON nested deeper than {} levels", MAX_DEPTH)


class RepeatedName(NamedTuple):
    """A name that an object has twice.

    Attributes:
        name: The name.
        differs: True if its values differ.
        place: The field path of the object.
    """

    name: str
    differs: bool
    place: FieldPath = ()


@dataclass(frozen=True)
class ParsedJson:
    """A JSON value, or MISSING and the problem, or the limit that the text exceeds.

    `repeated_names` are names that an object has twice, at most MAX_REPEATED.
    """

    value: Any
    problem: str = ""
    repeated_names: tuple[RepeatedName, ...] = ()
    limit: str = ""


def json_limit(text: str) -> str:
    """Return the limit that a JSON text exceeds, "" if it is within the limits.

    Values are counted by the characters between them, so that a text is not parsed to be counted.
    """
    if sys.getsizeof(text) > MAX_TEXT:
        return Message("the text takes more than {} bytes of memory", MAX_TEXT)
    values = text.count(",") + text.count("[") + text.count("{")
    return Message("the JSON text has more than {} values", MAX_VALUES) if values > MAX_VALUES else ""


def parse_json(text: str) -> ParsedJson:
    """Parse a JSON text (RFC 8259). Never raises."""
    repeated: list[tuple[dict[str, Any], RepeatedName]] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs) and len(repeated) < MAX_REPEATED:
            counted = Counter(name for name, _ in pairs)
            names = sorted(name for name, count in counted.items() if count > 1)[: MAX_REPEATED - len(repeated)]
            values: dict[str, set[str]] = {name: set() for name in names}
            for name, value in pairs:
                if name in values:
                    values[name].add(json.dumps(value, sort_keys=True))
            repeated.extend((found, RepeatedName(name, len(each) > 1)) for name, each in values.items())
        return found

    try:
        value = json.loads(text, parse_constant=_reject_constant, parse_int=_bounded_int, object_pairs_hook=unique)
    except RecursionError:
        return ParsedJson(MISSING, limit=_TOO_DEEP)
    except ValueError as error:
        return ParsedJson(MISSING, _problem(error, text))
    if _is_deeper_than(value, MAX_DEPTH):
        return ParsedJson(MISSING, limit=_TOO_DEEP)
    return ParsedJson(value, repeated_names=tuple(_located(value, repeated)) if repeated else ())


def _problem(error: ValueError, text: str) -> str:
    if not isinstance(error, json.JSONDecodeError):
        return error.args[0] if error.args else "invalid JSON"  # the words of _reject_constant
    words = next((words for start, words in _PROBLEMS.items() if error.msg.startswith(start)), "invalid JSON")
    if not text[error.pos :].strip():
        words = "the text ends too early" if text.strip() else "no text"
    elif text[: error.pos].rstrip().endswith(",") and text[error.pos] in "]}":
        words = "a comma before a closing bracket"
    return Message("{} (line {}, column {})", words, error.lineno, error.colno) if text.strip() else words


def _located(value: Any, repeated: list[tuple[dict[str, Any], RepeatedName]]) -> Iterator[RepeatedName]:
    """Yield repeated names with their place, except those in a value that a repeated name overwrites."""
    wanted, places = {id(found) for found, _ in repeated}, dict[int, FieldPath]()
    nodes: list[tuple[Any, FieldPath]] = [(value, ())]
    while nodes:
        node, place = nodes.pop()
        if id(node) in wanted:
            places[id(node)] = place
        if isinstance(node, dict):
            nodes += ((each, (*place, name)) for name, each in node.items() if isinstance(each, (dict, list)))
        elif isinstance(node, list):
            nodes += ((each, (*place, "*")) for each in node if isinstance(each, (dict, list)))
    for found, each in repeated:
        if id(found) in places:
            yield each._replace(place=places[id(found)])


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(Message("{} is not a JSON value", name))


def _bounded_int(digits: str) -> int:
    # JSON sets no limit; Python converts long numbers slowly or not at all. The first digits decide every check.
    return int(digits[:MAX_DIGITS])


def _is_deeper_than(value: Any, limit: int) -> bool:
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
