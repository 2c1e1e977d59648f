"""Sentences for people, which can be read in English and in Chinese.

A sentence is English text; one with values is a `Message`, which keeps its template. The catalogue, chinese.json, has
the Chinese template of each. Data of the target and names of protocols are in no catalogue and stay as they are. A
value that is a single word may be data: one that is a sentence is a `Message` without values.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from string import Formatter
from typing import Any

LANGUAGES = ("en", "zh")

_HAN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uff60“”]")
_LENGTH = re.compile(r"… \((\d+) characters\)")


class Message(str):
    """A sentence in English, made of a template of `str.format` and its values.

    Attributes:
        template: The template, by which the catalogue finds the translation.
        values: The values; messages among them, and sentences of several words, are translated too.
    """

    template: str
    values: tuple[Any, ...]

    def __new__(cls, template: str, *values: Any) -> Message:
        """Return the sentence."""
        found = super().__new__(cls, template.format(*values))
        found.template, found.values = template, values
        return found

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.template, *self.values)


class Bilingual(str):
    """A sentence that exists in both languages, such as the text of a clause."""

    zh: str

    def __new__(cls, en: str, zh: str = "") -> Bilingual:
        """Return the sentence; without Chinese, that is the English."""
        found = super().__new__(cls, en)
        found.zh = zh or en
        return found


def mapped(sentence: str, change: Callable[[str], str]) -> str:
    """Return a sentence with the values in it changed, as by redaction; a sentence without values is changed itself."""
    if isinstance(sentence, Message):
        values = (mapped(each, change) if isinstance(each, str) else each for each in sentence.values)
        return Message(sentence.template, *values)
    if isinstance(sentence, Bilingual):
        return Bilingual(change(str(sentence)), change(sentence.zh))
    return change(sentence)


def joined(template: str, sentences: Iterable[str]) -> str:
    """Return sentences in one, joined by a template of two, such as "{} or {}"; "" for none."""
    first, *others = [*sentences] or [""]
    for each in others:
        first = Message(template, first, each)
    return first


def listed(names: Iterable[str], limit: int | None = None) -> Bilingual:
    """Return names as a list, at most `limit` of them and then "…"."""
    found = [*names]
    shown = found if limit is None or len(found) <= limit else [*found[:limit], "…"]
    return Bilingual(", ".join(shown), "、".join(shown))


def translate(sentence: str, lang: str) -> str:
    """Return a sentence in a language; one that the catalogue does not have, such as data, as it is.

    Args:
        sentence: The English sentence.
        lang: A language of LANGUAGES.
    """
    if lang == "en":
        return str(sentence)
    if isinstance(sentence, Bilingual):
        return sentence.zh
    if isinstance(sentence, Message):
        values = (translate(each, lang) if _is_sentence(each) else each for each in sentence.values)
        return _filled(catalogue().get(sentence.template, sentence.template), [*values])
    return _LENGTH.sub(r"…（共 \1 个字符）", catalogue().get(sentence, sentence))


def _is_sentence(value: Any) -> bool:
    return isinstance(value, (Message, Bilingual)) or (isinstance(value, str) and " " in value)


def _filled(template: str, values: list[Any]) -> str:
    """Fill a Chinese template, in which spaces surround values; there are none between two Chinese characters."""
    found, number = "", 0
    for text, name, spec, conversion in Formatter().parse(template):
        found += text[1:] if text.startswith(" ") and _HAN.match(found[-1:]) and _HAN.match(text[1:]) else text
        if name is not None:
            value = values[int(name) if name else number]
            shown = format(repr(value) if conversion == "r" else value, spec or "")
            found = found[:-1] if found.endswith(" ") and _HAN.match(found[-2:]) and _HAN.match(shown) else found
            found, number = found + shown, number + 1
    return found


@lru_cache(1)
def catalogue() -> Mapping[str, str]:
    """Return the Chinese templates by their English ones."""
    found: dict[str, str] = json.loads(files(__package__).joinpath("chinese.json").read_text(encoding="utf-8"))
    return found


def default_language() -> str:
    """Return the language of the environment, as gettext finds it: LC_ALL, LC_MESSAGES, then LANG."""
    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if re.match(r"zh(?![a-z])", named, re.IGNORECASE) else "en"
