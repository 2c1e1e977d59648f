"""The collection: every call of a run, made once, recorded, and handed over to be judged.

Half of the samples are asked for one after another, half at the same time; then come the probes. A target that limits
its callers (429) is waited for; one that never answers is given up early. Exchanges are handed over in the order of
their calls, while no call is under way: judging takes a processor, and must not be measured as the target's time.
"""

from __future__ import annotations

import email.utils
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from code_contract import Contract, Operation
from contract_tests.checks.baseline import baseline_request
from contract_tests.checks.registry import BASELINE, Probe
from contract_tests.http.exchange import Exchange, Request
from contract_tests.settings import Settings

MAX_UNANSWERED = 2
"""Calls in a row, from the first on, that may go unanswered before no further one is made."""
MAX_RETRY_AFTER = 30.0
"""Seconds that a 429 is waited for at most, whatever its Retry-After says."""

BATCH_SIZE = 32
"""Calls at the same time, or waiting to be, before their answers are judged: so many bodies are held at once."""

Send = Callable[..., Exchange]
OnExchange = Callable[[Exchange], Exchange]
Progress = Callable[[int, int], None]


@dataclass
class CollectedExchanges:
    """The exchanges of a run by operation, and in `notes` what was not done and why, in sentences for people.

    Where it is not `whole`, most exchanges hold no body any more (see keeping).
    """

    exchanges: dict[str, list[Exchange]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    throttled: int = 0
    started: float = 0.0
    elapsed: float = 0.0
    keeps_bodies: bool = True

    def all(self) -> Iterator[Exchange]:
        """Every exchange, in order."""
        for exchanges in self.exchanges.values():
            yield from exchanges

    @property
    def answered(self) -> bool:
        """Whether any plain call brought at least the head of an answer other than 429."""
        return any(e.status not in (None, 429) for e in self.all() if e.label == BASELINE)


class Collector:
    """Makes the calls of one run. `send` is Client.send, or what stands in for it.

    `keep` judges an exchange, and gives what the collection keeps of it.
    """

    def __init__(
        self,
        contract: Contract,
        settings: Settings,
        send: Send,
        progress: Progress | None = None,
        keep: OnExchange = lambda exchange: exchange,
    ) -> None:
        self._contract = contract
        self._settings = settings
        self._send = send
        self._progress = progress or (lambda done, total: None)
        self._keep = keep
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._done = 0
        self._total = 0
        self._until = time.monotonic() + settings.deadline
        self.collection = CollectedExchanges(started=time.time())

    def collect(self, probes: Sequence[Probe]) -> CollectedExchanges:
        """Call every operation `samples` times, then once for every probe. Never raises for what a target does."""
        begun = time.monotonic()
        planned = []
        for operation in self._contract.operations.values():
            request = baseline_request(operation, self._settings)
            if request is None:
                self.collection.notes.append(
                    f"{operation.method} {operation.path} was not called: it has no example of what it requires"
                )
                continue
            altered = [(probe.label, probe.mutate(request, operation)) for probe in probes]
            asked = [(label, each) for label, each in altered if each is not None]
            planned.append((operation, request, asked))
            self._total += self._settings.samples + len(asked)
        for operation, request, asked in planned:
            self._operation(operation, request, asked)
        self.collection.elapsed = time.monotonic() - begun
        return self.collection

    def send(self, request: Request, label: str, operation_id: str, index: int) -> Exchange:
        """One call within the run's deadline; an answer 429 is waited out and asked for again (RFC 6585 §4)."""
        while True:
            time.sleep(max(0.0, min(self._not_before, self._until) - time.monotonic()))
            exchange = self._send(request, label=label, operation=operation_id, index=index, deadline=self._until)
            if exchange.status != 429:
                return exchange
            pause = _retry_after(exchange)
            with self._lock:
                self.collection.throttled += 1
                self._not_before = max(self._not_before, time.monotonic() + pause)
            if time.monotonic() + pause >= self._until:
                return exchange

    @property
    def until(self) -> float:
        """The instant (time.monotonic) at which the run ends."""
        return self._until

    def _operation(self, operation: Operation, request: Request, probes: Sequence[tuple[str, Request]]) -> None:
        kept = self.collection.exchanges.setdefault(operation.id, [])
        samples = self._settings.samples
        serial = samples - samples // 2
        silent = 0
        for index in range(serial):
            if self._deadline_passed(operation, index):
                return
            kept.append(self._keep(self._send_counted(request, BASELINE, operation.id, index)))
            silent += kept[-1].status is None
            if silent == len(kept) == MAX_UNANSWERED:
                self.collection.notes.append(
                    f"{operation.method} {operation.path} was given up after {len(kept)} unanswered calls"
                )
                return
        # Threads of our own would outlive a run cut short; the deadline bounds every one of these.
        with ThreadPoolExecutor(self._settings.concurrency) as pool:
            together = max(BATCH_SIZE, self._settings.concurrency)
            for first in range(serial, samples, together):
                batch = range(first, min(first + together, samples))
                found = list(pool.map(lambda index: self._send_before_deadline(request, operation.id, index), batch))
                kept.extend(self._keep(each) for each in found if each is not None)
        if len(kept) < samples:
            self._deadline_passed(operation, len(kept))
            return
        for offset, (label, altered) in enumerate(probes):
            if self._deadline_passed(operation, len(kept)):
                return
            kept.append(self._keep(self._send_counted(altered, label, operation.id, samples + offset)))

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

    def _deadline_passed(self, operation: Operation, made: int) -> bool:
        if time.monotonic() < self._until:
            return False
        self.collection.notes.append(
            f"{operation.method} {operation.path} was called {made} times: the run's deadline of "
            f"{self._settings.deadline:g} s was over"
        )
        return True


def _retry_after(exchange: Exchange) -> float:
    """Seconds to wait by Retry-After (RFC 9110 §10.2.3), one where it is absent or unreadable."""
    value = (exchange.header("retry-after") or "").strip()
    seconds = 1.0
    if value.isascii() and value.isdigit():
        seconds = float(value[:6])
    elif value:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            seconds = 1.0
    return min(max(seconds, 0.05), MAX_RETRY_AFTER)
