"""Scenarios (`x-scenarios`): named business situations that the mock plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from code_contract import pointers
from code_contract.errors import ContractError, UnknownNameError

_AT = "/components/x-scenarios"
_ALLOWED = {"summary", "zh", "example", "delay", "every_nth"}
MAX_DELAY_SECONDS = 60
"""Upper bound of a delay."""


@dataclass(frozen=True)
class Scenario:
    """One scenario.

    Attributes:
        name: Key under `components/x-scenarios`.
        summary: Description in English.
        zh: Description in Chinese.
        example: Name of the example to respond with, None for a success.
        delay: Seconds before the response.
        every_nth: The scenario applies to one request in N; the others succeed.
    """

    name: str
    summary: str
    zh: str
    example: str | None = None
    delay: float = 0.0
    every_nth: int = 1


def read(document: Mapping[str, Any]) -> dict[str, Scenario]:
    """Return the scenarios of a document by name, in order.

    Args:
        document: The unresolved document.

    Raises:
        ContractError: A scenario is malformed or names an unknown example.
    """
    components = document.get("components", {})
    known = {name for name, each in components.get("examples", {}).items() if "value" in each}
    found = components.get("x-scenarios", {})
    if not isinstance(found, dict):
        raise ContractError("x-scenarios is not a mapping", "write a mapping of names to scenarios", _AT)
    return {name: _scenario(name, node, known) for name, node in found.items()}


def _scenario(name: str, node: Any, known: set[str]) -> Scenario:
    at = pointers.join(_AT, name)
    if not isinstance(node, dict) or not {"summary", "zh"} <= set(node):
        raise ContractError("a scenario needs summary and zh", "write both", at)
    if unknown := sorted(set(node) - _ALLOWED):
        raise UnknownNameError("scenario key", unknown[0], _ALLOWED, at)
    example, delay, every_nth = node.get("example"), node.get("delay", 0), node.get("every_nth", 1)
    if example is not None and example not in known:
        raise ContractError(f"unknown example {example!r}", "use a name under components/examples", at)
    if isinstance(delay, bool) or not isinstance(delay, (int, float)) or not 0 <= delay <= MAX_DELAY_SECONDS:
        raise ContractError(f"delay {delay!r} is not valid", f"use seconds from 0 to {MAX_DELAY_SECONDS}", at)
    if isinstance(every_nth, bool) or not isinstance(every_nth, int) or every_nth < 1:
        raise ContractError(f"every_nth {every_nth!r} is not valid", "use an integer of at least 1", at)
    return Scenario(name, str(node["summary"]), str(node["zh"]), example, float(delay), every_nth)
