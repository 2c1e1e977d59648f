"""The words of the page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import mock_server.admin.ui

FOLDER = Path(mock_server.admin.ui.__file__).parent
WORDS = json.loads((FOLDER / "words.json").read_text(encoding="utf-8"))
# A part of the key is a value.
PREFIXES = ("invalid_", "live_", "state_", "step_", "verdict_")


def test_every_word_exists_in_both_languages() -> None:
    """The Chinese ones are Chinese, with the same values."""
    for key, (english, chinese) in WORDS.items():
        assert re.search("[\u4e00-\u9fff]", chinese), key
        assert not re.search("[\u4e00-\u9fff]", english), key
        assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", chinese)), key


def test_the_page_uses_the_words_that_exist() -> None:
    """Neither the template nor a script names another, and none is left over."""
    template = (FOLDER / "index.html").read_text(encoding="utf-8")
    used = set(re.findall(r"words\.(\w+)", template)) - {"json"}
    used |= set(re.findall(r"\{\{ \w+\((.*?)\) \}\}", template) and re.findall(r'"(\w+)"', template)) & set(WORDS)
    scripts = "".join(each.read_text(encoding="utf-8") for each in FOLDER.glob("*.js"))
    used |= set(re.findall(r'\bword\("(\w+)"', scripts))
    assert used - set(WORDS) == set()
    assert {key for key in set(WORDS) - used if not key.startswith(PREFIXES)} == set()


def test_no_file_of_the_page_is_long() -> None:
    """Each has at most 250 lines."""
    assert [
        each.name for each in FOLDER.iterdir() if each.is_file() and len(each.read_bytes().splitlines()) > 250
    ] == []
