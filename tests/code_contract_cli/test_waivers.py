"""`check --update-waivers` writes waivers for what fails now, and removes those not needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

import mock_server
from code_contract_cli import waivers
from code_contract_cli.main import run
from contract_tests import config
from tests.contract_tests.reports.results import CONTRACT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

IN_30_DAYS = date.today() + timedelta(days=30)
NEXT_YEAR = date.today() + timedelta(days=365)
YESTERDAY = date.today() - timedelta(days=1)


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    """A target that violates two MUST clauses and a SHOULD clause."""
    with mock_server.running(
        faults=[mock_server.fault(n) for n in ("img-crc", "msg-number", "charset-missing")]
    ) as mock:
        yield mock.base_url


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def update(target: str, *options: str) -> int:
    return run(["check", target, "--samples", "2", "--update-waivers", *options])


def waived(path: Path) -> dict[str, date]:
    return {each.clause: each.expires for each in config.read(path, CONTRACT).get("waivers", ())}


def test_a_project_without_settings_gets_a_file(target: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It has each failed MUST clause with a reason to fill in; the reports show them, and the next run passes."""
    report = folder / "x.html"
    assert update(target, "--report", str(report)) == 0
    path = folder / "code-contract.toml"
    assert waived(path) == {"png-crcs-are-correct": IN_30_DAYS, "msg-is-a-string-or-null": IN_30_DAYS}
    assert {each["reason"] for each in tomllib.loads(path.read_text("utf-8"))["waivers"]} == {waivers.REASON}
    printed = capsys.readouterr()
    assert f"wrote code-contract.toml: 2 waivers until {IN_30_DAYS}, 0 removed" in printed.err
    assert "~ png-crcs-are-correct" in printed.out
    assert f"{waivers.REASON} (until {IN_30_DAYS})" in report.read_text("utf-8")
    assert run(["check", target, "--samples", "2"]) == 0
    assert run(["check", target, "--samples", "2", "--strict"]) == 1


PYPROJECT = f"""\
# The project.
[project]
name = "x"  # its name

[tool.code-contract]
# The target.
samples = 2
headers = {{ X = "1" }}

# Passes by now.
[[tool.code-contract.waivers]]
clause = "uuid-is-unique"
reason = "fixed"
expires = {NEXT_YEAR}

# Expired.
[[tool.code-contract.waivers]]
clause = "png-crcs-are-correct"
reason = "ticket 4711"  # Anna
expires = {YESTERDAY}

# Applies still.
[[tool.code-contract.waivers]]
clause = "charset-is-stated"
reason = "the gateway"
expires = {NEXT_YEAR}

# Not checked.
[[tool.code-contract.waivers]]
clause = "source-is-required"
reason = "later"
expires = {NEXT_YEAR}

[tool.other]
key = 1
"""


def test_the_reason_to_fill_in_is_in_the_language_of_the_run(target: str, folder: Path) -> None:
    """A Chinese run asks for it in Chinese, which its later reports show."""
    assert update(target, "--lang", "zh") == 0
    written = tomllib.loads((folder / "code-contract.toml").read_text("utf-8"))["waivers"]
    assert {each["reason"] for each in written} == {"TODO：接受的原因和工单号"}


def test_an_existing_file_keeps_its_comments(target: str, folder: Path) -> None:
    """Waivers of passed clauses are removed, expired ones renewed with their reasons, failed clauses added."""
    path = folder / "pyproject.toml"
    path.write_text(PYPROJECT, encoding="utf-8")
    assert update(target) == 0
    assert waived(path) == {
        "png-crcs-are-correct": IN_30_DAYS,
        "charset-is-stated": NEXT_YEAR,
        "source-is-required": NEXT_YEAR,
        "msg-is-a-string-or-null": IN_30_DAYS,
    }
    text = path.read_text("utf-8")
    for line in PYPROJECT.splitlines():
        if line.startswith(("#", "[", "name", "samples", "headers", "key", 'reason = "ticket')):
            assert line in text.splitlines(), line
    assert "uuid-is-unique" not in text
    assert text.index("# Expired.") < text.index("png-crcs-are-correct") < text.index("# Applies still.")
    assert tomllib.loads(text)["tool"]["other"] == {"key": 1}
    before = path.read_bytes()
    assert update(target) == 0
    assert path.read_bytes() == before


def test_the_line_ends_of_a_file_stay(target: str, folder: Path) -> None:
    """Those of Windows too."""
    path = folder / "code-contract.toml"
    path.write_bytes(b"samples = 2\r\n# A comment.\r\n")
    assert update(target) == 0
    written = path.read_bytes()
    assert written.count(b"\r\n") == written.count(b"\n") > 6
    assert tomllib.loads(written.decode())["waivers"]


def test_an_array_of_inline_tables_stays_one(target: str, folder: Path) -> None:
    """The form of the file is that of its author."""
    path = folder / "own.toml"
    entry = f'{{ clause = "uuid-is-unique", reason = "x", expires = {NEXT_YEAR} }}'
    path.write_text(f"# own\nwaivers = [\n  {entry},\n]\nsamples = 2\n", encoding="utf-8")
    assert update(target, "--config", str(path)) == 0
    assert waived(path).keys() == {"png-crcs-are-correct", "msg-is-a-string-or-null"}
    assert "[[waivers]]" not in path.read_text("utf-8")


def test_the_last_waiver_can_go(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The settings are valid without any; without a change the file is not written."""
    path = folder / "code-contract.toml"
    path.write_text(f'samples = 2\n\n[[waivers]]\nclause = "uuid-is-unique"\nreason = "x"\nexpires = {NEXT_YEAR}\n')
    assert run(["check", "--update-waivers"]) == 0
    assert "0 waivers until" in capsys.readouterr().err
    assert waived(path) == {}
    assert run(["check", "--update-waivers"]) == 0
    assert "code-contract.toml: the waivers are up to date" in capsys.readouterr().err


def test_only_what_was_checked_changes(target: str, folder: Path) -> None:
    """With --only, the waivers of other clauses stay."""
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    assert update(target, "--only", "msg-is-a-string-or-null") == 0
    assert len(waived(folder / "pyproject.toml")) == 5


def test_an_incomplete_run_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A target that could not be checked says nothing about its waivers."""
    assert update("http://127.0.0.1:9") == 3
    assert list(folder.iterdir()) == []
    assert "waivers" not in capsys.readouterr().err


def test_a_strict_run_writes_none(target: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It ignores waivers."""
    assert update(target, "--strict") == 2
    assert "a strict run ignores waivers" in capsys.readouterr().err
    (folder / "code-contract.toml").write_text("strict = true\n", encoding="utf-8")
    assert update(target) == 2


def test_settings_that_cannot_be_written_are_an_early_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No request is sent for a run whose waivers would be lost."""
    (folder / "code-contract.toml").mkdir()
    assert update("http://127.0.0.1:9") == 2
    assert "'code-contract.toml' cannot be written: it is a folder" in capsys.readouterr().err
