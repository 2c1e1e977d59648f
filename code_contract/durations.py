"""Durations as users write them: `90s`, `10m` or `2h`."""

from __future__ import annotations

import re

_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def parse_duration(text: str) -> float:
    """Return the seconds of a duration such as `90s`, `10m` or `2h`, 0 if it is invalid."""
    found = _DURATION.fullmatch(text)
    return float(found[1]) * _SECONDS[found[2]] if found else 0.0
