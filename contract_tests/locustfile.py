"""The check under load, by Locust (https://locust.io): calls at a rate, and every answer judged as `check` does.

    python -m contract_tests.locustfile --host https://staging.example.com/api -u 50 -t 5m --headless

is `locust -f <this file>` with those options; all of Locust's are there. A user makes the contract's plain call once a
second. Locust's row of the call is about the call: whether it was answered, with which HTTP status, how fast. A clause
has a row of its own as soon as an answer breaks it: its requests are the answers judged, its failures those that broke
it. The rows are written where all reports meet, not by events: fifty more for every call, and Locust's sums would say
nothing of the calls.
"""

from __future__ import annotations

import itertools
import logging
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

try:
    from locust import User, events, task
    from locust.env import Environment
    from locust.exception import CatchResponseError, StopUser
    from locust.runners import WorkerRunner
    from locust.stats import StatsError
except ModuleNotFoundError as missing:
    if __name__ != "__main__":
        raise
    sys.stderr.write(f"code-contract: {missing.name} is not installed: pip install 'code-contract[load]'\n")
    sys.exit(2)

from code_contract import ContractError, load
from contract_tests.checks.baseline import baseline_request
from contract_tests.checks.registry import BASELINE
from contract_tests.http.client import Client
from contract_tests.http.exchange import Exchange
from contract_tests.load.stats import LoadSummary, WorkerStats
from contract_tests.settings import OPTIONS, Settings, SettingsError

KEY = "code-contract"
"""Where the reports of a worker stand among those of Locust."""

_OPTIONS = {
    name: option
    for name, option in OPTIONS.items()
    # Locust has -u, -r and -t for the first three.
    if name not in {"samples", "concurrency", "deadline", "reference_url"}
}


class LoadRun:
    """The load of one process. Raises SettingsError, ContractError for what it is told and cannot use."""

    def __init__(self, environment: Environment) -> None:
        told: dict[str, Any] = vars(environment.parsed_options)
        spec = told["contract_spec"]
        contract = load(Path(spec) if spec else None)
        if not environment.host:
            raise SettingsError("no target is given; use --host https://host/path")
        given = {name: told[f"contract_{name}"] for name in _OPTIONS}
        settings = Settings.from_options(contract, environment.host, given)
        self._environment = environment
        self._client = Client(timeout=settings.timeout, ca_bundle=settings.ca_bundle, insecure=settings.insecure)
        self.tallies, self.ledger = WorkerStats(contract, settings), LoadSummary(contract, settings)
        planned = [(each, baseline_request(each, settings)) for each in contract.operations.values()]
        self._calls = itertools.cycle([(each, request) for each, request in planned if request is not None])
        self._index = itertools.count()

    def call(self) -> None:
        """Make the next plain call, tell Locust of it, and judge the answer."""
        operation, request = next(self._calls)
        exchange = self._client.send(request, label=BASELINE, operation=operation.id, index=next(self._index))
        # Answers that are there too are read first: judging must not be measured as the target's time.
        time.sleep(0)
        self._environment.events.request.fire(
            request_type=operation.method,
            name=operation.path,
            response_time=exchange.elapsed * 1000,
            response_length=len(exchange.body),
            exception=_failure(exchange),
            context={},
        )
        self.tallies.take(exchange)

    def publish_stats(self) -> None:
        """Write the shares of the clauses that were broken into Locust's statistics."""
        stats, now = self._environment.stats, time.time()
        for name, share in self.ledger.shares.items():
            if not share.broken:
                continue
            kind = "clause" if self.ledger.fails(share) else f"clause ({share.clause.level})"
            entry = stats.get(name, kind)
            entry.num_reqs_per_sec[int(now)] += share.judged - entry.num_requests
            entry.num_fail_per_sec[int(now)] += share.broken - entry.num_failures
            entry.num_requests = entry.num_none_requests = share.judged
            entry.num_failures = share.broken
            entry.last_request_timestamp = now
            error = stats.errors.setdefault(StatsError.create_key(kind, name, name), StatsError(kind, name, share.said))
            if error.occurrences < share.broken:
                error.occurred()
                error.occurrences = share.broken

    @property
    def exit_status(self) -> int | None:
        """3 where nothing could be judged, 0 where only what fails no run is broken, else None: Locust knows."""
        runner = self._environment.runner
        if not self.ledger.answers:
            return 3
        failing = {name for name, share in self.ledger.shares.items() if share.broken and self.ledger.fails(share)}
        noted = {error.name for error in self._environment.stats.errors.values()} & set(self.ledger.shares) - failing
        others = {error.name for error in self._environment.stats.errors.values()} - noted
        return None if others or runner is None or runner.exceptions else 0


def _failure(exchange: Exchange) -> CatchResponseError | None:
    """Why the call itself failed, in few different words: Locust keeps them all."""
    if exchange.trouble is not None:
        return CatchResponseError(exchange.trouble.kind.value)
    return CatchResponseError(f"HTTP status {exchange.status}") if (exchange.status or 0) >= 400 else None


class ContractUser(User):
    """Makes the contract's plain call once a second: fifty users make fifty calls a second."""

    conductor: ClassVar[LocustPlugin]

    def on_start(self) -> None:
        """Users that begin together must not call together for ever, as constant_throughput of Locust would have it."""
        time.sleep(random.random())
        self._due = time.monotonic()

    def wait_time(self) -> float:
        """Seconds until a second after the last call was due."""
        self._due = max(self._due + 1, time.monotonic())
        return max(0.0, self._due - time.monotonic())

    @task
    def call(self) -> None:
        """One call, judged."""
        if self.conductor.run is None:
            raise StopUser
        self.conductor.run.call()


class LocustPlugin:
    """Follows Locust from its start to its end; `run` is the load that is on, None where it cannot be."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._worker = isinstance(environment.runner, WorkerRunner)
        self.run: LoadRun | None = None
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
            # What cannot be used is said before any load; a worker is told by its master, when the load begins.
            LoadRun(environment)
            threading.Thread(target=self._poll, daemon=True).start()

    def _start(self, environment: Environment, **_: Any) -> None:
        try:
            self.run = LoadRun(environment)
        except (SettingsError, ContractError) as error:
            self.run = None
            logging.error("code-contract: %s", error)

    def _on_report_to_master(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        if self.run is not None:
            data[KEY] = self.run.tallies.report()

    def _on_worker_report(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        if self.run is not None and KEY in data:
            self.run.ledger.add(data[KEY])
            self.run.publish_stats()

    def _poll(self) -> None:
        while True:
            time.sleep(1)
            self._flush_local()

    def _flush_local(self, **_: Any) -> None:
        """Take what was counted in this process, which is its own master."""
        if self.run is not None and not self._worker:
            self.run.ledger.add(self.run.tallies.report())
            self.run.publish_stats()

    def _on_spawning_complete(self, **_: Any) -> None:
        if self._environment.reset_stats:
            self._reset()

    def _reset(self, **_: Any) -> None:
        if self.run is not None:
            self._flush_local()
            self.run.ledger.reset()

    def _quitting(self, environment: Environment, **_: Any) -> None:
        self._flush_local()
        if self.run is not None and not self._worker and environment.process_exit_code is None:
            environment.process_exit_code = self.run.exit_status

    def _quit(self, **_: Any) -> None:
        if self.run is not None and not self._worker:
            self._flush_local()
            for line in self.run.ledger.lines():
                logging.getLogger("locust.stats_logger").info("%s", line)


def _options(parser: Any, **_: Any) -> None:
    parser.add_argument("--contract-spec", metavar="FILE", help="OpenAPI document to check.", include_in_web_ui=False)
    for name, option in _OPTIONS.items():
        dest = f"contract_{name}"
        parser.add_argument(f"--contract-{option.flag}", dest=dest, **option.argparse, include_in_web_ui=False)


def _init(environment: Environment, **_: Any) -> None:
    try:
        ContractUser.conductor = LocustPlugin(environment)
    except (SettingsError, ContractError) as error:
        sys.stderr.write(f"code-contract: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    from locust.main import main

    sys.argv[1:1] = ["-f", __file__]
    main()
else:
    events.init_command_line_parser.add_listener(_options)
    events.init.add_listener(_init)
