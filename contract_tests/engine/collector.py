"""The collection: sends every request of a run once and records the exchanges.

The first half of the samples is sent sequentially, the second half concurrently, then the probes. A fast target gets
more samples, because some defects come with use; in a soak, until its time is over (see growth). A slow one gets fewer:
each part has its share of the deadline. The request is repeated after a response 429, and after 503 with Retry-After. A
request that the deadline of the run cuts short is not evidence. A target that never responds is given up early.
Exchanges are evaluated in the order of their requests, while no request is in progress, so evaluation does not add to
the response times.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from code_contract import Contract, Operation
from contract_tests import sanitize
from contract_tests.checks.registry import BASELINE, Probe
from contract_tests.engine import clients, pacing
from contract_tests.engine.collection import CollectedExchanges
from contract_tests.engine.growth import BATCH_SIZE, Growth
from contract_tests.engine.plan import MAX_NAMES, Plan, PlannedOperation, Requests
from contract_tests.engine.profiles import profiled
from contract_tests.engine.threads import call_concurrently
from contract_tests.http.exchange import Exchange, Request
from contract_tests.inputs.values import EXAMPLES_ONLY, Values
from contract_tests.message import Message, joined
from contract_tests.settings import Settings

MAX_UNANSWERED = 2
"""Requests without a response at the start of a run, after which no more are sent."""

Send = Callable[..., Exchange]
OnExchange = Callable[[Exchange], Exchange]
Progress = Callable[[int, int], None]


class Collector:
    """Sends the requests of one run.

    Args:
        contract: The contract.
        settings: The target, and the options of the run.
        send: Sends one request, as Client.send does.
        progress: Called after each request with the number of requests sent and planned.
        on_exchange: Evaluates an exchange and returns the one to keep.
    """

    def __init__(
        self,
        contract: Contract,
        settings: Settings,
        send: Send,
        progress: Progress | None = None,
        on_exchange: OnExchange = lambda exchange: exchange,
    ) -> None:
        self._contract = contract
        self._settings = settings
        self._send = send
        self._progress = progress or _no_progress
        self._on_exchange = on_exchange
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._done = 0
        self._total = 0
        self._begun = self._until = 0.0
        self.collection = CollectedExchanges(started=time.time())
        self._growth = Growth(settings, self.collection, 0.0)
        self._plan: Plan | None = None
        self._slow: list[str] = []

    def collect(self, probes: Sequence[Probe]) -> CollectedExchanges:
        """Send the baseline request of every operation `samples` times, each probe once, then more samples.

        Errors caused by the target are recorded in the exchanges and never raised. After a KeyboardInterrupt the
        collection has the exchanges until then.
        """
        self._begun = time.monotonic()
        self._until = self._begun + self._settings.run_seconds
        self._growth = Growth(self._settings, self.collection, self._begun)
        plan = self._plan = Plan(self._contract, self._settings, probes)
        growing = []
        try:
            for planned in plan.operations():
                if self._collect_operation(planned) and planned.samples == self._settings.min_samples:
                    growing.append((planned.operation.id, planned))
            for (operation, request, *_), count in self._growth.turns(growing):
                self._total += count
                self._send_concurrently(operation, request, count, self._growth.until)
        except KeyboardInterrupt:
            # Threads that still wait for the target send nothing more, and show no progress.
            self._until, self._progress = 0.0, _no_progress
            raise
        finally:
            self.collection.notes += [*plan.notes(), *self._slow_note()]
            self.collection.not_called = plan.not_called
            self.collection.elapsed = time.monotonic() - self._begun
        return self.collection

    def send(self, request: Request, label: str, operation_id: str, index: int) -> Exchange:
        """Send one request before the deadline of the run; repeat it if the target asks for it (see pacing)."""
        for attempt in itertools.count():
            time.sleep(max(0.0, min(self._not_before, self._until) - time.monotonic()))
            with sanitize.redacting(self._settings.redact):
                exchange = self._send(request, label=label, operation=operation_id, index=index, deadline=self._until)
            pause = pacing.repetition_pause(exchange, attempt)
            if pause is None or (exchange.status == 503 and time.monotonic() + pause >= self._until):
                break
            with self._lock:
                self.collection.throttled += exchange.status == 429
                self.collection.unavailable += exchange.status == 503
                self._not_before = max(self._not_before, time.monotonic() + pause)
            if time.monotonic() + pause >= self._until:
                break
        return exchange

    def compare(self, request: Request, operation_id: str) -> Exchange | None:
        """Send a request that compares clients, within a stated rate limit; return None if the run has ended."""
        self._total += 1
        exchange = self._send_counted(request, clients.LABEL, operation_id, self.collection.count(operation_id))
        self._keep(self._contract.operations[operation_id], exchange)
        if exchange is not None:
            self._not_before = max(self._not_before, time.monotonic() + pacing.limit_pause(exchange, 1))
        return exchange

    @property
    def values(self) -> Values:
        """The values of the run, those of earlier responses included."""
        return EXAMPLES_ONLY if self._plan is None else self._plan.values

    @property
    def until(self) -> float:
        """Time at which the run ends, in seconds of `time.monotonic`."""
        return self._until

    def _collect_operation(self, planned: PlannedOperation) -> bool:
        """Collect the samples and the probes of an operation; return True if all were collected."""
        operation, request, probes, samples = planned
        self._total += samples + sum(len(requests) for _, requests in probes)
        kept = self.collection.exchanges.setdefault(operation.id, [])
        unanswered = 0
        for index in range(samples - samples // 2):
            if index and self._share_is_spent(pacing.SEQUENTIAL_SHARE):
                break
            self._keep(operation, self._send_counted(request, BASELINE, operation.id, index))
            unanswered += bool(kept) and kept[-1].status is None
            if unanswered == len(kept) == MAX_UNANSWERED:
                called = f"{operation.method} {operation.path}"
                note = Message("{} was given up after {} requests without a response", called, len(kept))
                self.collection.notes.append(note)
                return False
        self._send_concurrently(
            operation, request, samples // 2, self._begun + pacing.CONCURRENT_SHARE * self._settings.run_seconds
        )
        collected = len(kept)
        in_time = [self._send_probe(operation, *probe) for probe in probes]
        if collected < samples or not all(in_time):
            called = f"{operation.method} {operation.path}"
            self._slow.append(Message("{} ({} of {} samples)", called, min(collected, samples), samples))
            return False
        return True

    def _slow_note(self) -> Iterator[str]:
        if self._slow:
            listed = joined("{}, {}", [*self._slow[:MAX_NAMES], *(["…"] if len(self._slow) > MAX_NAMES else [])])
            count = Message("{} of {} operations", len(self._slow), len(self._contract.operations))
            deadline = Message("the deadline of the run, {:g} s (--deadline)", self._settings.run_seconds)
            yield Message("{} are slow: not all was checked before {}: {}", count, deadline, listed)

    def _send_concurrently(self, operation: Operation, request: Request, count: int, until: float) -> None:
        batch_size = max(BATCH_SIZE, self._settings.concurrency)

        def send(index: int) -> Exchange | None:
            # At least one round: a target that is slow one by one may still have a defect under load.
            if index >= first_index + self._settings.concurrency and time.monotonic() >= until:
                return None
            return self._send_counted(request, BASELINE, operation.id, index)

        first_index = self.collection.count(operation.id)
        for first in range(first_index, first_index + count, batch_size):
            batch = range(first, min(first + batch_size, first_index + count))
            found: dict[int, Exchange | None] = {}
            try:
                call_concurrently(send, batch, self._settings.concurrency, found)
            finally:
                for _, each in sorted(found.items()):
                    self._keep(operation, each)

    def _send_probe(self, operation: Operation, label: str, requests: Requests) -> bool:
        """Send the requests of a probe; return False if the deadline of the run was reached.

        Connections are used at the same time, and each of them unless its first request fails.
        """
        by_connection = defaultdict[str, list[Request]](list)
        for each in requests:
            by_connection[each.connection].append(each)
        groups = list(by_connection.values())

        def send(group: int) -> list[Exchange | None]:
            exchanges: list[Exchange | None] = []
            for each in groups[group]:
                exchange = self._send_counted(each, label, operation.id, 0)
                exchanges.append(exchange)
                if exchange is None or (exchange.error is not None and not exchange.reuse):
                    break
            return exchanges

        found: dict[int, list[Exchange | None]] = {}
        try:
            call_concurrently(send, range(len(groups)), self._settings.concurrency, found)
        finally:
            sent = [exchange for _, exchanges in sorted(found.items()) for exchange in exchanges]
            for exchange in sent:
                index = self.collection.count(operation.id)
                self._keep(operation, None if exchange is None else replace(exchange, index=index))
        self._total -= len(requests) - len(sent)
        return None not in sent

    def _keep(self, operation: Operation, exchange: Exchange | None) -> None:
        if exchange is not None:
            self._growth.observe(exchange)
            if self._plan is not None and exchange.label == BASELINE:
                self._plan.observe(exchange)
            self.collection.add(self._on_exchange(exchange), thin_out=bool(self._settings.soak))

    def _send_counted(self, request: Request, label: str, operation_id: str, index: int) -> Exchange | None:
        """Return the exchange, None if the deadline of the run cut it short: it is not evidence."""
        if time.monotonic() >= self._until:
            return None
        if label == BASELINE:
            request = profiled(request, index, self._settings)
        exchange = self.send(request, label, operation_id, index)
        with self._lock:
            self._done += 1
            self._progress(self._done, self._total)
        return None if exchange.error is not None and time.monotonic() >= self._until else exchange

    def _share_is_spent(self, share: float) -> bool:
        return time.monotonic() >= self._begun + share * self._settings.run_seconds


def _no_progress(done: int, total: int) -> None:
    pass
