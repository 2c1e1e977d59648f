"""Counts of the responses whose content, or a part of it, exceeds a limit of the checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from code_contract import Carrier
from contract_tests.checks.registry import BASELINE
from contract_tests.checks.response import ParsedResponse
from contract_tests.message import Message


class LimitCounts:
    """Counts responses by the limit they exceed. Such a limit is not a defect of the target."""

    def __init__(self) -> None:
        self._exceeded: Counter[str] = Counter()
        self._within = 0

    def add(self, response: ParsedResponse, of_parts: Iterable[str] = ()) -> None:
        """Count a response, and the limits that parts of its content exceed."""
        limits = {response.limit, *of_parts} - {""}
        self._exceeded.update(limits)
        is_picture = any(mark.carrier is Carrier.BODY for mark in response.operation.pictures.values())
        if not response.limit and not (limits and is_picture):
            self._within += response.exchange.label == BASELINE

    def notes(self) -> Iterator[str]:
        """Yield a note for each limit that kept the content of responses from being checked."""
        for reason, count in self._exceeded.items():
            yield Message("the content of {} response{} was not checked: {}", count, "s" * (count > 1), reason)

    @property
    def all_exceeded(self) -> bool:
        """True if every response to a baseline request exceeded a limit."""
        return bool(self._exceeded) and not self._within
