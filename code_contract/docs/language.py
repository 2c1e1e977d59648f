"""Language of a document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from code_contract import grammar

MIN_CHINESE = 0.2
"""Share of the letters in titles, summaries and descriptions from which a document counts as Chinese."""

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_LETTER = re.compile(r"[^\W\d_]")
_KANA = re.compile("[\u3040-\u30ff]")


def languages(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the languages of a document: "en", "zh", or both if it has Chinese names (`x-i18n-zh`) besides.

    A document is Chinese if at least MIN_CHINESE of the letters in its titles, summaries and descriptions are Chinese
    characters, and few are Japanese.
    """
    texts: list[str] = []
    for _, _, node in grammar.objects(document):
        if "x-i18n-zh" in node:
            return ("en", "zh")
        texts += [each for key in ("title", "summary", "description") if isinstance(each := node.get(key), str)]
    text = "".join(texts)
    letters, han, kana = (len(pattern.findall(text)) for pattern in (_LETTER, _HAN, _KANA))
    return ("zh",) if han >= MIN_CHINESE * max(1, letters) and kana < MIN_CHINESE * han else ("en",)
