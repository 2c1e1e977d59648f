"""`python -m tests.soak`: the soak test on the command line."""

from __future__ import annotations

import argparse
import sys
import time

from tests.soak.run import soak


def main() -> int:
    """Return 0 if nothing grew, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Soak test of the mock.")
    parser.add_argument("--calls", type=int, default=300_000, metavar="N", help="number of calls; default: 300000")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the traffic; default: 0")
    options = parser.parse_args()
    begun = time.monotonic()
    run = soak(options.calls, seed=options.seed, report=lambda line: print(line, flush=True))
    print(f"{run.counts.total()} calls in {time.monotonic() - begun:.0f} s: {dict(run.counts.most_common())}")
    for problem in run.problems:
        print(f"FAILED: {problem}")
    return int(bool(run.problems))


if __name__ == "__main__":
    sys.exit(main())
