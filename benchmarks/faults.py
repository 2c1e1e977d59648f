"""More faults, of classes that other testers do not look for: `python benchmarks/faults.py` prints a Markdown table.

Each tester runs once against each faulty mock, as in benchmarks/check.py. It takes about five minutes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import install
from check import NOTE, TESTERS, failures, faults_table, found_by
from processes import benchmark
from tables import add_write_option, circumstances, publish, table

CLASSES = {
    "framing": (
        *("header-folded", "space-before-colon", "content-type-repeated", "chunk-size-wrong", "length-and-chunks"),
        *("lengths-differ", "length-too-small", "last-chunk-missing", "interim-response-only", "reused-connection-cut"),
    ),
    "clients": (
        *("lower-case-charset-rejected", "upper-case-charset-rejected", "space-before-charset-rejected"),
        *("several-media-types-rejected", "accept-required", "length-required", "trace-context-rejected"),
        *("forwarded-request-redirected", "own-origin-rejected", "several-languages-rejected", "browsers-rejected"),
    ),
    "use": ("error-after-50", "img-missing-after-40", "img-repeats-after-40", "uuid-cycles"),
    "JSON": ("field-repeated", "field-repeated-null", "name-repeated-otherwise"),
    "PNG": (
        *("img-few-colours", "img-long-transparency", "img-missing-frames", "img-bad-resolution"),
        *("img-early-background", "img-bad-checksum", "img-two-headers"),
    ),
}
"""Faults by class. Each violates a MUST clause."""
FAULTS = {fault: name for name, faults in CLASSES.items() for fault in faults}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_write_option(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="code-contract-bench-") as name:
        folder = Path(name)
        failed = failures({tester: command(folder) for tester, command in TESTERS.items()}, folder, FAULTS)
    totals = [
        [name, *(str(found_by(tester, failed, faults)) + f" of {len(faults)}" for tester in TESTERS)]
        for name, faults in [*CLASSES.items(), ("all", tuple(FAULTS))]
    ]
    used = ["code-contract", "schemathesis", "hypothesis"]
    facts = circumstances([install.versions("dredd")], used, node=True)
    tables = [table(["class", *TESTERS], totals), NOTE, faults_table(failed, FAULTS), facts]
    publish("faults", "Faults by class", "\n\n".join(tables), options.write)


if __name__ == "__main__":
    benchmark(main)
