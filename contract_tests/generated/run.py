"""Generated calls: schemathesis makes them up from the contract alone, and judges the answers by it: a third opinion.

Positive mode only: calls that the contract allows. Its default mode also sends what the contract forbids, and accuses
correct servers of how they refuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from code_contract import Contract
from contract_tests import sanitize as showing
from contract_tests.checks.baseline import baseline_request
from contract_tests.checks.response import ParsedResponse
from contract_tests.generated import cases as schemathesis_run
from contract_tests.http.exchange import Exchange, Request
from contract_tests.settings import Settings
from contract_tests.verdict import Violation

LABEL = "generated"
CASE_HEADER = "X-Schemathesis-TestCaseId"
"""What schemathesis marks its calls with, so that a target's log shows them; ours count instead of being drawn."""
EXAMPLES = 20
"""Calls made up for an operation at most; one is enough where nothing is left open."""


@dataclass
class GeneratedResult:
    """What schemathesis saw: how many answers it judged, and what it said against which; `notes` are for people."""

    judged: int = 0
    exchanges: list[Exchange] = field(default_factory=list)
    problems: list[tuple[Exchange, Violation]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run(
    contract: Contract,
    settings: Settings,
    send: Callable[[Request, str, str, int], Exchange],
    until: float,
) -> GeneratedResult:
    """Call every operation with what schemathesis makes up, at the latest until `until` (time.monotonic)."""

    def marked(request: Request, operation: str, index: int) -> Exchange:
        headers = (*request.headers, (CASE_HEADER, f"{operation}-{index}"))
        return send(replace(request, headers=headers), LABEL, operation, index)

    def body_of(exchange: Exchange) -> bytes | None:
        # The content coding only: what the body says is for schemathesis to judge.
        operation = contract.operations[exchange.operation]
        return ParsedResponse(exchange, operation).body

    seen = schemathesis_run.run(
        contract.resolved,
        marked,
        base_url=settings.base_url,
        headers=_fixed_headers(contract, settings),
        body_of=body_of,
        max_examples=EXAMPLES,
        until=until,
    )
    problems = [
        (
            failure.exchange,
            Violation(
                f"answer, {failure.where}" if failure.where else "answer",
                "an answer as documented, by schemathesis",
                showing.escape(f"{failure.title}: {failure.message}"),
            ),
        )
        for failure in seen.failures
    ]
    notes = [f"no calls were made up for {showing.escape(name)}: {why}" for name, why in seen.skipped.items()]
    return GeneratedResult(seen.judged, seen.exchanges, problems, notes)


def _fixed_headers(contract: Contract, settings: Settings) -> dict[str, str]:
    """The headers not to be made up: those given, the content type line, and the source, which its owner knows."""
    fixed: dict[str, str] = {}
    for operation in contract.operations.values():
        request = baseline_request(operation, settings)
        sources = {each.name.lower() for each in operation.parameters if each.is_source} | {"content-type"}
        fixed |= {name: value for name, value in (request.headers if request else ()) if name.lower() in sources}
    return fixed | dict(settings.headers)
