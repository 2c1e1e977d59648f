"""Challenges: question and answer of a captcha, derived from its uuid and a secret. Nothing is stored."""

from __future__ import annotations

import hashlib
import secrets
import threading
from functools import lru_cache
from typing import NamedTuple

SYMBOL_COUNT = 5
"""Symbols of a question: a digit, an operator, another digit, `=` and `?`."""
_CALCULATIONS = 10 * 10 * 3
"""Two digits and an operator."""


class Challenge(NamedTuple):
    """One captcha.

    Attributes:
        uuid: The id under which it was sent.
        question: A calculation with single digits, like `7+5=?`.
        answer: The result, 0 to 81.
        entropy: 48 pseudo-random bytes that select the variant and the colours of the picture.
    """

    uuid: str
    question: str
    answer: int
    entropy: bytes

    def __repr__(self) -> str:
        return f"{type(self).__name__}(uuid={self.uuid!r}, question={self.question!r}, answer={self.answer!r})"


class DeterministicRandom:
    """A sequence of small numbers, derived from a hash. The same hash gives the same numbers."""

    def __init__(self, entropy: bytes) -> None:
        self._left = int.from_bytes(entropy, "big")

    def roll(self, sides: int) -> int:
        """Return a number from 0 to `sides` - 1."""
        self._left, number = divmod(self._left, sides)
        return number


def derive(secret: bytes, uuid: str) -> Challenge:
    """Return the challenge of a uuid.

    Args:
        secret: Any bytes. The answer cannot be computed without it (keyed BLAKE2b, RFC 7693 §2.9).
        uuid: Any text, also one that was never sent.

    Returns:
        The same challenge for the same secret and uuid.
    """
    digest = _keyed(secret, uuid)
    question, answer = _calculation(int.from_bytes(digest[:16], "big") % _CALCULATIONS)
    return Challenge(uuid, question, answer, digest[16:])


@lru_cache(_CALCULATIONS)
def _calculation(number: int) -> tuple[str, int]:
    """A calculation and its result, which is never negative: many input fields accept digits only."""
    random = DeterministicRandom(number.to_bytes(2, "big"))
    left, right = random.roll(10), random.roll(10)
    operator = "+-×"[random.roll(3)]
    if operator == "-" and left < right:
        left, right = right, left
    answer = {"+": left + right, "-": left - right, "×": left * right}[operator]
    return f"{left}{operator}{right}=?", answer


def secret_from_seed(seed: str) -> bytes:
    """Return the secret of a repeatable run, 32 bytes. It is only as secret as the seed."""
    return _keyed(_encode(seed), "secret")[:32]


class UuidSource:
    """An endless iterator of unique uuids. Threads may share it.

    A uuid is 32 lower-case hex digits, like the document's sample: UUID version 4 (RFC 9562) without hyphens.

    Args:
        seed: Gives the same uuids in the same order on every run. Processes behind one balancer must not share it.
    """

    def __init__(self, seed: str | None = None) -> None:
        self._seed = seed
        self._count = 0
        self._lock = threading.Lock()

    def __iter__(self) -> UuidSource:
        return self

    def __next__(self) -> str:
        if self._seed is None:
            return _hex(secrets.token_bytes(16))
        with self._lock:
            self._count += 1
            number = self._count
        return _hex(_keyed(_encode(self._seed), f"uuid {number}")[:16])


def _hex(octets: bytes) -> str:
    """The digits of a UUID version 4; `uuid.UUID` takes three times as long."""
    digits = octets.hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:12]}4{digits[13:16]}{variant}{digits[17:]}"


def _keyed(key: bytes, text: str) -> bytes:
    """64 pseudo-random bytes. HMAC, which OpenSSL sets up anew for each call, takes five times as long."""
    state = _keyed_hash(key).copy()
    state.update(_encode(text))
    return state.digest()


@lru_cache(16)
def _keyed_hash(key: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(key=key if len(key) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(key).digest())


def _encode(text: str) -> bytes:
    """UTF-8 of any text, including lone surrogates, which JSON strings and command lines can contain."""
    return text.encode("utf-8", "surrogatepass")
