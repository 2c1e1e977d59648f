"""What a benchmark prints: Markdown tables, the machine they were measured on, and the goals they are held to."""

from __future__ import annotations

import os
import platform
import re
import shlex
import statistics
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from processes import run, tool

BUSY = os.getloadavg()[0]
"""How many processes wanted a core before the benchmark began: with more than a few tenths, its times are guesses."""


class Goal(NamedTuple):
    """A claim that is made, what it is held to, what was measured, and whether that will do (None: not measured)."""

    claim: str
    goal: str
    measured: str
    met: bool | None


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first hold numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def spread(values: Sequence[float], digits: int = 0) -> str:
    """The median of some values, and between which they lie."""
    low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
    return middle if low == high else f"{middle} ({low}–{high})"


def held(claim: str, values: Sequence[float], sense: str, limit: float, unit: str, digits: int = 2) -> Goal:
    """A goal that the median of some values is held to: at most (≤) or at least (≥) a limit."""
    median = statistics.median(values)
    met = median <= limit if sense == "≤" else median >= limit
    return Goal(claim, f"{sense} {limit:g} {unit}".strip(), f"{spread(values, digits)} {unit}".strip(), met)


def goals(found: Iterable[Goal]) -> str:
    """The goals as a table."""
    words = {True: "yes", False: "**no**", None: "-"}
    return table(
        ["claim", "goal", "measured", "met"],
        ([each.claim, each.goal, each.measured, words[each.met]] for each in found),
    )


def circumstances(peers: Iterable[str] = (), distributions: Iterable[str] = (), node: bool = False) -> str:
    """A paragraph: the day, the machine, the versions of what was measured, and the command that does it again."""
    processor = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    found = [
        date.today().isoformat(),
        f"{processor.group(1) if processor else platform.machine()}, {os.cpu_count()} cores",
        f"load average {BUSY:.1f} before",
        f"Linux {platform.release().partition('-')[0]}",
        f"Python {platform.python_version()}",
        *([f"Node.js {run([tool('node'), '--version'], 10).printed.strip().lstrip('v')}"] if node else []),
        *map(_version, distributions),
        *peers,
    ]
    command = shlex.join(["python", os.path.relpath(sys.argv[0]), *sys.argv[1:]])
    return f"Measured {'; '.join(found)}: `{command}`."


def _version(distribution: str) -> str:
    try:
        return f"{distribution} {metadata.version(distribution)}"
    except metadata.PackageNotFoundError:
        return f"no {distribution}"
