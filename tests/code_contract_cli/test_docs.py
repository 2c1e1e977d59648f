"""`code-contract docs`: docs/reference is up to date, stale pages are reported, and errors are one line."""

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
    """`code-contract docs --check` accepts every file of docs/reference that it generates."""
    assert run(["docs", "--check", str(path)]) == 0, capsys.readouterr()


def test_every_format_has_a_page() -> None:
    """docs/reference has a page in every format, and Markdown in two languages."""
    assert Counter(path.suffix for path in PRINTED) == {".md": 3, ".html": 1, ".json": 1}


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("contract.d.ts", "// General interface"),
        ("requests.http", "# General interface"),
        ("x.postman_collection.json", '{\n  "info"'),
        ("x.json", '{\n  "openapi"'),
    ],
)
def test_the_suffix_chooses_the_format(name: str, start: str, tmp_path: Path) -> None:
    """The longest one counts; `--check` reads the same suffix."""
    path = tmp_path / name
    assert run(["docs", "-o", str(path)]) == 0
    assert path.read_text("utf-8").startswith(start)
    assert run(["docs", "--check", str(path)]) == 0


@pytest.mark.parametrize("name", ["vuepress.md", "chinese.md", "reference.html", "openapi.json"])
def test_a_stale_page_is_reported_with_a_short_diff(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status is 1; the output has a diff and the command that generates the page again."""
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


def test_the_difference_names_its_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the lines after the first difference are compared; their numbers are those of the whole page."""
    lines = (ROOT / "docs" / "reference" / "english.md").read_text(encoding="utf-8").splitlines()
    at = len(lines) - 3
    lines[at] = "Stale"
    stale = tmp_path / "english.md"
    stale.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run(["docs", "--check", str(stale)]) == 1
    assert f"@@ -{at},3 +{at},3 @@" in capsys.readouterr().out.splitlines()


def test_a_page_with_windows_line_endings_is_up_to_date(tmp_path: Path) -> None:
    """Line endings that git changes on checkout are ignored."""
    path = tmp_path / "page.md"
    path.write_bytes((ROOT / "docs" / "reference" / "english.md").read_bytes().replace(b"\n", b"\r\n"))
    assert run(["docs", "--check", str(path)]) == 0


def test_a_page_without_a_generator_comment_is_compared_as_vuepress(capsys: pytest.CaptureFixture[str]) -> None:
    """VuePress is the default format of a page that does not record its own."""
    assert run(["docs", "--check", str(ROOT / "docs" / "document.md")]) == 1
    assert "docs --format vuepress -o" in capsys.readouterr().err


WRONG = {
    "no file": (["--check", "missing.md"], "missing.md cannot be read: No such file or directory"),
    "a directory": (["--check", "."], "cannot be read: Is a directory"),
    "not text": (["--check", "binary.md"], "binary.md cannot be read: it is not UTF-8"),
    "unknown suffix": (["-o", "api.docx"], "'api.docx' has no known suffix; use one of .md, .html, .json"),
    "unknown suffix to check": (["--check", "api.docx"], "'api.docx' has no known suffix"),
    "missing folder": (["-o", "missing/page.md"], "'missing/page.md' cannot be written: its folder does not exist"),
    "both": (["-o", "a.md", "--check", "a.md"], "-o and --check cannot be combined"),
    "unknown language of vuepress": (
        ["--lang", "en"],
        "unknown vuepress language 'en'; available: zh",
    ),
    "language of openapi": (
        ["--format", "openapi", "--lang", "en"],
        "unknown openapi language 'en'; available: none",
    ),
    "invalid contract": (["--spec", "binary.md"], "is not YAML"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_an_error_is_one_sentence(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The exit status is 2, and one line names the cause."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary.md").write_bytes(b"\xff\x00")
    (tmp_path / "api.docx").write_bytes(b"text")
    assert run(["docs", *arguments]) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""


def test_output_is_utf_8_on_any_terminal() -> None:
    """Redirected output equals the page byte for byte."""
    command = [sys.executable, "-m", "code_contract_cli", "docs"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60)
    assert done.stdout == (ROOT / "docs" / "reference" / "vuepress.md").read_bytes()


def test_the_suffix_selects_the_format(tmp_path: Path) -> None:
    """`-o page.html` writes HTML and `-o api.json` OpenAPI without --format; without a suffix it is VuePress."""
    matter, markup = "---\n", "<!doctype html>"
    for name, start in (("a.html", markup), ("a.HTML", markup), ("a.json", "{"), ("a.md", matter), ("a", matter)):
        assert run(["docs", "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
