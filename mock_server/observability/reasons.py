"""Reasons as code and values, which a page can show in its language.

The mock writes a reason as an English sentence. reasons.json has the template of each, by code, in English and Chinese;
a sentence is read back by it when an entry of the journal is shown. A sentence without a template has no code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

MAX_CHARS = 400
"""Characters of a text that is read; a longer one has no code."""
_MAX_PARTS = 8

_SUBJECT = r"the body|body \$\S*|(?:path|query|header|cookie|querystring) parameter \S+(?: [.\[]\S+)?"
_KINDS = {
    "location": "path|query|header|cookie|querystring",
    "subject": _SUBJECT,
    "name": r"\S+",
    "format": "'[^']*'",
    "names": "[^;]+",
    "path": r"\S+",
    "place": r"[$.\[]\S*",
    "preferences": "(?:scenario|code|example|fault|delay|dynamic|answer)\\b.*",
    **dict.fromkeys(("status", "wanted", "count", "limit", "sent", "announced", "milliseconds"), r"\d+"),
}
"""The forms of values by name; the others are any text."""
_NESTED = ("problem", "reason", "subject")
"""Values that are reasons themselves."""


@lru_cache(1)
def templates() -> Mapping[str, tuple[str, str]]:
    """Return the templates in English and Chinese by code; values are named in braces."""
    text = files(__package__).joinpath("reasons.json").read_text(encoding="utf-8")
    return {code: (english, chinese) for code, (english, chinese) in json.loads(text).items()}


def describe(text: str) -> list[dict[str, Any]]:
    """Return the reasons in a text, which are joined by semicolons: the schema `Reason` of the admin API."""
    return [dict(each) for each in _described(text)]


def codes(text: str) -> str:
    """Return the codes of the reasons in a text, joined by commas; "" if one of them has none."""
    found = [each["code"] for each in _described(text)]
    return ", ".join(found) if all(found) else ""


@lru_cache(1024)
def _described(text: str) -> tuple[dict[str, Any], ...]:
    if not text:
        return ()
    parts = text.split("; ")
    if len(text) > MAX_CHARS or len(parts) > _MAX_PARTS:
        return (_reason(text),)
    found, first = list[dict[str, Any]](), 0
    while first < len(parts):
        # A sentence may contain a semicolon: the longest one that has a template is taken.
        candidates = ((end, _reason("; ".join(parts[first:end]))) for end in range(len(parts), first, -1))
        end, reason = next((each for each in candidates if each[1]["code"]), (first + 1, _reason(parts[first])))
        found.append(reason)
        first = end
    return tuple(found)


def _reason(text: str) -> dict[str, Any]:
    for code, pattern in _patterns() if len(text) <= MAX_CHARS else ():
        if match := pattern.fullmatch(text):
            values = {name: describe(each) if name in _NESTED else each for name, each in match.groupdict().items()}
            return {"code": code, "values": values, "text": text}
    return {"code": "", "values": {}, "text": text}


@lru_cache(1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((code, re.compile(_pattern(english), re.DOTALL)) for code, (english, _) in templates().items())


def _pattern(template: str) -> str:
    pieces = re.split(r"\{(\w+)\}", template)
    return "".join(
        f"(?P<{piece}>{_KINDS.get(piece, '.+')})" if index % 2 else re.escape(piece)
        for index, piece in enumerate(pieces)
    )
