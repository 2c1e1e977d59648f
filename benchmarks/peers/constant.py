"""A constant response by Flask: a lower bound for a mock that calls Flask for every request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def application() -> Any:
    from a2wsgi import WSGIMiddleware
    from flask import Flask, Response

    body = Path(os.environ["BENCH_BODY"]).read_bytes()
    flask = Flask("constant", static_folder=None)

    @flask.post("/code")
    def code() -> Response:
        return Response(body, content_type="application/json;charset=UTF-8")

    return WSGIMiddleware(flask)
