"""One answer of the mock as a constant, by Flask and by no framework at all: what a mock could cost at the least.

What needs a package is a factory: of each virtual environment that has this on its path, only one has a2wsgi.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
TYPE = "application/json;charset=UTF-8"


def wsgi(environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", TYPE), ("Content-Length", str(len(BODY)))])
    return [BODY]


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", TYPE.encode()), (b"content-length", b"%d" % len(BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


def flask() -> Any:
    from flask import Flask, Response

    application = Flask("constant", static_folder=None)

    @application.post("/code")
    def code() -> Response:
        return Response(BODY, content_type=TYPE)

    return application


def flask_on_asgi() -> Any:
    from a2wsgi import WSGIMiddleware

    return WSGIMiddleware(flask())


def wsgi_on_asgi() -> Any:
    from a2wsgi import WSGIMiddleware

    return WSGIMiddleware(wsgi)
