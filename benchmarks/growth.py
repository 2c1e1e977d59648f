"""Cost of loading and mocking large contracts: `python benchmarks/growth.py` prints Markdown tables.

The documents are generated from openapi.yaml. Every operation is a copy of /code with its own path, id and clauses; in
turn it shares the schemas of the first, has a path parameter, or has its own schema. Each document is loaded and served
by new processes in every round; rounds are interleaved, the table shows medians. Goals: loading grows at most linearly
with the number of operations, and a request costs the same whatever that number is.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import yaml
from load import load
from processes import benchmark, progress, refuse, run, running, tool
from servers import COMMAND, CONTRACT
from tables import Goal, add_write_option, circumstances, compare, goals, publish, table

SIZES = [1, 10, 100, 1000]
CONNECTIONS = 4
LOAD_TIMEOUT = 120
"""Seconds."""
TOLERANCE = 1.15
"""Ratio by which two medians of the same value differ on a busy machine."""

READ = """
import json, re, time
begun = time.process_time()
import code_contract, code_contract.validation, prance.util.resolver
imported = time.process_time()
code_contract.load("FILE")
took = time.process_time() - imported
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())  # getrusage includes the parent's
print(json.dumps([1000 * (imported - begun), 1000 * took, int(peak[1]) / 1024]))
"""

Found = dict[str, float]
"""Values of one document in one round, by column."""


def document(size: int) -> dict[str, Any]:
    """The project's own contract with `size` operations."""
    made: dict[str, Any] = yaml.load(CONTRACT.read_text(encoding="utf-8"), yaml.CSafeLoader)
    schemas, first = made["components"]["schemas"], made["paths"]["/code"]["post"]
    for number in range(1, size):
        operation = copy.deepcopy(first)
        operation["operationId"] += str(number)
        for clause in operation["x-clauses"]:
            clause["id"] += f"-of-{number}"
        if number % 3 == 0:
            own = copy.deepcopy(schemas["CaptchaEnvelope"])
            captcha = without_clauses(schemas["Captcha"])
            own["allOf"][1]["properties"]["data"] = {"anyOf": [captcha, {"type": "null"}]}
            schemas[f"Envelope{number}"] = own
            for response in operation["responses"].values():
                response["content"]["application/json"]["schema"]["$ref"] = f"#/components/schemas/Envelope{number}"
        if number % 3 == 2:
            schema = {"type": "string", "maxLength": 40}
            operation["parameters"].append({"name": "place", "in": "path", "required": True, "schema": schema})
        made["paths"][path_of(number, "{place}")] = {"post": operation}
    return made


def without_clauses(node: Any) -> Any:
    """A copy without clauses, whose ids must be unique in a document."""
    if isinstance(node, dict):
        return {key: without_clauses(value) for key, value in node.items() if key != "x-clauses"}
    return [without_clauses(item) for item in node] if isinstance(node, list) else node


def path_of(number: int, place: str = "here") -> str:
    return f"/code/{number}/{place}" if number % 3 == 2 else f"/code/{number}" if number else "/code"


def read(file: Path) -> Found:
    """Measure the imports and the loading of a document in a new process."""
    done = run([sys.executable, "-c", READ.replace("FILE", str(file))], LOAD_TIMEOUT)
    if done.status:
        raise SystemExit(done.output)
    return dict(zip(("import, ms", "load, ms", "load, peak MiB"), json.loads(done.output), strict=True))


def serve(file: Path, size: int, seconds: int) -> Found:
    """Measure the start of a mock of a document, and requests to three of its operations."""
    calls = {"first": path_of(0), "last": path_of(size - 1), "in path": path_of(size - 2)}
    with running([COMMAND, "mock", "--spec", file, "--port", "{port}"], file.parent) as server:
        found = {"start, ms": 1000 * server.start}
        for name, path in calls.items() if size > 3 else [("first", "/code")]:
            load(server, CONNECTIONS, 1, path=path)  # to warm up
            before = server.cpu_seconds()
            done = load(server, CONNECTIONS, seconds, path=path)
            if failed := done.errors + done.rejected:
                raise SystemExit(f"{failed} of {done.requests} calls to {path} failed")
            found[f"{name}, µs"] = (server.cpu_seconds() - before) / done.requests * 1e6
        found["mock, MiB"] = server.memory()
    return found


def verdicts(rounds: list[dict[int, Found]]) -> Iterator[Goal]:
    """Compare the growth with the goals, by the median ratio of the rounds."""
    for name in ("load, ms", "start, ms", "mock, MiB"):
        for few, many in pairwise(rounds[0]):
            ratios = [found[many][name] / found[few][name] for found in rounds]
            yield compare(f"{name}: {few:,} → {many:,} operations", ratios, "≤", many / few, "×")
    for name in ("first, µs", "last, µs", "in path, µs"):
        sizes = [size for size, row in rounds[0].items() if name in row]
        if len(sizes) > 1:
            few, many = min(sizes), max(sizes)
            ratios = [found[many][name] / found[few][name] for found in rounds]
            yield compare(f"{name}: {few:,} → {many:,} operations", ratios, "≤", TOLERANCE, "×")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, nargs="+", default=SIZES, metavar="N", help="1 10 100 1000")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="number of rounds (5)")
    parser.add_argument("--seconds", type=int, default=1, metavar="S", help="length of each load (1)")
    add_write_option(parser)
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds < 1 or min(options.operations) < 1:
        refuse("--operations, --rounds and --seconds must be 1 or more")
    tool("wrk")
    rounds = list[dict[int, Found]]()
    with tempfile.TemporaryDirectory(prefix="code-contract-bench-") as folder:
        files = {size: Path(folder, f"{size}.yaml") for size in sorted(options.operations)}
        for size, file in files.items():
            progress(f"writing a document of {size:,} operations")
            file.write_text(yaml.dump(document(size), Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")
        for number in range(1, options.rounds + 1):
            rounds.append({})
            for size, file in files.items():
                rounds[-1][size] = {**read(file), **serve(file, size, options.seconds)}
                progress(f"round {number} of {options.rounds}: {size:,} operations")
    columns = list(max((row for row in rounds[0].values()), key=len))
    rows = [
        [
            f"{size:,}",
            *(f"{median(each[size][name] for each in rounds):,.0f}" if name in row else "-" for name in columns),
        ]
        for size, row in rounds[0].items()
    ]
    method = (
        f"Medians of {options.rounds} interleaved rounds. µs: CPU time per response, over {CONNECTIONS} connections."
        " Import and load are CPU time too."
    )
    used = ["code-contract", "openapi-spec-validator", "prance", "jsonschema", "PyYAML", "Flask", "Werkzeug", "uvicorn"]
    parts = [table(["operations", *columns], rows), method, goals(verdicts(rounds)), circumstances(distributions=used)]
    publish("growth", "Large contracts", "\n\n".join(parts), options.write)


if __name__ == "__main__":
    benchmark(main)
