"""Negotiation: turns preferences into a plan for the response, or explains why they cannot be applied."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Any

from code_contract import Contract, Example, Operation, Response, UnknownNameError
from code_contract.pointers import value_at
from mock_server.core.preferences import Preferences, UndocumentedResponseError, UnsatisfiablePreferenceError
from mock_server.core.representations import Representation, choose, every, offered
from mock_server.faults import fault
from mock_server.faults.model import Fault, Stage
from mock_server.reasons import Reason
from mock_server.response import json_bytes

DEFAULT_SCENARIO = "ok"
"""The name of the scenario in which the mock behaves by default."""
BODYLESS_STATUSES = (204, 205, 304)
"""Statuses of responses without a body (RFC 9110 §6.4.1), for which there is no documented example."""


@dataclass(frozen=True)
class ResponsePlan:
    """The response that preferences ask for.

    Attributes:
        example: The example to respond with, or None for the default response.
        representation: The documented response to send; None for a captcha, for an example of another response, and if
            the client accepts none.
        is_preferred: True to send it in response to an invalid request, too.
        is_dynamic: True to generate it in place of its examples.
        refusal: The reason why the client accepts no representation, or None.
        fresh: True to put a fresh captcha into the example.
        faults: The faults to apply.
        delay: The shortest and the longest delay, in seconds.
        every_nth: The example is for one request of this many; the others get the default response.
        other_delay: The range of the delay for those others.
    """

    example: Example | None = None
    representation: Representation | None = None
    is_preferred: bool = False
    is_dynamic: bool = False
    refusal: Reason | None = None
    fresh: bool = False
    faults: tuple[Fault, ...] = ()
    delay: tuple[float, float] = (0.0, 0.0)
    every_nth: int = 1
    other_delay: tuple[float, float] = (0.0, 0.0)

    @cached_property
    def example_body(self) -> bytes:
        """The example as JSON. Plans are cached, so an example is serialized once."""
        return json_bytes(self.example and self.example.value)

    @cached_property
    def example_reason(self) -> Reason | None:
        """The outcome with the name of the example, None if there is none."""
        return None if self.example is None else Reason("example", value=self.example.name)

    @cached_property
    def ignores_errors(self) -> bool:
        """True if the response is the same for an invalid request."""
        return self.example is not None or (self.is_preferred and self.representation is not None)

    def on_turn(self, turn: int) -> ResponsePlan:
        """Return the plan for the request with this number, counted from 0."""
        if turn % self.every_nth == self.every_nth - 1:
            return self
        return replace(self, example=None, is_preferred=False, delay=self.other_delay)

    def draw_delay(self) -> float:
        """Return a delay within the range, in seconds."""
        low, high = self.delay
        return low if low == high else random.uniform(low, high)


class Negotiator:
    """Plans responses from the examples, scenarios and statuses of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._plan = lru_cache(256)(self._make_plan)
        self._fault = lru_cache(256)(partial(fault, contract=contract))

    def check(self, preferences: Preferences) -> None:
        """Raise UnsatisfiablePreferenceError if the preferences cannot be applied to any operation."""
        problem = None
        for operation in self._contract.operations.values():
            try:
                self.plan(operation, preferences)
                return
            except UnsatisfiablePreferenceError as error:
                problem = problem or error
        if problem is not None:
            raise problem

    def plan(self, operation: Operation, preferences: Preferences, accepted: str = "") -> ResponsePlan:
        """Return the plan for a response of an operation.

        Args:
            operation: The operation.
            preferences: The preferences.
            accepted: The value of the Accept header.

        Raises:
            UnsatisfiablePreferenceError: The preferences cannot be applied; the message names the possible values.
        """
        return self._plan(operation.id, preferences, "" if operation.content_type else accepted)

    def faults(self, preferences: Preferences) -> tuple[Fault, ...]:
        """Return the fault that the preferences ask for, if any. Raises UnsatisfiablePreferenceError."""
        try:
            return () if preferences.fault is None else (self._fault(preferences.fault),)
        except UnknownNameError as error:
            raise _unsatisfiable(error) from None

    def check_faults_apply(self, operation: Operation, plan: ResponsePlan) -> None:
        """Raise UnsatisfiablePreferenceError if the fault of a plan does not apply to its response."""
        for each in plan.faults:
            if not each.applies_to(operation) or not each.applies_to_contract(self._contract):
                reason = Reason("fault-does-not-apply", value=repr(each.name), operation=operation.id)
                raise UnsatisfiablePreferenceError(reason)
            if plan.example is not None and each.stage not in (Stage.SUCCESS, Stage.ERROR):
                raise UnsatisfiablePreferenceError(Reason("fault-needs-captcha", value=repr(each.name)))
            if plan.example is None and not plan.is_preferred and each.stage is Stage.ERROR:
                raise UnsatisfiablePreferenceError(Reason("fault-needs-error", value=repr(each.name)))

    def _make_plan(self, operation_id: str, preferences: Preferences, accepted: str) -> ResponsePlan:
        operation = self._contract.operations[operation_id]
        try:
            plan = self._response(operation, preferences, accepted)
        except UnknownNameError as error:
            raise _unsatisfiable(error) from None
        if plan.example is not None and preferences.dynamic and not _has_captcha(operation, plan.example):
            raise UnsatisfiablePreferenceError(Reason("no-captcha-in-example", value=repr(plan.example.name)))
        if preferences.delay is not None:
            plan = replace(plan, delay=preferences.delay, other_delay=preferences.delay)
        return replace(plan, fresh=bool(preferences.dynamic), faults=self.faults(preferences))

    def _response(self, operation: Operation, preferences: Preferences, accepted: str) -> ResponsePlan:
        if preferences.scenario is not None:
            if (preferences.example, preferences.code, preferences.dynamic) != (None,) * 3:
                raise UnsatisfiablePreferenceError(Reason("scenario-selects", value=repr(preferences.scenario)))
            return replace(self._success(operation, preferences, accepted), **self._of_scenario(preferences.scenario))
        default = operation.success_example
        if preferences.example is not None:
            return self._example(operation, preferences.example, preferences.code, accepted)
        if preferences.code is not None and (default is None or preferences.code != default.status):
            is_dynamic = preferences.dynamic is True and not operation.mock_fields
            return self._with_status(operation, preferences.code, is_dynamic, accepted)
        return self._success(operation, preferences, accepted)

    def _success(self, operation: Operation, preferences: Preferences, accepted: str) -> ResponsePlan:
        found = _planned(operation, accepted, is_dynamic=preferences.dynamic is True)
        if found.representation is None or not operation.mock_fields:
            return found
        if found.representation.media_type != operation.success_response.media_type:
            return found
        return ResponsePlan(operation.success_example if preferences.dynamic is False else None)

    def _of_scenario(self, name: str) -> dict[str, Any]:
        if name == DEFAULT_SCENARIO:
            return {}
        if name not in self._contract.scenarios:
            raise UnknownNameError("scenario", name, (*self._contract.scenarios, DEFAULT_SCENARIO))
        scenario = self._contract.scenarios[name]
        example = self._contract.example(scenario.example) if scenario.example else None
        return {"example": example, "delay": (scenario.delay, scenario.delay), "every_nth": scenario.every_nth}

    def _example(self, operation: Operation, name: str, status: int | None, accepted: str) -> ResponsePlan:
        """A plan with the example of that name: of the response with this status, of any response, of the contract."""
        first = operation.success_response if status is None else operation.response(status)
        responses = [each for each in (first, *operation.responses.values()) if each is not None]
        known = dict[str, ResponsePlan]()
        for response in responses if status is None else responses[:1]:
            chosen = choose(operation, accepted, response, status)
            for each in (*filter(None, [chosen]), *every(operation, response, status)):
                for found in each.examples.values():
                    known.setdefault(found.name, ResponsePlan(_with_own_status(found, each), each))
        for found in self._contract.examples.values():
            known.setdefault(found.name, ResponsePlan(found))
        if name not in known:
            raise UnknownNameError("example", name, known)
        plan = known[name]
        if status is not None and plan.example is not None and plan.example.status != status:
            reason = Reason("example-status", value=repr(name), status=plan.example.status, wanted=status)
            raise UndocumentedResponseError(reason)
        return plan

    def _with_status(self, operation: Operation, status: int, is_dynamic: bool, accepted: str) -> ResponsePlan:
        """A plan with that status: an example of the documented response or of the contract, or generated."""
        response = operation.response(status) if 200 <= status <= 599 else None
        plan = None if response is None else _planned(operation, accepted, response, status, is_dynamic=is_dynamic)
        if not is_dynamic:
            own = response.examples.values() if response else ()
            # Without `x-status`, an example of the contract has status 200.
            stated = (each for each in self._contract.examples.values() if status != 200)
            found = next((each for each in (*own, *stated) if each.status == status), None)
            if found is not None:
                return replace(plan or ResponsePlan(), example=found)
        # A range or `default` that documents a body does not document a response without one.
        if plan is not None and response and not (response.content and status in BODYLESS_STATUSES):
            return replace(plan, is_preferred=True)
        documented = sorted({*operation.responses, *(str(each.status) for each in self._contract.examples.values())})
        reason = Reason("undocumented-status", status=status, names=", ".join(documented))
        raise UndocumentedResponseError(reason)


def _planned(
    operation: Operation,
    accepted: str,
    response: Response | None = None,
    status: int | None = None,
    *,
    is_dynamic: bool,
) -> ResponsePlan:
    """A plan with the representation that the client accepts."""
    found = choose(operation, accepted, response, status)
    types = ", ".join(offered(response or operation.success_response))
    refusal = None if found else Reason("none-accepted", value=accepted[:100], names=types)
    return ResponsePlan(representation=found, is_dynamic=is_dynamic, refusal=refusal)


def _unsatisfiable(error: UnknownNameError) -> UnsatisfiablePreferenceError:
    names = repr(error.nearest) if error.nearest else error.names
    code = "unknown-name" if error.nearest else "unknown-name-listed"
    error_type = UndocumentedResponseError if error.kind == "example" else UnsatisfiablePreferenceError
    return error_type(Reason(code, kind=error.kind, value=repr(error.name), names=names))


def _with_own_status(example: Example, representation: Representation) -> Example:
    """The example with the status of a response that is documented as a range; `x-status` is more precise."""
    is_range = not representation.response.status.isdigit()
    return replace(example, status=representation.status) if is_range and example.status == 200 else example


def _has_captcha(operation: Operation, example: Example) -> bool:
    return any(value_at(example.value, path) is not None for path in operation.mock_fields)
