"""The mock beside other mocks and constant answers: `python benchmarks/mock.py` prints Markdown tables.

Every server is started once and warmed up by 10,000 calls; then all are stopped (SIGSTOP), and only the one that is
being measured runs. Rounds are interleaved: each starts every server anew (for the time to its first good answer), then
loads the warm one over 1, 16 and 64 connections by wrk. Tables show medians, and between which values they lie. The
processor time is that of the server with all its processes, and wrk takes its own from the same cores.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

import servers
from install import versions
from load import load, warm_up
from processes import Server, answered, benchmark, progress, refuse, running, tool
from servers import CONTENDERS
from tables import Goal, circumstances, goals, held, spread, table

CONNECTIONS = (1, 16, 64)
WARM = 10_000
"""Calls before a server is measured: cold, Prism is six times slower."""

Found = dict[str, float]
"""What one round has found of one server, by names such as `start` and `rate 16`."""

# Claim; the figure of a server; that of another; at most or at least so many times as much.
CLAIMS = (
    ("processor time per answer, of Prism's", ("mock", "cpu 16"), ("prism", "cpu 16"), "≤", 0.2),
    ("processor time per answer, of silent Prism's", ("mock", "cpu 16"), ("prism-silent", "cpu 16"), "≤", 0.5),
    ("requests/s, against Prism", ("mock", "rate 16"), ("prism", "rate 16"), "≥", 6),
    ("requests/s of two workers, against Prism", ("mock-2", "rate 16"), ("prism", "rate 16"), "≥", 12),
    ("requests/s of two workers, against one", ("mock-2", "rate 16"), ("mock", "rate 16"), "≥", 1.7),
    ("requests/s, against a constant by Flask on uvicorn", ("mock", "rate 16"), ("flask", "rate 16"), "≥", 0.5),
    ("99 % of answers within, of Prism's median", ("mock", "p99 16"), ("prism", "p50 16"), "≤", 1),
    ("time to the first good answer, of Prism's", ("mock", "start"), ("prism", "start"), "≤", 0.2),
    ("memory, of Prism's", ("mock", "memory"), ("prism", "memory"), "≤", 0.5),
)


def measure(start: Callable[[], AbstractContextManager[Server]], server: Server, seconds: int) -> Found:
    """One round of one server: how it starts, and how the warm one serves."""
    with start() as fresh:
        found = {"start": fresh.start * 1000, "errors": 0.0, "bytes": float(server.size)}
    server.resume()
    for connections in CONNECTIONS:
        before = server.processor()
        done = load(server, connections, seconds)
        found[f"rate {connections}"] = done.requests / done.seconds
        found[f"cpu {connections}"] = (server.processor() - before) / max(done.requests, 1) * 1e6
        found[f"p50 {connections}"], found[f"p99 {connections}"] = done.p50, done.p99
        found["errors"] += done.errors + (not answered(server.port))
    found["memory"] = server.memory()
    server.pause()
    return found


def rounds(names: list[str], count: int, seconds: int) -> dict[str, list[Found]]:
    """All rounds of all servers."""
    found = dict[str, list[Found]]({name: [] for name in names})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="code-contract-bench-")))
        environ = servers.environ(folder)
        starts = {name: partial(running, CONTENDERS[name].command(folder), folder, **environ) for name in names}
        started = dict[str, Server]()
        for name in names:
            progress(f"{name}: starts, and is warmed up")
            started[name] = stack.enter_context(starts[name]())
            warm_up(started[name], WARM)
            started[name].pause()
        for number in range(1, count + 1):
            for name in names:
                found[name].append(measure(starts[name], started[name], seconds))
                rate = found[name][-1]["rate 16"]
                progress(f"round {number} of {count}: {name}: {rate:,.0f} requests/s over 16 connections")
    return found


def claims(found: dict[str, list[Found]]) -> list[Goal]:
    """What is claimed, by the median of the rounds' ratios. Nothing is claimed by a row with errors."""
    judged = []
    for claim, (one, of_one), (other, of_other), sense, limit in CLAIMS:
        goal = f"{sense} {limit:g} ×"
        if not found.get(one) or not found.get(other):
            judged.append(Goal(claim, goal, "not measured", None))
        elif any(each["errors"] for each in (*found[one], *found[other])):
            judged.append(Goal(claim, goal, "not quoted: there were errors", None))
        else:
            ratios = [ours[of_one] / theirs[of_other] for ours, theirs in zip(found[one], found[other], strict=True)]
            judged.append(held(claim, ratios, sense, limit, "×"))
    return judged


def report(found: dict[str, list[Found]]) -> str:
    """The tables."""

    def cells(name: str, *columns: tuple[str, int]) -> list[str]:
        errors = sum(each["errors"] for each in found[name])
        title = CONTENDERS[name].title + (f" — **{errors:.0f} errors, not to be quoted**" if errors else "")
        return [title, *(spread([each[column] for each in found[name]], digits) for column, digits in columns)]

    parts = [
        table(
            ["", "first good answer, ms", "memory, MiB", "bytes an answer"],
            [cells(name, ("start", 0), ("memory", 0), ("bytes", 0)) for name in found],
        )
    ]
    for count in CONNECTIONS:
        head = [
            f"{count} connection{'s' if count > 1 else ''}",
            "requests/s",
            "p50, ms",
            "p99, ms",
            "processor µs an answer",
        ]
        columns = [(f"rate {count}", 0), (f"p50 {count}", 2), (f"p99 {count}", 2), (f"cpu {count}", 0)]
        parts.append(table(head, [cells(name, *columns) for name in found]))
    return "\n\n".join([*parts, servers.NOTES, "Claims, over 16 connections:", goals(claims(found))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how many (5)")
    parser.add_argument("--seconds", type=int, default=2, metavar="S", help="of each load (2)")
    parser.add_argument("--only", action="append", choices=CONTENDERS, metavar="NAME", help=", ".join(CONTENDERS))
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds < 1:
        refuse("--rounds and --seconds take 1 or more")
    tool("wrk")
    names, notes = [], []
    for name in options.only or CONTENDERS:
        if reason := servers.cannot_be(name):
            notes.append(f"{name} was left out: {reason}.")
            progress(notes[-1])
        else:
            names.append(name)
    peers = list(dict.fromkeys(versions(peer) for name in names if (peer := CONTENDERS[name].peer)))
    used = ["code-contract", "uvicorn", "httptools", "uvloop", "a2wsgi", "Flask", "isal", "Pillow"]
    node = any(CONTENDERS[name].peer in ("prism", "openapi-backend") for name in names)
    print(report(rounds(names, options.rounds, options.seconds)))
    print("", *notes, circumstances(peers, used, node), sep="\n")


if __name__ == "__main__":
    benchmark(main)
