"""`code-contract diff`: output, exit statuses, and one line for an invalid contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from code_contract import default_path
from code_contract_cli.main import run
from tests.code_contract.versions import UUID


def test_the_same_contract(capsys: pytest.CaptureFixture[str]) -> None:
    """A contract has no changes from itself; NEW defaults to the packaged contract."""
    assert run(["diff", str(default_path())]) == 0
    assert capsys.readouterr().out == "no changes\n"
    assert run(["diff", str(default_path()), str(default_path()), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_audience_decides_the_exit_status(
    edited: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """A change that breaks only providers does not fail for consumers."""
    old = str(edited("minLength: 1\n          description: The id", "minLength: 0\n          description: The id"))
    assert run(["diff", old]) == 1
    out = capsys.readouterr().out
    assert out.startswith(
        f"breaking\n  providers  {UUID}/minLength: minLength changed from 0 to 1; fewer responses are allowed"
    )
    assert out.endswith("\n1 breaking, 0 compatible, 0 cosmetic\n")
    assert run(["diff", old, "--for", "providers"]) == 1
    assert run(["diff", old, "--for", "consumers"]) == 0
    assert "0 breaking, 1 compatible, 0 cosmetic" in capsys.readouterr().out
    assert run(["diff", str(default_path()), old, "--for", "consumers"]) == 1


def test_as_json(edited: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    """JSON output has the impact of each change on the selected audiences."""
    old = str(edited("title: General interface", "title: Old interface"))
    assert run(["diff", old, "--json"]) == 0
    row = {
        "consumers": "cosmetic",
        "providers": "cosmetic",
        "pointer": "/info/title",
        "message": 'title changed from "Old interface" to "General interface"',
    }
    assert json.loads(capsys.readouterr().out) == [row]
    assert run(["diff", old, "--json", "--for", "providers"]) == 0
    del row["consumers"]
    assert json.loads(capsys.readouterr().out) == [row]


def test_the_part_of_a_long_value_that_differs_is_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Of two values that begin and end alike, a message quotes what is different, with a little on each side."""
    text = default_path().read_text(encoding="utf-8")
    long = (
        "An interface of the platform for everybody who needs pictures of questions, and of their {} answers, in time."
    )
    for name, word in (("old", "early"), ("new", "late")):
        changed = text.replace("title: General interface", f"title: {long.format(word)}")
        (tmp_path / f"{name}.yaml").write_text(changed, encoding="utf-8")
    paths = [str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]
    assert run(["diff", *paths]) == 0
    shown = "title changed from …, and of their early answers, in ti… to …, and of their late answers, in ti…\n"
    assert shown in capsys.readouterr().out


def test_as_markdown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A comment for a merge request has a table for each impact; only breaking changes are not folded."""
    text = default_path().read_text(encoding="utf-8").replace("minLength: 1", "minLength: 0", 1)
    text = text.replace("title: General interface", 'title: "a | <b>b</b> [l](x)"')
    path = tmp_path / "new.yaml"
    path.write_text(text, encoding="utf-8")
    assert run(["diff", str(default_path()), str(path), "--format", "markdown"]) == 1
    out = capsys.readouterr().out
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(out)
    assert out.startswith("**Changes of the contract: 1 breaking, 0 compatible, 1 cosmetic**\n")
    before, _, folded = page.partition("<details>")
    assert before.count("<tr>") == 2
    assert "<td>minLength changed from 1 to 0; more " in before
    assert folded.count("<tr>") == 2
    assert (
        "<td>title changed from &quot;General interface&quot; to &quot;a | &lt;b&gt;b&lt;/b&gt; [l](x)&quot;</td>"
        in folded
    )
    assert run(["diff", str(path), str(path), "--format", "markdown"]) == 0
    assert capsys.readouterr().out == "**Changes of the contract: no changes**\n"


def test_markdown_is_not_longer_than_a_comment(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Of many changes of one impact, some are shown and the others counted."""
    old, new = ({"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {}} for _ in range(2))
    new["paths"] = {f"/{number}": {"get": {"responses": {}}} for number in range(200)}
    paths = [tmp_path / "old.json", tmp_path / "new.json"]
    for path, document in zip(paths, (old, new), strict=True):
        path.write_text(json.dumps(document), encoding="utf-8")
    assert run(["diff", *map(str, paths), "--format", "markdown"]) == 1
    out = capsys.readouterr().out
    assert out.count("\n| providers |") == 50
    assert "\n… and 150 more\n" in out


def test_unprintable_text_is_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters in keys and values of a document do not reach the terminal."""
    document = yaml.safe_load(default_path().read_text(encoding="utf-8"))
    document["info"]["title"] = "\x1b[31m\u202e\x9b" + "a" * 10_000
    document["info"]["x-\x1b[2J\n"] = "\u2028"
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    for options in ([], ["--format", "json"], ["--format", "markdown"]):
        assert run(["diff", str(path), *options]) == 0
        out = capsys.readouterr().out
        assert not [each for each in out if not each.isprintable() and each != "\n"]
        assert len(out) < 1000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read"),
        ("a: [", "is not YAML"),
        ("openapi: 4.0.0", "use OpenAPI 3.0, 3.1 or 3.2"),
        ("- 1", "is not a mapping"),
    ],
)
def test_a_bad_contract_is_one_clear_line(
    text: str | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status is 2, and one line names the file."""
    path = tmp_path / "bad.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    for arguments in ([str(path)], [str(default_path()), str(path)]):
        assert run(["diff", *arguments]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert message in printed.err
        assert str(path) in printed.err
        assert printed.err.count("\n") == 1


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """OLD is required, and --for accepts consumers, providers and both."""
    assert run(["diff"]) == 2
    assert "Missing argument 'OLD'" in capsys.readouterr().err
    assert run(["diff", str(default_path()), "--for", "nobody"]) == 2
    assert "'nobody' is not one of" in capsys.readouterr().err
