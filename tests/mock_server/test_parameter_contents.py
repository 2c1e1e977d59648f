"""Parameters that are not read by a style: with `content`, the whole query string, and those that OpenAPI ignores."""

from __future__ import annotations

from pathlib import Path

from tests.mock_server.documents import ask
from tests.mock_server.test_parameter_styles import mock, send


def test_json_in_a_parameter(tmp_path: Path) -> None:
    """`content` serializes the value by its media type, in every location."""
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    for location, valid, invalid in (
        ("query", "color=%7B%22a%22%3A1%7D", "color=%7B%22a%22%3A%22x%22%7D"),
        ("query", "color={%22a%22:1}", "color={a}"),
        ("header", '{"a": 1}', "{}"),
        ("path", "%7B%22a%22:1%7D", "x"),
    ):
        described = {
            "name": "color",
            "in": location,
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
        assert send(tmp_path, described, valid) == 200
        assert send(tmp_path, described, invalid) == 422


def test_the_whole_query_string(tmp_path: Path) -> None:
    """OpenAPI 3.2 has a parameter for it, which is a form or JSON."""
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    for media_type, valid, invalid in (
        ("application/x-www-form-urlencoded", "a=1&b=2", "a=x"),
        ("application/json", "%7B%22a%22%3A1%7D", "%7B%7D"),
    ):
        described = {"name": "all", "in": "querystring", "required": True, "content": {media_type: {"schema": schema}}}
        target = mock(tmp_path, [described])
        assert ask(target, "GET", f"/a?{valid}").status == 200
        assert ask(target, "GET", f"/a?{invalid}").status == 422
        assert ask(target, "GET", "/a").status == 422


def test_headers_that_openapi_ignores(tmp_path: Path) -> None:
    """Parameters named Accept, Content-Type and Authorization are described elsewhere (§4.8.12.1)."""
    described = [
        {"name": name, "in": "header", "required": True, "schema": {"type": "integer"}}
        for name in ("Accept", "Content-Type", "authorization")
    ]
    assert ask(mock(tmp_path, described), "GET", "/a").status == 200
