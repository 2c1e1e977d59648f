"""Ids of captchas in the form that the contract documents: by `format`, length, pattern and example."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from code_contract import patterns
from mock_server.captcha.challenge import DeterministicRandom

MakeId = Callable[[str], str]
"""Makes an id of a random one, 32 lower-case hex digits: the same for the same one."""

MAX_LENGTH = 64
_LENGTH = 32
_DIGITS, _LOWER, _UPPER = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALPHABETS = (
    *(_DIGITS + "abcdef", _DIGITS, _DIGITS + "ABCDEF", _DIGITS + _LOWER, _LOWER, _UPPER),
    *(_DIGITS + _UPPER, _LOWER + _UPPER, _DIGITS + _LOWER + _UPPER),
)
_SAFE = re.compile(r"[ !#-\[\]-~]{1,64}")
"""Characters that JSON does not escape."""
_SAMPLES = tuple(hashlib.md5(bytes([number]), usedforsecurity=False).hexdigest() for number in range(16))


def maker(schema: Mapping[str, Any], example: object) -> MakeId:
    """Return a function that makes ids which conform to a schema; if none is found, they are left as they are.

    Args:
        schema: The schema of the id.
        example: The id in the example of the response.
    """
    shortest, longest, pattern = (schema.get(name) for name in ("minLength", "maxLength", "pattern"))

    def conforms(text: str) -> bool:
        return (
            len(text) >= (shortest or 0)
            and (longest is None or len(text) <= longest)
            and (pattern is None or patterns.matches(pattern, text))
        )

    candidates = _candidates(schema.get("format"), example if isinstance(example, str) else "")
    conforming = (make for make in candidates if all(conforms(make(sample)) for sample in _SAMPLES))
    return next(conforming, str)


def _candidates(file_format: object, example: str) -> Iterator[MakeId]:
    yield _with_hyphens if file_format == "uuid" else str
    yield _with_hyphens
    if _SAFE.fullmatch(example):
        # The shortest beginning of the example that is kept, such as a prefix.
        yield from (_like(example, kept) for kept in range(len(example)))
    for length in sorted(range(1, MAX_LENGTH + 1), key=lambda each: abs(each - _LENGTH)):
        yield from (_of(alphabet, length) for alphabet in _ALPHABETS)


def _with_hyphens(random_id: str) -> str:
    return str(UUID(random_id))


def _of(alphabet: str, length: int) -> MakeId:
    def make(random_id: str) -> str:
        random = _random(random_id)
        return "".join(alphabet[random.roll(len(alphabet))] for _ in range(length))

    return make


def _like(example: str, kept: int) -> MakeId:
    """Keeps the beginning of the example, and replaces each further letter and digit by one of its kind."""

    def make(random_id: str) -> str:
        random = _random(random_id)
        return example[:kept] + "".join(_replaced(each, random) for each in example[kept:])

    return make


def _replaced(character: str, random: DeterministicRandom) -> str:
    for kind in (_DIGITS, "abcdef", "ABCDEF", _LOWER, _UPPER):
        if character in kind:
            return kind[random.roll(len(kind))]
    return character


def _random(random_id: str) -> DeterministicRandom:
    return DeterministicRandom(hashlib.sha512(random_id.encode()).digest())
