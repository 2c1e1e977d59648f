"""How the mock and the reading of a contract grow with it: `python benchmarks/growth.py` prints Markdown tables.

The documents are made from openapi.yaml: every operation a copy of /code under a path, an id and clauses of its own,
in turn with the schemas of the first, with a parameter in its path, and with a schema of its own. Each document is
read, and served, by new processes in every round; rounds are interleaved, the table shows medians. What is to hold:
reading takes at most as many times longer as there are operations more, and a call costs the same among however many.
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
from tables import Goal, circumstances, goals, held, table

SIZES = [1, 10, 100, 1000]
CONNECTIONS = 4
LONGEST = 120
"""Seconds for a process to read a document."""
TOLERANCE = 1.15
"""By how much two medians of the same thing differ on a busy machine."""

READ = """
import json, re, time
begun = time.process_time()
import contract, code_contract.validation, prance.util.resolver
imported = time.process_time()
contract.load("FILE")
took = time.process_time() - imported
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())  # getrusage counts the parent's
print(json.dumps([1000 * (imported - begun), 1000 * took, int(peak[1]) / 1024]))
"""

Found = dict[str, float]
"""What one round has found of one document, by the names of the columns."""


def document(size: int) -> dict[str, Any]:
    """The project's own contract with so many operations."""
    made: dict[str, Any] = yaml.load(CONTRACT.read_text(encoding="utf-8"), yaml.CSafeLoader)
    schemas, first = made["components"]["schemas"], made["paths"]["/code"]["post"]
    for number in range(1, size):
        operation = copy.deepcopy(first)
        operation["operationId"] += str(number)
        for clause in operation["x-clauses"]:
            clause["id"] += f"-of-{number}"
        if number % 3 == 0:
            own = copy.deepcopy(schemas["CaptchaEnvelope"])
            own["allOf"][1]["properties"]["data"] = without_clauses(schemas["Captcha"])
            schemas[f"Envelope{number}"] = own
            for response in operation["responses"].values():
                response["content"]["application/json"]["schema"]["$ref"] = f"#/components/schemas/Envelope{number}"
        if number % 3 == 2:
            schema = {"type": "string", "maxLength": 40}
            operation["parameters"].append({"name": "place", "in": "path", "required": True, "schema": schema})
        made["paths"][path_of(number, "{place}")] = {"post": operation}
    return made


def without_clauses(node: Any) -> Any:
    """A copy without the clauses: their ids may stand once in a document."""
    if isinstance(node, dict):
        return {key: without_clauses(value) for key, value in node.items() if key != "x-clauses"}
    return [without_clauses(item) for item in node] if isinstance(node, list) else node


def path_of(number: int, place: str = "here") -> str:
    return f"/code/{number}/{place}" if number % 3 == 2 else f"/code/{number}" if number else "/code"


def read(file: Path) -> Found:
    """The cost of reading a document in a new process, and of the imports that this takes."""
    ended = run([sys.executable, "-c", READ.replace("FILE", str(file))], LONGEST)
    if ended.status:
        raise SystemExit(ended.printed)
    return dict(zip(("import, ms", "load, ms", "load, peak MiB"), json.loads(ended.printed), strict=True))


def serve(file: Path, size: int, seconds: int) -> Found:
    """The cost of starting a mock of a document, and of calls to three of its operations."""
    calls = {"first": path_of(0), "last": path_of(size - 1), "in path": path_of(size - 2)}
    with running([COMMAND, "mock", "--spec", file, "--port", "{port}"], file.parent) as server:
        found = {"start, ms": 1000 * server.start}
        for name, path in calls.items() if size > 3 else [("first", "/code")]:
            load(server, CONNECTIONS, 1, path)  # to warm up
            before = server.processor()
            done = load(server, CONNECTIONS, seconds, path)
            if done.errors:
                raise SystemExit(f"{done.errors} of {done.requests} calls to {path} failed")
            found[f"{name}, µs"] = (server.processor() - before) / done.requests * 1e6
        found["mock, MiB"] = server.memory()
    return found


def verdicts(rounds: list[dict[int, Found]]) -> Iterator[Goal]:
    """Whether it grows as it may, by the median of the rounds' ratios."""
    for name in ("load, ms", "start, ms", "mock, MiB"):
        for few, many in pairwise(rounds[0]):
            ratios = [found[many][name] / found[few][name] for found in rounds]
            yield held(f"{name}: {few:,} → {many:,} operations", ratios, "≤", many / few, "×")
    for name in ("first, µs", "last, µs", "in path, µs"):
        sizes = [size for size, row in rounds[0].items() if name in row]
        if len(sizes) > 1:
            few, many = min(sizes), max(sizes)
            ratios = [found[many][name] / found[few][name] for found in rounds]
            yield held(f"{name}: {few:,} → {many:,} operations", ratios, "≤", TOLERANCE, "×")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, nargs="+", default=SIZES, metavar="N", help="1 10 100 1000")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how many (5)")
    parser.add_argument("--seconds", type=int, default=1, metavar="S", help="of each load (1)")
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds < 1 or min(options.operations) < 1:
        refuse("--operations, --rounds and --seconds take 1 or more")
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
    print(table(["operations", *columns], rows))
    print(
        f"\nMedians of {options.rounds} interleaved rounds; µs are those of processor time for an answer, over"
        f" {CONNECTIONS} connections; import and load are processor time too.\n"
    )
    print(goals(verdicts(rounds)))
    used = ["code-contract", "openapi-spec-validator", "prance", "jsonschema", "PyYAML", "Flask", "Werkzeug", "uvicorn"]
    print("", circumstances(distributions=used), sep="\n")


if __name__ == "__main__":
    benchmark(main)
