"""`code-contract docs`: docs/reference is up to date, a stale page is told, and nothing ends in a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from code_contract_cli.main import run
from tests.paths import ROOT

PRINTED = sorted(
    path for path in (ROOT / "docs" / "reference").iterdir() if "generate_reference.py" not in path.read_text("utf-8")
)


@pytest.mark.parametrize("path", PRINTED, ids=lambda path: path.name)
def test_the_printed_pages_are_up_to_date(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`code-contract docs --check` is content with every file of docs/reference."""
    assert run(["docs", "--check", str(path)]) == 0, capsys.readouterr()


def test_every_format_is_printed() -> None:
    """docs/reference has a page of every kind, Markdown in two languages."""
    assert Counter(path.suffix for path in PRINTED) == {".md": 3, ".html": 1, ".json": 1}


@pytest.mark.parametrize("name", ["vuepress.md", "chinese.md", "reference.html", "openapi.json"])
def test_a_stale_page_is_told_with_a_short_difference(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1, what differs, and the command that prints it again; which then makes it right."""
    stale = tmp_path / name
    text = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    stale.write_text(text.replace("获取验证码", "Stale"), encoding="utf-8")
    assert run(["docs", "--check", str(stale)]) == 1
    printed = capsys.readouterr()
    assert any(line.startswith("-") and "Stale" in line for line in printed.out.splitlines())
    assert max(map(len, printed.out.splitlines())) <= 161
    assert len(printed.out.splitlines()) <= 21
    again = printed.err.partition("run: code-contract ")[2].split()
    assert run(again) == 0
    assert run(["docs", "--check", str(stale)]) == 0
    assert stale.read_text(encoding="utf-8") == text


def test_a_page_with_the_line_ends_of_windows_is_up_to_date(tmp_path: Path) -> None:
    """What git does to line ends on a checkout is no difference."""
    path = tmp_path / "page.md"
    path.write_bytes((ROOT / "docs" / "reference" / "english.md").read_bytes().replace(b"\n", b"\r\n"))
    assert run(["docs", "--check", str(path)]) == 0


def test_the_hand_written_page_is_compared_as_a_page_of_the_house_style(capsys: pytest.CaptureFixture[str]) -> None:
    """A page that says nothing of itself is one of vuepress; the document differs in form only."""
    assert run(["docs", "--check", str(ROOT / "docs" / "document.md")]) == 1
    assert "docs --format vuepress -o" in capsys.readouterr().err


WRONG = {
    "no file": (["--check", "missing.md"], "missing.md cannot be read: No such file or directory"),
    "a directory": (["--check", "."], "cannot be read: Is a directory"),
    "not text": (["--check", "binary.md"], "binary.md cannot be read: it is not UTF-8"),
    "no place to write": (["-o", "missing/page.md"], "missing/page.md cannot be written: No such file or directory"),
    "both": (["-o", "a.md", "--check", "a.md"], "-o and --check cannot be combined"),
    "a language the house does not speak": (
        ["--lang", "en"],
        "unknown vuepress language 'en'; available: zh",
    ),
    "a language for the machine": (
        ["--format", "openapi", "--lang", "en"],
        "unknown openapi language 'en'; available: none",
    ),
    "a contract that is none": (["--spec", "binary.md"], "is not YAML"),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2 and one line that names the cure or the cause."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary.md").write_bytes(b"\xff\x00")
    assert run(["docs", *arguments]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""


def test_the_page_is_utf_8_whatever_the_terminal_speaks() -> None:
    """What is redirected to a file is the page, byte for byte."""
    command = [sys.executable, "-m", "code_contract_cli", "docs"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60)
    assert done.stdout == (ROOT / "docs" / "reference" / "vuepress.md").read_bytes()


def test_the_format_is_told_by_how_the_file_ends(tmp_path: Path) -> None:
    """`-o page.html` prints HTML and `-o api.json` OpenAPI, without --format."""
    for name, start in (("a.html", "<!doctype html>"), ("a.json", "{"), ("a.md", "---\n")):
        assert run(["docs", "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
