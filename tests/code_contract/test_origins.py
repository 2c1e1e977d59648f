"""The file, the line and the pointer of what an overlay or another file adds."""

from __future__ import annotations

from pathlib import Path

import pytest

from code_contract import ContractError, load
from tests.code_contract.test_overlay import PET, SECTIONS, clause, overlaid, write


def test_a_clause_of_an_overlay_has_its_place_in_the_overlay(tmp_path: Path) -> None:
    """File, line and pointer are those of the file that has the clause, also after items before it were removed."""
    own = [clause("first-holds"), clause("second-holds")]
    document = {**PET, "x-sections": SECTIONS, "x-clauses": own}
    spec = write(tmp_path / "pets.yaml", document)
    path = overlaid(
        tmp_path,
        {"target": "$", "update": {"x-clauses": [clause("third-holds"), clause("fourth-holds")]}},
        {"target": "$.paths['/pets'].get", "update": {"x-clauses": [clause("fifth-holds")]}},
        {"target": "$['x-clauses'][?@.id == 'first-holds' || @.id == 'third-holds']", "remove": True},
    )
    clauses = load(spec, overlays=[path]).clauses
    written = {"second-holds": "pets.yaml", "fourth-holds": "overlay.yaml", "fifth-holds": "overlay.yaml"}
    assert [each for each in clauses if clauses[each].section == "pets"] == list(written)
    for name, file in written.items():
        assert clauses[name].file == file
        assert f"id: {name}" in (tmp_path / file).read_text("utf-8").splitlines()[clauses[name].line - 1]


def test_an_error_in_what_an_overlay_adds_names_the_overlay(tmp_path: Path) -> None:
    """The pointer leads to the value in the overlay."""
    spec = write(tmp_path / "pets.json", PET)
    wrong = {**clause("it-holds"), "level": "shall"}
    path = overlaid(tmp_path, {"target": "$", "update": {"x-sections": SECTIONS, "x-clauses": [wrong]}})
    with pytest.raises(ContractError) as caught:
        load(spec, overlays=[path])
    expected = (
        f"{path}: /actions/0/update/x-clauses/0/level: unknown level 'shall' of the clause 'it-holds'; use one of"
    )
    assert caught.value.with_document().startswith(expected)
    path = overlaid(tmp_path, {"target": "$.paths['/pets'].get", "update": {"summary": 5}})
    (problem,) = load(spec, overlays=[path]).problems
    assert str(problem).startswith(f"{path}: /actions/0/update/summary: summary is 5")


def test_an_overlay_sees_one_file_and_may_refer_to_others(tmp_path: Path) -> None:
    """References of an update are those of the document; a clause in another file has its place there."""
    schema = {"type": "string", "x-clauses": [{**clause("it-is-text"), "keywords": ["type"]}]}
    write(tmp_path / "more.yaml", {"Name": schema})
    response = {"description": "A name.", "content": {"application/json": {"schema": {"$ref": "more.yaml#/Name"}}}}
    path = overlaid(
        tmp_path,
        {"target": "$", "update": {"x-sections": SECTIONS}},
        {"target": "$.paths['/pets'].get.responses", "update": {"200": response}},
    )
    contract = load(write(tmp_path / "pets.json", PET), overlays=[path])
    found = contract.clauses["it-is-text"]
    assert (found.file, found.line, found.pointer) == ("more.yaml", 4, "/x-files/more.yaml/Name/x-clauses/0")
