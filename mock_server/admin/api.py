"""The routes of the admin API under /__mock/, described by openapi.yaml in this folder."""

from __future__ import annotations

import logging
import time
from functools import cache
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from mock_server.admin import ADMIN_PREFIX
from mock_server.admin.bodies import MAX_ADMIN_BODY, AdminResponse, BodyReader, BodyRefusedError, body_too_large, error
from mock_server.admin.challenge_api import add_challenges
from mock_server.admin.document import resolved_document
from mock_server.admin.downloads import add_downloads
from mock_server.admin.event_stream import InvalidQueryError
from mock_server.admin.journal_api import add_journal
from mock_server.admin.options import describe_options, option_names
from mock_server.admin.ui import add_pages
from mock_server.core.behaviours import CLIENT_HEADER, MAX_CLIENT_ID_LENGTH, Behaviour, client_id
from mock_server.core.mock import Mock
from mock_server.core.preferences import UnsatisfiablePreferenceError
from mock_server.core.state import State

log = logging.getLogger("mock_server")


def blueprint(mock: Mock) -> Blueprint:
    """Return the admin API and the page of a mock."""
    admin = Blueprint("mock", __name__, url_prefix=ADMIN_PREFIX)
    contract, state = mock.contract, mock.state
    names = option_names(contract)

    @cache
    def options() -> dict[str, Any]:
        return describe_options(contract, mock.base_path)

    # On the first request, so that the mock starts sooner.
    @cache
    def document() -> dict[str, Any]:
        return resolved_document(names)

    bodies = BodyReader(document)

    @cache
    def max_steps() -> int:
        branches = bodies.schemas()["Behaviour"]["oneOf"]
        return next(int(each["properties"]["sequence"]["maxItems"]) for each in branches if each["title"] == "Sequence")

    @admin.before_request
    def check_sizes() -> AdminResponse | None:
        length = len(request.headers.get(CLIENT_HEADER, ""))
        if length > MAX_CLIENT_ID_LENGTH:
            return error(f"{CLIENT_HEADER} has {length} characters; use at most {MAX_CLIENT_ID_LENGTH}", 400)
        request.max_content_length = MAX_ADMIN_BODY
        return body_too_large() if (request.content_length or 0) > MAX_ADMIN_BODY else None

    @admin.get("/health")
    def health() -> AdminResponse:
        uptime = round(time.monotonic() - state.started, 3)
        return jsonify(
            status="ok", title=contract.title, version=contract.version, uptime=uptime, problem=state.reload_error
        )

    @admin.get("/options")
    def list_options() -> AdminResponse:
        return jsonify(options() | {"check": state.check_journal is not None})

    @admin.get("/operation")
    def operation() -> AdminResponse:
        # It generates values, which nothing else of the admin API needs.
        from mock_server.admin.operation_details import describe_details

        name = request.args.get("id", "")
        found = contract.operations.get(name)
        if found is None:
            return error(f"unknown operation {name[:60]!r}; {ADMIN_PREFIX}/options lists all", 404)
        return jsonify(describe_details(mock, found))

    add_challenges(admin, mock, bodies)
    add_journal(admin, mock, bodies)

    @admin.get("/behaviour")
    def behaviour() -> AdminResponse:
        return _current_behaviour(state)

    @admin.put("/behaviour")
    def set_behaviour() -> AdminResponse:
        source = bodies.read('a behaviour such as {"scenario": "refused"}')
        # Before the schema, which would collect the errors of every step.
        steps = source.get("sequence") if isinstance(source, dict) else None
        if isinstance(steps, list) and len(steps) > max_steps():
            return error(f"the sequence has {len(steps)} steps; use at most {max_steps()}", 400)
        sentence = bodies.violation(source, "Behaviour")
        if sentence:
            return error(sentence, 400)
        try:
            state.behaviours.put(_client(), Behaviour.from_json(source, mock.negotiator))
        except UnsatisfiablePreferenceError as reason:
            return error(str(reason), 400)
        return _current_behaviour(state)

    @admin.delete("/behaviour")
    def clear_behaviour() -> AdminResponse:
        state.behaviours.clear(_client() or None)
        return "", 204

    @admin.get("/metrics")
    def metrics() -> AdminResponse:
        return Response(state.metrics.render(), content_type=state.metrics.content_type)

    @admin.get("/openapi.json")
    def openapi() -> AdminResponse:
        return jsonify(document())

    add_downloads(admin, mock)
    add_pages(admin, contract, mock.base_path)
    return admin


def fail(raised: Exception) -> AdminResponse:
    """Return the response to a request of the admin API that raised an error: the schema `Error`.

    Args:
        raised: An HTTP error of Flask, or an unexpected error, which is logged.
    """
    if isinstance(raised, BodyRefusedError):
        return raised.response
    if isinstance(raised, InvalidQueryError):
        return error(str(raised), 400)
    if not isinstance(raised, HTTPException):
        log.error("%s %r failed", request.method, request.path, exc_info=raised)
        return error("the mock failed; see its log", 500)
    allowed = sorted(getattr(raised, "valid_methods", None) or ())
    if allowed:
        response = jsonify(error=f"{request.path[:100]} accepts {', '.join(allowed)}, not {request.method[:20]}")
        response.headers["Allow"] = ", ".join(allowed)
        return response, raised.code or 500
    if raised.code == 404:
        return error(f"{request.path[:100]} does not exist; see {ADMIN_PREFIX}/docs/", 404)
    return error(raised.description or raised.name, raised.code or 500)


def _client() -> str:
    return client_id(request.headers, request.args)


def _current_behaviour(state: State) -> AdminResponse:
    source, left = state.behaviours.get(_client())
    return jsonify(behaviour=source, left=left)
