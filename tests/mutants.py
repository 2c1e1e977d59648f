"""Mutants: small changes of the syntax tree of a module."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("contract_tests/checks", "contract_tests/pictures")

_SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
_TEXTS = {"TypeVar", "Violation", "escape", "quoted", "plural"}
"""Calls whose arguments are texts for readers."""
_STRUCT_FORMAT = re.compile(r"[<>][0-9a-zA-Z]+")
_LIMITS = ("MAX_", "_MAX_", "MIN_", "DIGEST_SIZE", "_PIECE_SIZE", "_STEP_SIZE", "_STRIP_PIXELS")
"""Beginnings of names whose value is a choice."""


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
            if isinstance(child, ast.Assign) and ast.unparse(child.targets[0]).lstrip("(").startswith(_LIMITS):
                continue
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue
            if isinstance(node, ast.Subscript) and field == "slice" and _is_generic(node.value):
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
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _STRUCT_FORMAT.fullmatch(node.value):
        yield ast.Constant(node.value.translate({ord("<"): ">", ord(">"): "<"}))
    elif isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) and not _is_prose(node.value):
        yield ast.Constant(node.value + ("x" if isinstance(node.value, str) else b"x"))
    elif isinstance(node, (ast.Set, ast.Tuple, ast.List)) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        for at in range(len(node.elts) if len(node.elts) > 1 else 0):
            rest = [*node.elts[:at], *node.elts[at + 1 :]]
            yield ast.Set(rest) if isinstance(node, ast.Set) else type(node)(rest, ast.Load())
    elif isinstance(node, ast.Return) and ast.unparse(node) not in ("return", "return None", "return False"):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Expr) and ast.unparse(node) == "yield from ()":
        return
    elif isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom)):
        yield ast.Expr(ast.IfExp(ast.Constant(False), node.value, ast.Constant(None)))  # still a generator
    elif isinstance(node, (ast.Expr, ast.AugAssign, ast.Break, ast.Continue)):
        yield ast.Pass()


def _is_generic(node: ast.AST) -> bool:
    """True for a type that is subscripted with types: Callable, dict, Counter."""
    name = node.id if isinstance(node, ast.Name) else ""
    return (name[:1].isupper() and not name.isupper()) or name in ("dict", "list", "set", "tuple", "type")


def _is_prose(value: str | bytes) -> bool:
    return isinstance(value, str) and " " in value


class _Replacement(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> Any:
        return ast.copy_location(self._new, node) if node is self._old else self.generic_visit(node)


def compiled(mutant: Mutant) -> CodeType:
    """Return the code of the changed module."""
    path = ROOT / mutant.path
    tree = ast.parse(path.read_text("utf-8"))
    node = next(each for index, (each, _) in enumerate(_nodes(tree, "")) if index == mutant.index)
    changed = next(each for variant, each in enumerate(_variants(node)) if variant == mutant.variant)
    return compile(ast.fix_missing_locations(_Replacement(node, changed).visit(tree)), path, "exec")
