"""Access: no credentials asked, a source required, refusals in the envelope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from contract import Operation, Parameter, Place
from contract_tests import showing
from contract_tests.exchange import Request
from contract_tests.findings import Problem
from contract_tests.operation import DEMANDS_CREDENTIALS, said, status_line
from contract_tests.reading import Reading
from contract_tests.registry import Judges, Probe, arrived
from contract_tests.settings import CREDENTIALS

JUDGES = Judges()

SOURCE_IS_REQUIRED = "source-is-required"


def _without_credentials(reading: Reading, place: Place | None) -> Iterator[Reading]:
    if reading.status is not None and not any(
        name.lower() in CREDENTIALS for name, _ in reading.exchange.request.headers
    ):
        yield reading


@JUDGES.each(
    "no-authentication-needed",
    subject=_without_credentials,
    unasked="every call brought the credentials given to this run, or none was answered",
    own_calls=True,
)
def no_authentication(reading: Reading) -> Iterator[Problem]:
    if reading.status in DEMANDS_CREDENTIALS and not reading.granted:
        demand = reading.exchange.header("www-authenticate")
        asked = f", WWW-Authenticate: {showing.text(demand, 60)}" if demand else ""
        yield Problem("HTTP status", "no demand for credentials", status_line(reading) + asked)


def is_source(parameter: Parameter) -> bool:
    """Whether this is the document's source: the parameter beside which its clause stands."""
    return any(entry["id"] == SOURCE_IS_REQUIRED for entry in parameter.node.get("x-clauses", ()))


def _without_source(request: Request, operation: Operation) -> Request | None:
    """The request without the parameter beside which the clause stands; None where the operation has none."""
    for parameter in operation.parameters:
        if parameter.location == "header" and is_source(parameter):
            kept = [pair for pair in request.headers if pair[0].lower() != parameter.name.lower()]
            return replace(request, headers=tuple(kept))
    return None


NO_SOURCE = Probe("no-source", _without_source, only_when_confirmed=True)


@JUDGES.each(
    SOURCE_IS_REQUIRED,
    subject=arrived,
    probe=NO_SOURCE,
    unasked="an open question: judged once x-assumption is deleted, or when asked for with --only",
)
def source_required(reading: Reading) -> Iterator[Problem]:
    if reading.granted:
        yield Problem("request without a source", "a refusal", f"a grant: {status_line(reading)}")


def _refusal(reading: Reading, place: Place | None) -> Iterator[Reading]:
    if reading.whole and reading.recorded and not reading.granted:
        yield reading


@JUDGES.each("refusal-uses-the-envelope", subject=_refusal, probe=NO_SOURCE, unasked="no call was refused")
def refusal_in_envelope(reading: Reading) -> Iterator[Problem]:
    if not reading.in_envelope:
        yield Problem("body", "the envelope", f"{status_line(reading)}: {said(reading)}")
