"""Unusual and hostile documents: every command serves them or ends with one sentence, soon, and opens no connection."""

from __future__ import annotations

import json
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import mock_server
from code_contract import ContractError, load
from code_contract_cli.main import run

MAX_SECONDS = 20

DOCUMENT: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}


def operation(schema: Any = None, example: Any = None, **fields: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": {} if schema is None else schema, "example": example}}
    return {"responses": {"200": {"description": "ok", "content": content}}, **fields}


def document(schema: Any = None, example: Any = None, path: str = "/x", **fields: Any) -> dict[str, Any]:
    return {**DOCUMENT, "paths": {path: {"post": operation(schema, example, **fields)}}}


def with_path(path: str) -> dict[str, Any]:
    return {**DOCUMENT, "paths": {"/x": {"post": operation()}, path: {"post": operation()}}}


def queried(pattern: str) -> dict[str, Any]:
    parameter = {
        "name": "q",
        "in": "query",
        "example": "a" * 40 + "!",
        "schema": {"type": "string", "pattern": pattern},
    }
    return document(parameters=[parameter])


def with_clause(**fields: Any) -> dict[str, Any]:
    clause = {"id": "a-b", "section": "s", "level": "must", "origin": "implied", "text": "It holds."}
    sections = [{"id": "s", "title": "S", "zh": "S"}]
    return {**document(), "x-sections": sections, "x-clauses": [clause | fields]}


SERVED: dict[str, dict[str, Any]] = {
    "schema true": document(True),
    "schema false below": document({"type": "object", "properties": {"a": False, "b": True}, "items": True}, {}),
    "parameter with content": document(parameters=[{"name": "a", "in": "query", "content": {"text/plain": {}}}]),
    "parameter with schema true": document(parameters=[{"name": "a", "in": "query", "schema": True}]),
    "no responses": {**DOCUMENT, "paths": {"/x": {"post": {"operationId": "a"}}}},
    "an id on another host": document({"$id": "http://127.0.0.1:9/x", "type": "object"}, {}),
    "draft 4": document({"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}, {}),
    "many unique items": document({"uniqueItems": True}, [{"a": number} for number in range(6000)]),
    "backtracking in a query": queried("^(a+)+$"),
    "backtracking in names": document({"patternProperties": {"^(a+)+$": {"type": "integer"}}}, {"a" * 40 + "!": 1}),
    "pattern with a named reference": document({"pattern": r"^(?<y>\d{4})-\k<y>$"}, "2020-2020"),
    "pattern with [^]": document({"pattern": "^[^]$"}, "\n"),
    "pattern with []": document({"not": {"pattern": "[]"}}, "x"),
    "pattern with [\\b]": document({"pattern": r"^[\b]\0$"}, "\b\0"),
    "pattern with a lookbehind": document({"pattern": r"(?<=a+)b\u{1F600}\cA"}, "aab\U0001f600\x01"),
    "pattern with a property": document({"pattern": r"^\p{L}+$"}, "é码"),
    "an operation called ''": document(operationId=""),
    "markup in the id": document(operationId="\"'><script>{{a}}</script>"),
    "quotes in the path": document(path="/a\"b'c d/码"),
    "escapes in the path": document(path="/a~1b~0c%2Fd"),
}
REJECTED: dict[str, tuple[dict[str, Any], str]] = {
    "x-success": (document(**{"x-success": True}), "x-success is True; use a schema"),
    "x-content-type": (document(**{"x-content-type": 5}), "x-content-type is 5; use a media type"),
    "x-clauses": ({**document(), "x-clauses": "a"}, "x-clauses is 'a'; use a list"),
    "x-sections": ({**document(), "x-sections": [{"id": [], "title": 5, "zh": {}}]}, "/x-sections/0/id: id of the section is []; use a word"),
    "x-i18n-zh": ({**document(), "info": {**DOCUMENT["info"], "x-i18n-zh": 5}}, "x-i18n-zh is 5; use a mapping"),
    "text of a clause": (with_clause(text=5), "text of the clause 'a-b' is 5; write the requirement"),
    "quotes of a clause": (with_clause(quotes=[5]), "/quotes/0: quotes of the clause 'a-b' is 5; use a list of strings"),
    "schema of a clause": (with_clause(schema=[]), "schema of the clause 'a-b' is []; use a mapping"),
}  # fmt: skip
INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "a dynamic reference": (document({"$dynamicRef": "#node", "$dynamicAnchor": "node"}), "$dynamicRef is '"),
    "a dynamic reference to a host": (document({"$dynamicRef": "http://127.0.0.1:9/x"}), "$dynamicRef is '"),
    "a dialect of another host": ({**document(), "jsonSchemaDialect": "http://127.0.0.1:9/x"}, "jsonSchemaDialect is 'http"),
    "$schema of another host": (document({"$schema": "http://127.0.0.1:9/x"}), "$schema is 'http"),
    "an open brace": (with_path("/a/{b"), "not a valid path template"),
    "a parameter without a name": (with_path("/a/{}"), "not a valid path template"),
    "an invalid pattern": (document({"pattern": "("}), "pattern is '('"),
    "a huge pattern": (document({"pattern": "^((a{100}){100}){100}$"}), "which is not valid"),
    "backtracking in an example": (document({"pattern": "^(a+)+$"}, "a" * 40 + "!"), "violates its schema"),
    "a schema that is null": (document({"properties": {"a": None}}), "is not the object"),
    "an id that is another's method and path": (
        {**DOCUMENT, "paths": {"/x": {"get": operation()}, "/y": {"get": operation(operationId="get /x")}}},
        "the operationId 'get /x' is repeated",
    ),
}  # fmt: skip
UNSERVED: dict[str, tuple[dict[str, Any], str]] = {
    "a path of the admin API": (document(path="/__mock/requests"), "is reserved for the admin API"),
    "a server at the admin API": ({**document(), "servers": [{"url": "/__mock"}]}, "is reserved for the admin API"),
    "a server that is not a URL": (
        {**document(), "servers": [{"url": "http://[::1"}]},
        "is not valid: Invalid IPv6 URL",
    ),
}


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail after MAX_SECONDS, and at a connection to the host that documents name."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        assert address[1] != 9, "a document was fetched"
        connect(self, address)

    def expire(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", guarded)
    if sys.platform == "win32":
        yield
        return
    before = signal.signal(signal.SIGALRM, expire)
    signal.alarm(MAX_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def write(folder: Path, value: dict[str, Any]) -> str:
    path = folder / "openapi.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)


def commands(path: str) -> Iterator[list[str]]:
    yield ["clauses", "--spec", path]
    yield from (["docs", "--spec", path, "--format", form] for form in ("vuepress", "html", "openapi"))
    yield ["diff", path, path]
    yield ["check", "--spec", path, "--samples", "2", "--allow-writes"]


@pytest.mark.parametrize("name", SERVED)
def test_a_document_is_served(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """The commands give results, and the mock responds to its operation as documented."""
    path = write(tmp_path, SERVED[name])
    for command in commands(path):
        assert run(command) in ((0, 1) if command[0] == "check" else (0,)), capsys.readouterr().err
    contract = load(path)
    client = mock_server.create_app(contract).test_client()
    (served,) = contract.operations.values()
    found = client.post(served.path, query_string={"q": "a" * 40 + "!"})
    assert found.status_code == (422 if "query" in name else 200)
    for page in ("/__mock/", "/__mock/options", "/openapi.json", "/openapi.yaml"):
        assert client.get(page).status_code == 200


@pytest.mark.parametrize("name", REJECTED)
def test_a_document_is_rejected_by_every_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """The status is 2, and one sentence names the document and the problem."""
    value, problem = REJECTED[name]
    path = write(tmp_path, value)
    for command in (*commands(path), ["mock", "--spec", path, "--port", "0"]):
        assert run(command) == 2
        message = capsys.readouterr().err
        assert message.startswith(f"code-contract: {path}: ")
        assert problem in message
        assert message.count("\n") == 1


@pytest.mark.parametrize("name", INVALID)
def test_a_document_that_violates_openapi_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """A warning names the problem; with --strict-spec the status is 2."""
    value, problem = INVALID[name]
    path = write(tmp_path, value)
    for command in commands(path):
        assert run(command) in ((0, 1) if command[0] == "check" else (0,)), capsys.readouterr().err
        warnings = capsys.readouterr().err
        if command[0] != "diff":
            assert warnings.startswith("code-contract: warning: /")
            assert problem in warnings
            assert run([*command, "--strict-spec"]) == 2
            assert problem in capsys.readouterr().err
    mock_server.create_app(load(path))


@pytest.mark.parametrize(
    "parts", [{"paths": {}}, {"webhooks": {"a": {"post": operation()}}}], ids=["paths", "webhooks"]
)
def test_a_document_without_operations_checks_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], parts: dict[str, Any]
) -> None:
    """It passes nothing, and the mock has 404 for every path."""
    path = write(tmp_path, {**DOCUMENT, **parts})
    for command in commands(path):
        assert run(command) == (3 if command[0] == "check" else 0), capsys.readouterr().err
    assert mock_server.create_app(load(path)).test_client().get("/a").status_code == 404


@pytest.mark.parametrize("name", UNSERVED)
def test_a_document_is_rejected_by_the_mock(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Other commands can use it."""
    value, problem = UNSERVED[name]
    path = write(tmp_path, value)
    for command in (["mock", "--spec", path, "--port", "0"], ["check", "--spec", path]):
        assert run(command) == 2
        assert problem in capsys.readouterr().err
    for command in list(commands(path))[:-1]:
        assert run(command) == 0, capsys.readouterr().err
    with pytest.raises(ContractError):
        mock_server.create_app(load(path))


@pytest.mark.parametrize("text", ["<b>", "<int:b>", "a|b", "<b>/{c}|<d>"])
def test_characters_of_the_router_have_no_meaning(tmp_path: Path, text: str) -> None:
    """A path is matched as written, and its parameters get what was sent."""
    name = {"name": "c", "in": "path", "required": True, "schema": {"type": "string", "enum": ["<1|"]}}
    value = document({}, 1, path=f"/{text}", parameters=[name] if "{" in text else [])
    client = mock_server.create_app(load(write(tmp_path, value))).test_client()
    assert client.post(f"/{text}".replace("{c}", "<1|")).status_code == 200
    assert client.post("/1").status_code == 404


@pytest.mark.parametrize("info", [None, {}, []])
def test_a_document_without_info_has_every_report(tmp_path: Path, info: object) -> None:
    """`info` may be absent or invalid; the name of the file is the title."""
    value = document({"type": "string"}, "x")
    path = write(tmp_path, {key: each for key, each in {**value, "info": info}.items() if each is not None})
    reports = [tmp_path / f"report.{suffix}" for suffix in ("html", "md", "json", "xml")]
    with mock_server.running(contract=load(path)) as mock:
        arguments = [part for report in reports for part in ("--report", str(report))]
        assert run(["check", mock.base_url, "--spec", path, "--samples", "2", "--allow-writes", *arguments]) == 0
    assert [each for each in reports if not each.exists()] == []
