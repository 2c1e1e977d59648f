"""`code-contract check` beside other testers of an API: `python benchmarks/check.py` prints Markdown tables.

All ask the same mock, honest and with ten faults. It refuses calls without a source (`--validate strict`): schemathesis
accuses one that grants them. Rounds are interleaved; tables show medians, and between which values they lie. A tester
catches a fault where it passes the honest mock and fails the faulty one. Calls are counted by the mock.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import socket
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import NamedTuple

import install
import openapi30
from processes import HOST, Ended, Server, benchmark, progress, refuse, run, running
from servers import COMMAND, CONTRACT
from tables import Goal, circumstances, goals, held, spread, table

LONGEST = 600
"""Seconds for one run of a tester."""
OURS = "code-contract check"
TESTERS = {
    OURS: lambda folder: [COMMAND, "check"],
    "schemathesis run": lambda folder: [_schemathesis(), "run", CONTRACT, "--url"],
    "schemathesis run --mode positive --checks all": lambda folder: [
        *(_schemathesis(), "run", CONTRACT, "--mode", "positive", "--checks", "all", "--url")
    ],
    "dredd ¹": lambda folder: [install.npm("dredd") / ".bin" / "dredd", openapi30.write(folder, dredd=True)],
}
"""How each tester is called; the URL comes last."""
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
"""The faults, and the part of the contract that each breaks."""
NOTE = (
    "¹ reads the contract in OpenAPI 3.0, cut down to what Dredd knows by benchmarks/openapi30.py: as it is written,"
    " Dredd fails the honest mock."
)
STARTS: dict[str, tuple[float, list[str | Path]]] = {
    "`code-contract --help`": (0.2, [COMMAND, "--help"]),
    "contract and judges loaded, without schemathesis": (
        0.6,
        [sys.executable, "-c", "import contract_tests.run, contract; contract.load()"],
    ),
}
"""What is to start soon: within so many seconds."""


class Run(NamedTuple):
    """One run of a tester: how it ended, and how many calls the mock has answered."""

    ended: Ended
    calls: float


def _schemathesis() -> Path:
    return Path(sys.executable).with_name("schemathesis")


def mock(folder: Path, *options: str) -> contextlib.AbstractContextManager[Server]:
    """A mock as the testers find it, be its answers good or not."""
    return running([COMMAND, "mock", "--port", "{port}", *options], folder, ready=_listens)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), contextlib.closing(socket.create_connection((HOST, port), timeout=5)):
        return True
    return False


def calls(server: Server) -> float:
    """How many calls of the API the mock has answered so far, by its own count."""
    with urllib.request.urlopen(f"{server.url}/__mock/metrics", timeout=10) as answer:
        counted = re.findall(r"^mock_calls_total\{.*\} (\S+)$", answer.read().decode(), re.MULTILINE)
    return sum(map(float, counted))


def test(command: list[str | Path], server: Server, folder: Path) -> Run:
    """Run a tester against a mock, in a folder where it may leave what helps it the next time."""
    before = calls(server)
    ended = run([*command, server.url], LONGEST, folder)
    return Run(ended, calls(server) - before)


def speed(testers: dict[str, list[str | Path]], folder: Path, count: int) -> dict[str, list[Run]]:
    """So many rounds against the honest mock, after one that does not count: in it schemathesis fills a cache."""
    found = dict[str, list[Run]]({name: [] for name in testers})
    with mock(folder, "--validate", "strict") as honest:
        for number in range(count + 1):
            for name, command in testers.items():
                done = test(command, honest, folder)
                progress(
                    f"{f'round {number} of {count}' if number else 'to warm up'}: {name}: {done.ended.seconds:.2f} s"
                )
                if number:
                    found[name].append(done)
    return found


def caught(testers: dict[str, list[str | Path]], folder: Path) -> dict[str, dict[str, bool]]:
    """Which testers fail which mock; the honest ones are called "none"."""
    mocks = {"none": ["--validate", "strict"], "none, with the default settings of the mock": []}
    mocks |= {fault: ["--validate", "strict", "--fault", fault] for fault in FAULTS}
    failed = dict[str, dict[str, bool]]()
    for fault, options in mocks.items():
        progress(f"mock with fault: {fault}")
        # A folder of its own: schemathesis begins with the calls that failed last.
        with mock(folder, *options) as server, tempfile.TemporaryDirectory(dir=folder) as own:
            done = {name: test(command, server, Path(own)) for name, command in testers.items()}
        failed[fault] = {name: each.ended.status != 0 for name, each in done.items()}
    return failed


def samples(counts: list[int], folder: Path, rounds: int) -> str:
    """What a sample takes, by how many there are."""
    found = dict[int, list[Ended]]({count: [] for count in counts})
    with mock(folder) as server:
        for number in range(1, rounds + 1):
            for count in counts:
                command = [COMMAND, "check", "--samples", str(count), "--deadline", str(LONGEST)]
                found[count].append(test(command, server, folder).ended)
                if found[count][-1].status:
                    raise SystemExit(f"check --samples {count} failed:\n{found[count][-1].printed[-2000:]}")
                progress(f"round {number} of {rounds}: {count} samples: {found[count][-1].seconds:.2f} s")
    head = ["samples", "wall, s", "ms a sample", "peak memory, MiB"]
    rows = []
    for count, ended in found.items():
        seconds = [each.seconds for each in ended]
        each = spread([1000 * second / count for second in seconds], 2)
        rows.append([f"{count:,}", spread(seconds, 2), each, spread([each.peak for each in ended])])
    return table(head, rows)


def starts(rounds: int) -> list[Goal]:
    """Whether each of STARTS takes no longer than it is to; the first time, which fills caches, does not count."""
    found = dict[str, list[float]]({name: [] for name in STARTS})
    for _ in range(rounds + 1):
        for name, (_, command) in STARTS.items():
            found[name].append(run(command, 60).seconds)
    return [held(name, found[name][1:], "≤", limit, "s") for name, (limit, _) in STARTS.items()]


def caught_by(name: str, failed: dict[str, dict[str, bool]]) -> int:
    """How many faults a tester has caught: none that it cannot tell from an honest mock."""
    return 0 if failed["none"][name] else sum(failed[fault][name] for fault in FAULTS)


def report(runs: dict[str, list[Run]], failed: dict[str, dict[str, bool]]) -> str:
    """The testers side by side: what they take, and what they find."""
    speeds = [
        [
            name,
            spread([each.ended.seconds for each in done], 2),
            spread([each.calls for each in done]),
            spread([each.ended.peak for each in done]),
            str(caught_by(name, failed)),
        ]
        for name, done in runs.items()
    ]
    head = ["", "wall, s", "calls", "peak memory, MiB", f"caught, of {len(FAULTS)} faults"]
    words = {(False, False): "passes", (False, True): "false alarm", (True, False): "missed", (True, True): "caught"}
    found = [
        [fault, FAULTS.get(fault, ""), *(words[fault in FAULTS, row[name]] for name in runs)]
        for fault, row in failed.items()
    ]
    return "\n\n".join([table(head, speeds), NOTE, table(["fault", "part", *runs], found)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how many (5)")
    parser.add_argument(
        "--samples",
        type=int,
        action="append",
        metavar="N",
        help="measure `check --samples N` (repeatable; 100 and 1000; half a minute a round for 10000)",
    )
    options = parser.parse_args()
    if options.rounds < 1:
        refuse("--rounds takes 1 or more")
    with tempfile.TemporaryDirectory(prefix="code-contract-bench-") as name:
        folder = Path(name)
        testers = {name: command(folder) for name, command in TESTERS.items()}
        runs = speed(testers, folder, options.rounds)
        failed = caught(testers, folder)
        print(report(runs, failed), end="\n\n", flush=True)
        print(samples(options.samples or [100, 1000], folder, options.rounds), end="\n\n", flush=True)
    walls = {name: [each.ended.seconds for each in done] for name, done in runs.items()}
    judged = [held(f"`{OURS}` on this machine", walls[OURS], "≤", 3, "s")]
    for name in walls:
        if name.startswith("schemathesis"):
            ratios = [ours / theirs for ours, theirs in zip(walls[OURS], walls[name], strict=True)]
            judged.append(held(f"the same, of `{name}`", ratios, "≤", 1, "×"))
    judged.append(held("faults caught", [caught_by(OURS, failed)], "≥", len(FAULTS), "", 0))
    print(goals([*judged, *starts(options.rounds)]))
    print(
        "", circumstances([install.versions("dredd")], ["code-contract", "schemathesis", "hypothesis"], True), sep="\n"
    )


if __name__ == "__main__":
    benchmark(main)
