"""Settings from a file, waivers, and --wait."""

from __future__ import annotations

import socket
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

import mock_server
from code_contract import Contract, UnknownNameError
from code_contract_cli.main import run
from contract_tests import config
from contract_tests.settings import SettingsError, Waiver
from contract_tests.verdict import Outcome
from mock_server import Mock
from tests.conftest import checked

TOMORROW = date.today() + timedelta(days=1)
YESTERDAY = date.today() - timedelta(days=1)


def waiver(clause: str, expires: date = TOMORROW) -> Waiver:
    return Waiver(clause, "the gateway is being replaced", expires)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a pyproject.toml in the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "pyproject.toml"


def test_a_waived_failure_is_shown_and_does_not_fail(contract: Contract) -> None:
    """A waived failure is reported with its reason, and the run passes."""
    result = checked(contract, "img-crc", waivers=(waiver("png-crcs-are-correct"),))
    verdict = next(each for each in result.verdicts if each.clause.id == "png-crcs-are-correct")
    assert verdict.status is Outcome.WAIVED
    assert "the gateway is being replaced" in verdict.waived
    assert result.exit_status == 0


@pytest.mark.parametrize(
    ("settings", "noted"),
    [
        ({"waivers": (waiver("png-crcs-are-correct", YESTERDAY),)}, True),
        ({"waivers": (waiver("png-crcs-are-correct"),), "strict": True}, False),
    ],
    ids=["expired", "strict"],
)
def test_a_waiver_that_does_not_apply_fails(contract: Contract, settings: dict[str, object], noted: bool) -> None:
    """An expired waiver fails the run and is noted; strict ignores every waiver."""
    result = checked(contract, "img-crc", **settings)
    assert result.exit_status == 1
    assert any("expired on" in note for note in result.collection.notes) is noted


def test_a_waiver_applies_on_its_last_day(contract: Contract) -> None:
    """`expires` is the last day on which a clause may fail."""
    assert checked(contract, "img-crc", waivers=(waiver("png-crcs-are-correct", date.today()),)).exit_status == 0


def test_a_waiver_of_a_passed_clause_is_noted(contract: Contract) -> None:
    """The note says that the waiver is no longer needed, and the run passes."""
    result = checked(contract, waivers=(waiver("png-crcs-are-correct"),))
    assert any("png-crcs-are-correct is no longer needed" in note for note in result.collection.notes)
    assert result.exit_status == 0


def test_the_command_takes_its_settings_from_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Base URL, samples, a header with a variable, and waivers come from the file; options override them."""
    monkeypatch.setenv("STAGING_TOKEN", "t0ken-of-staging")
    with mock_server.running(faults=[mock_server.fault("img-crc")]) as mock:
        project.write_text(
            f"""
            [tool.code-contract]
            base_url = "{mock.base_url}"
            samples = 3
            headers = {{ Authorization = "Bearer ${{STAGING_TOKEN}}" }}
            [[tool.code-contract.waivers]]
            clause = "png-crcs-are-correct"
            reason = "ticket 4711"
            expires = {TOMORROW}
            """,
            encoding="utf-8",
        )
        assert run(["check"]) == 0
        out = capsys.readouterr().out
        assert "~ png-crcs-are-correct  3 of 3" in out
        assert "ticket 4711" in out
        assert '-H "Authorization: ${CODE_AUTHORIZATION:?set CODE_AUTHORIZATION}"' in out
        assert "t0ken" not in out
        assert run(["check", "--samples", "5"]) == 0
        assert "~ png-crcs-are-correct  5 of 5" in capsys.readouterr().out
    (project.parent / "below").mkdir()
    monkeypatch.chdir(project.parent / "below")
    assert config.find() == project


BAD = {
    "unknown key": ("[tool.code-contract]\nsampels = 3", "unknown setting 'sampels'; did you mean 'samples'"),
    "wrong kind": ("[tool.code-contract]\nsamples = 'many'", "samples is 'many'; use an integer"),
    "wrong kind, true": ("[tool.code-contract]\nsamples = true", "samples is True"),
    "no TOML": ("[tool", "is not valid TOML"),
    "no table": ("[project]\nname='x'", "has no table"),
    "no variable": ("[tool.code-contract]\nheaders = {A = '${NO_SUCH_VARIABLE_HERE}'}", "needs the environment variable NO_SUCH_VARIABLE_HERE"),
    "waiver without reason": ("[[tool.code-contract.waivers]]\nclause='uuid-is-unique'\nreason=' '\nexpires=2030-01-01", "has no reason"),
    "waiver without date": ("[[tool.code-contract.waivers]]\nclause='uuid-is-unique'\nreason='x'", "needs exactly clause, reason and expires"),
    "waiver with a bad date": ("[[tool.code-contract.waivers]]\nclause='uuid-is-unique'\nreason='x'\nexpires='soon'", "expires is 'soon'"),
    "waiver of no clause": ("[[tool.code-contract.waivers]]\nclause='uuid-is-uniqe'\nreason='x'\nexpires=2030-01-01", "did you mean 'uuid-is-unique'"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_an_invalid_file_is_one_clear_sentence(project: Path, contract: Contract, name: str) -> None:
    """The error names the key or value and the remedy."""
    text, message = BAD[name]
    project.write_text(text, encoding="utf-8")
    with pytest.raises((SettingsError, UnknownNameError)) as caught:
        config.read(project, contract)
    assert message in str(caught.value)


def test_a_file_of_another_name_needs_no_table(tmp_path: Path, contract: Contract) -> None:
    """--config FILE may have the settings at its top level."""
    path = tmp_path / "staging.toml"
    path.write_text("samples = 7", encoding="utf-8")
    assert config.read(path, contract) == {"samples": 7}


def test_wait_until_the_target_starts() -> None:
    """With --wait, the run begins once the target responds."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = []

    def start() -> None:
        time.sleep(1)
        server = mock_server.MockServer(Mock(), port=port)
        server.start()
        started.append(server)

    thread = threading.Thread(target=start)
    thread.start()
    try:
        assert run(["check", f"http://127.0.0.1:{port}", "--samples", "2", "--wait", "20"]) == 0
    finally:
        thread.join()
        started[0].stop()


def test_wait_is_limited(capsys: pytest.CaptureFixture[str]) -> None:
    """If the target does not start in time, the exit status is 3."""
    begun = time.monotonic()
    assert run(["check", "http://127.0.0.1:1", "--wait", "1"]) == 3
    assert 1 <= time.monotonic() - begun < 6


def test_a_report_links_to_the_published_reference(tmp_path: Path) -> None:
    """With --reference-url, each clause of the HTML report links to its anchor; other schemes are rejected."""
    path = tmp_path / "r.html"
    options = ["--samples", "1", "--only", "img-is-a-png", "--report", str(path)]
    assert run(["check", *options, "--reference-url", "https://docs.example.com/code.html"]) == 0
    assert 'href="https://docs.example.com/code.html#clause-img-is-a-png"' in path.read_text(encoding="utf-8")
    assert run(["check", *options, "--reference-url", "javascript:alert(1)"]) == 2
