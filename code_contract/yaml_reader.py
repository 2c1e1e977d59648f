"""Reader of YAML and JSON: JSON values, with the line of every node.

Repeated keys are rejected. Keys and values that are not JSON, such as an unquoted status or date, are read as written
and reported.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import yaml

from code_contract import pointers
from code_contract.errors import ContractError, Problem, Problems
from code_contract.origins import Origins

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 128
MAX_ALIASED = 100_000
"""Nodes that the aliases of a YAML document stand for."""

# The C parser is ten times faster and returns the same nodes.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# JSON escapes a character beyond U+FFFF as two surrogates (RFC 8259 §7), which YAML does not know.
_PAIR = re.compile(rb"((?<!\\)(?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)


@dataclass(frozen=True)
class ParsedDocument:
    """A parsed, unresolved document.

    Attributes:
        path: The file.
        document: JSON values.
        text: Bytes of the file.
        problems: Values that are not JSON, and were read as written.
        origins: The parts that other files have added.
        is_changed: True if the document is not what the file has, because of overlays or other files.
        yaml_lines: Line of each node of YAML by JSON pointer; None for JSON, which is parsed again if they are needed.
    """

    path: Path
    document: dict[str, Any]
    text: bytes = field(repr=False)
    problems: tuple[Problem, ...] = ()
    origins: Origins[ParsedDocument] = field(default_factory=Origins, repr=False)
    is_changed: bool = False
    yaml_lines: dict[str, int] | None = field(default=None, repr=False, compare=False)

    def may_extend(self, *keys: str) -> bool:
        """Return False if the document has none of these keys, which begin with `x-`: by a quick search in its text."""
        names = "|".join(re.escape(key.removeprefix("x-")) for key in sorted(set(keys)))
        # A pattern that looks behind would take ten times as long.
        before = (
            self.text[max(each.start() - 1, 0) : each.start()]
            for each in re.finditer(f"x-(?:{names})".encode(), self.text)
        )
        return self.is_changed or any(not each.isalnum() and each != b"-" for each in before)

    @cached_property
    def lines(self) -> dict[str, int]:
        """Line of each node by JSON pointer, from 1."""
        return _parse_yaml(self.path, self.text).lines if self.yaml_lines is None else self.yaml_lines

    def origin(self, pointer: str) -> tuple[ParsedDocument, str]:
        """Return the file in which a node of the document is written, and the JSON pointer of the node in it."""
        file, at = self.origins.find(self.document, pointer)
        return file or self, at

    def place(self, pointer: str) -> tuple[Path, int]:
        """Return the file and the line of a node, or of the nearest one above it."""
        source, at = self.origin(pointer)
        while at and at not in source.lines:
            at = at.rpartition("/")[0]
        return source.path, source.lines.get(at, 0)

    def located(self, problem: Problem) -> Problem:
        """Return a problem with its place in the file that has it."""
        if problem.document is not None:
            return problem
        found, pointer = self.origin(problem.pointer)
        return Problem(pointer, problem.text, None if found is self else found.path)


def read(path: Path) -> ParsedDocument:
    """Read a YAML or JSON file.

    Raises:
        ContractError: The file is unreadable, too large, neither YAML nor JSON, or ambiguous.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ContractError(f"{path} cannot be read: {error.strerror}", "pass a readable OpenAPI file") from None
    if len(text) > MAX_BYTES:
        raise ContractError(f"{path} is larger than {MAX_BYTES} bytes", "split the contract")
    problems: Problems = []
    lines = None
    found = _parse_json(text) if text.lstrip().startswith(b"{") else None
    if found is None:
        parser = _parse_yaml(path, text)
        found, problems, lines = parser.document, parser.problems, parser.lines
    if not isinstance(found, dict):
        raise ContractError(f"{path} is not a mapping", "pass an OpenAPI file")
    return ParsedDocument(path, found, text, tuple(problems), yaml_lines=lines)


def _parse_json(text: bytes) -> Any:
    """Return the value of a JSON text, a hundred times faster than as YAML; None if it is not JSON."""
    try:
        value = json.loads(text, object_pairs_hook=_unique_names, parse_constant=_reject_constant)
        too_deep = pointers.is_deeper_than(value, MAX_DEPTH)
    except RecursionError:
        too_deep = True
    except ValueError:
        return None
    if too_deep:
        raise ContractError(f"nested deeper than {MAX_DEPTH} levels", "flatten it")
    return value


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ContractError(f"the key {repeated!r} is repeated", "keep one")
    return found


def _parse_yaml(path: Path, text: bytes) -> _YamlParser:
    try:
        loader = _Loader(_PAIR.sub(_code_point, text) if text.lstrip().startswith(b"{") else text)
        try:
            return _YamlParser(loader)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise ContractError(f"{path} is not YAML: {_first_line(error)}", "fix the syntax") from None
    except RecursionError:
        raise ContractError(f"{path} is nested too deeply", "flatten it") from None


def _code_point(pair: re.Match[bytes]) -> bytes:
    high, low = int(pair[2], 16), int(pair[3], 16)
    return pair[1] + b"\\U%08x" % (0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)


class _YamlParser:
    """Constructs the JSON values of a YAML document."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._seen: set[int] = set()
        self._aliased = 0
        self._open: set[int] = set()
        self.lines: dict[str, int] = {}
        self.problems: Problems = []
        root = loader.get_single_node()
        self.document = None if root is None else self._value(root, "")

    def _value(self, node: Any, pointer: str) -> Any:
        self.lines.setdefault(pointer, node.start_mark.line + 1)
        if id(node) in self._seen:
            self._aliased += 1
            if self._aliased > MAX_ALIASED:
                raise ContractError(f"YAML aliases stand for more than {MAX_ALIASED} nodes", "use $ref", pointer)
        self._seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, pointer)
        if len(self._open) >= MAX_DEPTH:
            raise ContractError(f"nested deeper than {MAX_DEPTH} levels", "flatten it", pointer)
        if id(node) in self._open:
            line = node.start_mark.line + 1
            raise ContractError(f"the YAML alias of line {line} contains itself", "use $ref", pointer)
        self._open.add(id(node))
        value: Any
        if isinstance(node, yaml.SequenceNode):
            value = [self._value(item, pointers.join(pointer, index)) for index, item in enumerate(node.value)]
        else:
            value = self._mapping(node, pointer)
        self._open.discard(id(node))
        return value

    def _mapping(self, node: Any, pointer: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self._loader.construct_object(key_node)
            if not isinstance(key, str):
                if not isinstance(key_node, yaml.ScalarNode):
                    raise ContractError(f"a key on line {line} is not a string", "use a string", pointer)
                key = str(key_node.value)
                self.problems.append(
                    Problem(pointers.join(pointer, key), f"the key {key} on line {line} is not a string")
                )
            below = pointers.join(pointer, key)
            if key in found:
                raise ContractError(f"the key {key!r} is repeated on line {line}", "keep one", below)
            self.lines[below] = line
            found[key] = self._value(value_node, below)
        return found

    def _scalar(self, node: Any, pointer: str) -> Any:
        try:
            value = self._loader.construct_object(node)
        except (ValueError, TypeError):
            value = NotImplemented
        plain = value is None or isinstance(value, (str, bool, int))
        if plain or (isinstance(value, float) and math.isfinite(value)):
            return value
        text = f"{node.value[:60]!r} on line {node.start_mark.line + 1} is not a JSON value; it is read as a string"
        self.problems.append(Problem(pointer, text))
        return str(node.value)


def _first_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{problem} (line {mark.line + 1})" if mark else str(problem)
