"""The chart of response times in an HTML report: one mark per request, in order.

Horizontal positions are percentages and the height is fixed, so that the chart fits any width and its text keeps
its size.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from contract_tests.checks.registry import BASELINE
from contract_tests.http.exchange import Exchange
from contract_tests.message import Message
from contract_tests.reports import wording
from contract_tests.result import Result

MAX_MARKS = 600
"""Marks of a chart; of more requests, each mark is the slowest of several."""

HEIGHT = 180
"""Pixels from zero to the end of the axis."""

_NICE_TICKS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)

_Requests = dict[str, list[Exchange]]


@dataclass(frozen=True)
class Mark:
    """One request, or the slowest of several: its position, and its form ("success", "other" or "error")."""

    label: str
    x: str
    y: float
    form: str


@dataclass(frozen=True)
class Group:
    """Requests that were made in the same way, with the position of the line before them ("" for the first)."""

    name: str
    count: int
    gap: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes:
        answered: The number of complete responses to baseline requests.
        times: Names and values of their statistics.
        ticks: Positions and labels of the axis.
        groups: The requests.
        others: The number of responses whose status is not 2xx.
        errors: The number of transport errors.
        per_mark: The number of requests that one mark stands for.
    """

    answered: int
    times: tuple[tuple[str, str], ...]
    ticks: tuple[tuple[float, str], ...]
    groups: tuple[Group, ...]
    others: int
    errors: int
    per_mark: int
    height: int = HEIGHT


def latency_chart(result: Result) -> Chart | None:
    """Return the chart of all requests of a run, or None if there were none."""
    requests = _requests(result)
    every = [exchange for each in requests.values() for exchange in each]
    if not every:
        return None
    per_mark = math.ceil(len(every) / MAX_MARKS)
    top = _axis_max(max(exchange.elapsed for exchange in every))
    forms = [_form(exchange) for exchange in every]
    times = [e.elapsed for e in result.collection.all() if e.label == BASELINE and e.error is None]
    return Chart(
        len(times),
        _statistics(times),
        tuple((_y(value, top), wording.milliseconds(value) if value else "0") for value in (top, top / 2, 0.0)),
        _groups(requests, per_mark, top),
        forms.count("other"),
        forms.count("error"),
        per_mark,
    )


def _requests(result: Result) -> _Requests:
    """Return the requests of each group that has any, by the name of the group."""
    made = list(result.collection.all())
    baseline = [exchange for exchange in made if exchange.label == BASELINE]
    concurrent = _overlapping(baseline)
    found = {
        "sequential": [e for e in baseline if id(e) not in concurrent],
        "concurrent": [e for e in baseline if id(e) in concurrent],
        "probes": [e for e in made if e.label != BASELINE],
        "generated": result.generated.exchanges,
    }
    return {name: each for name, each in found.items() if each}


def _overlapping(exchanges: Sequence[Exchange]) -> set[int]:
    """Return the `id`s of exchanges that overlap another one; clocks may differ by a millisecond."""
    found: set[int] = set()
    latest: Exchange | None = None
    for exchange in sorted(exchanges, key=lambda each: each.started):
        if latest is not None and exchange.started + 0.001 < latest.started + latest.elapsed:
            found |= {id(latest), id(exchange)}
        if latest is None or exchange.started + exchange.elapsed > latest.started + latest.elapsed:
            latest = exchange
    return found


def _groups(requests: _Requests, per_mark: int, top: float) -> tuple[Group, ...]:
    # Two groups are separated by the width of one mark.
    slots = sum(math.ceil(len(each) / per_mark) + 1 for each in requests.values())
    position = 0.5
    groups: list[Group] = []
    for name, exchanges in requests.items():
        gap = _x(position, slots) if groups else ""
        position += bool(groups)
        marks = []
        for first in range(0, len(exchanges), per_mark):
            batch = exchanges[first : first + per_mark]
            slowest = max(batch, key=lambda each: (each.error is not None, each.elapsed))
            marks.append(Mark(_label(slowest), _x(position + 0.5, slots), _y(slowest.elapsed, top), _form(slowest)))
            position += 1
        groups.append(Group(name, len(exchanges), gap, tuple(marks)))
    return tuple(groups)


def _label(exchange: Exchange) -> str:
    outcome = exchange.error.kind.value if exchange.error else f"HTTP {exchange.status}"
    return Message("{}: {}, {}", wording.request_label(exchange), outcome, wording.milliseconds(exchange.elapsed))


def _form(exchange: Exchange) -> str:
    if exchange.error is not None:
        return "error"
    return "success" if 200 <= (exchange.status or 0) < 300 else "other"


def _statistics(times: Sequence[float]) -> tuple[tuple[str, str], ...]:
    if not times:
        return ()
    found = [("median", statistics.median(times)), ("maximum", max(times))]
    if len(times) >= 20:
        found.insert(1, ("95th percentile", statistics.quantiles(times, n=20, method="inclusive")[-1]))
    return tuple((name, wording.milliseconds(value)) for name, value in found)


def _axis_max(seconds: float) -> float:
    """Return a round number of seconds that is not below the slowest request."""
    seconds = max(seconds, 0.001)
    unit = 10.0 ** math.floor(math.log10(seconds))
    return next((unit * step for step in _NICE_TICKS if unit * step >= seconds), unit * 10)


def _x(slot: float, slots: int) -> str:
    return f"{100 * slot / slots:.2f}%"


def _y(seconds: float, top: float) -> float:
    return round(HEIGHT * (1 - seconds / top), 1)
