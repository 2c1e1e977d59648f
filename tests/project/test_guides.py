"""The guides: every command parses, every link leads to a file, the Python and pytest snippets run."""

from __future__ import annotations

import getopt
import re
import shlex
from pathlib import Path

import click
import pytest

from code_contract_cli.main import cli
from contract_tests import Result, Settings, check
from mock_server import create_app, running
from tests.paths import ROOT

EXAMPLES = [path for path in sorted((ROOT / "examples").rglob("README.md")) if "node_modules" not in path.parts]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"), *EXAMPLES])
GUIDES = [*sorted((ROOT / "docs" / "guide").glob("*.md")), *EXAMPLES]
FRONTEND = ROOT / "docs" / "guide" / "frontend.md"


def snippets(path: Path, language: str) -> list[str]:
    """Return the fenced code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", path.read_text("utf-8"), re.DOTALL)


def commands() -> list[str]:
    """Return every `code-contract` command of the guides, without comments and job control."""
    blocks = [block for path in GUIDES for block in snippets(path, "sh")]
    lines = [re.split(r"\s+#|\s+&$", line)[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("code-contract ")]


@pytest.mark.parametrize("line", commands())
def test_a_command_parses(line: str) -> None:
    """The subcommand exists and accepts the options."""
    _, name, *arguments = shlex.split(line)
    root = click.Context(cli)
    command = cli.get_command(root, name)
    assert command is not None
    command.make_parser(click.Context(command, parent=root)).parse_args(arguments)


def test_the_guides_have_commands() -> None:
    """The reader of the guides finds commands of each subcommand that they describe."""
    assert {shlex.split(line)[1] for line in commands()} >= {"check", "mock", "load", "docs", "diff"}


@pytest.mark.parametrize("path", PAGES, ids=[str(path.relative_to(ROOT)) for path in PAGES])
def test_relative_links_lead_to_files(path: Path) -> None:
    """No relative link of a page is broken."""
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\((?!https?:|#|data:)([^)#\s]+)", text)
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_python_snippet_of_the_check_guide_runs() -> None:
    """`check(load(), Settings(...))` returns a result whose exit status and failures the guide describes."""
    snippet = snippets(ROOT / "docs" / "guide" / "check.md", "python")[0]
    with running() as mock:
        names: dict[str, object] = {}
        exec(snippet.replace("https://staging.example.com/api/v1", mock.base_url), names)
    assert isinstance(names["result"], Result)
    assert (names["Settings"], names["check"]) == (Settings, check)


def test_the_python_snippet_of_the_mock_guide_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """`running()` serves, and `create_app()` is a Flask application."""
    names: dict[str, object] = {}
    exec(snippets(ROOT / "docs" / "guide" / "mock.md", "python")[0], names)
    assert capsys.readouterr().out.startswith("http://127.0.0.1:")
    assert type(names["app"]).__name__ == "Flask"


def test_the_tests_that_a_guide_names_exist() -> None:
    """The table of behaviours names a test function of a file for each."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "guide" / "any-openapi.md").read_text("utf-8"))
    assert len(named) > 30
    missing = [f"{file}::{name}" for file, name in named if f"def {name}(" not in (ROOT / file).read_text("utf-8")]
    assert missing == []


def test_the_curl_commands_of_the_frontend_guide_are_accepted() -> None:
    """Each sets the active behaviour, or resets it."""
    client = create_app().test_client()
    lines = [line for block in snippets(FRONTEND, "sh") for line in block.splitlines() if line.startswith("curl ")]
    assert len(lines) > 2
    for line in lines:
        options, (url,) = getopt.gnu_getopt(shlex.split(line)[1:], "X:H:d:")
        given = dict(options)
        headers = dict([given["-H"].split(": ")]) if "-H" in given else {}
        response = client.open(url, method=given["-X"], headers=headers, data=given.get("-d"))
        assert response.status_code in (200, 204), line


def test_the_admin_api_has_the_requests_of_the_frontend_guide() -> None:
    """Every method and path of its table is in the document of the admin API."""
    paths = create_app().test_client().get("/__mock/openapi.json").get_json()["paths"]
    (table,) = re.findall(r"^\| admin API.*\n((?:\|.*\n)+)", FRONTEND.read_text("utf-8"), re.MULTILINE)
    cells = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    assert len(cells) > 6
    for cell in cells:
        methods = re.findall(r"\b[A-Z]+\b", cell)
        names = re.findall(r"[a-z][a-zA-Z/{}.]+", cell)
        missing = [name for name in names if f"/{name}" not in paths and name not in ("openapi.json", "last")]
        assert missing == []
        assert all(method.lower() in paths[f"/{name}"] for name in names[:1] for method in methods)
