"""The plan of a run: the operations in order, each with its requests, built when its turn comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from code_contract import Contract, Operation
from contract_tests.checks.registry import Probe
from contract_tests.checks.response import ParsedResponse
from contract_tests.engine.links import linked_values, targets
from contract_tests.http.exchange import Exchange, Request
from contract_tests.inputs.baseline import CREDENTIALS, baseline_request, not_called_reason
from contract_tests.inputs.values import Values
from contract_tests.message import Message, listed
from contract_tests.settings import Settings

DERIVED_SAMPLES = 4
"""Requests to an operation whose clauses are derived, unless the number of samples is given."""
MAX_NAMES = 5
"""Operations that are named in a note."""

Requests = tuple[Request, ...]


class PlannedOperation(NamedTuple):
    """An operation that is called.

    Attributes:
        operation: The operation.
        request: Its baseline request.
        probes: Labels and requests of its probes.
        samples: The number of baseline requests.
    """

    operation: Operation
    request: Request
    probes: Sequence[tuple[str, Requests]]
    samples: int


class Plan:
    """The operations of a run.

    Args:
        contract: The contract.
        settings: The options of the run.
        probes: The probes that the selected clauses need.

    Attributes:
        values: The values of the run.
        not_called: The reason why an operation is not called, by id.
    """

    def __init__(self, contract: Contract, settings: Settings, probes: Sequence[Probe]) -> None:
        self._contract = contract
        self._settings = settings
        self._probes = probes
        self.values = Values.of(contract, settings)
        self.not_called: dict[str, str] = {}
        self._unknown: dict[str, tuple[str, ...]] = {}
        operations = contract.operations.values()
        self._links = {each.id: found for each in operations if (found := targets(contract, each))}

    def operations(self) -> Iterator[PlannedOperation]:
        """Yield each operation that is called, its request built from what earlier responses gave."""
        derived = self._contract.derived_clauses
        for operation in self._in_order():
            request = baseline_request(operation, self._settings, self.values)
            reason = not_called_reason(operation, request, self._settings, derived)
            if request is None or reason:
                self.not_called[operation.id] = reason
                continue
            if request.unknown:
                self._unknown[operation.id] = request.unknown
            samples = self._settings.min_samples
            if operation.id in derived and not self._settings.samples:
                samples = DERIVED_SAMPLES
            # Short ones first: a slow target may leave no time for the others.
            probes = sorted(
                ((each.label, each.requests(request, operation)) for each in self._probes), key=lambda p: len(p[1])
            )
            yield PlannedOperation(operation, request, probes, samples)

    def observe(self, exchange: Exchange) -> None:
        """Keep the values that a response gives to the requests of other operations."""
        operation = self._contract.operations[exchange.operation]
        if operation.id in self._links and 200 <= (exchange.status or 0) < 300:
            for target, name, value in linked_values(self._contract, ParsedResponse(exchange, operation)):
                parameters = self._contract.operations[target].parameters
                if all(self.values.conforms(each.schema, value) for each in parameters if each.name == name):
                    self.values.learn(target, name, value)

    def notes(self) -> Iterator[str]:
        """Yield a sentence for each reason why operations were not called, or may reject their requests."""
        by_reason = defaultdict[str, list[str]](list)
        for name, reason in self.not_called.items():
            by_reason[Message("not called: {}", reason)].append(name)
        generated = dict.fromkeys(each for found in self._unknown.values() for each in found if each != CREDENTIALS)
        for name, unknown in self._unknown.items():
            if CREDENTIALS in unknown:
                by_reason["called without credentials; --auth gives them"].append(name)
            elif generated:
                some = listed(generated, MAX_NAMES)
                by_reason[Message("called with generated values, which may not exist; --set gives {}", some)].append(
                    name
                )
        for reason, names in by_reason.items():
            operations = [self._contract.operations[each] for each in names]
            shown = listed((f"{each.method} {each.path}" for each in operations), MAX_NAMES)
            yield Message("{} of {} operations {}: {}", len(names), len(self._contract.operations), reason, shown)

    def _in_order(self) -> Iterator[Operation]:
        """Yield operations in the order of the document, but after those that link to them, and DELETE at the end."""
        sources: dict[str, set[str]] = defaultdict(set)
        for source, found in self._links.items():
            for target in found - {source}:
                sources[target].add(source)
        pending = sorted(self._contract.operations.values(), key=lambda each: each.method == "DELETE")
        waiting = {each.id for each in pending}
        while pending:
            following = next((each for each in pending if not sources[each.id] & waiting), pending[0])
            pending.remove(following)
            waiting.discard(following.id)
            yield following
