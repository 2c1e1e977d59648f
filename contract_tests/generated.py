"""Generated calls: schemathesis makes them up from the contract alone, and judges the answers by it: a third opinion.

Positive mode only: calls that the contract allows. Its default mode also sends what the contract forbids, and accuses
correct servers of how they refuse it. What it sends goes through the run's own bounded client; it opens no connection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contract import Contract, Operation
from contract_tests import showing
from contract_tests.collect import is_source, plain_request
from contract_tests.exchange import Exchange, Request
from contract_tests.findings import Problem
from contract_tests.reading import Reading
from contract_tests.settings import Settings

LABEL = "generated"
EXAMPLES = 20
"""Calls made up for an operation at most; one is enough where nothing is left open."""


@dataclass
class Generated:
    """What schemathesis saw: how many answers it judged, and what it said against which."""

    judged: int = 0
    exchanges: list[Exchange] = field(default_factory=list)
    problems: list[tuple[Exchange, Problem]] = field(default_factory=list)


def run(
    contract: Contract,
    settings: Settings,
    send: Callable[[Request, str, str, int], Exchange],
    until: float,
) -> Generated:
    """Call every operation with what schemathesis makes up, at the latest until `until` (time.monotonic)."""
    # Imported here: it costs the better part of a second, and only this module needs it.
    import schemathesis
    from hypothesis import HealthCheck, Phase, given
    from hypothesis import settings as hypothesis_settings
    from schemathesis.specs.openapi import checks as openapi_checks

    # A configuration of our own: schemathesis would look for a file in the folder it is run in.
    schema = schemathesis.openapi.from_dict(contract.resolved, config=schemathesis.Config())
    checks: list[Any] = [
        _no_server_error(),
        openapi_checks.status_code_conformance,
        openapi_checks.content_type_conformance,
        openapi_checks.response_headers_conformance,
        openapi_checks.response_schema_conformance,
    ]
    found = Generated()
    bounded = hypothesis_settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    for operation in contract.operations.values():
        plain = plain_request(operation, contract, settings) or Request(
            operation.method, settings.base_url + operation.path, settings.headers
        )
        strategy = schema[operation.path][operation.method.lower()].as_strategy(headers=_fixed(operation, plain))
        ask = _asker(operation, plain, settings.base_url, send, until, checks, found)
        given(strategy)(bounded(ask))()
    return found


def _asker(
    operation: Operation,
    plain: Request,
    base_url: str,
    send: Callable[[Request, str, str, int], Exchange],
    until: float,
    checks: list[Any],
    found: Generated,
) -> Callable[[Any], None]:
    """The test that Hypothesis runs for one operation: send what was made up, and judge the answer."""

    def ask(case: Any) -> None:
        request = _request(case, base_url, plain)
        if time.monotonic() >= until:
            return
        exchange = send(request, LABEL, operation.id, len(found.exchanges))
        found.exchanges.append(exchange)
        reading = Reading(exchange, operation, None, lambda value: value)
        if reading.body is None or exchange.status == 429:
            return  # other clauses speak of answers that do not arrive, cannot be decoded, or are a limit
        found.judged += 1
        found.problems += [(exchange, each) for each in _judge(case, exchange, reading.body, checks)]

    return ask


def _no_server_error() -> Any:
    from schemathesis.checks import not_a_server_error

    return not_a_server_error


def _fixed(operation: Operation, plain: Request) -> dict[str, Any]:
    """The headers not to be made up: the source, which only the target's owner knows."""
    given = {name.lower(): value for name, value in plain.headers}
    return {
        parameter.name: given[parameter.name.lower()]
        for parameter in operation.parameters
        if is_source(parameter) and parameter.name.lower() in given
    }


_SENT = ("method", "url", "headers", "params", "data", "json", "cookies")
_LEFT_TO_THE_CLIENT = {"user-agent", "content-length", "accept-encoding", "accept", "connection"}


def _request(case: Any, base_url: str, plain: Request) -> Request:
    """What schemathesis would send, with the headers of a plain call beside its own."""
    import requests

    kwargs = case.as_transport_kwargs(base_url=base_url)
    prepared = requests.Request(**{key: kwargs[key] for key in _SENT if key in kwargs}).prepare()
    own = {n: v for n, v in prepared.headers.items() if n.lower() not in _LEFT_TO_THE_CLIENT}
    names = {name.lower() for name in own}
    headers = [*own.items(), *((n, v) for n, v in plain.headers if n.lower() not in names)]
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
    return Request(str(prepared.method), str(prepared.url), tuple(headers), body or None)


def _judge(case: Any, exchange: Exchange, body: bytes, checks: list[Any]) -> Iterator[Problem]:
    import requests
    from schemathesis import Response
    from schemathesis.core.failures import Failure, FailureGroup

    headers: dict[str, list[str]] = {}
    for name, value in exchange.headers:
        headers.setdefault(name.lower(), []).append(value)
    sent = requests.Request(exchange.request.method, exchange.request.url).prepare()
    response = Response(exchange.status or 0, headers, body, sent, exchange.elapsed, True, exchange.reason)
    try:
        case.validate_response(response, checks=checks)
    except FailureGroup as group:
        for failure in group.exceptions:
            yield _problem(failure)
    except Failure as failure:
        yield _problem(failure)
    except Exception as error:  # hostile bytes may break the third judge too; they are no less wrong
        yield Problem("answer", "an answer that can be judged", showing.text(repr(error)))


def _problem(failure: Any) -> Problem:
    title = str(getattr(failure, "title", type(failure).__name__))
    message = " ".join(str(getattr(failure, "message", failure)).split())
    return Problem("answer, by schemathesis", "an answer as documented", f"{title}: {showing.text(message)}")
