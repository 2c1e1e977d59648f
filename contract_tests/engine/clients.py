"""Failures that occur with some clients only: found in the samples, confirmed by requests, attributed to a header."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from code_contract import Clause, ClauseLocation
from contract_tests import sanitize
from contract_tests.checks.clients import CLIENTS_CLAUSE
from contract_tests.checks.operation import response_excerpt
from contract_tests.checks.registry import BASELINE
from contract_tests.checks.response import ParsedResponse
from contract_tests.engine.bisection import ClientDifference, OutOfProbesError, differences
from contract_tests.engine.evaluator import CheckOutcome, Evaluator
from contract_tests.engine.tally import Tally
from contract_tests.http.exchange import Exchange, Request
from contract_tests.message import Message
from contract_tests.settings import Settings
from contract_tests.verdict import Violation

LABEL = "client"
"""Label of the exchanges that compare clients."""
MAX_PROBES = 64
"""Maximum number of requests that compare the clients of an operation."""

Send = Callable[[Request, str], "Exchange | None"]
"""Sends a request to an operation; returns None if there is no time for it."""


@dataclass(frozen=True)
class _Found:
    operation: str
    clauses: frozenset[str]
    difference: ClientDifference


class _Samples:
    """The samples of one operation, by clause: the first request of each client that fails, and that passes."""

    def __init__(self) -> None:
        self.passing: dict[str, dict[str, Request]] = defaultdict(dict)
        self.failing: dict[str, dict[str, Request]] = defaultdict(dict)
        self.refused = Counter[str]()

    def groups(self) -> Iterator[tuple[list[str], Mapping[str, Request], list[Request]]]:
        """Yield clauses that fail for the same clients only, their failing requests, and the passing ones."""
        found = defaultdict[frozenset[str], list[str]](list)
        for clause, requests in self.failing.items():
            if self.passing[clause].keys() - requests.keys():
                found[frozenset(requests)].append(clause)
        for clients, clauses in found.items():
            # The request is refused: the other clauses fail as a consequence.
            clauses.sort(key=CLIENTS_CLAUSE.__ne__)
            passing = [each for name, each in self.passing[clauses[0]].items() if name not in clients]
            yield clauses, self.failing[clauses[0]], passing


class ClientComparison:
    """Compares the responses to the clients of a run.

    Args:
        clauses: The selected clauses.
        evaluator: Evaluates exchanges.
        settings: The options of the run.
    """

    def __init__(self, clauses: Iterable[Clause], evaluator: Evaluator, settings: Settings) -> None:
        self._clauses = {clause.id: clause for clause in clauses}
        self._evaluator = evaluator
        self._settings = settings
        self._samples: dict[str, _Samples] = defaultdict(_Samples)
        self._found: list[_Found] = []

    def add(self, response: ParsedResponse, outcomes: Iterable[CheckOutcome]) -> None:
        """Record the outcomes of a sample."""
        request, samples = response.exchange.request, self._samples[response.exchange.operation]
        if response.exchange.label != BASELINE or not request.client or response.status == 429 or response.limit:
            return
        violated = {each.clause for each in outcomes if each.violations and self._clauses[each.clause].level != "info"}
        if _is_refused(response) and (violated or CLIENTS_CLAUSE in self._clauses):
            violated.add(CLIENTS_CLAUSE)
            samples.refused[request.client] += 1
        for clause in violated:
            samples.failing[clause].setdefault(request.client, request)
        # A response to which a clause does not apply, such as a refusal, does not pass it.
        for clause in {CLIENTS_CLAUSE, *(each.clause for each in outcomes if each.checked)} - violated:
            samples.passing[clause].setdefault(request.client, request)

    def compare(self, send: Send) -> None:
        """Find the headers that make the difference between clients."""
        for operation, samples in self._samples.items():
            left = MAX_PROBES
            for clauses, failing, passing in samples.groups():

                def failed(request: Request, operation: str = operation, clause: str = clauses[0]) -> Exchange | None:
                    nonlocal left
                    left -= 1
                    exchange = send(request, operation) if left >= 0 else None
                    if exchange is None or exchange.status == 429:
                        raise OutOfProbesError
                    return exchange if self._violates(exchange, clause) else None

                for each in differences(failing, passing, failed):
                    self._found.append(_Found(operation, frozenset(clauses), each))

    def attribute(self, tallies: Mapping[tuple[str, ClauseLocation | None], Tally]) -> None:
        """Count refused requests under CLIENTS_CLAUSE alone, and name the clients in which other clauses fail."""
        for found in self._found:
            with sanitize.redacting(self._settings.redact):
                note, violation = str(found.difference), self._violation(found.difference)
            if not self._reports_refusal(found):
                for (name, _), tally in tallies.items():
                    if name in found.clauses:
                        tally.clients.append(note)
                continue
            for tally in tallies.values():
                if tally.remove(found.operation, found.difference.explains):
                    tally.add_cause(CLIENTS_CLAUSE)
            site = next(e for e in self._clauses[CLIENTS_CLAUSE].sites if e.operation_id == found.operation)
            tally = tallies[CLIENTS_CLAUSE, site]
            tally.clients.append(note)
            tally.add([(found.difference.exchange, violation)], self._settings)
            refused = self._samples[found.operation].refused
            tally.failed += sum(refused[client] for client in found.difference.clients) - 1

    def explains(self, exchange: Exchange) -> bool:
        """Return True if a request is refused for the same header as those of some clients."""
        operation, request = exchange.operation, exchange.request
        return any(
            self._reports_refusal(each) and each.operation == operation and each.difference.explains(request)
            for each in self._found
        )

    def _reports_refusal(self, found: _Found) -> bool:
        return CLIENTS_CLAUSE in found.clauses and CLIENTS_CLAUSE in self._clauses

    def _violates(self, exchange: Exchange, clause: str) -> bool:
        if clause == CLIENTS_CLAUSE:
            return _is_refused(self._evaluator.parse(exchange))
        with sanitize.redacting(self._settings.redact):
            return clause in {name for name, _, _ in self._evaluator.violated(exchange)}

    def _violation(self, difference: ClientDifference) -> Violation:
        received = response_excerpt(self._evaluator.parse(difference.exchange))
        change = difference.change
        if change is None:
            return Violation("request", "a success response, as to other clients", received)
        return Violation(
            Message("request {}", change.received), Message("a success response, as {}", change.expected), received
        )


def _is_refused(response: ParsedResponse) -> bool:
    """Return True for an error response and for none; a defective success response violates clauses about its body."""
    is_2xx = 200 <= (response.status or 0) < 300
    return response.is_valid_error if is_2xx else not response.is_success


def recorded(exchanges: Iterable[Exchange]) -> Send:
    """Return a function that returns the recorded exchange of a request, in place of sending it."""
    kept = defaultdict[tuple[str, Request], deque[Exchange]](deque)
    for each in exchanges:
        if each.label == LABEL:
            kept[each.operation, each.request].append(each)

    def send(request: Request, operation: str) -> Exchange | None:
        found = kept[operation, request]
        return found.popleft() if found else None

    return send
