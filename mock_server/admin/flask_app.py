"""The Flask application around a mock: the adapter for WSGI, the admin API and its page, and the contract itself."""

from __future__ import annotations

import json
import time
from functools import cache
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, RequestEntityTooLarge
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Request

from mock_server.admin import ADMIN_PREFIX, CONTRACT_PATHS, is_flask_path, require_no_collision
from mock_server.admin import api as admin_api
from mock_server.admin.access import AccessPolicy
from mock_server.admin.downloads import base_url
from mock_server.core.cors import cors_headers
from mock_server.core.delivery import Delivery
from mock_server.core.mock import Mock
from mock_server.core.parsed_request import query_of
from mock_server.core.unrouted import MAX_BODY_SIZE
from mock_server.observability.journal import JournalEntry, cut
from mock_server.reasons import Reason


def flask_app(mock: Mock, *, admin: bool = True, access: AccessPolicy | None = None) -> Flask:
    """Create a Flask application around a mock.

    Args:
        mock: The mock, which responds wherever `is_flask_path` is false.
        admin: True to serve the admin API and its page.
        access: The hosts and origins that may use what Flask serves; loopback names by default.

    Raises:
        ContractError: An operation has a path of the admin API.
    """
    require_no_collision(mock, admin)
    policy = access or AccessPolicy()
    app = Flask("mock_server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_SIZE

    @app.before_request
    def respond() -> ResponseReturnValue | None:
        if is_flask_path(mock, request.path, admin):
            refusal = policy.refusal(request.method, request.headers)
            if refusal is not None:
                mock.state.notify(_refused(mock, refusal))
                raise Forbidden(refusal)
            found = request.routing_exception
            # Its Location would be absolute, with the scheme and the host that the client names.
            return redirect(_relative(found.new_url), found.code) if isinstance(found, RequestRedirect) else None
        try:
            body: bytes | None = request.get_data(cache=False)
        except RequestEntityTooLarge:
            body = None
        # Flask's own object is a proxy, the same one for every request.
        return _send(mock.decide(Request(request.environ), body))

    @app.after_request
    def add_security_headers(response: Response) -> Response:
        if is_flask_path(mock, request.path, admin):
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
            if policy.refusal(request.method, request.headers) is None:
                response.headers.extend(cors_headers(request.method, {k.lower(): v for k, v in request.headers}))
        return response

    app.register_error_handler(Exception, admin_api.fail)
    _serve_contract(app, mock)
    if admin:
        app.register_blueprint(admin_api.blueprint(mock))
        app.add_url_rule("/", "home", lambda: redirect(f"{ADMIN_PREFIX.lstrip('/')}/"))
    return app


def _refused(mock: Mock, reason: Reason) -> JournalEntry:
    """The current request as an entry for the log. The journal has the requests of the app alone, and number from 1."""
    redactor = mock.redactor
    entry = JournalEntry(
        number=0,
        answered=time.time(),
        client="",
        method=request.method,
        path=redactor.path(request.path),
        query=redactor.query(query_of(request).items(multi=True)),
        headers=redactor.pairs(request.headers),
        body="",
        operation=None,
        status=Forbidden.code,
        outcome=Reason("access-refused", reason=reason.mapped(redactor.text)),
        uuid="",
        violations=[],
        milliseconds=0.0,
    )
    return cut(entry)


def _relative(url: str) -> str:
    """A URL as a reference from the path of the request, whose prefix a proxy may have removed."""
    found = urlsplit(url)._replace(scheme="", netloc="")
    if found.path == f"{request.path}/":
        found = found._replace(path=f"{request.path.rpartition('/')[2]}/")
    return found.geturl()


def _send(delivery: Delivery) -> Response:
    response = delivery.response
    if response.delay:
        # The core limits it to MAX_DELAY_SECONDS.
        time.sleep(response.delay)
    delivery.sent()
    # A list, since bytes would replace a Content-Length that a fault has set.
    sent = Response([response.body], status=response.status, headers=response.headers)
    if all(name != "Content-Type" for name, _ in response.headers):
        del sent.headers["Content-Type"]
    return sent


def _serve_contract(app: Flask, mock: Mock) -> None:
    """Serves the contract as it is written, and as JSON with the URL of this mock."""

    # On the first request: a document may have many MB.
    @cache
    def without_end() -> str:
        document = {name: each for name, each in mock.contract.document.items() if name != "servers"}
        return json.dumps(document, ensure_ascii=False).removesuffix("}")

    def as_written() -> Response:
        source = mock.contract.source
        # JSON is YAML too.
        text = json.dumps(source.document, ensure_ascii=False) if source.is_changed else source.text
        return Response(text, content_type="application/yaml; charset=utf-8")

    def as_json() -> Response:
        servers = json.dumps([{"url": base_url(mock)}])
        return Response(f'{without_end()}, "servers": {servers}}}', content_type="application/json")

    for path, view in zip(CONTRACT_PATHS, (as_written, as_json), strict=True):
        app.add_url_rule(path, view_func=view)
