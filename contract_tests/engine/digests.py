"""Memory of the values that must be unique, of a limited size."""

from __future__ import annotations

MAX_DIGESTS = 100_000
"""Digests after which the older ones are forgotten. Each is compared with at least that number before it."""


class DigestMemory:
    """The index of the request whose response had each digest first."""

    def __init__(self) -> None:
        self._recent: dict[bytes, int] = {}
        self._older: dict[bytes, int] = {}

    def first_seen(self, digest: bytes, index: int) -> int | None:
        """Return the index of the first request with a digest, None if this is the first."""
        for known in (self._recent, self._older):
            if digest in known:
                return known[digest]
        if len(self._recent) >= MAX_DIGESTS:
            self._older, self._recent = self._recent, {}
        self._recent[digest] = index
        return None
