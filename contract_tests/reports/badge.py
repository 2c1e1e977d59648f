"""A badge in SVG, in the form of shields.io: the title of the contract, and the verdict."""

from __future__ import annotations

import unicodedata
from xml.sax.saxutils import escape

from contract_tests.reports import wording
from contract_tests.result import Result
from contract_tests.verdict import Outcome

_PASSED_COLOUR, _FAILED_COLOUR = "#2e7d32", "#c62828"
_OTHER_COLOUR = "#616161"
_MAX_LABEL = 40
_TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {message}">
  <title>{label}: {message}</title>
  <clipPath id="round"><rect width="{width}" height="20" rx="3"/></clipPath>
  <g clip-path="url(#round)">
    <rect width="{left}" height="20" fill="#424242"/>
    <rect x="{left}" width="{right}" height="20" fill="{colour}"/>
  </g>
  <g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
    <text x="{label_x}" y="14" textLength="{label_length}">{label}</text>
    <text x="{message_x}" y="14" textLength="{message_length}">{message}</text>
  </g>
</svg>
"""


def write(result: Result) -> bytes:
    """Return the badge in UTF-8."""
    title = wording.escape(result.contract.title) or "contract"
    label = title if len(title) <= _MAX_LABEL else f"{title[: _MAX_LABEL - 1]}…"
    message = _message(result)
    left, right = _length(label) + 12, _length(message) + 12
    return _TEMPLATE.format(
        label=_escaped(label),
        message=_escaped(message),
        width=left + right,
        left=left,
        right=right,
        colour=_OTHER_COLOUR if result.exit_status > 1 else _FAILED_COLOUR if result.failing else _PASSED_COLOUR,
        label_x=f"{left / 2:g}",
        message_x=f"{left + right / 2:g}",
        label_length=left - 12,
        message_length=right - 12,
    ).encode("utf-8", "backslashreplace")


def _message(result: Result) -> str:
    """Return the verdict with its number, such as "73 passed" and "2 failed"."""
    if result.failing and result.was_reachable and not result.interrupted:
        return f"{len(result.failing)} failed"
    if wording.headline(result) != "Passed":
        return wording.headline(result).lower()
    if result.exit_status:
        return "not checked"
    return f"{result.counts[Outcome.PASSED]} passed"


def _length(text: str) -> int:
    """Return the width of text in pixels, about that of Verdana at 11 px; `textLength` fits the text into it."""
    narrow, wide = set("iljtfrI.,:;'|! ()[]"), set("mwMW@%")
    widths = (
        11.0 if unicodedata.east_asian_width(each) in "WF" else 4.0 if each in narrow else 10.0 if each in wide else 7.0
        for each in text
    )
    return round(sum(widths))


def _escaped(text: str) -> str:
    return escape(text, {'"': "&quot;"})
