"""The page python.md: the public Python API, read from `__all__` and the docstrings."""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import Any, get_origin

from code_contract_cli import pytest_plugin

PACKAGES = ("code_contract", "mock_server", "contract_tests")
LISTS = ("Args", "Attributes", "Raises")
SECTIONS = (*LISTS, "Returns", "Yields")
MAX_WIDTH = 100


def python_page() -> str:
    """One chapter for each package, one section for each public name."""
    lines = ["# Python API", ""]
    for package in map(import_module, PACKAGES):
        lines += [f"## {package.__name__}", "", *_docstring(package)]
        for name in sorted(package.__all__):
            lines += _entry(package, name)
    fixture = inspect.unwrap(pytest_plugin.code_mock)
    lines += ["## pytest", "", "The installed package is a pytest plugin; the fixture needs no import.", ""]
    lines += [f"### {fixture.__name__}", "", *_docstring(fixture)]
    return "\n".join(lines)


def _entry(package: ModuleType, name: str) -> Iterator[str]:
    value = getattr(package, name)
    title = f"{package.__name__}.{name}"
    # Python 3.10 takes a generic alias for a class.
    if inspect.isclass(value) and get_origin(value) is None:
        yield from (f"### {title}", "")
        if not issubclass(value, (enum.Enum, BaseException)):
            yield from _signature(name, value)
        yield from _docstring(value)
        yield from _members(value)
    elif inspect.isroutine(value):
        yield from (f"### {title}", "", *_signature(name, value), *_docstring(value))
    else:
        yield from (f"### {title}", "", f"`{type(value).__name__}`" if isinstance(value, dict) else f"`{value!r}`", "")


def _members(cls: type) -> Iterator[str]:
    if issubclass(cls, enum.Enum):
        yield from ("Members: " + ", ".join(f"`{each.name}`" for each in cls) + ".", "")
    for name, member in vars(cls).items():
        function = member.__func__ if isinstance(member, (classmethod, staticmethod)) else member
        is_method = inspect.isfunction(function)
        if not name.startswith("_") and (is_method or isinstance(member, (property, cached_property))):
            yield from (f"#### {cls.__name__}.{name}", "")
            if is_method:
                yield from _signature(name, function)
            yield from _docstring(member)


def _signature(name: str, value: Callable[..., Any]) -> Iterator[str]:
    signature = inspect.signature(value)
    parts = []
    for each in signature.parameters.values():
        if each.kind is each.KEYWORD_ONLY and not any(part.startswith("*") for part in parts):
            parts.append("*")
        if isinstance(each.default, enum.Enum):
            each = each.replace(default=_Verbatim(str(each.default)))
        if each.name not in ("self", "cls"):
            parts.append(str(each))
    returns = "" if inspect.isclass(value) else f" -> {signature.return_annotation}"
    text = f"{name}({', '.join(parts)}){returns}"
    if len(text) > MAX_WIDTH:
        text = "\n".join((f"{name}(", *(f"    {part}," for part in parts), f"){returns}"))
    # Annotations are strings (PEP 563), which inspect prints in quotes.
    yield from ("```python", re.sub(r"(: |-> )'([^']*)'", r"\1\2", text), "```", "")


class _Verbatim(str):
    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _docstring(value: object) -> Iterator[str]:
    """Convert a Google-style docstring to Markdown: entries of a section become list items."""
    section = ""
    for line in (inspect.getdoc(value) or "").splitlines():
        head = line.removesuffix(":")
        if line.endswith(":") and head in SECTIONS:
            section = head
            yield from (f"**{section}**", "")
        elif section in LISTS and line.startswith("    ") and not line.startswith("     "):
            name, colon, text = line.strip().partition(": ")
            yield f"- `{name}`: {text}" if colon else f"- {line.strip()}"
        elif section:
            yield f"  {line.strip()}".rstrip() if section in LISTS else line.strip()
        else:
            yield line
    yield ""
