"""The mock as a Flask application: `create_app` takes everything it depends on."""

from __future__ import annotations

import base64
import itertools
import logging
import re
import secrets
import struct
from collections.abc import Callable, Sequence
from copy import deepcopy

from flask import Flask, Response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from contract import Contract, Example, Operation, load
from mock_server.admission import Admission
from mock_server.answers import CHALLENGE_PICTURE, Answer, data_uri, fill, find, marks
from mock_server.challenge import UuidSource, derive, secret_of_seed
from mock_server.faults.model import Call, Fault, Stage
from mock_server.picture import Painter

MAX_REQUEST = 1024 * 1024
"""Bytes of a request body that are read."""

REFUSALS = "CODE_CONTRACT_REFUSALS"
"""The key of the application's configuration under which a server finds what to refuse with by itself: by HTTP status,
a content type and a body."""

log = logging.getLogger("mock_server")


def create_app(
    contract: Contract | None = None,
    *,
    secret: bytes | None = None,
    seed: str | None = None,
    faults: Sequence[Fault] = (),
) -> Flask:
    """A Flask application that serves every operation of `contract` (the project's own by default).

    `secret` keys the challenges: whoever knows it knows every answer; drawn at random unless a `seed` is given, which
    makes the whole run repeatable byte for byte. `faults` are switched on for good.
    """
    contract = contract or load()
    app = Flask("mock_server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST
    maker = Maker(contract, _secret(seed) if secret is None else secret, UuidSource(seed), faults)
    for operation in contract.operations.values():
        app.add_url_rule(
            re.sub(r"\{([^}]+)\}", r"<\1>", operation.path),
            endpoint=operation.id,
            view_func=_view(maker, operation),
            methods=[operation.method],
            provide_automatic_options=True,
        )
    app.config[REFUSALS] = {
        example.status: (answer.content_type, answer.written())
        for example in contract.examples.values()
        for answer in [maker.refuse(_nobodys_call(contract), example)]
        if example.status >= 400
    }
    app.register_error_handler(Exception, _refuser(maker, contract))
    return app


class Maker:
    """Makes answers: honest ones from the contract, spoilt ones by the faults that are on."""

    def __init__(self, contract: Contract, secret: bytes, uuids: UuidSource, faults: Sequence[Fault]) -> None:
        self._contract = contract
        self._secret = secret
        self._uuids = uuids
        self._numbers = itertools.count()
        self._painters = {
            operation.id: Painter(_picture_size(operation))
            for operation in contract.operations.values()
            if marks(operation)
        }
        self._admissions = {operation.id: Admission(operation) for operation in contract.operations.values()}
        self._faults = {
            stage: [(fault, _places(contract, fault)) for fault in faults if fault.stage is stage] for stage in Stage
        }

    def admission(self, operation: Operation) -> Admission:
        """What judges the requests of an operation."""
        return self._admissions[operation.id]

    def answer(self, operation: Operation, call: Call) -> Answer:
        """The answer to a call; `call.refusal` and `call.warnings` say how its request was judged."""
        call.number = next(self._numbers)
        self._spoil(Stage.REQUEST, call)
        if call.refusal is not None:
            example = operation.granted.examples.get(call.refusal) or self._contract.example(call.refusal)
            self.refuse(call, example)
        else:
            call.answer = self._grant(operation, call)
            self._spoil(Stage.DOCUMENT, call)
            self._spoil(Stage.ANSWER, call)
        for warning in call.warnings:
            call.answer.headers.append(("X-Mock-Warning", warning))
        return call.answer

    def refuse(self, call: Call, example: Example, headers: Sequence[tuple[str, str]] = ()) -> Answer:
        """A refusal of a call: the example, with the HTTP status it goes with."""
        content_type = call.operation.content_type or "application/json"
        call.answer = Answer(example.status, deepcopy(example.value), content_type, list(headers))
        self._spoil(Stage.REFUSAL, call)
        return call.answer

    def _grant(self, operation: Operation, call: Call) -> Answer:
        response = operation.granted
        example = next(iter(response.examples.values()), None)
        status = int(response.status) if response.status.isdigit() else 200
        content_type = operation.content_type or response.media_type or ""
        answer = Answer(status, example.value if example else None, content_type)
        if example is None:
            answer.body = b""
        elif operation.id in self._painters:
            call.uuid = call.painted = next(self._uuids)
            self._spoil(Stage.UUID, call)
            call.png = self._painters[operation.id].paint(derive(self._secret, call.painted or call.uuid))
            self._spoil(Stage.PNG, call)
            call.uri = data_uri(call.png)
            self._spoil(Stage.URI, call)
            answer.document = fill(operation, example.value, call.uuid, call.uri)
        else:
            answer.document = deepcopy(example.value)
        return answer

    def _spoil(self, stage: Stage, call: Call) -> None:
        for fault, places in self._faults[stage]:
            call.place = places.get(call.operation.id, ())
            fault.effect(call)


def _view(maker: Maker, operation: Operation) -> Callable[..., Response]:
    admission = maker.admission(operation)

    def view(**path: str) -> Response:
        headers = {name.lower(): value for name, value in request.headers}
        call = Call(operation, 0, headers, request.get_data())
        values = {"header": headers, "query": request.args, "cookie": request.cookies, "path": path}
        for objection in admission.objections(values, request.mimetype, call.request_body):
            if objection.assumed:
                call.warnings.append(f"{objection.text} (assumed; not refused)")
                log.warning("%s %r: %s (assumed; not refused)", request.method, request.path, objection.text)
            else:
                call.refusal = objection.refusal
                log.warning("%s %r: refused: %s", request.method, request.path, objection.text)
        return _response(maker.answer(operation, call))

    return view


def _refuser(maker: Maker, contract: Contract) -> Callable[[Exception], Response]:
    """Answers whatever goes wrong outside an operation in the documented envelope."""

    def handle(error: Exception) -> Response:
        allow = []
        if isinstance(error, RequestEntityTooLarge):
            name = "body-too-large"
        elif isinstance(error, HTTPException) and error.code in (404, 405):
            name = "not-found" if error.code == 404 else "method-not-allowed"
            allow = [("Allow", ", ".join(sorted(getattr(error, "valid_methods", None) or ())))]
        elif isinstance(error, HTTPException) and (error.code or 500) < 500:
            name = "request-refused"
        else:
            name = "server-error"
            log.error("%s %r failed", request.method, request.path, exc_info=error)
        return _response(
            maker.refuse(_nobodys_call(contract), contract.example(name), [pair for pair in allow if pair[1]])
        )

    return handle


def _nobodys_call(contract: Contract) -> Call:
    """A call that reached no operation: it is refused as the first one would refuse it."""
    return Call(next(iter(contract.operations.values())), -1)


def _response(answer: Answer) -> Response:
    if answer.reset:
        return Response(request.environ["mock_server.reset"]())
    headers = Headers(answer.headers)
    # A list, since bytes would set Content-Length over one that a fault has set.
    response = Response([answer.written()], status=answer.status, headers=headers)
    if answer.content_type:
        response.headers["Content-Type"] = answer.content_type
    else:
        del response.headers["Content-Type"]
    return response


def _places(contract: Contract, fault: Fault) -> dict[str, tuple[str, ...]]:
    """By operation, where the clause that a fault breaks stands; with a schema of its own, the field it speaks of."""
    clause = contract.clauses.get(fault.breaks)
    if clause is None:
        return {}
    consequence = (clause.schema or {}).get("then", {}).get("properties", {})
    below = tuple(itertools.islice(consequence, 1))
    return {site.operation_id: (*site.place, *below) for site in clause.sites if site.place is not None}


def _picture_size(operation: Operation) -> tuple[int, int]:
    """The size of the picture in the operation's own example, in pixels: its IHDR says it (PNG §11.2.1)."""
    example = next(iter(operation.granted.examples.values()))
    place = next(place for place, kind in marks(operation) if kind == CHALLENGE_PICTURE)
    png = base64.b64decode(str(find(example.value, place)).partition(",")[2])
    width, height = struct.unpack_from(">II", png, 16)
    return (width, height)


def _secret(seed: str | None) -> bytes:
    return secrets.token_bytes(32) if seed is None else secret_of_seed(seed)


__all__ = ["MAX_REQUEST", "Maker", "create_app"]
