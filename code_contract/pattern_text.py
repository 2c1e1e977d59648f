"""Texts that match a pattern."""

from __future__ import annotations

import math
import random
import re
import string
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import rstr

from code_contract import patterns
from code_contract.errors import UnsatisfiableError

MAX_ATTEMPTS = 100
"""Attempts at a text that matches."""
MAX_REPEATS = 1000
"""Repetitions of one part of a pattern."""

_CLASSES = {
    "L": "A-Za-z", "Letter": "A-Za-z", "Alphabetic": "A-Za-z", "Lu": "A-Z", "Uppercase": "A-Z", "Ll": "a-z",
    "Lowercase": "a-z", "N": "0-9", "Nd": "0-9", "P": "!-/", "Punctuation": "!-/", "S": "$+", "Z": " ", "Zs": " ",
}  # fmt: skip
_PROPERTY = re.compile(r"\\p\{(?:[A-Za-z_]+=)?([A-Za-z_]+)\}")


class _Choices(random.Random):
    """Random numbers for rstr: few repetitions, letters and digits where possible, and no order of a set."""

    def __new__(cls, rng: random.Random, repeats: int) -> _Choices:
        # On Python 3.10, Random takes its arguments here too, and no more than one.
        return super().__new__(cls)

    def __init__(self, rng: random.Random, repeats: int) -> None:
        super().__init__(rng.getrandbits(64))
        self._repeats = repeats

    def randint(self, a: int, b: int) -> int:
        return super().randint(a, max(a, min(b, a + self._repeats)))

    def choice(self, seq: Any) -> Any:
        if not all(isinstance(each, str) for each in seq):
            return super().choice(seq)
        plain = sorted(each for each in seq if each.isalnum() and each.isascii())
        return super().choice(plain if plain and self.random() < 0.8 else sorted(seq))


def matching(pattern: str, rng: random.Random, lowest: float = 0, highest: float = math.inf) -> str:
    """Return a text that matches a pattern.

    Args:
        pattern: A regular expression of ECMA-262.
        rng: The source of randomness.
        lowest: The least number of characters.
        highest: The greatest number of characters.

    Raises:
        UnsatisfiableError: None was found.
    """
    # A pattern that failed once is not tried again: a schema may ask for it many times.
    text = _attempt(pattern, rng, lowest, highest) if _is_possible(pattern, lowest, highest) else None
    if text is None:
        raise UnsatisfiableError(f"no text for the pattern {pattern[:80]!r} was found")
    return text


@lru_cache(maxsize=1024)
def _is_possible(pattern: str, lowest: float, highest: float) -> bool:
    return _attempt(pattern, random.Random(0), lowest, highest) is not None


def _attempt(pattern: str, rng: random.Random, lowest: float, highest: float) -> str | None:
    body = _body(pattern)
    for attempt in range(MAX_ATTEMPTS):
        repeats = min(MAX_REPEATS, int(min(highest, max(lowest, 8) + attempt)))
        try:
            text = _generator(rng, repeats).xeger(body)
        except Exception:  # Python's syntax differs from that of ECMA-262, and rstr knows a part of it
            return None
        # A pattern that is not anchored matches a part of the text.
        text = text if len(text) >= lowest or body.endswith("$") else text.ljust(int(min(lowest, MAX_REPEATS)), "a")
        if lowest <= len(text) <= highest and patterns.matches(pattern, text):
            return text
    return None


@lru_cache(maxsize=1024)
def _body(pattern: str) -> str:
    return _without_lookaround(_as_python(pattern))


def _generator(rng: random.Random, repeats: int) -> rstr.Rstr:
    plain = string.ascii_letters + string.digits
    return rstr.Rstr(_Choices(rng, repeats), printable=f"{plain}-_!@#$%&*.", nonwhitespace=plain, whitespace=" ")


def _as_python(pattern: str) -> str:
    """Return a pattern in the syntax of Python, as far as the two are known to differ."""
    found = patterns.portable(pattern).replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")
    parts, in_class = list[str](), False
    for part in re.findall(r"\\p\{[^}]*\}|\\x\{[^}]*\}|\\.|.", found, re.DOTALL):
        if name := _PROPERTY.fullmatch(part):
            ranges = _CLASSES.get(name[1], "A-Za-z")
            part = ranges if in_class else f"[{ranges}]"
        elif part in "[]":
            in_class = part == "[" or (in_class and part != "]")
        parts.append(part)
    return "".join(parts)


def _without_lookaround(pattern: str) -> str:
    """Return a pattern without its assertions about what stands around, which a generator cannot follow."""
    tokens: Sequence[str] = re.findall(r"\\.|\[(?:\\.|[^\]\\])*\]|\(\?<?[=!]|.", pattern, re.DOTALL)
    parts, depth = list[str](), 0
    for each in tokens:
        if depth:
            depth += each.startswith("(") - (each == ")")
        elif re.fullmatch(r"\(\?<?[=!]", each):
            depth = 1
        else:
            parts.append(each)
    return "".join(parts)
