"""Settings of `check`: command line, environment, file, default; and the comparison with an earlier run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

import mock_server
from code_contract import Contract
from code_contract_cli import check as check_command
from code_contract_cli.main import run
from contract_tests import config
from contract_tests.engine import comparison
from contract_tests.reports import ctrf
from contract_tests.run import check
from contract_tests.settings import Settings
from contract_tests.verdict import Verdict
from tests.contract_tests.reports.results import CONTRACT


class Chosen(Exception):
    """Raised in place of a run, with its settings."""


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a function that returns the settings of a command line."""

    def stop(contract: object, settings: Settings, *_: object, **__: object) -> None:
        raise Chosen(settings)

    monkeypatch.setattr(check_command, "check", stop)
    monkeypatch.chdir(tmp_path)

    def settings(*arguments: str) -> Settings:
        with pytest.raises(Chosen) as caught:
            check_command.command.main(list(arguments), standalone_mode=False)
        found: Settings = caught.value.args[0]
        return found

    return settings


def test_the_command_line_counts_before_environment_file_and_default(
    chosen: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each source applies where those before it are silent."""
    assert chosen("http://x").samples is None
    (tmp_path / "code-contract.toml").write_text("base_url = 'http://file'\nsamples = 5\nstrict = true\n")
    assert (chosen().base_url, chosen().samples, chosen().strict) == ("http://file", 5, True)
    monkeypatch.setenv("CODE_CONTRACT_URL", "http://environment")
    monkeypatch.setenv("CODE_CONTRACT_SAMPLES", "6")
    monkeypatch.setenv("CODE_CONTRACT_STRICT", "0")
    assert (chosen().base_url, chosen().samples, chosen().strict) == ("http://environment", 6, False)
    found = chosen("http://line", "--samples", "7", "--strict")
    assert (found.base_url, found.samples, found.strict) == ("http://line", 7, True)


def test_an_empty_variable_is_not_set(chosen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """CI systems set undefined variables to empty text."""
    monkeypatch.setenv("CODE_CONTRACT_SAMPLES", "")
    assert chosen("http://x").samples is None


def test_lines_of_a_variable_are_values_of_an_option(chosen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header may contain spaces, colons and commas."""
    monkeypatch.setenv("CODE_CONTRACT_HEADER", "Authorization: Bearer a b\n\nX-List: a, b:c\n")
    monkeypatch.setenv("CODE_CONTRACT_ONLY", "img-is-a-png\nuuid-is-unique")
    found = chosen("http://x")
    assert found.headers == (("Authorization", "Bearer a b"), ("X-List", "a, b:c"))
    assert found.only == {"img-is-a-png", "uuid-is-unique"}
    assert chosen("http://x", "--header", "A: b").headers == (("A", "b"),)


def test_every_option_has_a_variable_of_its_own() -> None:
    """It is named after the option, and no two options share one, nor one with another meaning."""
    options = [each for each in check_command.command.params if isinstance(each, click.Option)]
    names = [each.envvar for each in options]
    assert all(isinstance(name, str) and name.startswith("CODE_CONTRACT_") for name in names)
    assert len(set(names)) == len(names) > 20
    assert not {"CODE_CONTRACT_DEBUG", "CODE_CONTRACT_SECRET", "CODE_CONTRACT_LOAD", "CODE_CONTRACT_URL"} & set(names)
    assert {"CODE_CONTRACT_REPORT", "CODE_CONTRACT_SET", "CODE_CONTRACT_HEADER"} <= set(names)


def test_a_wrong_variable_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The error names value and option."""
    monkeypatch.setenv("CODE_CONTRACT_SAMPLES", "many")
    assert run(["check"]) == 2
    assert "'many' is not a valid integer" in capsys.readouterr().err


def test_every_option_is_in_one_group() -> None:
    """The groups of the help text name existing options, each once, and no option is left over."""
    grouped = [name for names in check_command.GROUPS.values() for name in names]
    options = {each.name for each in check_command.command.params if isinstance(each, click.Option)}
    assert sorted(grouped) == sorted(options)


def test_the_nearest_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parents are searched; in one folder code-contract.toml counts before pyproject.toml, a nearer one before both."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    (tmp_path / "pyproject.toml").write_text("[tool.code-contract]\nsamples = 1\n")
    assert config.find() == tmp_path / "pyproject.toml"
    (tmp_path / "code-contract.toml").write_text("samples = 2\n")
    assert config.find() == tmp_path / "code-contract.toml"
    (inner.parent / "pyproject.toml").write_text("[tool.other]\n")
    assert config.find() == tmp_path / "code-contract.toml"
    (inner.parent / "pyproject.toml").write_text("[tool.code-contract]\nsamples = 3\n")
    assert config.find() == inner.parent / "pyproject.toml"
    assert config.read(tmp_path / "code-contract.toml", CONTRACT) == {"samples": 2}


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CTRF report of a run in which two clauses failed."""
    path = tmp_path_factory.mktemp("baseline") / "yesterday.json"
    faults = [mock_server.fault(name) for name in ("img-crc", "succ-flag-string", "charset-missing")]
    with mock_server.running(faults=faults) as mock:
        path.write_bytes(ctrf.write(check(CONTRACT, Settings(mock.base_url, samples=2))))
    return path


def compared(path: Path, report: Path, *faults: str, **options: bool) -> int:
    with mock_server.running(faults=[mock_server.fault(name) for name in faults]) as mock:
        flags = [f"--{name}" for name in options]
        return run(["check", mock.base_url, "--samples", "2", "--baseline", str(path), "--report", str(report), *flags])


def test_known_failures_do_not_fail(yesterday: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One clause passes now, one still fails: the run passes and says so, and its report is the next baseline."""
    today = tmp_path / "today.json"
    assert compared(yesterday, today, "img-crc") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "compared with yesterday.json, 20" in out
    assert "0 newly failed, 1 newly passed, 1 still failing" in out
    assert "newly passed: succ-flag-is-a-boolean" in out
    assert "still failing: png-crcs-are-correct" in out
    assert "PASSED: " in out
    results = json.loads(today.read_text("utf-8"))["results"]
    assert results["extra"]["baseline"] == {
        "newlyFailed": [],
        "newlyPassed": ["succ-flag-is-a-boolean"],
        "stillFailing": ["png-crcs-are-correct"],
    }
    assert [each["name"] for each in results["tests"] if each["status"] == "failed"] == ["png-crcs-are-correct"]
    assert compared(today, tmp_path / "x.html", "img-crc") == 0
    assert "still failing: png-crcs-are-correct" in (tmp_path / "x.html").read_text("utf-8")


def test_new_failures_fail(yesterday: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside a known one; only the new one is a failure in JUnit."""
    assert compared(yesterday, tmp_path / "x.xml", "img-crc", "uuid-missing", quiet=True) == 1
    out = capsys.readouterr().out
    assert "newly failed: uuid-is-present" in out
    assert "✗ png-crcs-are-correct" not in out
    assert (tmp_path / "x.xml").read_text("utf-8").count("<failure") == 1


def test_a_strict_run_fails_for_what_did_not_fail_before(yesterday: Path, tmp_path: Path) -> None:
    """A warning of the baseline is no failure of it."""
    assert compared(yesterday, tmp_path / "x.md", "charset-missing") == 0
    assert compared(yesterday, tmp_path / "x.md", "charset-missing", strict=True) == 1


def test_a_night_without_the_target_forgets_no_failure(yesterday: Path, tmp_path: Path) -> None:
    """A run that checks nothing, or skips the clause, hands what is known to the next one."""
    down, skipped, again = (tmp_path / name for name in ("down.json", "skipped.json", "again.json"))
    assert run(["check", "http://127.0.0.1:9", "--baseline", str(yesterday), "--report", str(down)]) == 3
    assert compared(down, skipped, "img-missing") == 1
    assert compared(skipped, again, "img-crc") == 0
    assert "knownFailures" not in json.loads(again.read_text("utf-8"))["results"]["extra"]


def test_a_clause_that_is_skipped_now_is_neither_passed_nor_failing(contract: Contract) -> None:
    """Nothing is known of it."""
    clauses = [contract.clauses[name] for name in ("img-is-a-png", "uuid-is-unique", "code-is-present")]
    verdicts = [Verdict(clauses[0], 0), Verdict(clauses[1], 2), Verdict(clauses[2], 2, 1)]
    baseline = comparison.Baseline("x", "", frozenset(each.id for each in clauses))
    expected = comparison.Comparison((), ("uuid-is-unique",), ("code-is-present",))
    assert comparison.compare(baseline, verdicts, verdicts[2:]) == expected


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b'{"results": {"tests": [1]}}', b"\xff", b'{"results": {"tests": [{"status": "failed"}]}}'],
)
def test_another_file_is_no_baseline(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence names the file and the cure, before any request."""
    path = tmp_path / "x.json"
    path.write_bytes(content)
    assert run(["check", "http://127.0.0.1:9", "--baseline", str(path)]) == 2
    assert "is not a CTRF report; use one that `check --report FILE.json` wrote" in capsys.readouterr().err


def test_a_missing_baseline_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """It is not taken for an empty one."""
    assert run(["check", "--baseline", "/no/such.json"]) == 2
    assert "the baseline '/no/such.json' cannot be read" in capsys.readouterr().err
