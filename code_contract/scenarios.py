"""Scenarios: named situations of the business, each an example of the contract and how it is served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from code_contract import pointers
from code_contract.errors import ContractError

_AT = "/components/x-scenarios"
_ALLOWED = {"summary", "zh", "example", "delay", "every_nth"}
MAX_DELAY_SECONDS = 60
"""Seconds that a caller is let wait at most."""


@dataclass(frozen=True)
class Scenario:
    """One situation (`x-scenarios`): `example` names the example to answer with, None to grant; `delay` is in seconds;
    of so many calls one, `every`, gets it, and the others are granted. `zh` is the summary in Chinese."""

    name: str
    summary: str
    zh: str
    example: str | None = None
    delay: float = 0.0
    every_nth: int = 1


def read(document: Mapping[str, Any]) -> dict[str, Scenario]:
    """Every scenario by name, in order. Raises ContractError at the first that is malformed or names no example."""
    components = document.get("components", {})
    known = {name for name, each in components.get("examples", {}).items() if "value" in each}
    found = components.get("x-scenarios", {})
    if not isinstance(found, dict):
        raise ContractError("x-scenarios is no mapping", "write scenarios by name", _AT)
    return {name: _scenario(name, node, known) for name, node in found.items()}


def _scenario(name: str, node: Any, known: set[str]) -> Scenario:
    at = pointers.join(_AT, name)
    if not isinstance(node, dict) or not {"summary", "zh"} <= set(node) <= _ALLOWED:
        wanted = ", ".join(sorted(_ALLOWED))
        raise ContractError("a scenario has a summary, a zh and what it does", f"write some of: {wanted}", at)
    example, delay, every_nth = node.get("example"), node.get("delay", 0), node.get("every_nth", 1)
    if example is not None and example not in known:
        raise ContractError(f"there is no example {example!r}", "name one of components/examples", at)
    if isinstance(delay, bool) or not isinstance(delay, (int, float)) or not 0 <= delay <= MAX_DELAY_SECONDS:
        raise ContractError(f"delay is {delay!r}", f"write seconds from 0 to {MAX_DELAY_SECONDS}", at)
    if isinstance(every_nth, bool) or not isinstance(every_nth, int) or every_nth < 1:
        raise ContractError(f"every_nth is {every_nth!r}", "write a whole number from 1", at)
    return Scenario(name, str(node["summary"]), str(node["zh"]), example, float(delay), every_nth)
