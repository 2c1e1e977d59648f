"""Benchmarks start, parse the output of wrk, write valid documents, and compare values with goals."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from tests.paths import ROOT

BENCHMARKS = ROOT / "benchmarks"

WRK = """\
Running 2s test @ http://127.0.0.1:4010/code
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     3.37ms  645.53us  13.05ms   92.46%
    Req/Sec     4.79k   391.19     5.12k    85.00%
  Latency Distribution
     50%    3.22ms
     75%    3.40ms
     90%    3.73ms
     99%    6.59ms
  9542 requests in 2.00s, 33.21MB read
  Non-2xx or 3xx responses: 2
Requests/sec:   4769.95
Transfer/sec:     16.60MB
{"requests": 9542, "seconds": 2.000442, "p50": 3.219000, "p99": 6.590000, "errors": 0, "rejected": 2}
"""
"""Output of `wrk --latency` with benchmarks/peers/request.lua."""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a module of benchmarks/, whose scripts import each other by name."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return import_module


@pytest.mark.parametrize("name", ["check", "diff", "documents", "faults", "growth", "mock"])
def test_help_needs_no_other_program(name: str) -> None:
    """--help works without peers, wrk and Node.js, and shows the command."""
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env={"PATH": ""})
    assert (done.returncode, done.stderr) == (0, "")
    assert f"python benchmarks/{name}.py" in done.stdout


def test_counts_of_wrk_are_parsed(module: Callable[[str], ModuleType]) -> None:
    """The last line, which the Lua script adds, is parsed; the others are ignored."""
    assert module("load").parse(WRK) == (9542, 2.000442, 3.219, 6.59, 0, 2)


def test_dredd_gets_a_valid_contract(module: Callable[[str], ModuleType], tmp_path: Path) -> None:
    """The converted contract is a valid OpenAPI 3.0 document that contains the sample."""
    document = json.loads(module("openapi30").write(tmp_path).read_text("utf-8"))
    OpenAPIV30SpecValidator(document).validate()
    (content,) = document["paths"]["/code"]["post"]["responses"]["200"]["content"].values()
    assert content["example"]["data"]["img"].startswith("data:image/png;base64,")
    assert content["schema"]["properties"]["data"]["properties"]["uuid"]["type"] == "string"


def test_goal_is_compared_with_the_median(module: Callable[[str], ModuleType]) -> None:
    """One bad round of three does not change the verdict, and is shown in the range."""
    tables = module("tables")
    assert tables.compare("speed", [6.1, 6.2, 2.0], "≥", 6, "×") == ("speed", "≥ 6 ×", "6.10 (2.00–6.20) ×", True)
    assert tables.compare("time", [0.1, 0.3, 0.3], "≤", 0.2, "s").met is False


def _round(rate: float, **values: float) -> dict[str, float]:
    keys = ("rate", "cpu", "p50", "p99")
    found = {f"{key} {kind}": 1.0 for key in keys for kind in ("plain", "browser", "body", "preference")}
    return {**found, "start": 1.0, "memory": 1.0, "size": 1.0, "errors": 0.0, "rate browser": rate, **values}


@pytest.mark.parametrize(
    ("mock", "verdict"),
    [
        ([_round(600), _round(700), _round(100)], "yes"),
        ([_round(600), _round(500), _round(100)], "**no**"),
        ([_round(600), _round(700), _round(800, errors=1)], "not valid: requests failed"),
    ],
    ids=["met", "not met", "failed requests"],
)
def test_ratio_to_prism_is_compared_with_the_goal(
    module: Callable[[str], ModuleType], mock: list[dict[str, float]], verdict: str
) -> None:
    """The goal is met by the median of the rounds' ratios, and never if a request failed."""
    text = module("mock").report({"mock": mock, "prism": [_round(100)] * 3})
    (row,) = (line for line in text.splitlines() if line.startswith("| requests/s, from a browser"))
    assert row.endswith(f"| ≥ 6 | {verdict} |")


def test_a_section_of_the_results_is_replaced(module: Callable[[str], ModuleType], tmp_path: Path) -> None:
    """Writing a section again replaces it and leaves the others."""
    publish, results = module("tables").publish, tmp_path / "RESULTS.md"
    for name, text in (("mock", "old"), ("check", "other"), ("mock", "new")):
        publish(name, name.title(), text, True, results)
    written = results.read_text("utf-8")
    sections = [
        f"<!-- start: {name} -->\n## {name.title()}\n\n{text}\n<!-- end: {name} -->\n"
        for name, text in (("mock", "new"), ("check", "other"))
    ]
    assert written == module("tables").INTRODUCTION + "\n" + "\n".join(sections)


def test_nothing_is_written_unless_asked(module: Callable[[str], ModuleType], tmp_path: Path) -> None:
    """Without --write a benchmark prints only."""
    module("tables").publish("mock", "Mock", "text", False, tmp_path / "RESULTS.md")
    assert not list(tmp_path.iterdir())


def test_findings_of_other_programs_are_counted_by_place(module: Callable[[str], ModuleType]) -> None:
    """A place is a part of an operation, whatever a program prints of it."""
    diff = module("diff")
    at = {"location": "paths./a.b/{id}.get.responses.200.content.application/json.schema", "value": {}}
    added = {"location": "paths./c", "value": {}}
    printed = {
        "breakingDifferences": [
            {"type": "breaking", "sourceSpecEntityDetails": [at], "destinationSpecEntityDetails": [at]}
        ],
        "nonBreakingDifferences": [
            {"type": "non-breaking", "sourceSpecEntityDetails": [], "destinationSpecEntityDetails": [added]}
        ],
        "unclassifiedDifferences": [],
    }
    text = f"Breaking changes found\n{json.dumps(printed, indent=4)}\n"
    assert list(diff.openapi_diff(text, {"/c": ["GET /c", "PUT /c"]})) == [
        ("responses", ("GET /a.b/{id}",), True),
        ("operation", ("GET /c", "PUT /c"), False),
    ]
    changes = [
        {"type": "breaking", "path": ["paths", "/a", "get", "requestBody", "content"]},
        {"type": "non-breaking", "path": ["paths", "/a", "put"]},
        {"type": "annotation", "path": ["info", "version"]},
        {"type": "breaking", "path": ["components", "schemas", "A"]},
    ]
    assert list(diff.api_smart_diff(json.dumps(changes), {})) == [
        ("request body", ("GET /a",), True),
        ("operation", ("PUT /a",), False),
        ("description", (), False),
        ("component", (), True),
    ]
