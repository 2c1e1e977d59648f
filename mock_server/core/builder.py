"""Builds responses from the examples of a contract, with fresh captchas, and applies the faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

from code_contract import Carrier, Contract, ContractError, Example
from code_contract.marks import CHALLENGE_UUID
from code_contract.media_types import is_json, mime_essence
from code_contract.pointers import value_at
from mock_server.captcha import ids
from mock_server.captcha.challenge import Challenge, derive
from mock_server.captcha.size import picture_of
from mock_server.core import refusals
from mock_server.core.fault_application import FaultApplication
from mock_server.core.headers import REASON_HEADER, WARNING_HEADER, add_missing, escaped_header, reason_headers
from mock_server.core.negotiation import ResponsePlan
from mock_server.core.preferences import NotAcceptableError
from mock_server.core.representations import Representation, choose
from mock_server.core.state import State
from mock_server.core.violations import Violation
from mock_server.faults.model import Fault, RequestContext, Stage
from mock_server.reasons import Reason
from mock_server.response import BodyTemplate, Headers, ResponseDraft, encode_picture, fill_mock_fields

if TYPE_CHECKING:
    from mock_server.core.generation import Generator


class ResponseBuilder:
    """Builds the responses of one contract. Safe to use from several threads."""

    def __init__(self, contract: Contract, state: State, faults: Sequence[Fault]) -> None:
        self._contract = contract
        self._now, self._secret, self._uuids = state.clock.today, state.secret, (state.page_uuids, state.uuids)
        self._faults = tuple(faults)
        self._apply = FaultApplication(contract).apply
        operations = contract.operations.values()
        self._pictures = {each.id: picture_of(each) for each in operations if each.pictures}
        for each in faults:
            if not each.applies_to_contract(contract):
                raise ContractError(f"fault {each.name!r} applies to no response of this contract", "choose another")
        self._refusals = lru_cache(256)(
            lambda operation_id, *rest: refusals.representation(contract.operations[operation_id], *rest)
        )
        self._parts = cache(self._success_parts)
        self._id_makers = cache(self._id_maker)

    @cached_property
    def _generator(self) -> Callable[[], Generator]:
        from mock_server.core.generation import daily_generator  # only responses without examples wait for this import

        return daily_generator(self._contract, self._secret, self._now)

    def challenge(self, uuid: str) -> tuple[Challenge, str] | None:
        """Return the challenge of an id and its picture as a data URI, or None if no operation returns captchas."""
        found = next(iter(self._pictures.values()), None)
        if found is None:
            return None
        challenge = derive(self._secret, uuid)
        return challenge, encode_picture(replace(found[0], carrier=Carrier.DATA_URI), found[1].render(challenge))

    def build(self, context: RequestContext, plan: ResponsePlan, rejections: Sequence[Violation]) -> ResponseDraft:
        """Build the response of an operation.

        Args:
            context: The request.
            plan: The response that the client and the active behaviour ask for.
            rejections: The violations that reject the request; none if it is valid.

        Raises:
            NotAcceptableError: The client accepts none of the documented media types.
        """
        draft = ResponseDraft(error_example=rejections[0].error if rejections else None)
        faults = (*self._faults, *plan.faults)
        self._apply(Stage.REQUEST, faults, context, draft)
        if plan.ignores_errors:
            draft.applied_faults.clear()
        if plan.refusal and draft.error_example is None:
            raise NotAcceptableError(plan.refusal)
        if plan.example is not None:
            self._from_example(context, plan.example, faults, draft)
            self._fill_example(context, plan, faults, draft, plan.example.name)
            self._apply(Stage.ERROR, faults, context, draft)
        elif plan.representation is not None and (plan.ignores_errors or draft.error_example is None):
            self._from_representation(context, plan.representation, faults, draft, is_dynamic=plan.is_dynamic)
            self._apply(Stage.ERROR if plan.ignores_errors else Stage.DOCUMENT, faults, context, draft)
        elif draft.error_example is not None:
            example = refusals.own_example(self._contract, context.operation, draft.error_example)
            if example is not None:
                self._from_example(context, example, faults, draft)
            else:
                self._refuse(context, draft.error_example, rejections, faults, draft)
            self._apply(Stage.ERROR, faults, context, draft)
            return draft
        else:
            self._success(context, faults, draft)
            self._apply(Stage.DOCUMENT, faults, context, draft)
        self._apply(Stage.SUCCESS, faults, context, draft)
        return draft

    def build_error(
        self,
        context: RequestContext,
        error: str,
        faults: Sequence[Fault] = (),
        headers: Headers = (),
        reason: Reason | None = None,
        status: int = 0,
    ) -> ResponseDraft:
        """Build the error response of that name.

        Args:
            context: The request.
            error: The name of the error.
            faults: Faults to apply, besides those of every response.
            headers: Headers besides its own.
            reason: The reason, for problem details.
            status: The HTTP status of problem details; by default that of the error.
        """
        draft = ResponseDraft(headers=list(headers))
        faults = (*self._faults, *faults)
        example = refusals.own_example(self._contract, None, error)
        if example is not None:
            self._from_example(context, example, faults, draft)
        else:
            violations = [Violation(reason, assumed=False)] if reason else ()
            refusals.fill_problem(draft, status or refusals.status_of(error), violations)
            if reason and all(name != REASON_HEADER for name, _ in headers):
                draft.headers.extend(reason_headers(reason))
        self._apply(Stage.ERROR, faults, context, draft)
        return draft

    def _refuse(
        self,
        context: RequestContext,
        name: str,
        rejections: Sequence[Violation],
        faults: Sequence[Fault],
        draft: ResponseDraft,
    ) -> None:
        """Make a draft the documented response to an error, else problem details."""
        draft.headers += [header for each in rejections if each.error == name for header in each.headers]
        found = self._refusals(context.operation.id, name, context.headers.get("accept", ""))
        if found is None:
            refusals.fill_problem(draft, refusals.status_of(name), rejections)
        else:
            self._from_representation(context, found, faults, draft)

    @staticmethod
    def _from_example(context: RequestContext, example: Example, faults: Sequence[Fault], draft: ResponseDraft) -> None:
        draft.status = example.status
        draft.content_type = context.operation.content_type or "application/json"
        draft.headers.extend(example.headers.items())
        draft.document = deepcopy(example.value) if faults else example.value

    def _from_representation(
        self,
        context: RequestContext,
        found: Representation,
        faults: Sequence[Fault],
        draft: ResponseDraft,
        is_dynamic: bool = False,
    ) -> None:
        draft.status, draft.content_type = found.status, found.content_type
        generator = self._generator()
        body = generator.body(found, context, is_dynamic)
        add_missing(draft.headers, generator.headers(found, context.target, body.headers))
        draft.document = deepcopy(body.document) if faults else body.document
        draft.body = None if faults and body.document is not None else body.octets
        draft.reason = body.reason
        if body.warning:
            draft.headers.append(escaped_header(WARNING_HEADER, body.warning))

    def _fill_example(
        self, context: RequestContext, plan: ResponsePlan, faults: Sequence[Fault], draft: ResponseDraft, name: str
    ) -> None:
        found, representation = self._pictures.get(context.operation.id), plan.representation
        if plan.fresh and found is not None:
            mark, renderer = found
            self._choose_uuid(context, draft)
            draft.encoded = encode_picture(mark, renderer.render(self._challenge(context, draft)))
            draft.document = fill_mock_fields(context.operation, draft.document, draft.uuid, draft.encoded)
        elif representation is not None and representation.content_type and not context.operation.content_type:
            draft.content_type = representation.content_type
            draft.reason = Reason("from-example", status=draft.status, value=repr(name), type=draft.content_type)
            generator = self._generator()
            draft.headers.extend(generator.headers(representation, context.target))
            octets = generator.rendered(representation, draft.document)
            draft.body = None if faults and is_json(mime_essence(draft.content_type)) else octets
        elif not faults:
            draft.body = plan.example_body

    def _success(self, context: RequestContext, faults: Sequence[Fault], draft: ResponseDraft) -> None:
        draft.status, draft.content_type, example, template = self._parts(context.operation.id)
        found = self._pictures.get(context.operation.id)
        if context.operation.mock_fields:
            self._choose_uuid(context, draft)
            self._apply(Stage.UUID, faults, context, draft)
        if example is not None and not faults and (found is None or found[0].carrier is not Carrier.BODY):
            # The body that the document would have, without building the document.
            coded = found[1].render_base64(self._challenge(context, draft)) if found else b""
            draft.body = template.render(draft.uuid, coded)
            return
        if found is not None:
            mark, renderer = found
            draft.picture = renderer.render(self._challenge(context, draft))
            self._apply(Stage.PICTURE, faults, context, draft)
            draft.encoded = encode_picture(mark, draft.picture)
            self._apply(Stage.ENCODED, faults, context, draft)
        if found is not None and found[0].carrier is Carrier.BODY:
            draft.body = draft.picture
        elif example is None:
            draft.body = b""
        else:
            draft.document = fill_mock_fields(context.operation, example.value, draft.uuid, draft.encoded)

    def _choose_uuid(self, context: RequestContext, draft: ResponseDraft) -> None:
        draft.picture_uuid = self._id_makers(context.operation.id)(next(self._uuids[context.is_counted]))
        draft.uuid = context.captcha_id or draft.picture_uuid

    def _challenge(self, context: RequestContext, draft: ResponseDraft) -> Challenge:
        """The challenge to draw; if the client chose the id, the same question in another picture on every request."""
        challenge = derive(self._secret, draft.picture_uuid)
        if context.captcha_id:
            challenge = derive(self._secret, draft.uuid)._replace(entropy=challenge.entropy)
        draft.question, draft.answer = challenge.question, challenge.answer
        return challenge

    def _id_maker(self, operation_id: str) -> ids.MakeId:
        operation = self._contract.operations[operation_id]
        example = getattr(operation.success_example, "value", None)
        places = [place for place, kind in operation.mock_fields.items() if kind == CHALLENGE_UUID]
        return ids.maker(operation.id_schema, value_at(example, places[0])) if places else str

    def _success_parts(self, operation_id: str) -> tuple[int, str, Example | None, BodyTemplate]:
        """Status, content type, example and template of the success responses of an operation."""
        operation = self._contract.operations[operation_id]
        response, example = operation.success_response, operation.success_example
        found = choose(operation, "")
        if example is None and found is not None and found.schema:
            context = RequestContext(operation, 0, {}, b"", target=operation.id)
            example = Example("generated", "", self._generator().body(found, context, False).document, 200)
        status = int(response.status) if response.status.isdigit() else 200
        content_type = operation.content_type or response.media_type or ""
        return status, content_type, example, BodyTemplate(operation, example and example.value)
