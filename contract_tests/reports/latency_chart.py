"""The chart of response times, as SVG that stands inside an HTML page.

Positions across are percentages and the height is fixed, so that it fills a phone and a desk, and its text stays as
large as the page's. Colours and sizes are in html.css.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from html import escape

from contract_tests.checks.registry import BASELINE
from contract_tests.http.exchange import Exchange
from contract_tests.reports import wording as saying
from contract_tests.result import Result

MOST = 600
"""Marks of a chart; of more calls than that, each mark is the slowest of several."""

HEIGHT = 180
"""Pixels from the line of zero to the highest value."""

_NICE_TICKS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)

Group = tuple[str, str, list[Exchange]]


def latency_chart(result: Result) -> str:
    """One mark for every call, in order: the plain calls, the probes, those made up by schemathesis; "" for none."""
    groups = _groups(result)
    shown = sum(len(each) for _, _, each in groups)
    if not shown:
        return ""
    per_mark = math.ceil(shown / MOST)
    top = _axis_max(max(exchange.elapsed for _, _, each in groups for exchange in each))
    lines = [_summary(result)]
    lines.append(f'<svg class="times" role="img" aria-label="Response times" height="{HEIGHT}">')
    lines.append('<defs><path id="cross" d="M-4-4 4 4M4-4-4 4"/></defs>')
    for value in (top, top / 2, 0.0):
        y = _y(value, top)
        lines.append(f'<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>')
        lines.append(f'<text x="-8" y="{y}" dy=".32em">{saying.milliseconds(value) if value else "0"}</text>')
    lines += _marks(groups, per_mark, top)
    lines.append("</svg>")
    lines.append(_legend(groups, per_mark))
    return "\n".join(lines)


def _groups(result: Result) -> list[Group]:
    """The calls by how they were made: a class, a name, the calls in order."""
    made = list(result.collection.all())
    plain = [exchange for exchange in made if exchange.label == BASELINE]
    together = _together(plain)
    groups = [
        ("serial", "one after another", [e for e in plain if id(e) not in together]),
        ("together", "at the same time", [e for e in plain if id(e) in together]),
        ("probe", "probes", [e for e in made if e.label != BASELINE]),
        ("generated", "generated", result.generated.exchanges),
    ]
    return [group for group in groups if group[2]]


def _together(exchanges: Sequence[Exchange]) -> set[int]:
    """The calls (by `id`) that another one overlapped; clocks may differ by a millisecond."""
    found: set[int] = set()
    latest: Exchange | None = None
    for exchange in sorted(exchanges, key=lambda each: each.started):
        if latest is not None and exchange.started + 0.001 < latest.started + latest.elapsed:
            found |= {id(latest), id(exchange)}
        if latest is None or exchange.started + exchange.elapsed > latest.started + latest.elapsed:
            latest = exchange
    return found


def _marks(groups: Sequence[Group], per_mark: int, top: float) -> Iterator[str]:
    # A gap as wide as one mark stands between two groups.
    slots = sum(math.ceil(len(each) / per_mark) + 1 for _, _, each in groups)
    at = 0.5
    for kind, _, exchanges in groups:
        if at > 1:
            yield f'<line class="gap" x1="{_x(at, slots)}" x2="{_x(at, slots)}" y1="0" y2="{HEIGHT}"/>'
            at += 1
        yield f'<g class="{kind}">'
        for first in range(0, len(exchanges), per_mark):
            several = exchanges[first : first + per_mark]
            slowest = max(several, key=lambda each: (each.trouble is not None, each.elapsed))
            yield _mark(slowest, _x(at + 0.5, slots), _y(slowest.elapsed, top))
            at += 1
        yield "</g>"


def _mark(exchange: Exchange, x: str, y: float) -> str:
    what = exchange.trouble.kind.value if exchange.trouble else f"HTTP {exchange.status}"
    said = escape(f"{saying.call_label(exchange)}: {what}, {saying.milliseconds(exchange.elapsed)}")
    stem = f'<line class="stem" x1="{x}" x2="{x}" y1="{y}" y2="{HEIGHT}"/>'
    if exchange.trouble:
        mark = f'<use href="#cross" class="trouble" x="{x}" y="{y}"/>'
    else:
        other = "" if 200 <= (exchange.status or 0) < 300 else ' class="other"'
        mark = f'<circle cx="{x}" cy="{y}" r="3"{other}/>'
    return f"<g><title>{said}</title>{stem}{mark}</g>"


def _summary(result: Result) -> str:
    """Of the plain calls that were answered whole: the middle, the slow ones, the slowest."""
    times = [e.elapsed for e in result.collection.all() if e.label == BASELINE and e.trouble is None]
    if not times:
        return "<p>No plain call was answered whole.</p>"
    said = [("half within", statistics.median(times)), ("the slowest", max(times))]
    if len(times) >= 20:
        said.insert(1, ("95 of 100 within", statistics.quantiles(times, n=20, method="inclusive")[-1]))
    parts = [f"{name} <b>{saying.milliseconds(value)}</b>" for name, value in said]
    return f"<p>Of the {len(times)} plain calls answered whole: {', '.join(parts)}.</p>"


def _legend(groups: Sequence[Group], per_mark: int) -> str:
    every = [exchange for _, _, each in groups for exchange in each]
    items = [f'<li class="{kind}"><i>●</i> {name} ({len(each)})</li>' for kind, name, each in groups]
    if others := sum(e.trouble is None and not 200 <= (e.status or 0) < 300 for e in every):
        items.append(f"<li><i>○</i> answered, HTTP status not 2xx ({others})</li>")
    if troubles := sum(e.trouble is not None for e in every):
        items.append(f'<li class="trouble"><i>×</i> trouble ({troubles})</li>')
    if per_mark > 1:
        items.append(f"<li>each mark is the slowest of {per_mark} calls</li>")
    return f'<ul class="legend">{"".join(items)}</ul>'


def _axis_max(seconds: float) -> float:
    """The end of the scale: a round number, not below the slowest call."""
    seconds = max(seconds, 0.001)
    unit = 10.0 ** math.floor(math.log10(seconds))
    return next((unit * step for step in _NICE_TICKS if unit * step >= seconds), unit * 10)


def _x(slot: float, slots: int) -> str:
    return f"{100 * slot / slots:.2f}%"


def _y(seconds: float, top: float) -> float:
    return round(HEIGHT * (1 - seconds / top), 1)
