"""Text of a contract is text in every output of the contract package, whatever it contains."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from code_contract import load
from code_contract.docs import render
from code_contract.docs.escaping import blocks
from code_contract.text import escape_lines, escape_unprintable, printable_json
from code_contract_cli.main import run
from tests import hostile

HOSTILE = pytest.mark.parametrize("text", hostile.TEXTS.values(), ids=hostile.TEXTS)
FORMATS = [("html", "both"), ("markdown", "both"), ("vuepress", "zh"), ("openapi", None)]


class Elements(HTMLParser):
    """The names of the elements of a page, and the attributes that run a script or name an address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.active: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        for name, value in attributes:
            if name.startswith("on") or (name in ("href", "src", "action", "style") and not str(value).startswith("#")):
                self.active.append(f"{name}={value}")


def harmless(folder: Path, form: str, lang: str | None) -> str:
    return render(load(hostile.write(folder, "plain")), form, lang)


@HOSTILE
@pytest.mark.parametrize(("form", "lang"), FORMATS, ids=lambda value: str(value))
def test_a_page_has_only_printable_characters(tmp_path: Path, text: str, form: str, lang: str | None) -> None:
    """No control character, terminal escape or bidirectional override, in code and front matter neither."""
    page = render(load(hostile.write(tmp_path, text)), form, lang)
    assert {char for char in page if not char.isprintable()} <= {"\n"}


@HOSTILE
@pytest.mark.parametrize(("form", "lang"), FORMATS[:3], ids=lambda value: str(value))
def test_a_page_has_the_elements_of_a_harmless_one(tmp_path: Path, text: str, form: str, lang: str | None) -> None:
    """Rendered, it has no element, event handler or address that the same page of a harmless contract lacks."""
    pages = [render(load(hostile.write(tmp_path, text)), form, lang), harmless(tmp_path, form, lang)]
    if form != "html":
        bodies = [re.sub(r"\A---\n.*?\n---\n", "", page, flags=re.DOTALL) for page in pages]
        pages = [MarkdownIt("commonmark").enable("table").render(body) for body in bodies]
    found, wanted = map(Elements, pages)
    assert found.active == wanted.active
    # Empty text has no code span; a code span with special characters is a <code> of its own.
    assert set(found.names) <= {*wanted.names, "code", "span"}
    for name in ("script", "a", "h1", "h2", "h3", "table", "tr", "td", "pre", "ul", "li"):
        assert found.names.count(name) == wanted.names.count(name), name


@HOSTILE
def test_vue_evaluates_nothing(tmp_path: Path, text: str) -> None:
    """Outside of code, which VuePress excludes, no page has the braces of an expression."""
    page = render(load(hostile.write(tmp_path, text)), "vuepress")
    assert "{{" not in re.sub(r"^```json$.*?^```$|\A---$.*?^---$", "", page, flags=re.DOTALL | re.MULTILINE)


@HOSTILE
def test_front_matter_and_bundle_keep_their_structure(tmp_path: Path, text: str) -> None:
    """The front matter has two keys and a list; the bundle is the resolved document, value for value."""
    contract = load(hostile.write(tmp_path, text))
    matter = yaml.safe_load(render(contract, "vuepress").split("\n---\n")[0])
    assert [type(value) for value in matter.values()] == [str, list, str]
    assert json.loads(render(contract, "openapi")) == contract.document


@HOSTILE
def test_a_page_runs_its_own_script_only(tmp_path: Path, text: str) -> None:
    """The policy of the page names the hash of that script and allows no other."""
    pages = (render(load(hostile.write(tmp_path, text)), "html"), harmless(tmp_path, "html", "both"))
    found, expected = (re.findall(r'Content-Security-Policy" content="([^"]*)"', page) for page in pages)
    assert len(found) == 1
    assert found == expected
    assert "script-src &#39;sha256-" in found[0]


@HOSTILE
@pytest.mark.parametrize("command", ["docs", "clauses", "clauses --json", "diff", "diff --json"])
def test_the_terminal_gets_only_printable_characters(
    tmp_path: Path, text: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of every subcommand that prints text of a contract."""
    path = str(hostile.write(tmp_path, text))
    name, *options = command.split()
    run([name, *options, *([path] if name == "diff" else ["--spec", path])])
    printed = capsys.readouterr()
    assert {char for char in printed.out + printed.err if not char.isprintable()} <= {"\n"}


@HOSTILE
def test_an_error_about_a_contract_is_printable(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence may quote the contract; it stays one line without control characters."""
    document = hostile.document(text)
    document["x-clauses"][0]["id"] = text
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    for command in ("docs", "mock", "check"):
        assert run([command, "--spec", str(path), *(["--port", "0"] if command == "mock" else [])]) == 2
        printed = capsys.readouterr().err
        assert printed.count("\n") == 1
        assert printed.rstrip("\n").isprintable()


def test_unprintable_characters_do_not_depend_on_the_version_of_unicode() -> None:
    """Only unprintable characters are escaped; one that a version of Python does not know is kept."""
    every = "".join(map(chr, range(0x110000)))
    shown = escape_unprintable(every)
    assert all(char.isprintable() or unicodedata.category(char) == "Cn" for char in shown)
    assert not {"\x1b", "\x9b", "\x7f", "\u202e", "\u2066", "\u200b", "\u2028", "\ud800", "\ufeff"} & set(shown)
    assert escape_unprintable("a 中文 é 😀") == "a 中文 é 😀"
    assert escape_lines("a\x1b\nb\r") == "a\\x1b\nb\\r"
    # Two lone surrogates in a row would read as one character.
    valid = "".join(char for char in every if not "\ud800" <= char <= "\udfff")
    assert json.loads(printable_json({"a": valid}, 2)) == {"a": valid}


TEXT = """\
One **line**
and [its](https://x.invalid) [`end`](u).

> [!NOTE]
> Quoted > text.

## Title ##
- item
  continued
1. other
| a | b |
```sh
> command  # not a title
```
"""


def test_a_description_is_laid_out() -> None:
    """Blocks of CommonMark become lines of text; links and emphasis lose their marks."""
    assert blocks(TEXT) == [
        ("text", "One line and its (https://x.invalid) `end` (u)."),
        ("heading", "NOTE"),
        ("text", "Quoted > text."),
        ("heading", "Title"),
        ("item", "- item continued"),
        ("item", "1. other"),
        ("row", "| a | b |"),
        ("code", "> command  # not a title"),
    ]


@pytest.mark.parametrize("text", ["[`", "[", "**", "**a", "[a](", "# #", "`", "[a](b ", "> ", "*"])
def test_a_description_is_laid_out_in_proportional_time(text: str) -> None:
    """Many openings that nothing closes do not multiply."""
    begun = time.process_time()
    blocks(text * (300_000 // len(text)))
    assert time.process_time() - begun < 2
