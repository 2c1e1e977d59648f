"""Scenarios (`x-scenarios`): named business situations that the mock plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from code_contract import pointers
from code_contract.errors import ContractError

_AT = "/components/x-scenarios"
MAX_DELAY_SECONDS = 60
"""Upper bound of a delay, also in x-clauses.schema.json."""


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


def read(resolved: Mapping[str, Any]) -> dict[str, Scenario]:
    """Return the scenarios of a resolved document by name, in order.

    Raises:
        ContractError: A scenario names an unknown example.
    """
    components = resolved.get("components", {})
    known = {name for name, each in components.get("examples", {}).items() if "value" in each}
    found = components.get("x-scenarios", {})
    for name, node in found.items():
        if node.get("example") not in {None, *known}:
            problem = f"unknown example {node['example']!r}"
            raise ContractError(problem, "use a name under components/examples", pointers.join(_AT, name))
    return {
        name: Scenario(
            name=name,
            summary=node["summary"],
            zh=node["zh"],
            example=node.get("example"),
            delay=float(node.get("delay", 0)),
            every_nth=int(node.get("every_nth", 1)),
        )
        for name, node in found.items()
    }
