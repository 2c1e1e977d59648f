"""The output of `check` on a terminal, in a log and in GitHub Actions."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mock_server
from code_contract_cli import console
from code_contract_cli.main import run
from contract_tests.reports import github, terminal
from contract_tests.reports.wrapping import columns, wrap
from contract_tests.result import Result
from tests.conftest import checked
from tests.contract_tests.reports.results import CONTRACT, exchange, result_of
from tests.servers.hostile import raw_server, send

FAULTS = ("img-crc", "charset-missing")
WIDTH = 80


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    with mock_server.running(faults=[mock_server.fault(name) for name in FAULTS]) as mock:
        yield mock.base_url


@pytest.fixture(scope="module")
def result() -> Result:
    return checked(CONTRACT, *FAULTS, samples=2)


def check(target: str, *options: str) -> int:
    return run(["check", target, "--samples", "2", *options])


@pytest.mark.parametrize("width", [80, 40])
def test_lines_fit_the_terminal(
    target: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No line but a curl command, which is alone on its line and whole, has more columns than the terminal."""
    monkeypatch.setenv("COLUMNS", str(width))
    assert check(target, "-v") == 1
    lines = capsys.readouterr().out.splitlines()
    long = [line for line in lines if columns(line) > width]
    assert len(long) == 2
    for line in long:
        assert re.fullmatch(r" {6}curl -i .* http://127\.0\.0\.1:\d+/code", line)
        assert lines[lines.index(line) - 1] == "    reproduce"
    assert max(map(columns, lines[:5])) > width // 2


@pytest.mark.parametrize("width", [20, 33, 80])
@pytest.mark.parametrize(
    "text",
    [
        "The CRC of every chunk is correct, whatever the kind of the chunk.",
        "文档：需要来源：是，验证码图片 uuid 是 String，结果标识（布尔）。" * 3,
        "received " + "x" * 200 + " end",
        "\x1b[31m✗\x1b[0m some-clause  " + "skipped: no request succeeded " * 3,
        "",
    ],
    ids=["words", "Chinese", "long word", "colour", "empty"],
)
def test_wrapping_keeps_the_text(text: str, width: int) -> None:
    """Each line fits, those after the first are indented, and nothing but spaces is lost."""
    lines = list(wrap(text, width, "    "))
    assert all(columns(line) <= width for line in lines)
    assert all(line.startswith("    ") for line in lines[1:])
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert columns("文档 uuid\x1b[31m✗\x1b[0m") == 10


@pytest.mark.parametrize(
    ("environment", "is_terminal", "expected"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": ""}, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
    ],
)
def test_colours(
    environment: dict[str, str], is_terminal: bool, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_COLOR forbids them, FORCE_COLOR demands them, else a terminal decides; empty variables are not set."""
    monkeypatch.delenv("TERM", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stdout = io.StringIO()
    monkeypatch.setattr(stdout, "isatty", lambda: is_terminal)
    monkeypatch.setattr("sys.stdout", stdout)
    assert console.is_coloured() is expected


def test_forced_colours_reach_the_report(
    target: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mark of a failure is red although stdout is no terminal."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert check(target) == 1
    assert "\x1b[1;31m✗" in capsys.readouterr().out


def test_quiet_shows_failures_only(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The evidence of what failed the run and its verdict; neither warnings nor what passed, nor the written files."""
    assert check(target, "-q", "--report", str(tmp_path / "x.md")) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("✗ png-crcs-are-correct  (MUST)\n")
    assert "\nFAILED: " in printed.out
    assert "charset-is-stated" not in printed.out
    assert printed.err == ""
    assert (tmp_path / "x.md").exists()


def test_quiet_prints_nothing_for_a_passed_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Not even the verdict."""
    assert run(["check", "--samples", "2", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_quiet_and_verbose_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    """Both are a usage error."""
    assert run(["check", "-q", "-v"]) == 2
    assert "exclude each other" in capsys.readouterr().err


def test_written_files_are_named_on_stderr(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each file, in the order of the options."""
    paths = [tmp_path / name for name in ("b.html", "a.xml", "run.har")]
    check(target, "--report", str(paths[0]), "--report", str(paths[1]), "--save-har", str(paths[2]))
    assert capsys.readouterr().err.splitlines() == [f"wrote {path}" for path in paths]


def test_a_section_without_a_check_is_one_line() -> None:
    """It has the number of clauses and the reason; --verbose shows them."""
    refused = result_of(exchange(b"<h1>", ("Content-Type", "text/html")))
    lines = list(terminal.render(refused, width=200))
    folded = [line for line in lines if " clauses skipped: " in line]
    assert any(line.startswith("Picture") or "PNG" in line for line in folded)
    assert not [line for line in lines if "img-is-a-png" in line]
    assert any("img-is-a-png" in line for line in terminal.render(refused, verbose=True))


@pytest.fixture
def actions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the step summary in GitHub Actions."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    return tmp_path / "summary"


def test_github_gets_annotations_and_a_summary(target: str, actions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The log ends with one annotation per violated clause; the summary is appended."""
    actions.write_text("before", encoding="utf-8")
    assert check(target, "-q") == 1
    commands = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::")]
    assert re.match(r"::error file=openapi\.yaml,line=\d+,title=png-crcs-are-correct::The CRC of", commands[0])
    assert re.match(r"::warning file=openapi\.yaml,line=\d+,title=charset-is-stated::", commands[1])
    summary = actions.read_text("utf-8")
    assert summary.startswith("before\n### ❌ Failed")
    assert "png-crcs-are-correct" in summary


def test_github_is_left_alone_elsewhere(
    target: str, actions: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without GITHUB_ACTIONS=true there are neither annotations nor a summary."""
    monkeypatch.setenv("GITHUB_ACTIONS", "false")
    check(target)
    assert "::error" not in capsys.readouterr().out
    assert not actions.exists()


def test_a_full_or_missing_summary_is_a_warning(
    actions: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], result: Result
) -> None:
    """GitHub shows no summary over its limit, so that nothing is added to a full one; the status does not change."""
    actions.write_bytes(b"x" * github.MAX_SUMMARY)
    console.show(result, verbose=False, quiet=True)
    assert actions.stat().st_size == github.MAX_SUMMARY
    assert "the step summary has no room left" in capsys.readouterr().err
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(actions / "no" / "folder"))
    console.show(result, verbose=False, quiet=True)
    assert "cannot be written" in capsys.readouterr().err


def test_a_target_forms_no_workflow_command(actions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever it sends, the commands of the log are those of the check."""
    text = "x\n::error file=x::pwned\r::stop-commands::pwned ##[error]pwned ##[add-mask]a " + "::error::pwned " * 200
    body = json.dumps({"code": text, "succFlag": text, "msg": text, "data": text, text: text}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with raw_server(send(head + body)) as port:
        assert run(["check", f"http://127.0.0.1:{port}", "--samples", "2"]) == 1
    printed = capsys.readouterr()
    lines = [line for line in (printed.out + printed.err).splitlines() if line.lstrip().startswith("::")]
    assert lines
    assert all(re.match(r"::(error|warning|notice) (file=openapi\.yaml,line=\d+,)?title=[a-z-]+::", e) for e in lines)
    assert "##[" not in printed.out + printed.err
