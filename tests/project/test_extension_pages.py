"""The specification of the extensions and the guide to overlays: their tables are the schema's, their examples run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import mock_server
from code_contract import extensions, load, yaml_reader
from code_contract_cli.main import run
from contract_tests import Settings, check
from tests.code_contract.test_extensions import errors
from tests.paths import ROOT
from tests.project.test_guides import snippets

SPECIFICATION = ROOT / "docs" / "x-clauses.md"
GUIDE = ROOT / "docs" / "guide" / "overlay.md"
KINDS = {
    "OpenAPI": "document", "Info": "info", "Components": "components", "Path Item": "path-item",
    "Operation": "operation", "Parameter": "parameter", "Request Body": "request-body", "Response": "response",
    "Schema": "schema", "Example": "example", "any object": "object",
}  # fmt: skip


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading of the specification."""
    section = SPECIFICATION.read_text("utf-8").split(f"## {heading}\n")[1]
    table = section[section.index("| ---") :].split("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]


def test_the_specification_states_where_each_field_stands() -> None:
    """Each extension of the schema has a row with the kinds of objects that may have it."""
    stated = {
        (row[0].strip("` |"), KINDS[kind]) for row in rows("Where the fields stand") for kind in row[1].split(", ")
    }
    definitions = extensions.schema()["$defs"]
    found = set()
    for kind in KINDS.values():
        parts = [each["$ref"].rpartition("/")[2] for each in definitions[kind].get("allOf", ())]
        for part in (kind, *(each for each in parts if each != "object")):
            found |= {(key, kind) for key in definitions[part].get("properties", ()) if key.startswith("x-")}
    assert stated == found


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Clause Object", "clause"),
        ("Change Object", "change"),
        ("Section Object", "section"),
        ("Scenario Object", "scenario"),
        ("Picture Object", "picture"),
    ],
)
def test_the_specification_has_the_fields_of_the_schema(heading: str, name: str) -> None:
    """Names, types, required fields and values are the same, in the same order."""
    definition = extensions.schema()["$defs"][name]
    table = {row[0].strip("` |"): row for row in rows(heading)}
    assert list(table) == list(definition["properties"])
    required = {key for key, row in table.items() if row[2].startswith("**REQUIRED**")}
    assert required == set(definition.get("required", ()))
    for key, schema in definition["properties"].items():
        expected = {"array": "[`string`]"}.get(schema.get("type"), f"`{schema.get('type', 'string')}`")
        assert table[key][1] == ("Schema Object" if key == "schema" else expected), key
        for value in schema.get("enum", ()):
            assert f"`{value}`" in table[key][2], (key, value)
        for limit in (schema.get("minimum"), schema.get("maximum")):
            assert limit in (None, 1) or str(limit) in table[key][2], (key, limit)


def test_the_example_of_the_specification_loads(tmp_path: Path) -> None:
    """It uses every field, is valid in an editor and for the loader, and its mock passes its check."""
    (text,) = [each for each in snippets(SPECIFICATION, "yaml") if each.startswith("openapi:")]
    path = tmp_path / "openapi.yaml"
    path.write_text(text, encoding="utf-8")
    assert errors(yaml_reader.read(path).document) == []
    contract = load(path, strict=True)
    assert contract.problems == ()
    fields = {row[0].strip("` |") for row in rows("Where the fields stand")} - {"x-document"}
    assert {field for field in fields if f"{field}:" not in text} == set()
    assert list(contract.scenarios) == ["busy", "slow"]
    assert contract.clauses["get-weather-has-no-server-error"].level == "should"
    assert {"answer-is-complete", "charset-is-stated", "report-adds-nothing", "temperature-is-possible"} <= set(
        contract.clauses
    )
    with mock_server.running(contract=contract) as mock:
        result = check(contract, Settings(mock.base_url, samples=2))
    assert [each.clause.id for each in result.failed] == []
    assert result.exit_status == 0


@pytest.mark.parametrize(("name", "status"), [("Rex", 0), ("''", 1)])
def test_the_guide_to_overlays_checks_what_it_adds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, status: int
) -> None:
    """A server whose pets have no name violates the clause of the overlay, and only that."""
    theirs, overlay = snippets(GUIDE, "yaml")
    (tmp_path / "pets.yaml").write_text(theirs, encoding="utf-8")
    (tmp_path / "clauses.yaml").write_text(overlay, encoding="utf-8")
    (tmp_path / "server.yaml").write_text(theirs.replace("name: Rex", f"name: {name}"), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(snippets(GUIDE, "toml")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["clauses", "--overlay", "clauses.yaml"]) == 0
    place = re.findall(r"`(clauses\.yaml:\d+)`", GUIDE.read_text("utf-8"))
    assert place[0] in capsys.readouterr().out
    with mock_server.running(contract=load("server.yaml")) as mock:
        assert run(["check", mock.base_url, "--samples", "2"]) == status
    assert ("✗ name-is-not-empty" in capsys.readouterr().out) is bool(status)
    names: dict[str, Any] = {}
    exec(snippets(GUIDE, "python")[0], names)
    assert "name-is-not-empty" in names["contract"].clauses
