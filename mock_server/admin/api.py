"""The admin API under /__mock/, described by admin.yaml: it steers the mock and tells what it knows."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from flask import Blueprint, Response, jsonify, request
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from werkzeug.exceptions import HTTPException

from code_contract import Contract, refs
from mock_server.admin import ADMIN_PREFIX
from mock_server.admin.ui import add_page
from mock_server.core.behaviours import CLIENT_HEADER, MAX_CLIENT_ID_LENGTH, Behaviour, client_id
from mock_server.core.builder import ResponseBuilder
from mock_server.core.negotiation import DEFAULT_SCENARIO, Negotiator
from mock_server.core.preferences import UnsatisfiablePreferenceError
from mock_server.core.state import State
from mock_server.faults import FAULTS
from mock_server.response import CHALLENGE_PICTURE, CHALLENGE_UUID, data_uri

LONGEST_ID = 200
"""Characters of an id that can be asked about."""
MAX_ENTRY_ID = 1_000_000_000
"""Of an entry that can be asked about."""

log = logging.getLogger("mock_server")

AdminResponse = Response | tuple[Response | str, int]


def blueprint(contract: Contract, maker: ResponseBuilder, menu: Negotiator, state: State, base_path: str) -> Blueprint:
    """The routes of the admin API, over a running mock."""
    admin = Blueprint("mock", __name__, url_prefix=ADMIN_PREFIX)
    names = {
        "scenarios": [*contract.scenarios, DEFAULT_SCENARIO],
        "examples": list(contract.examples),
        "faults": list(FAULTS),
    }
    options = _options(contract, base_path)

    # Made when it is first asked for: a mock should not start later for it.
    @cache
    def document() -> dict[str, Any]:
        return _document(names)

    @cache
    def behaviours() -> Draft202012Validator:
        return Draft202012Validator(document()["components"]["schemas"]["Behaviour"])

    @admin.before_request
    def refuse_long_names() -> AdminResponse | None:
        name = request.headers.get(CLIENT_HEADER, "")
        if len(name) <= MAX_CLIENT_ID_LENGTH:
            return None
        return _refused(f"{CLIENT_HEADER} has {len(name)} characters; name one of {MAX_CLIENT_ID_LENGTH} at most", 400)

    @admin.get("/health")
    def health() -> AdminResponse:
        uptime = round(time.monotonic() - state.started, 3)
        return jsonify(
            status="ok", title=contract.title, version=contract.version, uptime=uptime, problem=state.reload_error
        )

    @admin.get("/options")
    def list_options() -> AdminResponse:
        return jsonify(options)

    @admin.get("/challenges/last")
    def last_challenge() -> AdminResponse:
        uuid = state.journal.last_uuid(client())
        return _challenge(maker, uuid) if uuid else _refused("no captcha was given yet; ask for one first", 404)

    @admin.get("/challenges/<uuid>")
    def challenge(uuid: str) -> AdminResponse:
        if len(uuid) > LONGEST_ID:
            return _refused(f"the id has {len(uuid)} characters; ask for one of {LONGEST_ID} at most", 400)
        return _challenge(maker, uuid)

    @admin.get("/requests")
    def requests() -> AdminResponse:
        after = request.args.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= 10 and int(after) <= MAX_ENTRY_ID):
            return _refused(f"after={after[:40]!r} is no number of an entry; write one, as in after=12", 400)
        return jsonify(requests=[entry.as_json() for entry in state.journal.entries(client(), int(after))])

    @admin.delete("/requests")
    def clear_requests() -> AdminResponse:
        state.journal.clear(client())
        return "", 204

    @admin.get("/behaviour")
    def behaviour() -> AdminResponse:
        return _current_behaviour(state)

    @admin.put("/behaviour")
    def set_behaviour() -> AdminResponse:
        if request.mimetype != "application/json":
            return _refused(f"the body is {request.mimetype or 'of no media type'}; send application/json", 415)
        try:
            words = json.loads(request.get_data())
        except (ValueError, RecursionError):
            return _refused('the body is no JSON; send a behaviour, as in {"scenario": "refused"}', 400)
        error = best_match(behaviours().iter_errors(words))
        if error is not None:
            return _refused(
                _unknown_name(words, names) or f"{error.json_path}: {error.message[:200]}; see {ADMIN_PREFIX}/docs/",
                400,
            )
        try:
            state.behaviours.put(client(), Behaviour.from_json(words, menu))
        except UnsatisfiablePreferenceError as reason:
            return _refused(str(reason), 400)
        return _current_behaviour(state)

    @admin.delete("/behaviour")
    def clear_behaviour() -> AdminResponse:
        state.behaviours.clear(client() or None)
        return "", 204

    @admin.get("/metrics")
    def metrics() -> AdminResponse:
        return Response(state.metrics.render(), content_type=state.metrics.content_type)

    @admin.get("/openapi.json")
    def openapi() -> AdminResponse:
        return jsonify(document())

    add_page(admin, contract)
    return admin


def fail(error: Exception) -> AdminResponse:
    """Answers whatever goes wrong there: a sentence as JSON, as admin.yaml says."""
    if not isinstance(error, HTTPException):
        log.error("%s %r failed", request.method, request.path, exc_info=error)
        return _refused("the mock failed; its log says why", 500)
    allowed = sorted(getattr(error, "valid_methods", None) or ())
    if allowed:
        sentence = f"{request.path[:100]} takes {', '.join(allowed)}"
    elif error.code == 404:
        sentence = f"there is nothing at {request.path[:100]}; see {ADMIN_PREFIX}/docs/"
    else:
        sentence = error.description or error.name
    response = jsonify(error=sentence)
    if allowed:
        response.headers["Allow"] = ", ".join(allowed)
    return response, error.code or 500


def client() -> str:
    """Return the client that the request names."""
    return client_id(request.headers, request.args)


def _refused(sentence: str, status: int) -> AdminResponse:
    return jsonify(error=sentence), status


def _challenge(maker: ResponseBuilder, uuid: str) -> AdminResponse:
    found = maker.challenge(uuid)
    if found is None:
        return _refused("no operation of the contract gives captchas", 404)
    challenge, png = found
    return jsonify(uuid=uuid, question=challenge.question, answer=challenge.answer, picture=data_uri(png))


def _current_behaviour(state: State) -> AdminResponse:
    words, left = state.behaviours.get(client())
    return jsonify(behaviour=words, left=left)


def _unknown_name(words: Any, names: Mapping[str, list[str]]) -> str:
    """The unknown name in a behaviour, if that is what is wrong: a schema's own words would list them all."""
    steps = words.get("sequence", [words]) if isinstance(words, dict) else []
    for step in steps if isinstance(steps, list) else []:
        asked = step if isinstance(step, dict) else {"scenario": step}
        for kind, known in names.items():
            name = asked.get(kind.removesuffix("s"))
            if isinstance(name, str) and name not in known:
                return f"unknown {kind.removesuffix('s')} {name[:60]!r}; {ADMIN_PREFIX}/options lists all"
    return ""


def _document(names: Mapping[str, list[str]]) -> dict[str, Any]:
    """admin.yaml without `$ref`, the names put in."""
    text = files("mock_server").joinpath("admin", "openapi.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    for schema in document["components"]["schemas"].values():
        if "x-names" in schema:
            schema["enum"] = names[schema["x-names"]]
    return refs.resolve(document, Path("openapi.yaml"))


def _options(contract: Contract, base_path: str) -> dict[str, Any]:
    operations = []
    for operation in contract.operations.values():
        places = {kind: list(place) for place, kind in operation.mock_fields.items()}
        headers = {p.name: str(p.example) for p in operation.parameters if p.location == "header" and p.example}
        if operation.content_type:
            headers["Content-Type"] = operation.content_type
        operations.append(
            {
                "id": operation.id,
                "method": operation.method,
                "path": base_path + operation.path,
                "summary": operation.summary,
                "headers": headers,
                "picture": places.get(CHALLENGE_PICTURE),
                "uuid": places.get(CHALLENGE_UUID),
            }
        )
    honest = {"name": DEFAULT_SCENARIO, "summary": "Nothing is wrong.", "zh": "正常"}
    scenarios = [{"name": s.name, "summary": s.summary, "zh": s.zh} for s in contract.scenarios.values()]
    return {
        "title": contract.title,
        "version": contract.version,
        "operations": operations,
        "scenarios": [honest, *scenarios],
        "examples": [{"name": e.name, "summary": e.summary, "status": e.status} for e in contract.examples.values()],
        "faults": [{"name": f.name, "text": f.text, "breaks": f.breaks} for f in FAULTS.values()],
    }
