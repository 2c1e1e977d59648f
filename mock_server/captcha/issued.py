"""The captchas that a mock has sent: each is good for one right answer, and for a time."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum

from mock_server.captcha.challenge import derive

DEFAULT_CAPTCHA_TTL = 300.0
"""Seconds for which a captcha can be answered."""
MAX_ISSUED = 100_000
"""Captchas that are remembered, about 20 MB; the oldest are dropped first, and are unknown then."""

_MAX_KEY = 64
"""Characters of an id up to which it is its own key; a client may choose a longer one."""
_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,9})\s*", re.ASCII)


class AnswerResult(Enum):
    """The result of an answer to a captcha.

    Attributes:
        RIGHT: The answer is right. It uses up the captcha.
        WRONG: The answer is wrong. The captcha can be answered again.
        USED: The captcha has been answered rightly before.
        EXPIRED: The captcha was sent too long ago.
        UNKNOWN: This mock has not sent the captcha, or it has sent MAX_ISSUED others since.
    """

    RIGHT = "right"
    WRONG = "wrong"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class IssuedChallenges:
    """The captchas that were sent, at most MAX_ISSUED. Safe to use from several threads.

    Args:
        secret: The key from which challenges are derived.
        now: Returns the Unix time.
        ttl: Seconds for which a captcha can be answered.

    Raises:
        ValueError: `ttl` is not positive.
    """

    def __init__(self, secret: bytes, now: Callable[[], float], ttl: float = DEFAULT_CAPTCHA_TTL) -> None:
        if not ttl > 0:
            raise ValueError(f"captcha_ttl is {ttl!r}; use a positive number of seconds")
        self._secret = secret
        self._now = now
        self._ttl = ttl
        self._lock = threading.Lock()
        # The Unix time at which each was sent, None once it is used.
        self._sent: OrderedDict[str | bytes, float | None] = OrderedDict()

    def add(self, uuid: str, renewed: bool = True) -> None:
        """Remember that a captcha was sent; one that is sent again can be answered again if it is `renewed`."""
        key, now = _key(uuid), self._now()
        with self._lock:
            if key in self._sent and not renewed:
                return
            self._sent[key] = now
            self._sent.move_to_end(key)
            if len(self._sent) > MAX_ISSUED:
                self._sent.popitem(last=False)

    def check(self, uuid: str, answer: int | str, counted: bool = True) -> AnswerResult:
        """Return the result of an answer; a right one uses up the captcha.

        Args:
            uuid: The id of the captcha.
            answer: The answer. Text is compared as the integer that it stands for.
            counted: False to use up nothing.
        """
        is_right = number_of(answer) == derive(self._secret, uuid).answer
        with self._lock:
            result, _ = self._state(_key(uuid))
            if result is not None:
                return result
            if not is_right:
                return AnswerResult.WRONG
            if counted:
                self._sent[_key(uuid)] = None
            return AnswerResult.RIGHT

    def state(self, uuid: str) -> tuple[AnswerResult | None, float]:
        """Return the result that every answer has, None if the captcha can be answered, and the seconds left for it."""
        with self._lock:
            return self._state(_key(uuid))

    def _state(self, key: str | bytes) -> tuple[AnswerResult | None, float]:
        if key not in self._sent:
            return AnswerResult.UNKNOWN, 0.0
        sent = self._sent[key]
        if sent is None:
            return AnswerResult.USED, 0.0
        left = sent + self._ttl - self._now()
        return (None, left) if left > 0 else (AnswerResult.EXPIRED, 0.0)

    def clear(self) -> None:
        """Forget all captchas."""
        with self._lock:
            self._sent.clear()


def number_of(answer: object) -> int | None:
    """Return the integer that an answer stands for, None if it stands for none: 7, 7.0, "7" and " 07 " are the same."""
    if isinstance(answer, str):
        found = _INTEGER.fullmatch(answer)
        return int(found[1]) if found else None
    if isinstance(answer, float):
        return int(answer) if answer.is_integer() else None
    return answer if isinstance(answer, int) and not isinstance(answer, bool) else None


def _key(uuid: str) -> str | bytes:
    if len(uuid) <= _MAX_KEY:
        return uuid
    return hashlib.blake2b(uuid.encode("utf-8", "surrogatepass"), digest_size=16).digest()
