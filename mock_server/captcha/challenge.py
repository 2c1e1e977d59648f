"""Challenges: what a captcha asks, worked out from its uuid and a secret, so none is remembered."""

from __future__ import annotations

import hmac
import secrets
import threading
from dataclasses import dataclass, field
from uuid import UUID

SYMBOL_COUNT = 5
"""How many symbols a question has: a digit, what to do with it, another digit, `=` and `?`."""


@dataclass(frozen=True)
class Challenge:
    """One captcha: the id it goes by, the sum it asks (like `7+5=?`) and the answer to that.

    `chance` is 48 bytes of hash: all that is left to chance in its picture is taken from them.
    """

    uuid: str
    question: str
    answer: int
    entropy: bytes = field(repr=False)


class DeterministicRandom:
    """Small numbers taken out of a hash, one after another: the same hash, the same numbers."""

    def __init__(self, chance: bytes) -> None:
        self._left = int.from_bytes(chance, "big")

    def roll(self, sides: int) -> int:
        """A number from 0 to below `sides`."""
        self._left, rolled = divmod(self._left, sides)
        return rolled


def derive(secret: bytes, uuid: str) -> Challenge:
    """The challenge that goes by `uuid`: always the same one under the same secret.

    The secret is any bytes; who does not know it cannot work the challenge out (HMAC, RFC 2104).
    `uuid` is any text, for a caller may ask about one that was never given out.
    """
    digest = hmac.digest(secret, _encode(uuid), "sha512")
    question, answer = _sum(DeterministicRandom(digest[:16]))
    return Challenge(uuid, question, answer, digest[16:])


def _sum(dice: DeterministicRandom) -> tuple[str, int]:
    """A sum on single digits, and its answer: never negative, for many fields take digits only."""
    left, right = dice.roll(10), dice.roll(10)
    operator = "+-×"[dice.roll(3)]
    if operator == "-" and left < right:
        left, right = right, left
    answer = {"+": left + right, "-": left - right, "×": left * right}[operator]
    return f"{left}{operator}{right}=?", answer


def secret_from_seed(seed: str) -> bytes:
    """The secret, 32 bytes, of a run that is to be repeatable. Whoever knows the seed knows it."""
    return _keyed(seed, "secret")


class UuidSource:
    """An endless iterator of uuids, each given once; threads may share it.

    They are 32 lower-case hex digits, like the document's sample: UUIDs of version 4 (RFC 9562)
    without hyphens. With a seed they are always the same ones in the same order; so processes that
    serve together must not share a seed.
    """

    def __init__(self, seed: str | None = None) -> None:
        self._seed = seed
        self._given = 0
        self._counting = threading.Lock()

    def __iter__(self) -> UuidSource:
        return self

    def __next__(self) -> str:
        if self._seed is None:
            return _hex(secrets.token_bytes(16))
        with self._counting:
            self._given += 1
            number = self._given
        return _hex(_keyed(self._seed, f"uuid {number}")[:16])


def _hex(octets: bytes) -> str:
    return UUID(bytes=octets, version=4).hex


def _keyed(seed: str, purpose: str) -> bytes:
    return hmac.digest(_encode(seed), purpose.encode(), "sha256")


def _encode(text: str) -> bytes:
    """UTF-8 of any text, lone surrogates too: a JSON string or a command line can hold one."""
    return text.encode("utf-8", "surrogatepass")
