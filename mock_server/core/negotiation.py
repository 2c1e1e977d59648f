"""Negotiation: turns preferences into a plan for the response, or explains why they cannot be applied."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from code_contract import Contract, Example, Operation, UnknownNameError
from mock_server.core.preferences import Preferences, UnsatisfiablePreferenceError
from mock_server.faults import fault
from mock_server.faults.model import Fault, Stage
from mock_server.response import get_at, json_bytes

DEFAULT_SCENARIO = "ok"
"""The name of the scenario in which the mock behaves by default."""
BODYLESS_STATUSES = (204, 205, 304)
"""Statuses of responses without a body (RFC 9110 §6.4.1), for which there is no documented example."""


@dataclass(frozen=True)
class ResponsePlan:
    """The response that preferences ask for.

    Attributes:
        example: The example to respond with, or None for the default response.
        fresh: True to put a fresh captcha into the example.
        faults: The faults to apply.
        delay: The shortest and the longest delay, in seconds.
        every_nth: The example is for one request of this many; the others get the default response.
        other_delay: The range of the delay for those others.
    """

    example: Example | None = None
    fresh: bool = False
    faults: tuple[Fault, ...] = ()
    delay: tuple[float, float] = (0.0, 0.0)
    every_nth: int = 1
    other_delay: tuple[float, float] = (0.0, 0.0)

    @cached_property
    def example_body(self) -> bytes:
        """The example as JSON. Plans are cached, so an example is serialized once."""
        return json_bytes(self.example and self.example.value)

    def on_turn(self, turn: int) -> ResponsePlan:
        """Return the plan for the request with this number, counted from 0."""
        if turn % self.every_nth == self.every_nth - 1:
            return self
        return replace(self, example=None, delay=self.other_delay)

    def draw_delay(self) -> float:
        """Return a delay within the range, in seconds."""
        low, high = self.delay
        return low if low == high else random.uniform(low, high)


class Negotiator:
    """Plans responses from the examples, scenarios and statuses of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._plan = lru_cache(256)(self._make_plan)

    def check(self, preferences: Preferences) -> None:
        """Raise UnsatisfiablePreferenceError if the preferences cannot be applied."""
        self.plan(next(iter(self._contract.operations.values())), preferences)

    def plan(self, operation: Operation, preferences: Preferences) -> ResponsePlan:
        """Return the plan for a response of an operation.

        Raises:
            UnsatisfiablePreferenceError: The preferences cannot be applied; the message names the possible values.
        """
        return self._plan(operation.id, preferences)

    @staticmethod
    def faults(preferences: Preferences) -> tuple[Fault, ...]:
        """Return the fault that the preferences ask for, if any. Raises UnsatisfiablePreferenceError."""
        try:
            return () if preferences.fault is None else (fault(preferences.fault),)
        except UnknownNameError as error:
            raise UnsatisfiablePreferenceError(str(error)) from None

    def check_faults_apply(self, operation: Operation, plan: ResponsePlan) -> None:
        """Raise UnsatisfiablePreferenceError if the fault of a plan does not apply to its response."""
        for each in plan.faults:
            if not each.applies_to(operation) or not each.applies_to_contract(self._contract):
                raise UnsatisfiablePreferenceError(f"fault {each.name!r} does not apply to {operation.id}")
            if plan.example is not None and each.stage not in (Stage.SUCCESS, Stage.ERROR):
                raise UnsatisfiablePreferenceError(
                    f"fault {each.name!r} applies to generated captchas and cannot be combined with example, code or "
                    "scenario"
                )
            if plan.example is None and each.stage is Stage.ERROR:
                raise UnsatisfiablePreferenceError(
                    f"fault {each.name!r} applies to error responses; ask for one too, as in example=refused"
                )

    def _make_plan(self, operation_id: str, preferences: Preferences) -> ResponsePlan:
        operation = self._contract.operations[operation_id]
        try:
            plan = self._response(operation, preferences)
        except UnknownNameError as error:
            raise UnsatisfiablePreferenceError(str(error)) from None
        if plan.example is not None and preferences.dynamic and not _has_captcha(operation, plan.example):
            raise UnsatisfiablePreferenceError(
                f"example {plan.example.name!r} contains no captcha to generate; omit dynamic"
            )
        if preferences.delay is not None:
            plan = replace(plan, delay=preferences.delay, other_delay=preferences.delay)
        return replace(plan, fresh=bool(preferences.dynamic), faults=self.faults(preferences))

    def _response(self, operation: Operation, preferences: Preferences) -> ResponsePlan:
        if preferences.scenario is not None:
            if (preferences.example, preferences.code, preferences.dynamic) != (None,) * 3:
                raise UnsatisfiablePreferenceError(
                    f"scenario={preferences.scenario!r} already selects the response; omit code, example and dynamic"
                )
            return self._of_scenario(preferences.scenario)
        default = operation.success_example
        if preferences.example is not None:
            found = self._example(operation, preferences.example)
            if preferences.code is not None and found.status != preferences.code:
                raise UnsatisfiablePreferenceError(
                    f"example {found.name!r} has status {found.status}, not {preferences.code}; ask for one of the two"
                )
            return ResponsePlan(found)
        if preferences.code is not None and (default is None or preferences.code != default.status):
            return ResponsePlan(self._with_status(operation, preferences.code))
        return ResponsePlan(default if preferences.dynamic is False else None)

    def _of_scenario(self, name: str) -> ResponsePlan:
        if name == DEFAULT_SCENARIO:
            return ResponsePlan()
        if name not in self._contract.scenarios:
            raise UnknownNameError("scenario", name, (*self._contract.scenarios, DEFAULT_SCENARIO))
        scenario = self._contract.scenarios[name]
        example = self._contract.example(scenario.example) if scenario.example else None
        return ResponsePlan(example, delay=(scenario.delay, scenario.delay), every_nth=scenario.every_nth)

    def _example(self, operation: Operation, name: str) -> Example:
        own = {each.name: each for response in operation.responses.values() for each in response.examples.values()}
        # Examples under components come first: only they have a status and headers.
        every: dict[str, Example] = {**own, **self._contract.examples}
        if name not in every:
            raise UnknownNameError("example", name, every)
        return every[name]

    def _with_status(self, operation: Operation, status: int) -> Example:
        """An example of that status: of the documented response, of the contract, or of the response without one."""
        response = operation.response(status)
        own: Mapping[str, Example] = response.examples if response else {}
        for example in (*own.values(), *self._contract.examples.values()):
            if example.status == status:
                return example
        if own and 200 <= status <= 599 and status not in BODYLESS_STATUSES:
            return replace(next(iter(own.values())), status=status)
        documented = ", ".join(sorted({str(each.status) for each in self._contract.examples.values()}))
        raise UnsatisfiablePreferenceError(
            f"no response with status {status} is documented; use one of {documented or 'none'}"
        )


def _has_captcha(operation: Operation, example: Example) -> bool:
    return any(get_at(example.value, path) is not None for path in operation.mock_fields)
