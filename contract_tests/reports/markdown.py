"""A short report in Markdown (GFM), for the summary of a CI job or a comment on a merge request.

Text of the target appears in fenced blocks only, where markup, links and mentions have no effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from markupsafe import Markup

from contract_tests.message import Bilingual, Message, translate
from contract_tests.reports import html, terminal, wording
from contract_tests.result import Result

MAX_EVIDENCE = 10
"""Clauses whose evidence is shown; a comment on GitHub has at most 65,536 characters."""

# Characters that can be markup in Markdown, GFM or HTML; GFM makes a link of "www.".
_MARKUP = re.compile(r"[&<>\"'`*_{}\[\]()#|~\\!@:$^]|(?<=[wW])\.")


def write(result: Result) -> bytes:
    """Return the report in UTF-8."""
    failed = {verdict.clause.id for verdict in result.failed}
    context = {
        "result": result,
        "failed": failed,
        # A stable sort keeps the order of the contract.
        "found": sorted(
            (each for each in result.verdicts if each.failed), key=lambda each: each.clause.id not in failed
        ),
        "max_evidence": MAX_EVIDENCE,
        "wording": wording,
        "say": partial(translate, lang=result.lang),
        "sign": lambda verdict: Markup(verdict.status.value),  # noqa: S704 - a sign of Outcome, not of a target
        "summary": terminal.summary_line(result),
        "evidence": lambda verdict: fenced(map(wording.escape, terminal.evidence(verdict, result))),
        "fenced": lambda lines: fenced(translate(line, result.lang) for line in lines),
        "hint": [Message("hint: {}", found)] if (found := wording.hint(result)) else [],
        "parity": wording.parity(result),
        "questions": wording.assumptions(result.contract),
    }
    text = html.environment(partial(_escape, result.lang)).get_template("report.md").render(context)
    return text.encode("utf-8", "backslashreplace")


def fenced(lines: Iterable[str]) -> Markup:
    """Return a fenced block whose fence is longer than any run of backticks in it."""
    text = "\n".join(lines)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return Markup(f"{fence}text\n{text}\n{fence}")  # noqa: S704 - a fence longer than any in the text ends it


def _escape(lang: str, value: Any) -> Any:
    """Return text with entities for all characters that can be markup; a message in a language."""
    if isinstance(value, Markup):
        return value
    is_message = isinstance(value, (Message, Bilingual))
    shown = wording.escape(translate(value, lang) if is_message else str(value))
    text = _MARKUP.sub(lambda match: f"&#{ord(match[0])};", shown)
    return Markup(text)  # noqa: S704 - every character that can be markup is an entity
