"""Makes answers: honest ones from the contract, chosen ones from its examples, spoilt ones by the faults on."""

from __future__ import annotations

import base64
import itertools
import struct
from collections.abc import Sequence
from copy import deepcopy
from functools import lru_cache

from code_contract import Contract, Example, FieldPath, Operation
from mock_server.captcha.challenge import Challenge, UuidSource, derive
from mock_server.captcha.renderer import CaptchaRenderer
from mock_server.core.request_validation import RequestValidator
from mock_server.faults.model import CallContext, Fault, Stage
from mock_server.response import CHALLENGE_PICTURE, BodyTemplate, MockResponse, data_uri, fill_mock_fields, get_at


class ResponseBuilder:
    """Answers the calls of one contract. Threads may share it."""

    def __init__(self, contract: Contract, secret: bytes, uuids: UuidSource, faults: Sequence[Fault]) -> None:
        self._contract = contract
        self._secret = secret
        self._uuids = uuids
        self._faults = tuple(faults)
        self._numbers = itertools.count()
        self._places: dict[str, dict[str, FieldPath]] = {}
        self._painters = {
            operation.id: _painter(_picture_size(operation))
            for operation in contract.operations.values()
            if CHALLENGE_PICTURE in operation.mock_fields.values()
        }
        self._forms: dict[str, BodyTemplate] = {}
        self._admissions = {operation.id: RequestValidator(operation) for operation in contract.operations.values()}

    def admission(self, operation: Operation) -> RequestValidator:
        """What judges the requests of an operation."""
        return self._admissions[operation.id]

    def challenge(self, uuid: str) -> tuple[Challenge, bytes] | None:
        """The challenge of that id and its picture as PNG; None where no operation of the contract gives captchas."""
        painter = next(iter(self._painters.values()), None)
        if painter is None:
            return None
        challenge = derive(self._secret, uuid)
        return challenge, painter.render(challenge)

    def render_default(self, operation: Operation) -> tuple[str, bytes]:
        """What `answer` gives to a call that asks for nothing else: an id, "" for none, and a body.

        No fault is on, and the operation has a sample.
        """
        next(self._numbers)
        return self._render_fresh(operation)

    def answer(self, operation: Operation, call: CallContext) -> MockResponse:
        """The answer to a call: what was chosen, else what is due by `call.refusal`."""
        call.number = next(self._numbers)
        self._apply_faults(Stage.REQUEST, call)
        if call.forced_example is not None:
            return self._build_example(operation, call, call.forced_example)
        if call.error_example is not None:
            example = operation.success_response.examples.get(call.error_example) or self._contract.example(
                call.error_example
            )
            return self.build_error(call, example)
        call.answer = self._build_success(operation, call)
        self._apply_faults(Stage.DOCUMENT, call)
        self._apply_faults(Stage.ANSWER, call)
        return call.answer

    def build_error(self, call: CallContext, example: Example, headers: Sequence[tuple[str, str]] = ()) -> MockResponse:
        """A refusal of a call: the example, with the HTTP status and the headers it goes with."""
        call.answer = _as_documented(call, example, headers)
        self._apply_faults(Stage.REFUSAL, call)
        return call.answer

    def _build_example(self, operation: Operation, call: CallContext, example: Example) -> MockResponse:
        """An example because it was asked for, be it a grant or a refusal."""
        call.answer = _as_documented(call, example, ())
        if call.refresh_captcha and operation.id in self._painters:
            call.uuid = call.picture_uuid = next(self._uuids)
            call.uri = data_uri(self._painters[operation.id].render(derive(self._secret, call.uuid)))
            call.answer.document = fill_mock_fields(operation, example.value, call.uuid, call.uri)
        self._apply_faults(Stage.REFUSAL, call)
        self._apply_faults(Stage.ANSWER, call)
        return call.answer

    def _build_success(self, operation: Operation, call: CallContext) -> MockResponse:
        example, answer = operation.success_example, success_head(operation)
        if example is None:
            answer.body = b""
        elif not (self._faults or call.faults):
            # No fault is to reach into the document, so there needs to be none.
            call.uuid, answer.body = self._render_fresh(operation)
        elif operation.id in self._painters:
            call.uuid = call.picture_uuid = next(self._uuids)
            self._apply_faults(Stage.UUID, call)
            call.png = self._painters[operation.id].render(derive(self._secret, call.picture_uuid or call.uuid))
            self._apply_faults(Stage.PNG, call)
            call.uri = data_uri(call.png)
            self._apply_faults(Stage.URI, call)
            answer.document = fill_mock_fields(operation, example.value, call.uuid, call.uri)
        else:
            answer.document = deepcopy(example.value)
        return answer

    def _render_fresh(self, operation: Operation) -> tuple[str, bytes]:
        """An honest grant: the id in it and its body."""
        form = self._forms.get(operation.id)
        if form is None:
            form = self._forms[operation.id] = BodyTemplate(
                operation, operation.success_example and operation.success_example.value
            )
        painter = self._painters.get(operation.id)
        if painter is None:
            return "", form.filled("", b"")
        uuid = next(self._uuids)
        return uuid, form.filled(uuid, painter.render(derive(self._secret, uuid)))

    def _apply_faults(self, stage: Stage, call: CallContext) -> None:
        for fault in (*self._faults, *call.faults):
            if fault.stage is stage:
                call.target_path = self._place(fault, call.operation)
                fault.apply(call)
                call.applied_faults.append(fault.name)

    def _place(self, fault: Fault, operation: Operation) -> FieldPath:
        """Where the clause that a fault breaks stands; with a schema of its own, the field it speaks of."""
        if fault.name not in self._places:
            self._places[fault.name] = _places(self._contract, fault)
        return self._places[fault.name].get(operation.id, ())


def success_head(operation: Operation) -> MockResponse:
    """A grant of an operation, but for its body."""
    response = operation.success_response
    status = int(response.status) if response.status.isdigit() else 200
    return MockResponse(status, None, operation.content_type or response.media_type or "")


# One painter a size, whatever the number of operations and of edits to the contract.
_painter = lru_cache(8)(CaptchaRenderer)


def _as_documented(call: CallContext, example: Example, headers: Sequence[tuple[str, str]]) -> MockResponse:
    content_type = call.operation.content_type or "application/json"
    return MockResponse(example.status, deepcopy(example.value), content_type, [*example.headers.items(), *headers])


def _places(contract: Contract, fault: Fault) -> dict[str, FieldPath]:
    clause = contract.clauses.get(fault.breaks)
    if clause is None:
        return {}
    consequence = (clause.schema or {}).get("then", {}).get("properties", {})
    below = tuple(itertools.islice(consequence, 1))
    return {site.operation_id: (*site.place, *below) for site in clause.sites if site.place is not None}


def _picture_size(operation: Operation) -> tuple[int, int]:
    """The size of the picture in the operation's own example, in pixels: its IHDR says it (PNG §11.2.1)."""
    place = next(place for place, kind in operation.mock_fields.items() if kind == CHALLENGE_PICTURE)
    png = base64.b64decode(
        str(get_at(operation.success_example and operation.success_example.value, place)).partition(",")[2]
    )
    width, height = struct.unpack_from(">II", png, 16)
    return (width, height)
