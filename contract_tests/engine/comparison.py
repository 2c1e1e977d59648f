"""Comparison with an earlier run by its CTRF report, the baseline: only clauses that did not fail then fail it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contract_tests.options import SettingsError
from contract_tests.verdict import Verdict

MAX_BYTES = 64 * 1024 * 1024
"""The largest report that is read."""


@dataclass(frozen=True)
class Baseline:
    """The earlier run.

    Attributes:
        name: The name of the file.
        time: The timestamp of the report, "" if it has none.
        failed: Ids of the clauses that failed the run.
    """

    name: str
    time: str
    failed: frozenset[str]


@dataclass(frozen=True)
class Comparison:
    """Ids of clauses by the change of their outcome, in the order of the contract."""

    newly_failed: tuple[str, ...]
    newly_passed: tuple[str, ...]
    still_failing: tuple[str, ...]


def read(path: Path) -> Baseline:
    """Read a CTRF report, as `check --report FILE.json` writes it.

    Raises:
        SettingsError: The file cannot be read or is not a CTRF report.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"the baseline {str(path)!r} cannot be read: {error.strerror}; use another file") from None
    if len(data) > MAX_BYTES:
        raise SettingsError(f"the baseline {str(path)!r} has more than {MAX_BYTES} bytes; use a CTRF report")
    try:
        report = json.loads(data)
        tests = report["results"]["tests"]
        failed = {str(test["name"]) for test in tests if test["status"] == "failed"}
        # Failures of its own baseline that it could not check.
        extra = report["results"].get("extra")
        known = extra.get("knownFailures") if isinstance(extra, dict) else None
        failed |= {str(name) for name in known} if isinstance(known, list) else set()
    except (ValueError, TypeError, KeyError, RecursionError):
        cure = "use one that `check --report FILE.json` wrote"
        raise SettingsError(f"the baseline {str(path)!r} is not a CTRF report; {cure}") from None
    time = report.get("timestamp")
    return Baseline(path.name, time if isinstance(time, str) else "", frozenset(failed))


def compare(baseline: Baseline, verdicts: Sequence[Verdict], failing: Sequence[Verdict]) -> Comparison:
    """Compare a run with an earlier one.

    Args:
        baseline: The earlier run.
        verdicts: The verdicts of the run.
        failing: Those that fail a run without a baseline.
    """
    names = [verdict.clause.id for verdict in failing]
    passed = [verdict.clause.id for verdict in verdicts if verdict.checked and not verdict.failed]
    return Comparison(
        tuple(name for name in names if name not in baseline.failed),
        tuple(name for name in passed if name in baseline.failed),
        tuple(name for name in names if name in baseline.failed),
    )
