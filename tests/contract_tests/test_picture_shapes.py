"""The kill matrix of pictures: every carrier and every format, by the contracts of examples/contracts and variants."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from code_contract import Contract, load
from code_contract.pictures import entries
from contract_tests.verdict import Outcome
from mock_server.faults import FAULTS, Fault, applicable, leaks
from mock_server.faults.model import Stage
from tests.conftest import checked
from tests.paths import ROOT

CONTRACTS = ROOT / "examples" / "contracts"
PNG_URI, JPEG_BASE64, JPEG_BODY = "eladmin", "ruoyi", "picture-body"
VARIANTS = {
    "gif-data-uri": (PNG_URI, "type: image/png", "type: image/gif"),
    "webp-data-uri": (PNG_URI, "type: image/png", "type: image/webp"),
    "png-base64": (JPEG_BASE64, "contentMediaType: image/jpeg", "contentMediaType: image/png"),
    "svg-base64": (JPEG_BASE64, "contentMediaType: image/jpeg", "contentMediaType: image/svg+xml"),
    "svg-body": (JPEG_BODY, "image/jpeg:", "image/svg+xml:"),
    "png-body": (JPEG_BODY, "image/jpeg:", "image/png:"),
}
NAMES = [*sorted(path.stem for path in CONTRACTS.glob("*.yaml")), *VARIANTS]
PICTURE_STAGES = (Stage.PICTURE, Stage.ENCODED)


@cache
def contract_of(name: str) -> Contract:
    base, old, new = VARIANTS.get(name, (name, "", ""))
    text = (CONTRACTS / f"{base}.yaml").read_text(encoding="utf-8")
    assert old in text
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.yaml"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return load(path)


def picture_faults(contract: Contract) -> list[Fault]:
    return [each for each in applicable(contract) if each.stage in PICTURE_STAGES or each.name == "img-constant"]


def broken_clause(fault: Fault, contract: Contract) -> str:
    return fault.breaks if fault.breaks in contract.clauses else fault.general


MATRIX = [(name, fault.name) for name in NAMES for fault in picture_faults(contract_of(name))]
MATRIX += [(PNG_URI, fault.name) for fault in leaks.FAULTS if fault.stage not in PICTURE_STAGES]


@pytest.mark.parametrize("name", NAMES)
def test_every_clause_passes_on_the_mock(name: str) -> None:
    """The mock conforms: each clause of the picture was checked and passed."""
    contract = contract_of(name)
    result = checked(contract)
    assert {verdict.clause.id: verdict.status for verdict in result.verdicts} == dict.fromkeys(
        contract.clauses, Outcome.PASSED
    )
    assert {"img-is-carried-as-documented", "img-is-not-one-colour", "img-is-fresh"} <= set(contract.clauses)


@pytest.mark.parametrize(("name", "fault"), MATRIX)
def test_a_fault_is_reported_under_its_clause_alone(name: str, fault: str) -> None:
    """The violated clause fails, and no other: what follows from it is skipped."""
    contract = contract_of(name)
    result = checked(contract, fault, samples=8 if fault.startswith("uuid-") else 4)
    assert [each.clause.id for each in result.verdicts if each.failed] == [broken_clause(FAULTS[fault], contract)]


def test_every_clause_of_a_picture_has_a_fault() -> None:
    """Each MUST clause of each contract is violated by a fault that applies to it."""
    for name in NAMES:
        contract = contract_of(name)
        ladder = {each["id"] for each in entries()}
        required = {clause.id for clause in contract.clauses.values() if clause.level == "must"} & ladder
        broken = {broken_clause(fault, contract) for fault in picture_faults(contract)}
        # A GIF has one transparent colour: a fully transparent one is of one colour.
        assert required - {"img-is-not-transparent"} <= broken, name
    assert {"img-is-not-transparent"} <= {each.breaks for each in FAULTS.values()}
