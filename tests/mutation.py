"""Mutation testing of the pure checks: `python -m tests.mutation` tests every mutant, `--sample 50` a random part.

A mutant is one small change of one module. It is killed if a test of this module fails. A forked process tests it, and
compiles the changed module in place of the file. tests/data/survivors.toml lists mutants that are equivalent to the
code, with the reasons.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
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
PASS_SCORE = 0.95
TESTS = {
    "contract_tests/pictures/png_animation": ("png_animation", "png_zoo"),
    "contract_tests/pictures/png_chunks": ("png_chunks", "png_places", "png_zoo"),
    "contract_tests/pictures/png": ("png_limits", "png_format", "png_pixels", "png_texts"),
    "contract_tests/pictures/pixels": ("png_pixels", "png_texts", "picture_formats", "picture_decoding"),
    "contract_tests/pictures/svg": ("svg", "svg_rendering", "svg_limits", "picture_zoo"),
    "contract_tests/pictures/texts": ("leaks",),
    "contract_tests/checks/leaks": ("leak_forms", "leaks"),
    "contract_tests/pictures/xml_errors": ("picture_limits",),
    "contract_tests/pictures/": ("picture_structures", "picture_limits", "picture_formats", "picture_zoo"),
    "contract_tests/checks/parsed_picture": ("picture_checks", "picture_limits", "picture_formats", "png_format"),
    "contract_tests/checks/picture": ("picture_checks", "picture_decoding", "advice_checks", "checks"),
    "contract_tests/checks/schema": ("schema_checks", "check_details", "checks"),
    "contract_tests/checks/derived": ("derived_checks",),
    "contract_tests/checks/keywords": ("derived_checks",),
    "contract_tests/checks/bounded": ("parsed_response", "schema_checks", "checks"),
    "contract_tests/checks/decoding": ("response_parsing", "parsed_response", "check_details", "checks"),
    "contract_tests/checks/clients": ("clients",),
    "contract_tests/checks/framing": ("framing_checks",),
    "contract_tests/checks/connections": ("connection_checks",),
    "contract_tests/checks/json_text": ("parsed_response", "repeated_names", "response_parsing"),
    "contract_tests/checks/body": ("response_parsing", "repeated_names", "checks"),
    "contract_tests/checks/response": ("parsed_response", "response_parsing", "operation_checks", "checks"),
    "contract_tests/checks/operation": ("operation_checks", "checks"),
    "contract_tests/checks/": ("operation_checks", "advice_checks", "check_details", "checks"),
}
"""Test modules of each module, by the beginning of its path: the first that fits."""
LIBRARIES = (
    "pytest",
    "anyio.pytest_plugin",
    "schemathesis.pytest.plugin",
    "jsonschema",
    "code_contract",
    "mock_server.core.mock",
    "mock_server.server.server",
)
"""Modules that are imported once, before processes are forked; none of them imports a changed one."""
OPTIONS = (
    *("-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist"),
    # The libraries were imported before pytest could rewrite their assertions.
    *("-W", "ignore:Module already imported"),
    # Tests with random data may kill a mutant in one run and not in the next.
    *("-k", "not raises"),
)
MUTANT_TIMEOUT, MAX_CPU, MAX_MEMORY = 120, 15, 4 * 1024**3
"""Seconds, seconds of processor time, and bytes; a mutant that takes more is killed."""


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


def tests_of(mutant: Mutant) -> tuple[str, ...]:
    """Return the test modules that must kill a mutant."""
    return next(tests for beginning, tests in TESTS.items() if mutant.path.startswith(beginning))


def start(names: Iterable[str], mutant: Mutant | None = None) -> int:
    """Fork a process that runs test modules, on a mutant quietly and within limits; return its id."""
    if pid := os.fork():
        return pid
    import resource  # not on Windows

    import pytest

    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
        signal.alarm(MUTANT_TIMEOUT)
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU, MAX_CPU))
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
    os.chdir(ROOT)
    os._exit(pytest.main([*(f"tests/contract_tests/test_{name}.py" for name in names), *OPTIONS]))


def survivors_of(chosen: Sequence[Mutant], jobs: int) -> Iterator[Mutant]:
    """Test mutants in forked processes, at most `jobs` at a time; yield those whose tests pass."""
    waiting, running = list(reversed(chosen)), dict[int, Mutant]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[start(tests_of(mutant), mutant)] = mutant
        pid, status = os.wait()
        mutant = running.pop(pid)
        if status == 0:
            yield mutant
        print(f"{len(chosen) - len(waiting) - len(running)} of {len(chosen)}", end="\r", file=sys.stderr, flush=True)


def sample(every: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """Return a random part. A change of the code replaces only mutants of what it changes."""
    seen = Counter[tuple[str, ...]]()
    ranks = {}
    for mutant in every:
        seen[mutant.key] += 1
        ranks[mutant] = sha256(repr((seed, mutant.key, seen[mutant.key])).encode()).digest()
    return sorted(every, key=ranks.__getitem__)[:size]


def known_survivors() -> dict[tuple[str, str, str, str], str]:
    """Return the reasons of the known survivors by key."""
    entries = tomllib.loads(SURVIVORS.read_text("utf-8")).get("survivor", [])
    return {(e["path"], e["function"], e["before"], e["after"]): e["reason"] for e in entries}


def main() -> int:
    """Return 0 if at least 95 % of the mutants that are not listed as equivalent were killed, 1 otherwise."""
    parser = argparse.ArgumentParser(description="Mutation testing of the pure checks.")
    parser.add_argument("--sample", type=int, metavar="N", help="number of random mutants; default: all")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the sample; default: 0")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes")
    parser.add_argument("--only", default="", metavar="TEXT", help="mutants of paths that contain this text")
    options = parser.parse_args()
    known = known_survivors()
    every = [mutant for mutant in mutants() if options.only in mutant.path and mutant.key not in known]
    chosen = sample(every, options.sample or len(every), options.seed)
    with tempfile.TemporaryDirectory() as folder:
        # Compiled once, whatever the environment says.
        sys.pycache_prefix, sys.dont_write_bytecode = folder, False
        for name in LIBRARIES:
            importlib.import_module(name)
        gc.freeze()  # processes need not collect what was imported
        start({name: None for mutant in chosen for name in tests_of(mutant)})
        if os.wait()[1] != 0:
            parser.error("the tests fail without a mutant; repair them first")
        survivors = 0
        for mutant in survivors_of(chosen, options.jobs):
            survivors += 1
            print(f"survived: {mutant}", flush=True)
    score = 1 - survivors / max(1, len(chosen))
    print(f"{len(chosen) - survivors} of {len(chosen)} mutants were killed ({score:.1%}); {len(every)} exist")
    return int(score < PASS_SCORE)


if __name__ == "__main__":
    sys.exit(main())
