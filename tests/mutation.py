"""Mutation testing of the pure checks: `python -m tests.mutation` tests every mutant, `--sample 50` a random part.

A mutant is one small change of one module. It is killed if a test fails. A forked process tests it, and compiles the
changed module in place of the file. tests/data/survivors.toml lists the known survivors with the reasons.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
SURVIVORS = ROOT / "tests" / "data" / "survivors.toml"
FOLDERS = ("contract_tests/checks", "contract_tests/pictures")
TESTS = ("test_checks", "test_png_format", "test_png_pixels", "test_skipped", "test_kill_matrix")
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

_SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
_TEXTS = {"Violation", "escape", "quoted", "plural"}
"""Calls whose arguments are texts for readers."""


@dataclass(frozen=True)
class Mutant:
    """A change of one node: `index` is its position in the tree, `variant` the number of the change."""

    path: str
    function: str
    line: int
    before: str
    after: str
    index: int
    variant: int

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The identity, which does not depend on line numbers."""
        return self.path, self.function, self.before, self.after

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.function}: {self.before}  ->  {self.after}"


def mutants() -> list[Mutant]:
    """Return every mutant, in the order of the source."""
    files = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if path.name != "__init__.py")
    return [mutant for path in files for mutant in _of_file(path)]


def _of_file(path: Path) -> Iterator[Mutant]:
    tree = ast.parse(path.read_text("utf-8"))
    name = str(path.relative_to(ROOT))
    for index, (node, function) in enumerate(_nodes(tree, "")):
        for variant, changed in enumerate(_variants(node)):
            line = getattr(node, "lineno", 0)
            yield Mutant(name, function, line, _text(node), _text(changed), index, variant)


def _text(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).split("\n")[0]


def _nodes(node: ast.AST, function: str) -> Iterator[tuple[ast.AST, str]]:
    """Yield the nodes of a tree with their functions, without annotations, decorators, docstrings and texts."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases") or isinstance(node, ast.JoinedStr):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, (ast.Import, ast.ImportFrom)):
                continue
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue
            if isinstance(child, ast.Call) and ast.unparse(child.func).rpartition(".")[2] in _TEXTS:
                continue
            here = child.name if isinstance(child, (ast.FunctionDef, ast.ClassDef)) else function
            yield child, here
            yield from _nodes(child, here)


def _variants(node: Any) -> Iterator[ast.AST]:
    """Yield changed copies of a node."""
    if isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            if type(op) in _SWAPS:
                yield ast.Compare(
                    node.left, [*node.ops[:at], _SWAPS[type(op)](), *node.ops[at + 1 :]], node.comparators
                )
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(_SWAPS[type(node.op)](), node.values)
    elif isinstance(node, ast.BinOp) and type(node.op) in _SWAPS:
        yield ast.BinOp(node.left, _SWAPS[type(node.op)](), node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, (ast.If, ast.While)):
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield ast.comprehension(node.target, node.iter, node.ifs[1:], node.is_async)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) and not _is_prose(node.value):
        yield ast.Constant(node.value + ("x" if isinstance(node.value, str) else b"x"))
    elif isinstance(node, (ast.Set, ast.Tuple, ast.List)) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        for at in range(len(node.elts) if len(node.elts) > 1 else 0):
            rest = [*node.elts[:at], *node.elts[at + 1 :]]
            yield ast.Set(rest) if isinstance(node, ast.Set) else type(node)(rest, ast.Load())
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom)):
        yield ast.Expr(ast.IfExp(ast.Constant(False), node.value, ast.Constant(None)))  # still a generator
    elif isinstance(node, (ast.Expr, ast.AugAssign, ast.Break, ast.Continue)):
        yield ast.Pass()


def _is_prose(value: str | bytes) -> bool:
    return isinstance(value, str) and " " in value


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


class _Replacement(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> Any:
        return ast.copy_location(self._new, node) if node is self._old else self.generic_visit(node)


class _Loader(SourceFileLoader):
    """Loads the changed module."""

    mutant: Mutant

    def get_code(self, fullname: str) -> CodeType:
        tree = ast.parse(Path(self.path).read_text("utf-8"))
        node = next(each for index, (each, _) in enumerate(_nodes(tree, "")) if index == self.mutant.index)
        changed = next(each for variant, each in enumerate(_variants(node)) if variant == self.mutant.variant)
        return compile(ast.fix_missing_locations(_Replacement(node, changed).visit(tree)), self.path, "exec")


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
                    print(f"survived: {mutant}", file=sys.stderr)
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
