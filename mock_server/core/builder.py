"""Builds responses from the examples of a contract, with fresh captchas, and applies the faults."""

from __future__ import annotations

import base64
import itertools
import struct
from collections.abc import Sequence
from copy import deepcopy
from functools import cache, lru_cache

from code_contract import Contract, Example, FieldPath, Operation
from mock_server.captcha.challenge import Challenge, UuidSource, derive
from mock_server.captcha.renderer import CaptchaRenderer
from mock_server.core.errors import error_example
from mock_server.core.negotiation import ResponsePlan
from mock_server.faults.model import Fault, RequestContext, Stage
from mock_server.response import (
    CHALLENGE_PICTURE,
    BodyTemplate,
    Headers,
    ResponseDraft,
    data_uri,
    fill_mock_fields,
    get_at,
)


class ResponseBuilder:
    """Builds the responses of one contract. Safe to use from several threads."""

    def __init__(self, contract: Contract, secret: bytes, uuids: UuidSource, faults: Sequence[Fault]) -> None:
        self._contract = contract
        self._secret = secret
        self._uuids = uuids
        self._faults = tuple(faults)
        self._target_paths: dict[str, dict[str, FieldPath]] = {}
        self._renderers = {
            operation.id: _renderer(_picture_size(operation))
            for operation in contract.operations.values()
            if CHALLENGE_PICTURE in operation.mock_fields.values()
        }
        self._parts = cache(self._success_parts)

    def challenge(self, uuid: str) -> tuple[Challenge, bytes] | None:
        """Return the challenge of an id and its picture as PNG, or None if no operation returns captchas."""
        renderer = next(iter(self._renderers.values()), None)
        if renderer is None:
            return None
        challenge = derive(self._secret, uuid)
        return challenge, renderer.render(challenge)

    def build(self, context: RequestContext, plan: ResponsePlan, error: str | None) -> ResponseDraft:
        """Build the response of an operation.

        Args:
            context: The request.
            plan: The response that the client and the active behaviour ask for.
            error: The name of the example to reject the request with, or None if it is valid.
        """
        draft = ResponseDraft(error_example=error)
        faults = (*self._faults, *plan.faults)
        self._apply(Stage.REQUEST, faults, context, draft)
        if plan.example is not None:
            self._from_example(context, plan.example, faults, draft)
            self._fill_example(context, plan, faults, draft)
            self._apply(Stage.ERROR, faults, context, draft)
        elif draft.error_example is not None:
            self._from_example(context, self._error(context.operation, draft.error_example), faults, draft)
            self._apply(Stage.ERROR, faults, context, draft)
            return draft
        else:
            self._success(context, faults, draft)
            self._apply(Stage.DOCUMENT, faults, context, draft)
        self._apply(Stage.SUCCESS, faults, context, draft)
        return draft

    def build_error(
        self, context: RequestContext, error: str, faults: Sequence[Fault] = (), headers: Headers = ()
    ) -> ResponseDraft:
        """Build the error response of that name, with these headers besides its own."""
        draft = ResponseDraft(headers=list(headers))
        faults = (*self._faults, *faults)
        self._from_example(context, error_example(self._contract, error), faults, draft)
        self._apply(Stage.ERROR, faults, context, draft)
        return draft

    @staticmethod
    def _from_example(context: RequestContext, example: Example, faults: Sequence[Fault], draft: ResponseDraft) -> None:
        draft.status = example.status
        draft.content_type = context.operation.content_type or "application/json"
        draft.headers.extend(example.headers.items())
        draft.document = deepcopy(example.value) if faults else example.value

    def _fill_example(
        self, context: RequestContext, plan: ResponsePlan, faults: Sequence[Fault], draft: ResponseDraft
    ) -> None:
        renderer = self._renderers.get(context.operation.id)
        if plan.fresh and renderer is not None:
            draft.uuid = draft.picture_uuid = next(self._uuids)
            draft.uri = data_uri(renderer.render(derive(self._secret, draft.uuid)))
            draft.document = fill_mock_fields(context.operation, draft.document, draft.uuid, draft.uri)
        elif not faults:
            draft.body = plan.example_body

    def _error(self, operation: Operation, name: str) -> Example:
        return operation.success_response.examples.get(name) or error_example(self._contract, name)

    def _success(self, context: RequestContext, faults: Sequence[Fault], draft: ResponseDraft) -> None:
        draft.status, draft.content_type, example, template = self._parts(context.operation.id)
        renderer = self._renderers.get(context.operation.id)
        if example is None:
            draft.body = b""
        elif not faults:
            # The body that the document would have, without building the document.
            picture = b""
            if renderer is not None:
                draft.uuid = next(self._uuids)
                picture = renderer.render_base64(derive(self._secret, draft.uuid))
            draft.body = template.render(draft.uuid, picture)
        elif renderer is not None:
            draft.uuid = draft.picture_uuid = next(self._uuids)
            self._apply(Stage.UUID, faults, context, draft)
            draft.png = renderer.render(derive(self._secret, draft.picture_uuid))
            self._apply(Stage.PNG, faults, context, draft)
            draft.uri = data_uri(draft.png)
            self._apply(Stage.URI, faults, context, draft)
            draft.document = fill_mock_fields(context.operation, example.value, draft.uuid, draft.uri)
        else:
            draft.document = deepcopy(example.value)

    def _success_parts(self, operation_id: str) -> tuple[int, str, Example | None, BodyTemplate]:
        """Status, content type, example and template of the success responses of an operation."""
        operation = self._contract.operations[operation_id]
        response, example = operation.success_response, operation.success_example
        status = int(response.status) if response.status.isdigit() else 200
        content_type = operation.content_type or response.media_type or ""
        return status, content_type, example, BodyTemplate(operation, example and example.value)

    def _apply(self, stage: Stage, faults: Sequence[Fault], context: RequestContext, draft: ResponseDraft) -> None:
        for fault in faults:
            if fault.stage is stage:
                fault.apply(context._replace(target_path=self._target_path(fault, context.operation)), draft)
                draft.applied_faults.append(fault.name)

    def _target_path(self, fault: Fault, operation: Operation) -> FieldPath:
        """The location of the violated clause; if the clause has a schema of its own, the field it is about."""
        if fault.name not in self._target_paths:
            self._target_paths[fault.name] = _clause_paths(self._contract, fault)
        return self._target_paths[fault.name].get(operation.id, ())


# One renderer for each size, whatever the number of operations and of reloads.
_renderer = lru_cache(8)(CaptchaRenderer)


def _clause_paths(contract: Contract, fault: Fault) -> dict[str, FieldPath]:
    clause = contract.clauses.get(fault.breaks)
    if clause is None:
        return {}
    consequence = (clause.schema or {}).get("then", {}).get("properties", {})
    field = tuple(itertools.islice(consequence, 1))
    return {site.operation_id: (*site.place, *field) for site in clause.sites if site.place is not None}


def _picture_size(operation: Operation) -> tuple[int, int]:
    """The size in pixels of the picture in the operation's own example, from its IHDR (PNG §11.2.1)."""
    path = next(path for path, kind in operation.mock_fields.items() if kind == CHALLENGE_PICTURE)
    uri = str(get_at(operation.success_example and operation.success_example.value, path))
    width, height = struct.unpack_from(">II", base64.b64decode(uri.partition(",")[2]), 16)
    return (width, height)
