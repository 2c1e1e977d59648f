"""Routing: the operation of a request, for the paths that documents have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.core.mock import Mock
from tests.mock_server.adapters import Adapter
from tests.mock_server.documents import ask, mock_of


def mock(folder: Path, paths: dict[str, dict[str, Any]], **further: Any) -> Mock:
    """A mock whose operations respond with their path and method."""
    operations = {
        path: {
            method: {
                "responses": {
                    "200": {"description": "ok", "content": {"application/json": {"example": f"{method} {path}"}}}
                },
                **operation,
            }
            for method, operation in item.items()
        }
        for path, item in paths.items()
    }
    return mock_of(folder, operations, **further)


def reached(target: Mock, path: str, method: str = "GET") -> Any:
    """The path of the operation that a request reaches, or the status."""
    reply = ask(target, method, path)
    return json.loads(reply.body).partition(" ")[2] if reply.status == 200 and reply.body else reply.status


PATHS = (
    *("/a/{b}", "/a/c", "/{x}/c/d", "/a/{b}/d", "/x:{verb}", "/x", "/x.{format}", "/x/{id}", "/files/{name}.{ext}"),
    *("/files/{name}", "/pets/{pet-id}/", "/test path > with | unsafe % characters", "/é/{ü}", "/range/{from}-{to}"),
)
REACHED = {
    "/a/1": "/a/{b}",
    "/a/c": "/a/c",
    "/a/c/d": "/a/{b}/d",
    "/b/c/d": "/{x}/c/d",
    "/a/": 404,
    "/a": 404,
    "/a/c/": 404,
    "/a//d": 404,
    "/x:run": "/x:{verb}",
    "/x": "/x",
    "/x.json": "/x.{format}",
    "/x.tar.gz": "/x.{format}",
    "/x/1": "/x/{id}",
    "/files/a.b.c": "/files/{name}.{ext}",
    "/files/a": "/files/{name}",
    "/files/a%2Fb": "/files/{name}",
    "/files/%2e%2E": "/files/{name}",
    "/pets/1/": "/pets/{pet-id}/",
    "/pets/1": 404,
    "/test%20path%20%3E%20with%20%7C%20unsafe%20%25%20characters": "/test path > with | unsafe % characters",
    "/%C3%A9/1": "/é/{ü}",
    "/range/1-5": "/range/{from}-{to}",
    "/range/15": 404,
    "/A/c": 404,
    "/": 404,
    "//": 404,
    "/a%2Fc": 404,
}


@pytest.mark.parametrize("path", REACHED)
def test_a_path_reaches_its_operation(tmp_path: Path, path: str) -> None:
    """Literal segments come before templated ones (OpenAPI 3.1 §4.8.8.2); an encoded slash separates nothing."""
    assert reached(mock(tmp_path, {each: {"get": {}} for each in PATHS}), path) == REACHED[path]


def test_the_order_of_paths_does_not_matter(tmp_path: Path) -> None:
    """The more specific template is found wherever it stands."""
    target = mock(tmp_path, {each: {"get": {}} for each in reversed(PATHS)})
    assert {path: reached(target, path) for path in REACHED} == REACHED


def test_values_are_decoded(tmp_path: Path) -> None:
    """A value with an encoded slash is validated decoded, and masked in the journal if it is a secret."""
    parameter = {"name": "token", "in": "path", "required": True, "schema": {"const": "a/b é"}}
    target = mock(tmp_path, {"/t/{token}": {"get": {"parameters": [parameter]}}})
    assert reached(target, "/t/a%2Fb%20%C3%A9") == "/t/{token}"
    assert target.state.journal.entries()[0].path == "/t/***"
    assert reached(target, "/t/a%2fc") == 422


def test_methods_of_a_path(tmp_path: Path) -> None:
    """Templates that differ in the names of their parameters are one path; HEAD is served with GET."""
    target = mock(tmp_path, {"/a/{b}": {"get": {}, "delete": {}}, "/a/{c}": {"post": {}}})
    assert reached(target, "/a/1", "POST") == "/a/{c}"
    assert ask(target, "HEAD", "/a/1").status == 200
    reply = ask(target, "PUT", "/a/1")
    assert (reply.status, reply.headers["Allow"]) == (405, "DELETE, GET, HEAD, POST")
    assert ask(target, "OPTIONS", "/a/1").headers["Allow"] == "DELETE, GET, HEAD, POST"


def test_a_documented_head_and_options(tmp_path: Path) -> None:
    """They are operations as any other."""
    target = mock(tmp_path, {"/a": {"options": {}, "head": {"responses": {"204": {"description": "no"}}}}})
    assert ask(target, "HEAD", "/a").status == 204
    assert ask(target, "OPTIONS", "/a").body == b'"options /a"'


def test_parameters_of_a_path(tmp_path: Path) -> None:
    """They belong to each of its operations, which may override them."""
    shared = {"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}
    item = {
        "parameters": [shared],
        "get": {"responses": {"200": {"description": "ok"}}},
        "put": {"parameters": [{**shared, "required": False}], "responses": {"200": {"description": "ok"}}},
    }
    target = mock_of(tmp_path, {"/a": item})
    assert [ask(target, method, "/a").status for method in ("GET", "PUT")] == [422, 200]


SERVERS: dict[str, tuple[list[dict[str, Any]], str, Any]] = {
    "none": ([], "/a", "/a"),
    "a path": ([{"url": "https://api.test/v1/"}], "/v1/a", "/a"),
    "outside of the path": ([{"url": "https://api.test/v1"}], "/a", 404),
    "a variable": ([{"url": "/{stage}", "variables": {"stage": {"default": "test"}}}], "/test/a", "/a"),
    "several servers": ([{"url": "/v1"}, {"url": "https://b.test/v2"}], "/v2/a", "/a"),
    "relative": ([{"url": "./v1"}], "/v1/a", "/a"),
}


@pytest.mark.parametrize(("servers", "path", "expected"), SERVERS.values(), ids=SERVERS)
def test_the_paths_of_servers(tmp_path: Path, servers: list[dict[str, Any]], path: str, expected: Any) -> None:
    """Operations are below the path of every server, variables at their defaults."""
    assert reached(mock(tmp_path, {"/a": {"get": {}}}, servers=servers), path) == expected


def test_the_servers_of_a_path_and_an_operation(tmp_path: Path) -> None:
    """Their paths are prefixes too."""
    operation = {"servers": [{"url": "https://c.test/v3"}], "responses": {"200": {"description": "ok"}}}
    target = mock_of(tmp_path, {"/a": {"servers": [{"url": "/v2"}], "get": operation}}, servers=[{"url": "/v1"}])
    assert [ask(target, "GET", f"/v{number}/a").status for number in (1, 2, 3, 4)] == [200, 200, 200, 404]


def test_a_document_without_operations(tmp_path: Path) -> None:
    """It is served; nothing is found."""
    target = mock_of(tmp_path, {})
    for method, path in (("GET", "/"), ("POST", "/a"), ("GET", "/a?__code=200"), ("GET", "/a?__fault=gzip")):
        reply = ask(target, method, path)
        assert (reply.status, json.loads(reply.body)["title"]) == (404, "Not Found")
    assert ask(target, "OPTIONS", "/a").status == 204


def test_an_encoded_slash_reaches_the_mock(serve: Callable[..., Adapter], tmp_path: Path) -> None:
    """Both adapters hand over the path as it was sent."""
    paths = {"/files/{name}": {"get": {"responses": {"200": {"description": "ok"}}}}}
    target = serve(mock_of(tmp_path, paths).contract)
    assert target.send("GET", "/files/a%2Fb").status == 200
    assert target.send("GET", "/files/a/b").status == 404
