"""Mutation testing of the pure checks: `python -m tests.mutation` tests every mutant, `--sample 50` a random part.

A mutant is one small change of one module. It is killed if a test fails. A forked process tests it, and compiles the
changed module in place of the file. tests/data/survivors.toml lists the known survivors with the reasons.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType
from typing import Any

from tests.mutants import ROOT, Mutant, compiled, mutants

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SURVIVORS = ROOT / "tests" / "data" / "survivors.toml"
TESTS = (
    "test_checks",
    "test_check_details",
    "test_collector",
    "test_png_format",
    "test_png_pixels",
    "test_png_texts",
    "test_picture_formats",
    "test_limits",
    "test_skipped",
    "test_source_locations",
    "test_picture_shapes",
    "test_kill_matrix",
)
"""Tests in the order in which they run, fast ones first."""
LIBRARIES = (
    "pytest",
    "hypothesis",
    "schemathesis",
    "requests",
    "jsonschema",
    "PIL.Image",
    "jinja2",
    "flask",
    "uvicorn",
)
"""Libraries that are imported once, before processes are forked."""
MUTANT_TIMEOUT = 120
"""Seconds; a mutant that takes longer is killed."""


class _Loader(SourceFileLoader):
    """Loads the changed module."""

    mutant: Mutant

    def get_code(self, fullname: str) -> CodeType:
        return compiled(self.mutant)


class _Finder:
    """Finds the changed module before the file."""

    def __init__(self, mutant: Mutant) -> None:
        self._name = mutant.path.removesuffix(".py").replace("/", ".")
        self._loader = type("Loader", (_Loader,), {"mutant": mutant})(self._name, str(ROOT / mutant.path))

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return spec_from_file_location(name, self._loader.path, loader=self._loader) if name == self._name else None


def survives(mutant: Mutant | None) -> bool:
    """Return True if all tests pass in this process, which must be a fork of its own; None is the unchanged code."""
    import pytest

    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
    sys.dont_write_bytecode = True
    os.chdir(ROOT)
    tests = [f"tests/contract_tests/{name}.py" for name in TESTS]
    # The libraries were imported before pytest could rewrite their assertions.
    options = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-W", "ignore:Module already imported"]
    return pytest.main([*tests, *options]) == 0


def run(chosen: Sequence[Mutant | None], jobs: int) -> list[Mutant | None]:
    """Test the mutants, with progress on stderr; return the survivors."""
    waiting, running, survivors = list(chosen), dict[int, tuple[Mutant | None, float]](), list[Mutant | None]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop(0)
            if (pid := os.fork()) == 0:
                os.setpgid(0, 0)
                with open(os.devnull, "w") as nowhere:
                    os.dup2(nowhere.fileno(), 1)
                    os.dup2(nowhere.fileno(), 2)
                os._exit(0 if survives(mutant) else 1)
            running[pid] = (mutant, time.monotonic())
        for pid, (mutant, begun) in list(running.items()):
            if time.monotonic() - begun > MUTANT_TIMEOUT:
                os.killpg(pid, signal.SIGKILL)
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                del running[pid]
                if status == 0:
                    survivors.append(mutant)
                    print(f"survived: {mutant or 'the unchanged code'}", file=sys.stderr)
                count = len(chosen) - len(waiting) - len(running)
                print(f"{count} of {len(chosen)} mutants, {len(survivors)} survived", file=sys.stderr)
        time.sleep(0.05)
    return survivors


def known_survivors() -> dict[tuple[str, str, str, str], str]:
    """Return the reasons of the known survivors by key."""
    entries = tomllib.loads(SURVIVORS.read_text("utf-8")).get("survivor", [])
    return {(e["path"], e["function"], e["before"], e["after"]): e["reason"] for e in entries}


def main() -> int:
    """Return 0 if at least 95 % of the mutants were killed and every survivor is known, 1 otherwise."""
    parser = argparse.ArgumentParser(description="Mutation testing of the pure checks.")
    parser.add_argument("--sample", type=int, metavar="N", help="number of random mutants; default: all")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the sample; default: 0")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes")
    parser.add_argument("--only", default="", metavar="TEXT", help="mutants of paths that contain this text")
    options = parser.parse_args()
    every = [mutant for mutant in mutants() if options.only in mutant.path]
    chosen = random.Random(options.seed).sample(every, min(options.sample or len(every), len(every)))
    for name in LIBRARIES:
        importlib.import_module(name)
    if not run([None], 1):
        parser.error("the tests fail without a mutant; repair them first")
    survivors, known = run(chosen, options.jobs), known_survivors()
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutants were killed; {len(every)} exist")
    for mutant in survivors:
        print(f"survived: {mutant}: {known.get(mutant.key, 'NOT LISTED')}")
    return int(len(survivors) > 0.05 * len(chosen) or any(mutant.key not in known for mutant in survivors))


if __name__ == "__main__":
    sys.exit(main())
