"""Documents that would loop, explode or collide: one sentence or correct service, never a traceback or a hang."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import mock_server
from code_contract import ContractError, load, patterns
from tests.code_contract.documents import HEAD, A, aliases, component, document, doubling

REJECTED = {
    "a reference to itself": (document(A, component(A)), "leads back to itself"),
    "two references in a circle": (document(A, component("{$ref: '#/components/schemas/B'}")), "leads back to itself"),
    "a circle in allOf": (document(A, component(f"{{allOf: [{A}]}}")), "leads back to itself"),
    "doubling 25 times": (doubling(25), "schemas apply to one value"),
    "doubling 200 times": (doubling(200), "schemas apply to one value"),
    "another host": (document("{$ref: 'http://127.0.0.1:9/x'}"), "points outside the folder of this document"),
    "another file": (document("{$ref: '../x.yaml'}"), "points outside the folder of this document"),
    "no info": (document().replace("info: {title: T, version: '1'}\n", ""), "'info' is a required property"),
    "nothing": ("", "is not a mapping"),
    "a list": ("- a\n", "is not a mapping"),
    "no paths": (HEAD + "paths: null\n", "None is not the object that OpenAPI expects here"),
    "a number as a path": (HEAD + "paths: {1: {}}\n", "is not a string"),
    "an alias in itself": (HEAD + "x-a: &a [*a]\n", "contains itself"),
    "aliases that double": (HEAD + aliases(30), "YAML aliases stand for more than 100000 nodes"),
    "OpenAPI 2": ("swagger: '2.0'\ninfo: {title: T, version: '1'}\npaths: {}\n", "swagger2openapi"),
    "nested 3000 deep": (document("{not: " * 3000 + "{}" + "}" * 3000), "nest"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_a_document_is_rejected_in_one_sentence(tmp_path: Path, name: str) -> None:
    """The sentence names the problem, and it takes seconds at most."""
    text, problem = REJECTED[name]
    path = tmp_path / "openapi.yaml"
    path.write_text(text, encoding="utf-8")
    begun = time.monotonic()
    with pytest.raises(ContractError) as caught:
        load(path, strict=True)
    assert problem in str(caught.value).replace('"', "'")
    assert time.monotonic() - begun < 10


PATTERNS = (r"^\p{L}+$", "^(?<y>a+)b$", "^[^]+$", r"^\cA*a+b$", "(?<=a*)b", r"^\u{61}+b$", "^(a+)+$")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_of_ecma_262_is_no_crash(tmp_path: Path, pattern: str) -> None:
    """A pattern that Python does not know, or that backtracks for ever, is a sentence or is served."""
    path = tmp_path / "openapi.json"
    long = {"type": "string", "pattern": pattern}
    schema = json.dumps(long)
    text = document(schema).replace("example: 'aab'", f"example: {'a' * 40}!")
    path.write_text(text, encoding="utf-8")
    code = "import sys; from code_contract_cli.main import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "clauses", "--spec", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode in (0, 2), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["home", "as_json", "static", "index", "health", "a~1b", "x y", "取"])
def test_the_name_of_an_operation_collides_with_nothing(tmp_path: Path, name: str) -> None:
    """An operation may have the name of an endpoint of the mock, and any characters."""
    path = tmp_path / "openapi.yaml"
    path.write_text(document("{type: string}", name=json.dumps(name)), encoding="utf-8")
    client = mock_server.create_app(load(path)).test_client()
    assert client.post("/code").get_json() == "aab"
    assert client.get("/__mock/health").status_code == 200


@pytest.mark.parametrize(
    ("template", "url"),
    [("/x/{pet-id}", "/x/7"), ("/x.{form.at}", "/x.json"), ("/x:{verb}", "/x:go"), ("/x/{a}-{b}", "/x/1-2")],
)
def test_a_path_parameter_has_any_name(tmp_path: Path, template: str, url: str) -> None:
    """Hyphens, dots and several parameters in one segment are served."""
    names = [part.partition("}")[0] for part in template.split("{")[1:]]
    parameters = ", ".join(f"{{name: {name}, in: path, required: true, schema: {{type: string}}}}" for name in names)
    text = document("{type: string}").replace("/code:", f"{json.dumps(template)}:")
    text = text.replace("      responses:", f"      parameters: [{parameters}]\n      responses:")
    path = tmp_path / "openapi.yaml"
    path.write_text(text, encoding="utf-8")
    assert mock_server.create_app(load(path)).test_client().post(url).get_json() == "aab"


def test_a_lone_surrogate_is_text_for_a_pattern() -> None:
    """A JSON string may contain a lone surrogate (RFC 8259 §8.2), which UTF-8 cannot encode."""
    assert patterns.matches("^a.b$", "a\ud800b")
    assert not patterns.matches("^ab$", "a\ud800b")
    assert patterns.matches("^\\p{L}+$", "\U00020000取")


POINTERS = {
    "plain": ("a", "%61"),
    "space": ("a b", "a%20b"),
    "space as it is": ("a b", "a b"),
    "slash": ("a/b", "a~1b"),
    "encoded tilde": ("a/b", "a%7e1b"),
    "tilde": ("a~b", "a~0b"),
    "tilde and 1": ("~1", "~01"),
    "percent": ("a%20b", "a%2520b"),
    "plus": ("a+b", "a%2Bb"),
    "hash": ("a#b", "a%23b"),
    "Chinese": ("验证码", "%E9%AA%8C%E8%AF%81%E7%A0%81"),
}


@pytest.mark.parametrize(("name", "token"), POINTERS.values(), ids=POINTERS.keys())
def test_a_reference_is_percent_decoded(tmp_path: Path, name: str, token: str) -> None:
    """The tokens of the pointer in a fragment may be percent-encoded (RFC 6901 §6); clauses are found there."""
    reference = f"#/components/schemas/A/properties/{token}"
    clause = {"id": "a-clause", "section": "operation", "level": "must", "origin": "implied", "text": "t"}
    node = {"type": "string", "x-clauses": [{**clause, "keywords": ["type"]}]}
    sections = "x-sections: [{id: operation, title: Operation, zh: x}]\n"
    text = sections + document(json.dumps({"$ref": reference}), component(json.dumps({"properties": {name: node}})))
    path = tmp_path / "openapi.yaml"
    path.write_text(text, encoding="utf-8")
    contract = load(path)
    operation = next(iter(contract.operations.values()))
    assert operation.success_response.schema == node
    assert [each.operation_id for each in contract.clauses["a-clause"].sites] == [operation.id]


def test_a_circle_of_encoded_references_is_refused(tmp_path: Path) -> None:
    """Two spellings of a reference are the same one."""
    path = tmp_path / "openapi.yaml"
    path.write_text(document(A, component("{$ref: '#/components/schemas/%41'}")), encoding="utf-8")
    with pytest.raises(ContractError, match="leads back to itself"):
        load(path)


BASE_PATHS = {
    "/v1/": "/v1",
    "v1": "/v1",
    "./v1": "/v1",
    "../../v1": "/v1",
    "https://api.test": "",
    "//api.test/v1": "/v1",
    "javascript:alert(1)": "/alert(1)",
    "/a%20b": "/a%20b",
}


@pytest.mark.parametrize("url", BASE_PATHS)
def test_an_operation_is_served_below_every_server_url(tmp_path: Path, url: str) -> None:
    """A URL may be relative, have no path, or a path that is percent-encoded."""
    path = tmp_path / "openapi.yaml"
    path.write_text(document() + f"servers: [{{url: {json.dumps(url)}}}]\n", encoding="utf-8")
    contract = load(path)
    assert contract.base_path == BASE_PATHS[url]
    client = mock_server.create_app(contract).test_client()
    assert client.post(f"{BASE_PATHS[url]}/code").status_code == 200


@pytest.mark.parametrize("written", ["/%7Ba%7D/{b}", "/a%20b/{b}", "/%E7%A0%81/{b}"])
def test_a_percent_encoded_path_is_served(tmp_path: Path, written: str) -> None:
    """A literal part of a path is compared after decoding."""
    path = tmp_path / "openapi.yaml"
    parameter = "      parameters: [{name: b, in: path, required: true, schema: {type: string}}]\n"
    text = (
        document()
        .replace("/code:", f"{json.dumps(written)}:")
        .replace("      responses:", f"{parameter}      responses:")
    )
    path.write_text(text, encoding="utf-8")
    client = mock_server.create_app(load(path)).test_client()
    assert client.post(written.replace("{b}", "x")).status_code == 200
