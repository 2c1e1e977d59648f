"""The mock compared with Prism: `python benchmarks/mock.py` prints a Markdown table, in about five minutes.

Every server is started once and warmed up by 10,000 calls of four kinds. Then all are stopped (SIGSTOP), and only the
one being measured runs. Rounds are interleaved: in each, every server is started anew (for the time to its first valid
response), then the warm one is loaded by wrk over 16 connections with each kind of call. CPU time includes all
processes of the server; wrk runs on the same cores. Cells are medians with ranges; ratios are medians over rounds.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Container, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import install
import servers
from load import KINDS, load, warm_up
from processes import Server, benchmark, progress, refuse, response_size, running, tool
from servers import SERVERS
from tables import add_write_option, circumstances, publish, spread, table

CONNECTIONS = 16
WARM_UP_CALLS = 10_000
"""Prism is six times slower when cold."""
SETTLE_SECONDS = 1
"""Between the load and the measurement of memory."""

Round = dict[str, float]
"""Values of one server in one round, by keys such as `start` and `rate plain`."""

LABELS = {
    "plain": "plain",
    "browser": "from a browser",
    "body": "JSON body, `Origin`, cookie ¹",
    "preference": "`Prefer: example=captcha`",
}


class Row(NamedTuple):
    """A row of the table: title, key of a value, digits, and the goal for the ratio to Prism, if there is one."""

    title: str
    key: str
    digits: int = 0
    sense: str = ""
    limit: float = 0


ROWS = (
    *(Row(f"requests/s, {LABELS[kind]}", f"rate {kind}", 0, "≥", 6) for kind in ("plain", "browser")),
    *(Row(f"requests/s, {LABELS[kind]}", f"rate {kind}", 0, "≥", 4) for kind in ("body", "preference")),
    *(Row(f"CPU per response, µs, {LABELS[kind]}", f"cpu {kind}", 0, "≤", 1 / 6) for kind in ("plain", "browser")),
    *(Row(f"CPU per response, µs, {LABELS[kind]}", f"cpu {kind}") for kind in ("body", "preference")),
    Row("median latency, ms, from a browser", "p50 browser", 2),
    Row("99th percentile, ms, from a browser", "p99 browser", 2),
    Row("first valid response, ms", "start", 0, "≤", 1 / 4),
    Row("memory after load, MiB", "memory", 0, "≤", 0.4),
    Row("bytes of a response", "size"),
    Row("failed requests", "errors"),
)


def measure(
    start: Callable[[], AbstractContextManager[Server]], server: Server, seconds: int, rejects: Container[str]
) -> Round:
    """Measure one server in one round. Calls of the kinds in `rejects` must all be rejected, all others accepted."""
    with start() as fresh:
        found = {"start": fresh.start * 1000, "errors": 0.0, "size": float(server.size)}
    server.resume()
    for kind in KINDS:
        before = server.cpu_seconds()
        done = load(server, CONNECTIONS, seconds, kind)
        found[f"rate {kind}"] = done.requests / done.seconds
        found[f"cpu {kind}"] = (server.cpu_seconds() - before) / max(done.requests, 1) * 1e6
        found[f"p50 {kind}"], found[f"p99 {kind}"] = done.p50, done.p99
        unexpected = done.requests - done.rejected if kind in rejects else done.rejected
        found["errors"] += done.errors + unexpected + (not response_size(server.port))
    time.sleep(SETTLE_SECONDS)
    found["memory"] = server.memory()
    server.pause()
    return found


def measure_all(names: Sequence[str], rounds: int, seconds: int) -> dict[str, list[Round]]:
    """Measure all servers in interleaved rounds."""
    found = dict[str, list[Round]]({name: [] for name in names})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="code-contract-bench-")))
        environment = servers.environment(folder)
        starts = {name: partial(running, SERVERS[name].command(), folder, **environment) for name in names}
        started = dict[str, Server]()
        for name in names:
            progress(f"{name}: starting and warming up")
            started[name] = stack.enter_context(starts[name]())
            warm_up(started[name], WARM_UP_CALLS)
            started[name].pause()
        for number in range(1, rounds + 1):
            for name in names:
                found[name].append(measure(starts[name], started[name], seconds, SERVERS[name].rejects))
                rate = found[name][-1]["rate browser"]
                progress(f"round {number} of {rounds}: {name}: {rate:,.0f} requests/s from a browser")
    return found


def report(found: dict[str, list[Round]]) -> str:
    """The table: a row for each measure; ratio and goal compare the mock with Prism."""
    head = ["", *(SERVERS[name].title for name in found), "ratio to Prism", "goal", "met"]
    notes = {reason: None for name in found for reason in SERVERS[name].rejects.values()}
    return "\n\n".join([table(head, (_row(row, found) for row in ROWS)), *(f"¹ {reason}" for reason in notes)])


def _row(row: Row, found: dict[str, list[Round]]) -> list[str]:
    cells = [spread([each[row.key] for each in rounds], row.digits) for rounds in found.values()]
    pairs = list(zip(found.get("mock", ()), found.get("prism", ()), strict=False))
    if not pairs or row.key == "errors":
        return [row.title, *cells, "", "", ""]
    ratio = median(ours[row.key] / theirs[row.key] for ours, theirs in pairs)
    goal = f"{row.sense} {row.limit:.2g}" if row.sense else ""
    met = ratio >= row.limit if row.sense == "≥" else ratio <= row.limit
    failed = any(each["errors"] for pair in pairs for each in pair)
    verdict = "" if not goal else "not valid: requests failed" if failed else "yes" if met else "**no**"
    return [row.title, *cells, f"{ratio:.2f}", goal, verdict]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="number of rounds (5)")
    parser.add_argument("--seconds", type=int, default=2, metavar="S", help="length of each load (2)")
    parser.add_argument("--only", action="append", choices=SERVERS, metavar="NAME", help=", ".join(SERVERS))
    add_write_option(parser)
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds < 1:
        refuse("--rounds and --seconds must be 1 or more")
    tool("wrk")
    names = [name for name in SERVERS if name in (options.only or SERVERS)]
    found = measure_all(names, options.rounds, options.seconds)
    used = ["code-contract", "uvicorn", "httptools", "uvloop", "Flask", "Pillow"]
    method = f"{options.rounds} interleaved rounds; {CONNECTIONS} connections; one process each."
    facts = circumstances([install.versions("prism")], used, node=True)
    publish("mock", "Mock server", "\n\n".join([report(found), method, facts]), options.write)


if __name__ == "__main__":
    benchmark(main)
