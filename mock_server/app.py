"""The mock as a Flask application: `create_app` takes everything it depends on."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from functools import cache

from flask import Flask, Response, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_cors import CORS

from code_contract import Contract, load
from mock_server.admin import api as admin_api
from mock_server.admin.ui import swagger_ui
from mock_server.core.builder import ResponseBuilder
from mock_server.core.calls import EXPOSED_HEADERS, MockApi, ValidationMode, is_admin_path
from mock_server.core.plan_cache import PlainCalls
from mock_server.core.preferences import Negotiator
from mock_server.core.state import State
from mock_server.faults.model import CallContext, Fault

MAX_REQUEST = 1024 * 1024
"""Bytes of a request body that are read."""

ERROR_RESPONSES = "CODE_CONTRACT_REFUSALS"
"""The key of the application's configuration under which a server finds what to refuse with by itself: by HTTP status,
a content type and a body."""

BASE_PATH = "CODE_CONTRACT_BASE_PATH"
"""The key under which the path before every operation's is."""

STATE, NEGOTIATOR, PLAN_CACHE = "code_contract_state", "code_contract_menu", "code_contract_plain"
"""The keys of the application's extensions under which its State is, the Menu of its contract, and its PlainCalls."""


def create_app(
    contract: Contract | None = None,
    *,
    secret: bytes | None = None,
    seed: str | None = None,
    faults: Sequence[Fault] = (),
    base_path: str | None = None,
    validate: ValidationMode = ValidationMode.DEFAULT,
    admin: bool = True,
    state: State | None = None,
) -> Flask:
    """A Flask application that serves every operation of `contract` (the project's own by default).

    `secret` keys the challenges: whoever knows it knows every answer; drawn at random unless a `seed` is given, which
    makes the whole run repeatable byte for byte. `faults` are switched on for good. `base_path` stands before every
    operation's path, by default that of the contract's first server. `admin` serves /__mock/. A `state` given is that
    of an application before this one, which goes on with it: it has a secret already.
    """
    contract = contract or load()
    state = state or State.new(secret, seed)
    base_path = contract.base_path if base_path is None else base_path
    app = Flask("mock_server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST
    app.config[BASE_PATH] = base_path
    app.extensions[STATE] = state
    app.extensions[NEGOTIATOR] = menu = Negotiator(contract)
    maker = ResponseBuilder(contract, state.secret, state.uuids, faults)
    calls = MockApi(contract, maker, menu, state, validate)
    app.extensions[PLAN_CACHE] = PlainCalls(contract, maker, calls, state, base_path, bool(faults))
    for operation in contract.operations.values():
        app.add_url_rule(
            base_path + re.sub(r"\{([^}]+)\}", r"<\1>", operation.path),
            endpoint=operation.id,
            view_func=calls.view(operation),
            methods=[operation.method],
            provide_automatic_options=True,
        )
    app.config[ERROR_RESPONSES] = _error_responses(contract, maker)
    app.before_request(_start_timer)
    app.after_request(calls.log_request)

    def fail(error: Exception) -> ResponseReturnValue:
        return admin_api.fail(error) if admin and is_admin_path() else calls.handle_error(error)

    app.register_error_handler(Exception, fail)
    _serve_contract(app, contract, base_path)
    if admin:
        app.register_blueprint(admin_api.blueprint(contract, maker, menu, state, base_path))
        app.register_blueprint(swagger_ui(contract))
        if not any(operation.path == "/" for operation in contract.operations.values()):
            app.add_url_rule("/", "home", lambda: redirect(url_for("mock.page")))
    # The origin is echoed, since with credentials `*` would not do (Fetch standard §3.3.5).
    CORS(app, supports_credentials=True, always_send=False, expose_headers=list(EXPOSED_HEADERS), max_age=600)
    return app


def _start_timer() -> None:
    g.began = time.monotonic()


def _error_responses(contract: Contract, maker: ResponseBuilder) -> dict[int, tuple[str, bytes]]:
    """The first example of each error status, written."""
    # A call that reached no operation is refused as the first one would refuse it.
    call = CallContext(next(iter(contract.operations.values())), -1)
    found: dict[int, tuple[str, bytes]] = {}
    for example in contract.examples.values():
        if example.status >= 400 and example.status not in found:
            answer = maker.build_error(call, example)
            found[example.status] = (answer.content_type, answer.body_bytes())
    return found


def _serve_contract(app: Flask, contract: Contract, base_path: str) -> None:
    """/openapi.yaml is the contract as it is written; /openapi.json has no `$ref`, and the path that is served here."""

    # Made when it is first asked for: of a thousand operations it is 28 MB.
    @cache
    def written() -> bytes:
        document = contract.resolved | {"servers": [{"url": base_path or "/"}]}
        return json.dumps(document, ensure_ascii=False).encode()

    def as_written() -> Response:
        return Response(contract.text, content_type="application/yaml; charset=utf-8")

    def as_json() -> Response:
        return Response(written(), content_type="application/json")

    app.add_url_rule("/openapi.yaml", view_func=as_written)
    app.add_url_rule("/openapi.json", view_func=as_json)


__all__ = ["BASE_PATH", "ERROR_RESPONSES", "MAX_REQUEST", "NEGOTIATOR", "PLAN_CACHE", "STATE", "create_app"]
