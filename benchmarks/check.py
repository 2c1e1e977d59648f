"""`code-contract check` compared with other API testers: `python benchmarks/check.py` prints Markdown tables.

All test the same mock, without faults and with ten. The mock refuses calls without a source (`--validate strict`),
because schemathesis fails one that accepts them. Rounds are interleaved; tables show medians and ranges. A tester finds
a fault if it passes the mock without faults and fails the faulty one. The mock counts the calls.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import socket
import sys
import tempfile
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import install
import openapi30
from processes import HOST, Completed, Server, benchmark, progress, refuse, run, running
from servers import COMMAND, CONTRACT
from tables import Goal, add_write_option, circumstances, compare, goals, publish, spread, table

RUN_TIMEOUT = 600
"""Seconds."""
OURS = "code-contract check"
TESTERS = {
    OURS: lambda folder: [COMMAND, "check"],
    "schemathesis run": lambda folder: [_schemathesis(), "run", CONTRACT, "--url"],
    "schemathesis run --mode positive --checks all": lambda folder: [
        *(_schemathesis(), "run", CONTRACT, "--mode", "positive", "--checks", "all", "--url")
    ],
    "dredd ¹": lambda folder: [install.npm("dredd") / ".bin" / "dredd", openapi30.write(folder)],
}
"""The command of each tester, to which the URL is appended."""
FAULTS = {
    "code-string": "envelope",
    "succ-flag-missing": "envelope",
    "uuid-missing": "data",
    "img-null": "data",
    "img-crc": "picture",
    "img-truncated": "picture",
    "uuid-constant": "freshness",
    "img-constant": "freshness",
    "content-type-html": "HTTP",
    "truncated": "HTTP",
}
"""Faults, and the part of the contract that each violates."""
NOTE = (
    "¹ gets the contract in OpenAPI 3.0, reduced by benchmarks/openapi30.py to what Dredd supports; with the full"
    " contract, Dredd fails the mock without faults."
)
STARTS: dict[str, tuple[float, list[str | Path]]] = {
    "`code-contract --help`": (0.2, [COMMAND, "--help"]),
    "contract and checks loaded, without schemathesis": (
        0.6,
        [sys.executable, "-c", "import contract_tests.run, code_contract; code_contract.load()"],
    ),
}
"""Commands that must end within a number of seconds."""


class Run(NamedTuple):
    """One run of a tester, and the calls that the mock has counted."""

    completed: Completed
    calls: float


def _schemathesis() -> Path:
    return Path(sys.executable).with_name("schemathesis")


def mock(folder: Path, *options: str) -> contextlib.AbstractContextManager[Server]:
    """A running mock, faulty or not."""
    return running([COMMAND, "mock", "--port", "{port}", *options], folder, ready=_listens)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), contextlib.closing(socket.create_connection((HOST, port), timeout=5)):
        return True
    return False


def calls(server: Server) -> float:
    """The calls of the API that the mock has counted so far."""
    with urllib.request.urlopen(f"{server.url}/__mock/metrics", timeout=10) as response:
        metrics = response.read().decode()
    if "# TYPE mock_requests_total counter" not in metrics:
        raise SystemExit("the metrics of the mock have no counter mock_requests_total")
    counted = re.findall(r"^mock_requests_total\{.*\} (\S+)$", metrics, re.MULTILINE)
    return sum(map(float, counted))


def test(command: list[str | Path], server: Server, folder: Path) -> Run:
    """Run a tester against a mock, in a folder where it may keep its caches."""
    before = calls(server)
    completed = run([*command, server.url], RUN_TIMEOUT, folder)
    return Run(completed, calls(server) - before)


def speed(testers: dict[str, list[str | Path]], folder: Path, count: int) -> dict[str, list[Run]]:
    """Rounds against the mock without faults, after one to warm up, in which schemathesis fills a cache."""
    found = dict[str, list[Run]]({name: [] for name in testers})
    with mock(folder, "--validate", "strict") as server:
        for number in range(count + 1):
            for name, command in testers.items():
                done = test(command, server, folder)
                label = f"round {number} of {count}" if number else "warm-up"
                progress(f"{label}: {name}: {done.completed.seconds:.2f} s")
                if number:
                    found[name].append(done)
    return found


def failures(testers: dict[str, list[str | Path]], folder: Path, faults: Iterable[str]) -> dict[str, dict[str, bool]]:
    """True for each mock and tester that fails it. Mocks without faults are called "none"."""
    mocks = {"none": ["--validate", "strict"], "none, with the default settings of the mock": []}
    mocks |= {fault: ["--validate", "strict", "--fault", fault] for fault in faults}
    failed = dict[str, dict[str, bool]]()
    for fault, options in mocks.items():
        progress(f"mock with fault: {fault}")
        # A separate folder, because schemathesis starts with the calls that failed last.
        with mock(folder, *options) as server, tempfile.TemporaryDirectory(dir=folder) as own:
            done = {name: test(command, server, Path(own)) for name, command in testers.items()}
        failed[fault] = {name: each.completed.status != 0 for name, each in done.items()}
    return failed


def samples(counts: list[int], folder: Path, rounds: int) -> str:
    """The cost of a sample, by the number of samples."""
    found = dict[int, list[Completed]]({count: [] for count in counts})
    with mock(folder) as server:
        for number in range(1, rounds + 1):
            for count in counts:
                command = [COMMAND, "check", "--samples", str(count), "--deadline", str(RUN_TIMEOUT)]
                found[count].append(test(command, server, folder).completed)
                if found[count][-1].status:
                    raise SystemExit(f"check --samples {count} failed:\n{found[count][-1].output[-2000:]}")
                progress(f"round {number} of {rounds}: {count} samples: {found[count][-1].seconds:.2f} s")
    head = ["samples", "wall, s", "ms a sample", "peak memory, MiB"]
    rows = []
    for count, completed in found.items():
        seconds = [each.seconds for each in completed]
        each = spread([1000 * second / count for second in seconds], 2)
        rows.append([f"{count:,}", spread(seconds, 2), each, spread([each.peak for each in completed])])
    return table(head, rows)


def starts(rounds: int) -> list[Goal]:
    """Compare STARTS with their limits. The first run fills caches and does not count."""
    found = dict[str, list[float]]({name: [] for name in STARTS})
    for _ in range(rounds + 1):
        for name, (_, command) in STARTS.items():
            found[name].append(run(command, 60).seconds)
    return [compare(name, found[name][1:], "≤", limit, "s") for name, (limit, _) in STARTS.items()]


def found_by(name: str, failed: dict[str, dict[str, bool]], faults: Iterable[str] = FAULTS) -> int:
    """The number of faults that a tester finds: none if it fails the mock without faults."""
    return 0 if failed["none"][name] else sum(failed[fault][name] for fault in faults)


def report(runs: dict[str, list[Run]], failed: dict[str, dict[str, bool]]) -> str:
    """The tables: cost of each tester, and faults found."""
    speeds = [
        [
            name,
            spread([each.completed.seconds for each in done], 2),
            spread([each.calls for each in done]),
            spread([each.completed.peak for each in done]),
            str(found_by(name, failed)),
        ]
        for name, done in runs.items()
    ]
    head = ["", "wall, s", "calls", "peak memory, MiB", f"found, of {len(FAULTS)} faults"]
    return "\n\n".join([table(head, speeds), NOTE, faults_table(failed, FAULTS)])


def faults_table(failed: dict[str, dict[str, bool]], faults: Mapping[str, str]) -> str:
    """A row for each mock: the testers that fail it. `faults` are the faults, with the class of each."""
    words = {(False, False): "passes", (False, True): "false alarm", (True, False): "missed", (True, True): "found"}
    rows = [
        [fault, faults.get(fault, ""), *(words[fault in faults, each] for each in row.values())]
        for fault, row in failed.items()
    ]
    return table(["fault", "class", *failed["none"]], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="number of rounds (5)")
    parser.add_argument(
        "--samples",
        type=int,
        action="append",
        metavar="N",
        help="measure `check --samples N` (repeatable; 100 and 1000; half a minute a round for 10000)",
    )
    add_write_option(parser)
    options = parser.parse_args()
    if options.rounds < 1:
        refuse("--rounds must be 1 or more")
    with tempfile.TemporaryDirectory(prefix="code-contract-bench-") as name:
        folder = Path(name)
        testers = {name: command(folder) for name, command in TESTERS.items()}
        runs = speed(testers, folder, options.rounds)
        failed = failures(testers, folder, FAULTS)
        parts = [report(runs, failed), samples(options.samples or [100, 1000], folder, options.rounds)]
    walls = {name: [each.completed.seconds for each in done] for name, done in runs.items()}
    compared = [compare(f"`{OURS}` on this machine", walls[OURS], "≤", 3, "s")]
    for name in walls:
        if name.startswith("schemathesis"):
            ratios = [ours / theirs for ours, theirs in zip(walls[OURS], walls[name], strict=True)]
            compared.append(compare(f"the same, of `{name}`", ratios, "≤", 1, "×"))
    compared.append(compare("faults found", [found_by(OURS, failed)], "≥", len(FAULTS), "", 0))
    used = ["code-contract", "schemathesis", "hypothesis"]
    parts += [goals([*compared, *starts(options.rounds)]), circumstances([install.versions("dredd")], used, node=True)]
    publish("check", "Check", "\n\n".join(parts), options.write)


if __name__ == "__main__":
    benchmark(main)
