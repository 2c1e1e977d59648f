"""The locustfile of `code-contract load`: Locust (https://locust.io) sends requests, and every response is checked.

Each user sends the baseline request once per second. Locust's row of the operation has the transport errors, the HTTP
status and the response times. A clause has a row after its first failure: its requests are the responses checked, its
failures the responses that failed. These rows are written where all statistics are merged instead of by events, which
would add fifty requests to Locust's totals for every response.
"""

from __future__ import annotations

import itertools
import logging
import os
import random
import signal
import sys
import threading
import time
from typing import Any, ClassVar

import gevent
from locust import User, events, task
from locust.env import Environment
from locust.exception import CatchResponseError, StopUser
from locust.runners import WorkerRunner
from locust.stats import StatsError

from code_contract import ContractError
from contract_tests import sanitize
from contract_tests.checks.registry import BASELINE
from contract_tests.http.client import Client
from contract_tests.http.exchange import Exchange
from contract_tests.inputs.baseline import called_requests
from contract_tests.load import handover
from contract_tests.load.stats import LoadSummary, WorkerStats
from contract_tests.settings import SettingsError

KEY = "code-contract"
"""The key of our statistics in the reports of a worker."""

_SETTINGS = os.environ.pop(handover.VARIABLE, None)

# `code-contract load` leaves an interrupt to the system while Locust is imported. Locust itself expects the exception.
if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class LoadRun:
    """The load of one process.

    Raises:
        ContractError: The contract is invalid, or a clause has no check.
        SettingsError: The host is missing or not a valid base URL.
    """

    def __init__(self, environment: Environment) -> None:
        if not environment.host:
            raise SettingsError("no target; use --host https://host/path")
        contract, settings = handover.parse(_SETTINGS, environment.host)
        self._environment = environment
        self._redact = settings.redact
        self._client = Client.of(settings)
        self.stats, self.summary = WorkerStats(contract, settings), LoadSummary(contract, settings)
        self._requests = itertools.cycle(list(called_requests(contract, settings)))
        self._index = itertools.count()

    def send(self) -> None:
        """Send the next baseline request, report it to Locust, and check the response."""
        operation, request = next(self._requests)
        with sanitize.redacting(self._redact):
            exchange = self._client.send(request, label=BASELINE, operation=operation.id, index=next(self._index))
        # Other greenlets read their responses first, so that the time of checks is not measured as the target's.
        time.sleep(0)
        self._environment.events.request.fire(
            request_type=operation.method,
            name=operation.path,
            response_time=exchange.elapsed * 1000,
            response_length=len(exchange.body),
            exception=_failure(exchange),
            context={},
        )
        self.stats.add(exchange)

    def publish_stats(self) -> None:
        """Write the clauses that failed into Locust's statistics."""
        stats, now = self._environment.stats, time.time()
        for name, clause in self.summary.clauses.items():
            if not clause.failed:
                continue
            kind = "clause" if self.summary.fails(clause) else f"clause ({clause.clause.level})"
            entry = stats.get(name, kind)
            entry.num_reqs_per_sec[int(now)] += clause.checked - entry.num_requests
            entry.num_fail_per_sec[int(now)] += clause.failed - entry.num_failures
            entry.num_requests = entry.num_none_requests = clause.checked
            entry.num_failures = clause.failed
            entry.last_request_timestamp = now
            key = StatsError.create_key(kind, name, name)
            error = stats.errors.setdefault(key, StatsError(kind, name, clause.first_failure))
            if error.occurrences < clause.failed:
                error.occurred()
                error.occurrences = clause.failed

    @property
    def exit_status(self) -> int | None:
        """3 if nothing was checked, 0 if nothing failed the run, None if Locust has failures of its own to count."""
        runner = self._environment.runner
        if not self.summary.responses:
            return 3
        clauses = self.summary.clauses
        ignored = {name for name, clause in clauses.items() if not self.summary.fails(clause)}
        failures = {error.name for error in self._environment.stats.errors.values()} - ignored
        return None if failures or runner is None or runner.exceptions else 0


def _failure(exchange: Exchange) -> CatchResponseError | None:
    """Return the failure of a request in one of few texts, because Locust keeps them all."""
    if exchange.error is not None:
        return CatchResponseError(exchange.error.kind.value)
    return CatchResponseError(f"HTTP status {exchange.status}") if (exchange.status or 0) >= 400 else None


class ContractUser(User):
    """A user that sends the baseline request once per second."""

    plugin: ClassVar[LocustPlugin]

    def on_start(self) -> None:
        """Wait a random part of a second: users that start together would send all their requests together."""
        time.sleep(random.random())
        self._due = time.monotonic()

    def wait_time(self) -> float:
        """Return the seconds until one second after the last request was due."""
        self._due = max(self._due + 1, time.monotonic())
        return max(0.0, self._due - time.monotonic())

    @task
    def send(self) -> None:
        """Send one request and check the response."""
        if self.plugin.run is None:
            raise StopUser
        self.plugin.run.send()


class LocustPlugin:
    """Follows the events of Locust; `run` is the current load, None if there is none."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._worker = isinstance(environment.runner, WorkerRunner)
        self.run: LoadRun | None = None
        self._signal = 0
        hooks = environment.events
        hooks.test_start.add_listener(self._start)
        hooks.report_to_master.add_listener(self._on_report_to_master)
        hooks.worker_report.add_listener(self._on_worker_report)
        hooks.reset_stats.add_listener(self._reset)
        hooks.spawning_complete.add_listener(self._on_spawning_complete)
        hooks.test_stop.add_listener(self._flush_local)
        hooks.quitting.add_listener(self._quitting)
        hooks.quit.add_listener(self._quit)
        if not self._worker:
            # Invalid settings end the process before the load; a worker gets its host when the load begins.
            LoadRun(environment)
            if environment.parsed_options is not None and environment.parsed_options.headless:
                # With a web interface, Ctrl-C is the usual end. Locust itself counts failures only.
                for number in (signal.SIGINT, signal.SIGTERM):
                    gevent.signal_handler(number, self._interrupt, number)
            threading.Thread(target=self._poll, daemon=True).start()

    def _interrupt(self, number: int) -> None:
        if self._signal:
            os._exit(128 + self._signal)
        self._signal = number
        if number == signal.SIGINT and self._environment.runner is not None:
            # Locust ends on SIGTERM itself.
            self._environment.runner.quit()

    def _start(self, environment: Environment, **_: Any) -> None:
        try:
            self.run = LoadRun(environment)
        except (SettingsError, ContractError) as error:
            self.run = None
            logging.error("code-contract: %s", error)

    def _on_report_to_master(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        if self.run is not None:
            data[KEY] = self.run.stats.report()

    def _on_worker_report(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        if self.run is not None and KEY in data:
            self.run.summary.add(data[KEY])
            self.run.publish_stats()

    def _poll(self) -> None:
        while True:
            time.sleep(1)
            self._flush_local()

    def _flush_local(self, **_: Any) -> None:
        """Merge the statistics of this process if it is its own master."""
        if self.run is not None and not self._worker:
            self.run.summary.add(self.run.stats.report())
            self.run.publish_stats()

    def _on_spawning_complete(self, **_: Any) -> None:
        if self._environment.reset_stats:
            self._reset()

    def _reset(self, **_: Any) -> None:
        if self.run is not None:
            self._flush_local()
            self.run.summary.reset()

    def _quitting(self, environment: Environment, **_: Any) -> None:
        self._flush_local()
        if self.run is not None and not self._worker and environment.process_exit_code is None:
            environment.process_exit_code = 128 + self._signal if self._signal else self.run.exit_status

    def _quit(self, **_: Any) -> None:
        if self.run is not None and not self._worker:
            self._flush_local()
            for line in self.run.summary.lines():
                logging.getLogger("locust.stats_logger").info("%s", line)


def _init(environment: Environment, **_: Any) -> None:
    try:
        ContractUser.plugin = LocustPlugin(environment)
    except (SettingsError, ContractError) as error:
        sys.stderr.write(f"code-contract: {error}\n")
        sys.exit(2)


events.init.add_listener(_init)
