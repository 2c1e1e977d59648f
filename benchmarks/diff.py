"""`code-contract diff` beside openapi-diff and api-smart-diff, on two versions of Airflow's API.

`python benchmarks/diff.py` prints a Markdown table. Each program compares the documents that ship in the wheels of
apache-airflow once; it takes about two minutes. A place is one part of one operation: the operation itself, its
parameters, its request body or its responses.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import install
from corpus import AIRFLOW, DOCUMENTS
from processes import benchmark, progress, run, tool
from tables import add_write_option, circumstances, publish, table

from code_contract import load
from code_contract.grammar import METHODS

(PACKAGE, OLD), NEW = AIRFLOW, "2.10.5"
TIMEOUT = 300.0
KINDS = ("operation", "parameters", "request body", "responses", "description", "component")
LOCATION = re.compile(rf"paths\.(.*?)(?:\.({'|'.join(METHODS)})(?:\.(\w+).*)?)?")
NOTE = (
    "Findings, and the places that they reach. Description: of any place, or of the document. Component: below"
    " `components`, in addition to the places that use it, or used by none. openapi-diff reports a schema that differs"
    " as a whole, without the field."
)


class Finding(NamedTuple):
    """A finding of a program: its kind, the operations that it reaches, and True if it breaks consumers."""

    kind: str
    operations: tuple[str, ...]
    is_breaking: bool


def ours(output: str, methods: Mapping[str, list[str]]) -> Iterator[Finding]:
    for change in json.loads(output[output.index("[\n") :]):
        message, pointer = change["message"], change["pointer"]
        if "operations" not in change:
            kind = "component" if pointer.startswith("/components/") else "description"
        elif change["consumers"] == "cosmetic":
            kind = "description"
        elif message.startswith("the operation "):
            kind = "operation"
        elif "/parameters/" in pointer:
            kind = "parameters"
        else:
            is_request = message.endswith(("requests are allowed", "servers must handle it", "no longer handle it"))
            kind = "request body" if is_request else "responses"
        yield Finding(kind, tuple(change.get("operations", ())), change["consumers"] == "breaking")


def openapi_diff(output: str, methods: Mapping[str, list[str]]) -> Iterator[Finding]:
    found = json.loads(output[output.index("{\n") : output.rindex("}") + 1])
    for each in (*found["breakingDifferences"], *found["nonBreakingDifferences"], *found["unclassifiedDifferences"]):
        details = (*each["sourceSpecEntityDetails"], *each["destinationSpecEntityDetails"])
        path, method, part = LOCATION.fullmatch(details[0]["location"]).groups()
        operations = [f"{method.upper()} {path}"] if method else methods[path]
        yield Finding(PARTS.get(part, "operation"), tuple(operations), each["type"] == "breaking")


def api_smart_diff(output: str, methods: Mapping[str, list[str]]) -> Iterator[Finding]:
    for each in json.loads(output):
        section, *path = map(str, each["path"])
        is_breaking = each["type"] == "breaking"
        if each["type"] == "annotation":
            yield Finding("description", (), is_breaking)
        elif section == "paths":
            kind = PARTS.get(path[2], "operation") if len(path) > 2 else "operation"
            yield Finding(kind, (f"{path[1].upper()} {path[0]}",), is_breaking)
        else:
            yield Finding("component", (), is_breaking)


PARTS = {"parameters": "parameters", "requestBody": "request body", "responses": "responses"}

PROGRAMS: dict[str, Callable[[str, Mapping[str, list[str]]], Iterator[Finding]]] = {
    "code-contract diff": ours,
    "openapi-diff": openapi_diff,
    "api-smart-diff": api_smart_diff,
}


def commands(old: Path, new: Path) -> dict[str, list[str | Path]]:
    modules = install.npm("diff")
    peer = Path(__file__).with_name("peers") / "api-smart-diff.cjs"
    return {
        "code-contract diff": [sys.executable, "-m", "code_contract_cli", "diff", "--json", old, new],
        "openapi-diff": [modules / ".bin" / "openapi-diff", old, new],
        "api-smart-diff": [tool("node"), peer, modules, old, new],
    }


def operations_by_path(document: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in load(document).operations.values():
        found.setdefault(each.path, []).append(f"{each.method} {each.path}")
    return found


def cell(findings: list[Finding], kind: str) -> str:
    found = [each for each in findings if each.kind == kind]
    places = {operation for each in found for operation in each.operations}
    return f"{len(found)} in {len(places)}" if places else f"{len(found)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_write_option(parser)
    options = parser.parse_args()
    old, new = (install.wheel(PACKAGE, version) / DOCUMENTS["Airflow"] for version in (OLD, NEW))
    methods = operations_by_path(new)
    found: dict[str, list[Finding]] = {}
    rows: dict[str, list[Any]] = {"seconds": [], "peak memory, MiB": []}
    for name, command in commands(old, new).items():
        progress(f"running {name}")
        done = run(command, TIMEOUT)
        found[name] = list(PROGRAMS[name](done.output, methods))
        rows["seconds"].append(f"{done.seconds:.1f}")
        rows["peak memory, MiB"].append(f"{done.peak:.0f}")
    totals = {
        "findings": [str(len(each)) for each in found.values()],
        "breaking for consumers": [str(sum(one.is_breaking for one in each)) for each in found.values()],
    }
    kinds = {kind: [cell(each, kind) for each in found.values()] for kind in KINDS}
    parts = [
        f"Airflow's REST API, {OLD} → {NEW}.",
        table(["", *PROGRAMS], [[name, *cells] for name, cells in (kinds | totals | rows).items()]),
        NOTE,
        circumstances([install.versions("diff"), f"{PACKAGE} {OLD} and {NEW}"], ["code-contract"], node=True),
    ]
    publish("diff", "Two versions of a document", "\n\n".join(parts), options.write)


if __name__ == "__main__":
    benchmark(main)
