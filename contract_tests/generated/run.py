"""The generated requests of a run. schemathesis generates them, and checks the responses independently."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from urllib.parse import quote

from code_contract import Contract, Operation
from contract_tests import sanitize
from contract_tests.checks.response import ParsedResponse
from contract_tests.generated import cases
from contract_tests.generated.cases import GenerationPlan
from contract_tests.generated.result import GeneratedResult
from contract_tests.http.exchange import Exchange, Request
from contract_tests.inputs.authentication import credential_headers, with_credentials
from contract_tests.inputs.baseline import baseline_request
from contract_tests.inputs.values import EXAMPLES_ONLY, Values
from contract_tests.settings import Settings

LABEL = "generated"
CASE_HEADER = "X-Schemathesis-TestCaseId"
"""The header with which schemathesis marks its requests. The values here are consecutive instead of random."""
MAX_EXAMPLES, MAX_DERIVED_EXAMPLES = 20, 8
"""Maximum number of generated requests to an operation, and to one with derived clauses, of which there may be many."""


def run(
    contract: Contract,
    settings: Settings,
    send: Callable[[Request, str, str, int], Exchange],
    until: float,
    called: Collection[str],
    values: Values = EXAMPLES_ONLY,
    result: GeneratedResult | None = None,
) -> GeneratedResult:
    """Send generated requests to the operations, until `until` (`time.monotonic`) at the latest.

    Operations that may change data are among them only if they were `called` before, or `allow_writes` is set.

    Args:
        contract: The contract.
        settings: The options of the run.
        send: Sends a request; takes the request, its label, the id of the operation and the index of the request.
        until: End of the run.
        called: Ids of the operations that were called.
        values: The values that are not generated.
        result: The result to fill as requests are sent, so that it has those until a KeyboardInterrupt.
    """
    result = result or GeneratedResult()

    def send_marked(request: Request, name: str, index: int) -> Exchange:
        operation = contract.operations[name]
        request = with_credentials(request, operation, values.document, settings)
        marked = (*request.headers, (CASE_HEADER, f"{quote(name, safe='')}-{index}"))
        # What is generated may exist only by chance.
        unknown = (*(each.name for each in operation.parameters), *operation.request_contents)
        return send(replace(request, headers=marked, unknown=unknown), LABEL, name, index)

    def response(exchange: Exchange) -> ParsedResponse:
        return ParsedResponse(exchange, contract.operations[exchange.operation])

    operations = contract.operations.values()
    with sanitize.redacting(settings.redact):
        cases.run(
            # schemathesis reads `info` before anything else, and fails if it is not an object.
            {**contract.document, "info": {"title": contract.title, "version": contract.version}},
            [each for each in operations if each.is_safe or settings.allow_writes or each.id in called],
            send_marked,
            base_url=settings.base_url,
            plan=lambda operation: _plan(operation, operation.id in contract.derived_clauses, settings, values),
            body_of=lambda exchange: None if response(exchange).limit else response(exchange).body,
            is_served=lambda exchange: response(exchange).is_served,
            until=until,
            result=result,
        )
    return result


def _plan(operation: Operation, is_derived: bool, settings: Settings, values: Values) -> GenerationPlan:
    """Return the plan of an operation: configured headers, credentials, content type, source and known path values."""
    request = baseline_request(operation, settings, values)
    names = {each.name.lower() for each in operation.parameters if each.is_source}
    names |= {"content-type", *credential_headers(values.document) - {"cookie"}}
    headers = {name: value for name, value in (request.headers if request else ()) if name.lower() in names}
    of_path = (each.name for each in operation.parameters if each.location == "path")
    path = {name: value for name in of_path if (value := values.known(operation.id, name)) is not None}
    return GenerationPlan(MAX_DERIVED_EXAMPLES if is_derived else MAX_EXAMPLES, headers | dict(settings.headers), path)
