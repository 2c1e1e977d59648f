"""Lists of clauses, faults and scenarios, and what a shell completes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from code_contract import Contract
from code_contract_cli.main import cli, run
from mock_server import FAULTS
from mock_server.faults import applicable
from tests.paths import DATA, ROOT

PETS = DATA / "pets.yaml"


def test_faults_lists_every_fault(capsys: pytest.CaptureFixture[str], contract: Contract) -> None:
    """The JSON and the text have each fault with the clauses that it violates and its effect."""
    assert run(["faults", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == [each.name for each in applicable(contract)]
    for row in rows:
        assert row["clauses"]
        assert set(row["clauses"]) <= contract.clauses.keys()
        assert row["text"] == FAULTS[row["name"]].text
    assert run(["faults"]) == 0
    out = capsys.readouterr().out
    assert all(f"{row['name']} " in out for row in rows)
    assert out.endswith(f"\n{len(rows)} faults\n")


def test_faults_of_another_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Those derived from it are listed."""
    assert run(["faults", "--json", "--spec", str(PETS)]) == 0
    names = [row["name"] for row in json.loads(capsys.readouterr().out)]
    assert any("." in name for name in names)


def test_scenarios_lists_every_scenario(capsys: pytest.CaptureFixture[str], contract: Contract) -> None:
    """The JSON has all fields, the text what differs from a plain success."""
    assert run(["scenarios", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(contract.scenarios)
    assert all(row["summary"] and row["zh"] for row in rows)
    assert run(["scenarios"]) == 0
    out = capsys.readouterr().out
    for row in rows:
        assert f"{row['name']} " in out
        assert f"    {row['summary']}\n" in out
        assert not row["delay"] or f"delay {row['delay']:g} s" in out
    assert out.endswith(f"\n{len(rows)} scenarios\n")


BLOCKING = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.argv[1].split(","):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
from code_contract_cli.main import run
sys.exit(run(sys.argv[2:]))
"""


def blocked(modules: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-c", BLOCKING, modules, *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("modules", "is_whole"),
    [
        ("schemathesis,requests,flask,hypothesis,urllib3,certifi,truststore,pytest,locust", True),
        ("mock_server,contract_tests", False),
    ],
    ids=["without the libraries", "without the packages"],
)
def test_clauses_needs_no_library_of_the_suite(contract: Contract, modules: str, is_whole: bool) -> None:
    """Nothing is missing without the HTTP client and schemathesis; without the suite itself, checks and faults are."""
    done = blocked(modules, "clauses", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [row["id"] for row in rows] == list(contract.clauses)
    assert all(row["text"] for row in rows)
    assert all(row["checks"] for row in rows) is is_whole
    assert any(row["faults"] for row in rows) is is_whole


def completed(*words: str, incomplete: str = "") -> dict[str, str | None]:
    """The words that a shell offers after these, each with its help."""
    found = ShellComplete(cli, {}, "code-contract", "_CODE_CONTRACT_COMPLETE").get_completions(list(words), incomplete)
    return {each.value: each.help for each in found}


def test_a_shell_completes_names(contract: Contract) -> None:
    """Clauses, faults and commands, each with its sentence; choices of formats."""
    assert completed("check", "--only", incomplete="png-c") == {
        name: each.text for name, each in contract.clauses.items() if name.startswith("png-c")
    }
    assert completed("check", "--only").keys() == contract.clauses.keys()
    assert completed("mock", "--fault", incomplete="img-crc")["img-crc"] == FAULTS["img-crc"].text
    assert "vuepress" in completed("docs", "--format")
    assert completed(incomplete="sce") == {"scenarios": "List the scenarios of the mock."}
    assert completed(incomplete="c").keys() == {"check", "clauses"}
    assert "--baseline" in completed("check", incomplete="--ba")


def test_a_shell_completes_names_of_the_document_of_spec(tmp_path: Path) -> None:
    """A document that cannot be read does not disturb the shell."""
    assert any(name.startswith("get-pet") for name in completed("check", "--spec", str(PETS), "--only"))
    assert "img-is-a-png" in completed("check", "--spec", str(tmp_path / "no.yaml"), "--only")


@pytest.mark.parametrize(
    ("incomplete", "expected"),
    [
        ("", ["report.html", "report.json", "report.md", "report.xml", "report.codequality.json", "report.sarif"]),
        ("out/x.h", ["out/x.html"]),
        ("x.codequality.j", ["x.codequality.json"]),
        ("x.pdf", ["x.pdf"]),
    ],
)
def test_a_shell_completes_the_suffix_of_a_report(incomplete: str, expected: list[str]) -> None:
    """One name for each format; a name with another suffix is completed as a file."""
    assert list(completed("check", "--report", incomplete=incomplete)) == expected


@pytest.mark.parametrize("command", ["clauses", "faults", "mock", "docs"])
def test_the_environment_names_the_document_of_every_command(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`CODE_CONTRACT_SPEC`, as `check` reads it; the option on the command line counts first."""
    monkeypatch.setenv("CODE_CONTRACT_SPEC", "theirs.yaml")
    monkeypatch.setenv("CODE_CONTRACT_OVERLAY", "a b.yaml\nc.yaml")
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    given = found.make_context(command, []).params
    assert (given["spec"], given["overlay"]) == (Path("theirs.yaml"), (Path("a b.yaml"), Path("c.yaml")))
    assert found.make_context(command, ["--spec", "x.yaml"]).params["spec"] == Path("x.yaml")


def test_the_environment_has_the_options_of_the_mock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container is configured by variables."""
    for name, value in {"SEED": "demo", "FAULT": "img-crc\ncharset-gbk", "NO_ADMIN": "1", "PORT": "4711"}.items():
        monkeypatch.setenv(f"CODE_CONTRACT_{name}", value)
    found = cli.get_command(click.Context(cli), "mock")
    assert found is not None
    given = found.make_context("mock", []).params
    assert (given["seed"], given["faults"], given["port"]) == ("demo", ("img-crc", "charset-gbk"), 4711)
