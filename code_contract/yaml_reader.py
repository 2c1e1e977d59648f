"""YAML reader: JSON values, with the line of every node.

Ambiguous YAML is rejected: repeated keys, keys that are not strings, aliases, dates and other values outside JSON.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from code_contract import pointers
from code_contract.errors import ContractError

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64

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
        lines: Line of each node by JSON pointer, from 1.
    """

    path: Path
    document: dict[str, Any]
    text: bytes = field(repr=False)
    lines: dict[str, int] = field(repr=False)


def read(path: Path) -> ParsedDocument:
    """Read a YAML or JSON file.

    Raises:
        ContractError: The file is unreadable, too large, not YAML, or ambiguous.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ContractError(f"{path} cannot be read: {error.strerror}", "pass a readable OpenAPI file") from None
    if len(text) > MAX_BYTES:
        raise ContractError(f"{path} is larger than {MAX_BYTES} bytes", "split the contract")
    lines: dict[str, int] = {}
    try:
        loader = _Loader(_PAIR.sub(_code_point, text) if text.lstrip().startswith(b"{") else text)
        try:
            root = loader.get_single_node()
            document = _construct(loader, root, "", lines, set(), 0) if root is not None else None
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise ContractError(f"{path} is not YAML: {_first_line(error)}", "fix the syntax") from None
    except RecursionError:
        raise ContractError(f"{path} is nested too deeply", "flatten it") from None
    if not isinstance(document, dict):
        raise ContractError(f"{path} is not a mapping", "pass an OpenAPI file")
    return ParsedDocument(path, document, text, lines)


def _code_point(pair: re.Match[bytes]) -> bytes:
    high, low = int(pair[2], 16), int(pair[3], 16)
    return pair[1] + b"\\U%08x" % (0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)


def _construct(loader: Any, node: Any, pointer: str, lines: dict[str, int], seen: set[int], depth: int) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(pointer, line)
    if depth > MAX_DEPTH:
        raise ContractError(f"nested deeper than {MAX_DEPTH} levels", "flatten it", pointer)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(loader, node, pointer)
    if id(node) in seen:
        raise ContractError(f"YAML alias on line {line}", "write the node out, or use $ref", pointer)
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [
            _construct(loader, item, pointers.join(pointer, index), lines, seen, depth + 1)
            for index, item in enumerate(node.value)
        ]
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise ContractError(f"the key {key!r} on line {line} is not a string", "quote it", pointer)
        below = pointers.join(pointer, key)
        if key in found:
            raise ContractError(f"the key {key!r} is repeated on line {line}", "keep one", below)
        lines[below] = line
        found[key] = _construct(loader, value_node, below, lines, seen, depth + 1)
    return found


def _scalar(loader: Any, node: Any, pointer: str) -> Any:
    try:
        value = loader.construct_object(node)
    except (ValueError, TypeError):
        value = NotImplemented
    plain = value is None or isinstance(value, (str, bool, int))
    if plain or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ContractError(
        f"{node.value[:60]!r} on line {node.start_mark.line + 1} is not a JSON value",
        "quote it",
        pointer,
    )


def _first_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{problem} (line {mark.line + 1})" if mark else str(problem)
