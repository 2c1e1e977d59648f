"""Mocks of documents, in process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from requests.structures import CaseInsensitiveDict
from werkzeug.datastructures import Headers

from code_contract import load
from mock_server.core.mock import Mock
from mock_server.core.parsed_request import RawPathRequest
from tests.mock_server.adapters import Reply


def mock_of(folder: Path, paths: Mapping[str, Any], settings: Mapping[str, Any] = {}, **further: Any) -> Mock:
    """A mock with these settings of a document with these paths and further keys, which is written to a folder."""
    document = {"openapi": "3.2.0", "info": {"title": "T", "version": "1"}, "paths": paths, **further}
    file = folder / "openapi.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return Mock(load(file), seed="test", **settings)


def ask(mock: Mock, method: str, target: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> Reply:
    """The response of a mock to a request, whose target is encoded."""
    path, _, query = target.partition("?")
    encoded = query.encode("latin-1")
    request = RawPathRequest(method, "http", None, "", unquote(path), encoded, Headers(dict(headers)), None)
    request.raw_path = path
    found = mock.respond(request, body)
    assert len(dict(found.headers)) == len(found.headers), f"a header is repeated: {found.headers}"
    return Reply(found.status, CaseInsensitiveDict(found.headers), found.body)


def value(found: Reply) -> Any:
    """The JSON of a successful response."""
    assert found.status == 200, (found.status, found.headers)
    return json.loads(found.body)
