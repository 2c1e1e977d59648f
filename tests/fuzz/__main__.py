"""`python -m tests.fuzz` fuzzes the mock and the checks for an hour. A finding is a failing example."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
import warnings

from hypothesis import settings
from hypothesis.errors import HypothesisWarning

from tests.fuzz import admin, responses, wire

TARGETS = {"admin": (admin.fuzz, 20), "wire": (wire.fuzz, 1000), "responses": (responses.fuzz, 100)}
"""Each target with the number of examples in one round, which takes some ten seconds."""


def main() -> int:
    """Return 0 without a finding, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz the mock and the checks.")
    parser.add_argument("--minutes", type=float, default=60.0, metavar="N", help="duration; default: 60")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; default: all")
    options = parser.parse_args()
    unknown = next((name for name in options.targets if name not in TARGETS), None)
    if unknown is not None:
        parser.error(f"unknown target {unknown!r}; use {', '.join(TARGETS)}")
    warnings.simplefilter("ignore", HypothesisWarning)  # large tokens
    end, counts, findings = time.monotonic() + 60 * options.minutes, dict.fromkeys(options.targets or TARGETS, 0), 0
    while time.monotonic() < end:
        for name in counts:
            fuzz, examples = TARGETS[name]
            try:
                fuzz(settings(max_examples=examples, deadline=None, database=None, derandomize=False, print_blob=False))
            except Exception:
                findings += 1
                traceback.print_exc()
            counts[name] += examples
        left = max(0, end - time.monotonic()) / 60
        print(f"{counts}: {findings} findings, {left:.0f} minutes left", flush=True)
    return int(findings > 0)


if __name__ == "__main__":
    sys.exit(main())
