"""What several reports say, in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from code_contract import Contract, pointers
from contract_tests import sanitize as showing
from contract_tests.checks.registry import BASELINE
from contract_tests.http.exchange import Exchange
from contract_tests.result import Result
from contract_tests.settings import Settings
from contract_tests.verdict import Finding

LIMIT = 2_000
"""Characters shown of one text; what comes from a target was cut shorter before."""


@dataclass(frozen=True)
class Assumption:
    """One `x-assumption`: the node it stands at by its name, the document's words there, the reading, and its line."""

    name: str
    words: str
    reading: str
    line: int


def escape_long(text: str) -> str:
    """Text of our own, or already without secrets, with nothing in it that hides or commands: fit for any report."""
    return showing.escape(text, LIMIT)


def redact_and_escape(text: str, settings: Settings, limit: int = showing.MAX_CHARS) -> str:
    """Text as a target sent it, without secrets, escaped and cut."""
    return showing.escape(settings.redact(text), limit)


def headline(result: Result) -> str:
    """The verdict in one to three words."""
    if not result.was_reachable:
        return "Could not be judged"
    return "Does not conform" if result.failed else "Conforms"


def failure_reason(result: Result) -> str:
    """Why nothing could be judged. A target that talks no HTTP may have sent back what it was sent."""
    return redact_and_escape(result.failure_reason(), result.settings, LIMIT)


def call_label(exchange: Exchange) -> str:
    """Which call it was: its number, and what kind where it is not a plain one."""
    kind = "" if exchange.label == BASELINE else f" ({escape_long(exchange.label)})"
    return f"call {exchange.index + 1}{kind}"


def further_findings(findings: tuple[Finding, ...]) -> Iterator[tuple[str, str]]:
    """The findings after the first: which call, and what it showed."""
    for finding in findings[1:]:
        here = finding.problem.where if finding.problem.where != findings[0].problem.where else ""
        yield (
            call_label(finding.exchange),
            escape_long(f"{here}: {finding.problem.received}" if here else finding.problem.received),
        )


def assumptions(contract: Contract) -> list[Assumption]:
    """Every open question of the contract, in its order."""
    return [
        Assumption(
            str(node.get("name") or node.get("title") or pointers.split(pointer)[-1]),
            str(node.get("x-quote", "")),
            " ".join(str(node["x-assumption"]).split()),
            contract.lines.get(pointer, 0),
        )
        for pointer, node in _assumed(contract.document, "")
    ]


def _assumed(node: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        if "x-assumption" in node:
            yield pointer, node
        for key, value in node.items():
            yield from _assumed(value, pointers.join(pointer, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _assumed(item, pointers.join(pointer, index))


def milliseconds(seconds: float) -> str:
    """A time for people: "3.24 ms", "140 ms", "2.5 s"."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.1f} s".replace(".0 s", " s")
