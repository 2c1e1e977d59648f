"""The collection: sends every request of a run once and records the exchanges.

The first half of the samples is sent sequentially, the second half concurrently, then the probes. After a response 429
(Too Many Requests) the request is repeated. A target that never responds is given up early. Exchanges are evaluated in
the order of their requests, while no request is in progress, so evaluation does not add to the response times.
"""

from __future__ import annotations

import email.utils
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from code_contract import Contract, Operation
from contract_tests import sanitize
from contract_tests.checks.baseline import baseline_request
from contract_tests.checks.registry import BASELINE, Probe
from contract_tests.http.exchange import Exchange, Request
from contract_tests.settings import Settings

MAX_UNANSWERED = 2
"""Requests without a response at the start of a run, after which no more are sent."""
MIN_RETRY_AFTER = 0.1
"""Minimum wait after the first response 429 to a request, in seconds; it doubles with every further one."""
MAX_RETRY_AFTER = 30.0
"""Maximum wait after a response 429, in seconds, whatever its Retry-After."""
BATCH_SIZE = 32
"""Concurrent requests per batch. Their bodies are in memory until the batch is evaluated."""

Send = Callable[..., Exchange]
OnExchange = Callable[[Exchange], Exchange]
Progress = Callable[[int, int], None]


@dataclass
class CollectedExchanges:
    """The exchanges of a run.

    Attributes:
        exchanges: Exchanges in the order of their requests, by operation id.
        notes: Sentences for people about what was not done, with the reason.
        throttled: Number of responses 429.
        started: Unix time of the first request.
        elapsed: Seconds to the end of the last exchange.
        keeps_bodies: False if most exchanges have no headers and body (see retention).
    """

    exchanges: dict[str, list[Exchange]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    throttled: int = 0
    started: float = 0.0
    elapsed: float = 0.0
    keeps_bodies: bool = True

    def all(self) -> Iterator[Exchange]:
        """Yield every exchange, in order."""
        for exchanges in self.exchanges.values():
            yield from exchanges

    @property
    def answered(self) -> bool:
        """True if a baseline request received at least the head of a response other than 429."""
        return any(e.status not in (None, 429) for e in self.all() if e.label == BASELINE)


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
        self._progress = progress or (lambda done, total: None)
        self._on_exchange = on_exchange
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._done = 0
        self._total = 0
        self._until = time.monotonic() + settings.deadline
        self.collection = CollectedExchanges(started=time.time())

    def collect(self, probes: Sequence[Probe]) -> CollectedExchanges:
        """Send the baseline request of every operation `samples` times, then each probe once.

        Errors caused by the target are recorded in the exchanges and never raised.
        """
        begun = time.monotonic()
        planned = []
        for operation in self._contract.operations.values():
            request = baseline_request(operation, self._settings)
            if request is None:
                self.collection.notes.append(
                    f"{operation.method} {operation.path} was not checked: a required value has no example"
                )
                continue
            mutated = [(probe.label, probe.mutate(request, operation)) for probe in probes]
            applicable = [(label, each) for label, each in mutated if each is not None]
            planned.append((operation, request, applicable))
            self._total += self._settings.samples + len(applicable)
        for operation, request, applicable in planned:
            self._collect_operation(operation, request, applicable)
        self.collection.elapsed = time.monotonic() - begun
        return self.collection

    def send(self, request: Request, label: str, operation_id: str, index: int) -> Exchange:
        """Send one request before the deadline of the run; repeat it after a response 429 (RFC 6585 §4)."""
        for attempt in itertools.count():
            time.sleep(max(0.0, min(self._not_before, self._until) - time.monotonic()))
            with sanitize.redacting(self._settings.redact):
                exchange = self._send(request, label=label, operation=operation_id, index=index, deadline=self._until)
            if exchange.status != 429:
                return exchange
            pause = min(max(_retry_after(exchange), MIN_RETRY_AFTER * 2**attempt), MAX_RETRY_AFTER)
            with self._lock:
                self.collection.throttled += 1
                self._not_before = max(self._not_before, time.monotonic() + pause)
            if time.monotonic() + pause >= self._until:
                break
        return exchange

    @property
    def until(self) -> float:
        """Time at which the run ends, in seconds of `time.monotonic`."""
        return self._until

    def _collect_operation(self, operation: Operation, request: Request, probes: Sequence[tuple[str, Request]]) -> None:
        kept = self.collection.exchanges.setdefault(operation.id, [])
        samples = self._settings.samples
        serial = samples - samples // 2
        unanswered = 0
        for index in range(serial):
            if self._deadline_passed(operation, index):
                return
            kept.append(self._on_exchange(self._send_counted(request, BASELINE, operation.id, index)))
            unanswered += kept[-1].status is None
            if unanswered == len(kept) == MAX_UNANSWERED:
                self.collection.notes.append(
                    f"{operation.method} {operation.path} was given up after {len(kept)} requests without a response"
                )
                return
        # The pool joins its threads even if the run is interrupted; the deadline bounds each of them.
        with ThreadPoolExecutor(self._settings.concurrency) as pool:
            batch_size = max(BATCH_SIZE, self._settings.concurrency)
            for first in range(serial, samples, batch_size):
                batch = range(first, min(first + batch_size, samples))
                found = list(pool.map(lambda index: self._send_before_deadline(request, operation.id, index), batch))
                kept.extend(self._on_exchange(each) for each in found if each is not None)
        if len(kept) < samples:
            self._deadline_passed(operation, len(kept))
            return
        for offset, (label, mutated) in enumerate(probes):
            if self._deadline_passed(operation, len(kept)):
                return
            kept.append(self._on_exchange(self._send_counted(mutated, label, operation.id, samples + offset)))

    def _send_counted(self, request: Request, label: str, operation_id: str, index: int) -> Exchange:
        exchange = self.send(request, label, operation_id, index)
        with self._lock:
            self._done += 1
            self._progress(self._done, self._total)
        return exchange

    def _send_before_deadline(self, request: Request, operation_id: str, index: int) -> Exchange | None:
        if time.monotonic() >= self._until:
            return None
        return self._send_counted(request, BASELINE, operation_id, index)

    def _deadline_passed(self, operation: Operation, sent: int) -> bool:
        """Return True, and add a note, if the deadline of the run has passed."""
        if time.monotonic() < self._until:
            return False
        self.collection.notes.append(
            f"{operation.method} {operation.path} received only {sent} requests: the deadline of the run, "
            f"{self._settings.deadline:g} s, has passed"
        )
        return True


def _retry_after(exchange: Exchange) -> float:
    """Return the seconds to wait by Retry-After (RFC 9110 §10.2.3), 1 if it is absent or invalid."""
    value = (exchange.header("retry-after") or "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:300])
    try:
        return email.utils.parsedate_to_datetime(value[:100]).timestamp() - time.time()
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return 1.0
