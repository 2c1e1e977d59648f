"""The operations of a contract that are nearest to a path, for a request that reaches none."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from functools import lru_cache

from mock_server.reasons import Reason

MAX_SHOWN = 5
"""Operations that are named."""
_MAX_LENGTH, _MAX_PATH = 240, 200
"""Characters of all names, and of a path that are compared."""


class NearestOperations:
    """Finds the nearest operations by the pieces of three characters that two paths share.

    Args:
        operations: The method and the path of each operation.
    """

    def __init__(self, operations: Iterable[tuple[str, str]]) -> None:
        # In ASCII, as in the header.
        self._operations = [
            (_pieces(path), f"{method} {path}".encode("ascii", "backslashreplace").decode())
            for method, path in operations
        ]
        self.reason = lru_cache(256)(self._reason)

    def _reason(self, method: str, path: str) -> Reason:
        """Return the reason that names the nearest operations, such as "GET /pets, POST /pets and 12 more"."""
        pieces = _pieces(path)

        def similarity(each: tuple[frozenset[str], str]) -> tuple[float, bool]:
            return 2 * len(pieces & each[0]) / (len(pieces) + len(each[0])), each[1].startswith(f"{method} ")

        found, length = [], 0
        for _, name in heapq.nlargest(MAX_SHOWN, self._operations, key=similarity):
            length += len(name)
            if length <= _MAX_LENGTH:
                found.append(name)
        more = len(self._operations) - len(found)
        others = f" and {more} more" if found else f"{more} operations"
        return Reason("nearest", names=", ".join(found) + (others if more else "") or "none")


def _pieces(path: str) -> frozenset[str]:
    text = f"  {path[:_MAX_PATH].lower()} "
    return frozenset(text[at : at + 3] for at in range(len(text) - 2))
