"""Mocks of documents, in process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from requests.structures import CaseInsensitiveDict
from werkzeug.datastructures import Headers
from werkzeug.sansio.request import Request

from mock_server.core.mock import Mock
from tests.mock_server.adapters import Reply


def ask(mock: Mock, method: str, target: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> Reply:
    """The response of a mock to a request."""
    path, _, query = target.partition("?")
    request = Request(method, "http", ("localhost", 80), "", path, query.encode(), Headers(dict(headers)), None)
    found = mock.respond(request, body)
    assert len(dict(found.headers)) == len(found.headers), f"a header is repeated: {found.headers}"
    return Reply(found.status, CaseInsensitiveDict(found.headers), found.body)


def value(found: Reply) -> Any:
    """The JSON of a successful response."""
    assert found.status == 200, (found.status, found.headers)
    return json.loads(found.body)
