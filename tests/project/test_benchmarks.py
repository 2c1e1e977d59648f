"""The parts of the benchmarks that can be told right from wrong: what they read, and what they write."""

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
{"requests": 9542, "seconds": 2.000442, "p50": 3.219000, "p99": 6.590000, "errors": 2}
"""
"""What `wrk --latency` printed with benchmarks/peers/post.lua."""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """A module of benchmarks/, which are scripts and import each other as such."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return import_module


@pytest.mark.parametrize("name", ["breakdown", "check", "growth", "mock"])
def test_a_benchmark_says_what_it_is_for(name: str) -> None:
    """--help needs no peer, no wrk and no Node.js."""
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env={"PATH": ""})
    assert (done.returncode, done.stderr) == (0, "")
    assert f"python benchmarks/{name}.py" in done.stdout


def test_what_wrk_counted_is_read(module: Callable[[str], ModuleType]) -> None:
    """It is the line that our script adds; the rest is for people."""
    assert module("load").parsed(WRK) == (9542, 2.000442, 3.219, 6.59, 2)


@pytest.mark.parametrize("dredd", [False, True], ids=["plain", "for Dredd"])
def test_peers_get_a_valid_contract(module: Callable[[str], ModuleType], tmp_path: Path, dredd: bool) -> None:
    """What is left of the contract in OpenAPI 3.0 still is a document of it, with the sample to answer with."""
    document = json.loads(module("openapi30").write(tmp_path, dredd).read_text("utf-8"))
    OpenAPIV30SpecValidator(document).validate()
    (content,) = document["paths"]["/code"]["post"]["responses"]["200"]["content"].values()
    sample = content["example"] if dredd else content["examples"]["captcha"]["value"]
    assert sample["data"]["img"].startswith("data:image/png;base64,")
    assert content["schema"]["properties"]["data"]["properties"]["uuid"]["type"] == "string"


def test_a_goal_is_held_to_the_median(module: Callable[[str], ModuleType]) -> None:
    """One bad round of three changes no verdict, and is shown."""
    tables = module("tables")
    assert tables.held("speed", [6.1, 6.2, 2.0], "≥", 6, "×") == ("speed", "≥ 6 ×", "6.10 (2.00–6.20) ×", True)
    assert tables.held("time", [0.1, 0.3, 0.3], "≤", 0.2, "s").met is False
