"""How the mock and the reading of a contract grow with it: `python benchmarks/growth.py` prints a Markdown table.

The documents are made from openapi.yaml: every operation a copy of /code under a path, an id and clauses of its own,
in turn with the schemas of the first, with a parameter in its path, and with a schema of its own. Each document is
read, and served, by new processes in every round; rounds are interleaved, the table shows medians. What is to hold:
reading takes at most as many times longer as there are operations more, and a call costs the same among however many.
Processor time (from /proc, so on Linux only) says so on a busy machine too; a start is timed by the clock.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import os
import platform
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from servers import WRK, answered, load, load_in_python, usage

ROOT = Path(__file__).resolve().parent.parent
SIZES = [1, 10, 100, 1000]
ROUNDS = 5
BUDGET = 240  # seconds, after which no round begins
PATIENCE = 60  # seconds for a process to read a document
CONNECTIONS = 4
TOLERANCE = 1.15  # of a busy machine: two medians of the same thing differ by so much

READ = r"""
import json, re, sys, time
begun = time.process_time()
import contract, contract.validating, prance.util.resolver
imported = time.process_time()
contract.load(sys.argv[1])
took = time.process_time() - imported
peak = re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())  # getrusage counts the parent's
print(json.dumps([1000 * (imported - begun), 1000 * took, int(peak[1]) / 1000]))
"""

Found = dict[str, float]


def document(size: int) -> dict[str, Any]:
    """The project's own contract with so many operations."""
    made: dict[str, Any] = yaml.load((ROOT / "openapi.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
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
    command = [sys.executable, "-c", READ, str(file)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PATIENCE, cwd=ROOT)
    return dict(zip(("import ms", "load ms", "load peak MB"), json.loads(done.stdout), strict=True))


@contextlib.contextmanager
def serving(file: Path) -> Iterator[tuple[int, int, float]]:
    """A mock of a document, as (port, process group, milliseconds to the first good answer); it is stopped."""
    command = [sys.executable, "-m", "contract_cli", "mock", "--spec", str(file), "--port", "0"]
    begun = time.perf_counter()
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "start_new_session": True, "cwd": ROOT}
    with subprocess.Popen(command, text=True, **quiet) as process:
        try:
            heard, _, _ = select.select([process.stdout], [], [], PATIENCE)
            port = re.search(r":(\d+)$", process.stdout.readline().strip() if heard else "")
            if port is None or not answered(int(port[1])):
                raise SystemExit(f"the mock does not answer; try: {' '.join(command)}")
            yield int(port[1]), process.pid, (time.perf_counter() - begun) * 1000
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


def serve(file: Path, size: int) -> Found:
    """The cost of starting a mock of a document, and of calls to three of its operations."""
    calls = {"first": path_of(0), "last": path_of(size - 1), "in path": path_of(size - 2)}
    with serving(file) as (port, group, start):
        found = {"start ms": start}
        for name, path in calls.items() if size > 3 else [("first", "/code")]:
            load_in_python(port, 2, 0.1, path)  # to warm up
            before, _ = usage(group)
            requests, taken = load(port, CONNECTIONS, 1, path)
            found[f"{name}: CPU µs"] = (usage(group)[0] - before) / max(requests, 1) * 1e6
            found[f"{name}: calls/s"] = requests / taken
        found["mock MB"] = usage(group)[1]
    return found


def table(found: dict[int, Found]) -> str:
    columns = list(max(found.values(), key=len))
    rows = [f"| operations | {' | '.join(columns)} |", f"| ---: |{' ---: |' * len(columns)}"]
    for size, row in found.items():
        rows.append(f"| {size:,} | {' | '.join(f'{row[name]:,.0f}' if name in row else '-' for name in columns)} |")
    return "\n".join(rows)


def verdicts(found: dict[int, Found]) -> Iterator[str]:
    """Whether the goals are met, with the ratios they are judged by."""
    sizes = list(found)
    for name in ("load ms", "start ms", "mock MB"):
        for few, many in pairwise(sizes):
            ratio, more = found[many][name] / found[few][name], many / few
            each = (found[many][name] - found[few][name]) / (many - few)
            met = "met" if ratio <= more * TOLERANCE else "NOT met"
            yield f"{name}, {few:,} → {many:,} operations: × {ratio:.1f} (at most {more:g}), {each:.2f} each: {met}"
    for name in ("first", "last", "in path"):
        of = {size: row[f"{name}: CPU µs"] for size, row in found.items() if f"{name}: CPU µs" in row}
        if len(of) > 1:
            few, many = min(of), max(of)
            met = "met" if of[many] <= of[few] * TOLERANCE else "NOT met"
            yield f"{name}: CPU µs, {few:,} → {many:,} operations: × {of[many] / of[few]:.2f} (flat): {met}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, nargs="+", default=SIZES, metavar="N", help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help="default: %(default)s")
    options = parser.parse_args()
    begun, rounds = time.perf_counter(), list[dict[int, Found]]()
    with tempfile.TemporaryDirectory() as folder:
        # What pip has installed finds its bytecode; so do these processes, from the second on.
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        files = {size: Path(folder, f"{size}.yaml") for size in options.operations}
        for size, file in files.items():
            print(f"writing a document of {size:,} operations", file=sys.stderr)
            file.write_text(yaml.dump(document(size), Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")
        print("warming up", file=sys.stderr)
        read(files[options.operations[0]])
        with serving(files[options.operations[0]]):
            pass
        while len(rounds) < options.rounds and time.perf_counter() - begun < BUDGET:
            print(f"round {len(rounds) + 1} of {options.rounds}", file=sys.stderr)
            rounds.append({size: {**read(file), **serve(file, size)} for size, file in files.items()})
    medians = {
        size: {name: statistics.median(each[size][name] for each in rounds) for name in rounds[0][size]}
        for size in files
    }
    print(table(medians))
    print("\n" + "\n".join(f"- {verdict}" for verdict in verdicts(medians)))
    packages = ("openapi-spec-validator", "prance", "jsonschema", "PyYAML", "Flask", "Werkzeug", "uvicorn")
    print(
        f"\nMedians of {len(rounds)} interleaved rounds, {date.today()}. Load by {'wrk' if WRK else 'Python'} over"
        f" {CONNECTIONS} connections kept alive, a second each; import and load are processor time."
        f" A goal is met within × {TOLERANCE}, which two medians of the same differ by on a busy machine."
        f" {platform.platform()}, {os.cpu_count()} processors; Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in packages)
        + f".\nCommand: `python {' '.join(['benchmarks/growth.py', *sys.argv[1:]])}`"
    )


if __name__ == "__main__":
    main()
