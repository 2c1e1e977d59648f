"""The generated requests of a run. schemathesis generates them, and checks the responses independently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from code_contract import Contract
from contract_tests import sanitize
from contract_tests.checks.baseline import baseline_request
from contract_tests.checks.response import ParsedResponse
from contract_tests.generated import cases
from contract_tests.generated.result import GeneratedResult
from contract_tests.http.exchange import Exchange, Request
from contract_tests.settings import Settings

LABEL = "generated"
CASE_HEADER = "X-Schemathesis-TestCaseId"
"""The header with which schemathesis marks its requests. The values here are consecutive instead of random."""
MAX_EXAMPLES = 20
"""Maximum number of generated requests to an operation. One suffices if the contract leaves nothing to generate."""


def run(
    contract: Contract,
    settings: Settings,
    send: Callable[[Request, str, str, int], Exchange],
    until: float,
    result: GeneratedResult | None = None,
) -> GeneratedResult:
    """Send generated requests to every operation, until `until` (`time.monotonic`) at the latest.

    A result that is given is filled as they are sent, so that it has those until a KeyboardInterrupt.
    """
    result = result or GeneratedResult()

    def send_marked(request: Request, operation: str, index: int) -> Exchange:
        headers = (*request.headers, (CASE_HEADER, f"{operation}-{index}"))
        return send(replace(request, headers=headers), LABEL, operation, index)

    def response(exchange: Exchange) -> ParsedResponse:
        return ParsedResponse(exchange, contract.operations[exchange.operation])

    with sanitize.redacting(settings.redact):
        cases.run(
            contract,
            send_marked,
            base_url=settings.base_url,
            headers=_fixed_headers(contract, settings),
            body_of=lambda exchange: None if response(exchange).limit else response(exchange).body,
            is_served=lambda exchange: response(exchange).is_served,
            max_examples=MAX_EXAMPLES,
            until=until,
            result=result,
        )
    return result


def _fixed_headers(contract: Contract, settings: Settings) -> dict[str, str]:
    """Return the headers that are not generated: the configured ones, the content type and the source."""
    fixed: dict[str, str] = {}
    for operation in contract.operations.values():
        request = baseline_request(operation, settings)
        names = {each.name.lower() for each in operation.parameters if each.is_source} | {"content-type"}
        fixed |= {name: value for name, value in (request.headers if request else ()) if name.lower() in names}
    return fixed | dict(settings.headers)
