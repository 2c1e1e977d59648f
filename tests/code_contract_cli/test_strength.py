"""`code-contract strength`: the share of wrong responses that a contract notices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from code_contract import Contract, load
from code_contract_cli import strength
from code_contract_cli.main import run as command
from mock_server.faults.derived import faults_of
from tests.paths import ROOT

PETS = ROOT / "tests" / "data" / "pets.yaml"


def document(folder: Path, schema: Mapping[str, Any], **response: Any) -> Path:
    """Write a document with one operation, whose response has this schema, and return its path."""
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "OK", "content": content, **response}}
    path = folder / "openapi.json"
    operation = {"operationId": "getUser", "responses": responses}
    paths = {"/user": {"get": operation}}
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}))
    return path


def unnoticed(path: Path) -> list[str]:
    """The sentences about what the contract does not notice."""
    return list(strength.measure(load(path)).unnoticed)


def test_the_packaged_contract_notices_nine_of_ten(contract: Contract) -> None:
    """The score of the contract of POST /code; it may only rise."""
    found = strength.measure(contract)
    assert found.applied.total() >= 28
    assert found.score >= 92.8
    assert set(found.unnoticed) == {
        "`msg` may be missing; add it to required",
        "`uuid` may be any string; add format, pattern or maxLength",
    }


def test_checks_notice_what_the_schema_does_not(contract: Contract) -> None:
    """An undocumented field conforms to the schema of POST /code, and a written clause reports it."""
    (operation,) = contract.operations
    admitted = {each.kind for each in faults_of(contract, operation).values() if not each.breaks}
    assert {"extra-field", "undocumented", "out-of-enum"} <= admitted
    assert not any("any field" in each or "any status" in each for each in strength.measure(contract).unnoticed)


@pytest.mark.parametrize(
    ("schema", "sentences"),
    [
        (
            {"type": "string"},
            ["`x` may be any string; add format, pattern or maxLength", "`x` may be empty; add minLength"],
        ),
        ({"type": "string", "maxLength": 9}, ["`x` may be empty; add minLength"]),
        ({"type": "string", "format": "email"}, []),
        ({"type": "string", "format": "shirt-size"}, ["`x` may violate its format, which is not checked; add pattern"]),
        ({"type": "integer"}, ["`x` may be negative; add minimum"]),
        ({"type": "integer", "minimum": -5}, []),
        ({}, ["`x` may have any type; add type"]),
        ({"type": "boolean"}, []),
        ({"enum": ["a", "b"]}, []),
        ({"const": 1}, []),
        ({"type": "object", "additionalProperties": False}, []),
        (
            {"type": "object"},
            ["any field may be added to `x`; set additionalProperties or unevaluatedProperties to false"],
        ),
        ({"type": "array", "items": {"type": "boolean"}}, []),
        ({"type": "array", "items": {"type": "number"}}, ["an item of `x` may be negative; add minimum"]),
        (
            {"type": "object", "additionalProperties": {"type": "string", "maxLength": 5}},
            ["a field of `x` may be empty; add minLength"],
        ),
        ({"anyOf": [{"enum": ["a"]}, {"type": "string", "maxLength": 30, "minLength": 1}]},
         ["`x` may be changed (out-of-enum); an alternative of anyOf or oneOf admits it"]),
    ],
)  # fmt: skip
def test_each_open_place_has_a_remedy(tmp_path: Path, schema: Mapping[str, Any], sentences: list[str]) -> None:
    """A gap of a schema is named with the keyword that closes it; a restriction is not named."""
    whole = {"type": "object", "required": ["x"], "properties": {"x": schema}, "additionalProperties": False}
    assert unnoticed(document(tmp_path, whole)) == sentences


def test_optional_fields_and_headers(tmp_path: Path) -> None:
    """`required` is named for a field, and `required: true` for a header."""
    schema = {"type": "object", "properties": {"on": {"type": "boolean"}}, "additionalProperties": False}
    path = document(tmp_path, schema, headers={"X-Total": {"schema": {"type": "integer"}}})
    assert set(unnoticed(path)) == {
        "`on` may be missing; add it to required",
        "the header `X-Total` may be missing; add required: true",
    }


def test_the_report_groups_fields_of_all_operations(capsys: pytest.CaptureFixture[str]) -> None:
    """A remedy is printed once with the faults that it concerns; the last line has the score."""
    assert command(["strength", str(PETS)]) == 0
    lines = capsys.readouterr().out.splitlines()
    place = lines.index("`id` may be negative; add minimum")
    assert lines[place + 1] == "    get-pet.body.id.negative, list-pets.body[].id.negative and 1 more"
    assert lines[-1] == "score 78.9 %: 56 of 71 mutations noticed, 4 operations"
    assert all(len(each) <= 80 for each in lines)


@pytest.mark.parametrize(("limit", "status"), [("78", 0), ("79", 1), ("0", 0), ("100", 1)])
def test_fail_under(limit: str, status: int) -> None:
    """The exit status is 1 if the score is lower than the limit."""
    assert command(["strength", str(PETS), "--fail-under", limit]) == status


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON has the score, the numbers of each operation, and every unnoticed fault, which the mock accepts."""
    assert command(["strength", str(PETS), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["score"], found["noticed"], found["applied"]) == (78.9, 56, 71)
    assert found["operations"][0] == {"id": "getPet", "noticed": 17, "applied": 22}
    names = [name for each in found["unnoticed"] for name in each["faults"]]
    assert len(names) == 71 - 56 == len(set(names))
    known = {name for operation in load(PETS).operations for name in faults_of(load(PETS), operation)}
    assert known.issuperset(names)


def test_a_written_clause_raises_the_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An overlay that restricts a field closes the gap, without a change of the document."""
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: Limits, version: '1'}\nactions:\n"
        "  - target: $.components.schemas.Pet.properties.id\n    update: {minimum: 1}\n"
    )
    assert command(["strength", str(PETS), "--overlay", str(overlay)]) == 0
    shown = capsys.readouterr().out
    assert "`id` may be negative" not in shown
    assert "score 83.1 %" in shown


def test_nothing_to_mutate_exits_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document without operations has no score."""
    path = tmp_path / "openapi.yaml"
    path.write_text("openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n")
    assert command(["strength", str(path)]) == 3
    assert "0 of 0 mutations" in capsys.readouterr().out


def test_names_of_a_document_are_sanitized(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters in the name of a field do not reach the terminal."""
    schema = {"type": "object", "properties": {"a\x1b[31m": {"type": "string"}}}
    assert command(["strength", str(document(tmp_path, schema))]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\\x1b[31m" in shown


def test_long_work_shows_its_progress(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """stderr has the number of operations that are done."""
    monkeypatch.setattr(strength, "PROGRESS_SECONDS", -1.0)
    assert command(["strength", str(PETS)]) == 0
    assert "code-contract: 3 of 4 operations" in capsys.readouterr().err
