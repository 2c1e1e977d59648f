"""Rules for Chinese texts: typography, and no English sentence in them."""

from __future__ import annotations

import re
from dataclasses import replace

from contract_tests.reports import html, markdown, terminal
from contract_tests.result import Result

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_PUNCTUATION = "，。；：！？、（）“”《》"
_RULES = {
    "no Chinese": re.compile(rf"\A[^{HAN}]*\Z"),
    "no space between Chinese and Latin": re.compile(rf"[{HAN}][A-Za-z0-9`]|[A-Za-z0-9`%][{HAN}]"),
    "full-width Latin": re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u3000]"),
    "half-width punctuation": re.compile(rf"[{HAN}][,;:!?.()]|[,;!?()][{HAN}]"),
    "space beside punctuation": re.compile(rf"[{_PUNCTUATION}] | [{_PUNCTUATION}]"),
    "doubled space": re.compile("  "),
    "space between Chinese": re.compile(rf"[{HAN}] [{HAN}]"),
}
_CODE = re.compile(r"```.*?```|`[^`]*`|<code>.*?</code>|https?://\S+", re.DOTALL)
_WORDS = re.compile(r"[A-Za-z][a-z'’]*(?:[ ,;:]+[A-Za-z][a-z'’]*){3,}")
_LOWER = re.compile(r"\b[a-z]+\b")


def violations(zh: str, en: str = "") -> list[str]:
    """The rules that a Chinese sentence violates; `en` is the same sentence in English."""
    found = [rule for rule, pattern in _RULES.items() if pattern.search(zh)]
    found += ["a copy of the English"] if zh == en else []
    found += ["another end"] if en and en.endswith(".") != zh.endswith("。") else []
    return found + english_sentences(zh)


def english_sentences(text: str) -> list[str]:
    """The runs of four or more English words in a text, outside of code."""
    runs = (each[0] for each in _WORDS.finditer(_CODE.sub("`", text)))
    return [each for each in runs if len(_LOWER.findall(each)) >= 2]


def english_in_chinese(result: Result) -> list[str]:
    """The English sentences in the Chinese reports of a run, outside of quoted data and of commands."""
    result = replace(result, lang="zh")
    page = re.sub(r'<span lang="en">.*?</span>', "", html.write(result).decode("utf-8"), flags=re.DOTALL)
    texts = ["\n".join(terminal.render(result, verbose=True)), markdown.write(result).decode("utf-8"), text_of(page)]
    shown = "\n".join(texts).replace("&#34;", '"').replace("&quot;", '"')
    return english_sentences(re.sub(r'"[^"\n]*"|^\s*(curl|for i in) .*$', "`", shown, flags=re.MULTILINE))


def text_of(page: str) -> str:
    """The text of an HTML page that a reader sees, its code left out; attributes that are shown stand on lines."""
    shown = re.findall(r'(?:title|alt|placeholder|aria-label|data-label)="([^"]*)"', page)
    page = re.sub(r"<(script|style|pre|code)\b.*?</\1>", "`", page, flags=re.DOTALL)
    return "\n".join([re.sub(r"<[^>]+>", " | ", page), *shown])
