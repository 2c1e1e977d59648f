"""What can be asked of one answer: by the Prefer header (RFC 7240), by query keys, or by a standing behaviour.

A wish has three halves that are asked for apart: which answer, which fault, how long to wait. `Menu` says what a wish
comes to in an operation, or why it cannot be had: nothing that was asked for is passed over in silence.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from werkzeug.http import parse_list_header, parse_options_header

from code_contract import Contract, Example, Operation, UnknownNameError
from code_contract.scenarios import MAX_DELAY_SECONDS
from mock_server.faults import fault
from mock_server.faults.model import Fault, Stage
from mock_server.response import get_at

DEFAULT_SCENARIO = "ok"
"""The name of the scenario in which nothing is wrong."""
QUERY_PREFIX = "__"
BODYLESS_STATUSES = (204, 205, 304)
"""Statuses that no body goes with (RFC 9110 §6.4.1), and so no documented example."""

_WAIT = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(?:-(\d{1,6}(?:\.\d{1,6})?))?")


class UnsatisfiablePreferenceError(Exception):
    """What was asked for cannot be done; the message says why, and what could be."""


@dataclass(frozen=True)
class Preferences:
    """What is asked of one answer; None where nothing is.

    `code` is an HTTP status, `example`, `scenario` and `fault` are names, `dynamic` asks for a fresh captcha or, where
    false, for the documented one; `wait` is in seconds, from and to.
    """

    scenario: str | None = None
    example: str | None = None
    code: int | None = None
    dynamic: bool | None = None
    fault: str | None = None
    delay: tuple[float, float] | None = None

    @property
    def selects_response(self) -> bool:
        """Whether it says which answer is wanted."""
        return (self.scenario, self.example, self.code, self.dynamic) != (None,) * 4

    def merged_over(self, standing: Preferences) -> Preferences:
        """This wish where it asks for something, else the standing one, each half for itself."""
        which = self if self.selects_response else standing
        return replace(which, fault=self.fault or standing.fault, delay=self.delay or standing.delay)


PREFERENCE_NAMES = tuple(each.name for each in fields(Preferences))


def from_request(prefer: Sequence[str], query: Mapping[str, str]) -> tuple[Preferences, list[str]]:
    """What one call asks for, and what of it is not known: in Prefer that is to be ignored (RFC 7240 §2).

    Raises CannotBeHadError for a value that cannot be read, and for an unknown query key of ours.
    """
    asked: dict[str, str] = {}
    unknown: list[str] = []
    if not prefer and not query:
        return Preferences(), unknown
    for item in parse_list_header(", ".join(prefer)):
        first, further = parse_options_header(item)
        for name, value in (_split_pair(first), *further.items()):
            if name in PREFERENCE_NAMES:
                asked.setdefault(name, value)
            elif name:
                unknown.append(name)
    for key, value in query.items():
        if key.startswith(QUERY_PREFIX):
            name = key.removeprefix(QUERY_PREFIX)
            if name not in (*PREFERENCE_NAMES, "client"):
                known = ", ".join(QUERY_PREFIX + each for each in (*PREFERENCE_NAMES, "client"))
                raise UnsatisfiablePreferenceError(f"there is no query key {key!r}; there are: {known}")
            if name != "client":
                asked.setdefault(name, value)
    return from_mapping(asked), unknown


def from_mapping(asked: Mapping[str, Any]) -> Preferences:
    """A wish from its words: text as in a header, or what JSON has for it. Raises CannotBeHadError."""
    unknown = next((name for name in asked if name not in PREFERENCE_NAMES), None)
    if unknown is not None:
        raise UnsatisfiablePreferenceError(
            f"there is no {unknown!r} to ask for; there are: {', '.join(PREFERENCE_NAMES)}"
        )
    return Preferences(
        **{name: _PARSERS[name](asked[name]) for name in PREFERENCE_NAMES if asked.get(name) is not None}
    )


def _split_pair(item: str) -> tuple[str, str]:
    name, _, value = item.partition("=")
    return name.strip().lower(), value.strip().strip('"')


def _status(value: Any) -> int:
    text = str(int(value) if isinstance(value, float) else value)
    if not (text.isascii() and text.isdigit() and len(text) == 3):
        raise UnsatisfiablePreferenceError(f"code={text[:40]!r} is no HTTP status; write three digits, as in code=503")
    return int(text)


def _parse_bool(value: Any) -> bool:
    text = str(value).lower()
    if text not in ("", "true", "false"):
        raise UnsatisfiablePreferenceError(f"dynamic={text[:40]!r} is neither true nor false; write one of them")
    return text != "false"


def _parse_delay(value: Any) -> tuple[float, float]:
    found = _WAIT.fullmatch(str(value))
    if isinstance(value, (int, float)):
        low = high = float(value)
    else:
        low, high = sorted((float(found[1]), float(found[2] or found[1]))) if found else (0.0, MAX_DELAY_SECONDS + 1)
    if high > MAX_DELAY_SECONDS:
        raise UnsatisfiablePreferenceError(
            f"delay={str(value)[:40]!r} is not a valid delay; use at most {MAX_DELAY_SECONDS:g}, as in delay=2 or delay=0.2-1.5"
        )
    return low, high


_PARSERS: dict[str, Callable[[Any], Any]] = {
    "scenario": str,
    "example": str,
    "fault": str,
    "code": _status,
    "dynamic": _parse_bool,
    "delay": _parse_delay,
}


@dataclass(frozen=True)
class ResponsePlan:
    """What a wish comes to: the example to answer with (None: the fresh captcha), the faults, and seconds to wait.

    `fresh` says to fill the example's captcha in anew.
    """

    chosen: Example | None = None
    fresh: bool = False
    faults: tuple[Fault, ...] = ()
    wait: float = 0.0


class Negotiator:
    """What can be had of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def check(self, wish: Preferences) -> None:
        """Raise CannotBeHadError where no operation could do it."""
        self.plan(next(iter(self._contract.operations.values())), wish, lambda: 0)

    def plan(self, operation: Operation, wish: Preferences, turn: Callable[[], int]) -> ResponsePlan:
        """What a wish comes to; `turn` counts the calls that ask for the same scenario, from 0.

        Raises CannotBeHadError, which says what could be had.
        """
        try:
            chosen, wait = self._answer(operation, wish, turn)
        except UnknownNameError as error:
            raise UnsatisfiablePreferenceError(str(error)) from None
        if chosen is not None and wish.dynamic and not self._has_captcha(operation, chosen):
            raise UnsatisfiablePreferenceError(
                f"the example {chosen.name!r} has no captcha to make fresh; leave dynamic out"
            )
        if wish.delay is not None:
            wait = random.uniform(*wish.delay)
        return ResponsePlan(chosen, bool(wish.dynamic), self.faults(wish), wait)

    @staticmethod
    def faults(wish: Preferences) -> tuple[Fault, ...]:
        """The fault that a wish asks for, if it does. Raises CannotBeHadError."""
        try:
            return () if wish.fault is None else (fault(wish.fault),)
        except UnknownNameError as error:
            raise UnsatisfiablePreferenceError(str(error)) from None

    def check_fault_applies(self, plan: ResponsePlan) -> None:
        """Raise CannotBeHadError for a fault asked for with an answer that it could not spoil."""
        for each in plan.faults:
            if plan.chosen is not None and each.stage not in (Stage.ANSWER, Stage.REFUSAL):
                raise UnsatisfiablePreferenceError(
                    f"the fault {each.name!r} spoils a captcha in the making; ask for it without another answer"
                )
            if plan.chosen is None and each.stage is Stage.REFUSAL:
                raise UnsatisfiablePreferenceError(
                    f"the fault {each.name!r} spoils refusals; ask for one too, as in example=refused"
                )

    def _answer(self, operation: Operation, wish: Preferences, turn: Callable[[], int]) -> tuple[Example | None, float]:
        if wish.scenario is not None:
            if wish.example is not None or wish.code is not None or wish.dynamic is not None:
                raise UnsatisfiablePreferenceError(
                    f"scenario={wish.scenario!r} says which answer already; leave code, example and dynamic out"
                )
            return self._of_scenario(wish.scenario, turn)
        sample = operation.success_example
        if wish.example is not None:
            found = self._example(operation, wish.example)
            if wish.code is not None and found.status != wish.code:
                raise UnsatisfiablePreferenceError(
                    f"the example {found.name!r} goes with status {found.status}, not {wish.code}; ask for one of them"
                )
            return found, 0.0
        if wish.code is not None and (sample is None or wish.code != sample.status):
            return self._with_status(operation, wish.code), 0.0
        return (sample if wish.dynamic is False else None), 0.0

    def _of_scenario(self, name: str, turn: Callable[[], int]) -> tuple[Example | None, float]:
        if name == DEFAULT_SCENARIO:
            return None, 0.0
        if name not in self._contract.scenarios:
            raise UnknownNameError("scenario", name, (*self._contract.scenarios, DEFAULT_SCENARIO))
        scenario = self._contract.scenarios[name]
        its_turn = scenario.every_nth == 1 or turn() % scenario.every_nth == scenario.every_nth - 1
        chosen = self._contract.example(scenario.example) if scenario.example and its_turn else None
        return chosen, scenario.delay if its_turn else 0.0

    def _example(self, operation: Operation, name: str) -> Example:
        own = {each.name: each for response in operation.responses.values() for each in response.examples.values()}
        every: dict[str, Example] = {**self._contract.examples, **own}
        if name not in every:
            raise UnknownNameError("example", name, every)
        # One that stands under components has its status and headers there.
        return self._contract.examples[name] if name in self._contract.examples else every[name]

    def _with_status(self, operation: Operation, status: int) -> Example:
        """A documented answer of that status: its own example, one of the contract's, or that of the response to it."""
        response = operation.response(status)
        own: Mapping[str, Example] = response.examples if response else {}
        examples = [*own.values(), *self._contract.examples.values()]
        for example in examples:
            if example.status == status:
                return example
        if own and 200 <= status <= 599 and status not in BODYLESS_STATUSES:
            return replace(next(iter(own.values())), status=status)
        documented = ", ".join(sorted({str(each.status) for each in self._contract.examples.values()}))
        raise UnsatisfiablePreferenceError(
            f"no answer with status {status} is documented; there are examples of {documented}"
        )

    @staticmethod
    def _has_captcha(operation: Operation, example: Example) -> bool:
        return any(get_at(example.value, place) is not None for place in operation.mock_fields)
