"""Checks of answers to captchas, in operations whose request has one (`x-mock: challenge-answer`).

A right answer gets the success response, and uses up the captcha. Another one is refused, unless the success response
has a field for the result. The refusal is the first of these that the document has: the example `captcha-wrong`,
`captcha-used`, `captcha-expired` or `captcha-unknown`, the example `captcha-refused`, the documented response of a
status, the example `request-refused`, problem details (RFC 9457).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from code_contract import Contract, Operation
from code_contract.examples import examples_of
from code_contract.marks import CHALLENGE_ANSWER, CHALLENGE_UUID
from code_contract.media_types import mime_essence
from code_contract.pointers import value_at
from mock_server.captcha.challenge import derive
from mock_server.captcha.issued import AnswerResult, IssuedChallenges
from mock_server.core import refusals, request_bodies
from mock_server.core.coercion import Coercion
from mock_server.core.errors import CAPTCHA_REFUSED, REQUEST_ERROR, InputError
from mock_server.core.negotiation import Negotiator, ResponsePlan
from mock_server.core.parsed_request import ParsedRequest
from mock_server.core.preferences import Preferences
from mock_server.core.violations import REJECTED, Validation, Violation
from mock_server.observability.journal import APP
from mock_server.reasons import Reason
from mock_server.response import ResponseDraft, set_at

_REASONS = {each: Reason(f"captcha-{each.value}") for each in AnswerResult}


class AnswerChecks:
    """Checks the answers in requests. Safe to use from several threads.

    Args:
        contract: The contract.
        names: Names of its schemas by identity.
        challenges: The captchas that were sent.
        negotiator: Plans the examples that refuse an answer.

    Raises:
        ContractError: A request has an answer, but no id of a captcha.
    """

    def __init__(
        self, contract: Contract, names: Mapping[int, str], challenges: IssuedChallenges, negotiator: Negotiator
    ) -> None:
        self._contract = contract
        self._coercion = Coercion(names)
        self._challenges = challenges
        self._negotiator = negotiator
        self._checking = {each.id for each in contract.operations.values() if each.answer_marks}

    def apply(
        self, parsed: ParsedRequest, body: bytes, plan: ResponsePlan, preferences: Preferences, validation: Validation
    ) -> tuple[AnswerResult | None, ResponsePlan, Validation]:
        """Check the answer in a request, unless the request is refused or the response selected by a preference.

        Args:
            parsed: The request.
            body: Its body.
            plan: The plan for the response.
            preferences: The preferences of the plan.
            validation: The validation of the request.

        Returns:
            The result, None if no answer was checked; the plan, and the validation that refuses the request.
        """
        operation = parsed.route.operation
        if operation is None or operation.id not in self._checking:
            return None, plan, validation
        is_selected = plan.example is not None or plan.is_preferred or preferences.code is not None
        if is_selected or plan.refusal or validation.rejections:
            return None, plan, validation
        result = self._check(operation, parsed, body)
        if result in (None, AnswerResult.RIGHT) or operation.answer_fields:
            return result, plan, validation
        assert result is not None  # noqa: S101 - for the type checker
        validation = validation._replace(outcome=REJECTED)
        name = self._example(operation, result)
        if name is not None:
            wanted = replace(preferences, scenario=None, example=name, code=None, dynamic=None)
            found = self._negotiator.plan(operation, wanted, parsed.headers.get("accept", ""))
            return result, replace(found, delay=plan.delay), validation
        is_documented = refusals.documented(operation, CAPTCHA_REFUSED)[1] is not None
        error = REQUEST_ERROR if not is_documented and REQUEST_ERROR in self._contract.examples else CAPTCHA_REFUSED
        return result, plan, validation._replace(rejections=(Violation(_REASONS[result], False, error),))

    def _check(self, operation: Operation, parsed: ParsedRequest, body: bytes) -> AnswerResult | None:
        """The result of the answer, None if the request has neither an answer nor an id."""
        given = {**parsed.captcha, **dict(self._in_body(operation, parsed.content_type, body))}
        uuid, answer = given.get(CHALLENGE_UUID), given.get(CHALLENGE_ANSWER)
        if uuid is None and answer is None:
            return None
        return self._challenges.check(str(uuid or ""), "" if answer is None else answer, parsed.source == APP)

    def _in_body(self, operation: Operation, content_type: str, body: bytes) -> Iterator[tuple[str, Any]]:
        contents = operation.request_contents
        media_type = mime_essence(content_type)
        content = request_bodies.documented(contents, media_type) if body else None
        if content is None:
            return
        try:
            found = next(request_bodies.read(content, content_type or next(iter(contents)), body, self._coercion), None)
        except InputError:
            return
        for mark in operation.answer_marks:
            if mark.location == "body" and contents.get(mark.name) is content:
                value = value_at(found, mark.place)
                if value is not None:
                    yield mark.kind, value

    def _example(self, operation: Operation, result: AnswerResult) -> str | None:
        """The name of the example that refuses an answer with this result, None if there is none."""
        names = (
            name
            for response in operation.responses.values()
            for content in response.content.values()
            for name in examples_of(content, 200)
        )
        known = {_normalized(name): name for name in (*self._contract.examples, *names)}
        return known.get(_normalized(f"captcha-{result.value}"), known.get(_normalized(CAPTCHA_REFUSED)))


def reason_of(result: AnswerResult | None) -> Reason | None:
    """Return the reason for a result, for the journal and for X-Mock-Reason; None without a result."""
    return _REASONS[result] if result else None


def fill_answers(operation: Operation, draft: ResponseDraft, result: AnswerResult | None, secret: bytes) -> None:
    """Put an answer, or the result of one, into the fields of a JSON response that are marked for it.

    An answer is a text where the example has one. A result is a boolean where the example has one, else a text.
    """
    if not operation.answer_fields or not (result or draft.uuid) or (draft.applied_faults and draft.body is not None):
        return
    try:
        document = deepcopy(draft.document) if draft.body is None else json.loads(draft.body)
    except ValueError:
        return
    answer = derive(secret, draft.uuid).answer
    for place in operation.answer_fields:
        before = value_at(document, place)
        if result:
            set_at(document, place, result is AnswerResult.RIGHT if isinstance(before, bool) else result.value)
        else:
            set_at(document, place, str(answer) if isinstance(before, str) else answer)
    draft.document, draft.body = document, None


def _normalized(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
