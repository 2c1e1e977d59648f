"""The Chinese guides and README keep step with the English ones: headings, tables, code and commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.chinese import HAN, english_sentences
from tests.paths import ROOT

PAGES = [(path, ROOT / "docs/zh/guide" / path.name) for path in sorted((ROOT / "docs/guide").glob("*.md"))]
PAGES.append((ROOT / "README.md", ROOT / "README.zh-CN.md"))
PAGES.append((ROOT / "docs/index.md", ROOT / "docs/zh/index.md"))

_BLOCK = re.compile(r"^ *```([^\n]*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"(?:^|\s+)(?:#|//)\s.*$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def code(text: str) -> list[tuple[str, list[str]]]:
    """The code blocks of a page with their languages; comments are translated, so they are left out."""
    return [
        (language, [line.strip() for line in _COMMENT.sub("", body).splitlines() if line.strip()])
        for language, body in _BLOCK.findall(text)
    ]


def prose(text: str) -> str:
    return _BLOCK.sub("", text)


def headings(text: str) -> list[int]:
    """The levels of the headings of a page, in order."""
    return [len(found) for found in re.findall(r"^(#{1,6}) ", prose(text), re.MULTILINE)]


def rows(text: str) -> list[int]:
    """The number of rows of each table."""
    return [len(found.splitlines()) for found in re.findall(r"(?:^\|.*\n)+", prose(text) + "\n", re.MULTILINE)]


def names(text: str) -> set[str]:
    """The code of sentences and tables, such as options, fields and paths; placeholders are translated."""
    return {span for span in _SPAN.findall(prose(text)) if span.isascii() and not span.startswith("<")}


@pytest.mark.parametrize(("english", "chinese"), PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_chinese_page_keeps_step(english: Path, chinese: Path) -> None:
    """It has the headings, tables, code blocks and commands of the English page, in the same order."""
    before, after = english.read_text(encoding="utf-8"), chinese.read_text(encoding="utf-8")
    assert headings(after) == headings(before)
    assert rows(after) == rows(before)
    assert code(after) == code(before)
    assert names(before) - names(after) == set()


@pytest.mark.parametrize("chinese", [chinese for _, chinese in PAGES], ids=lambda path: path.stem)
def test_a_chinese_page_has_no_english_sentence(chinese: Path) -> None:
    """Names, commands and quoted output stay as they are; links lead to files that exist."""
    text = chinese.read_text(encoding="utf-8")
    assert english_sentences(prose(text)) == []
    # The end of a line is rendered as a space, which Chinese does not have.
    assert re.findall(rf"^.*[{HAN}，。；：、）]\n *[{HAN}（\[].*$", prose(text), re.MULTILINE) == []
    for link in _LINK.findall(prose(text)):
        if "://" not in link and not link.startswith("#"):
            assert (chinese.parent / link.partition("#")[0]).exists(), link
