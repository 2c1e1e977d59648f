"""The generated pages of docs/reference are up to date."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from code_contract import Contract
from mock_server.faults import fault
from tests.paths import ROOT


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script docs/generate_reference.py as a module."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    import generate_reference

    return generate_reference


def test_the_reference_is_up_to_date(generator: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """Every page is the text that the script generates now."""
    assert generator.main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_page_is_named(generator: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check writes nothing, names each page that differs and exits with status 1."""
    assert generator.main([], tmp_path) == 0
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.md")) == sorted(generator.PAGES)
    edited = tmp_path / "reference" / "faults.md"
    edited.write_text(edited.read_text("utf-8").replace("img-crc", "img-crs"), encoding="utf-8")
    assert generator.main(["--check"], tmp_path) == 1
    assert "out of date: reference/faults.md;" in capsys.readouterr().err
    assert "img-crs" in edited.read_text("utf-8")


def test_the_faults_of_the_guide_violate_its_clauses(contract: Contract) -> None:
    """Each fault in a row of docs/clauses.md violates a clause of that row, and each clause has a fault there."""
    guide = (ROOT / "docs" / "clauses.md").read_text(encoding="utf-8").partition("## Clauses and their faults")[2]
    rows = [row for row in guide.splitlines() if row.startswith("| `")]
    assert len(rows) > 5
    for row in rows:
        _, clauses, _, faults, _ = row.split("|")
        broken = {fault(name).breaks for name in re.findall(r"`(.+?)`", faults)}
        assert broken == set(re.findall(r"`(.+?)`", clauses)), row
        assert broken <= contract.clauses.keys()
