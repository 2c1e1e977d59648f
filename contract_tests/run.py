"""A run: collects exchanges, evaluates the checks, sends generated requests, and returns the result."""

from __future__ import annotations

import time
from functools import partial

from code_contract import Contract
from contract_tests import sanitize
from contract_tests.checks.schema import SCHEMA_CLAUSE
from contract_tests.engine import clients, selection, waivers
from contract_tests.engine.collection import GATEWAY_STATUSES, CollectedExchanges
from contract_tests.engine.collector import Collector, Progress
from contract_tests.engine.retention import RetentionPolicy
from contract_tests.engine.session import EvaluationSession
from contract_tests.generated import run as generated_requests
from contract_tests.generated.result import GeneratedResult
from contract_tests.har.reader import Recording
from contract_tests.http.client import Client
from contract_tests.inputs.baseline import called_requests
from contract_tests.result import Result
from contract_tests.settings import Settings

EVALUATION_GRACE = 3.0
"""Seconds after the deadline of a run in which responses that arrived before it are still evaluated."""


class CheckInterruptedError(KeyboardInterrupt):
    """A check was interrupted, as by Ctrl-C; `result` is that of the requests until then."""

    def __init__(self, result: Result) -> None:
        super().__init__("the check was interrupted")
        self.result = result


def check(
    contract: Contract,
    settings: Settings,
    progress: Progress | None = None,
    *,
    keep_bodies: bool = False,
    wait: float = 0.0,
) -> Result:
    """Check a target against the contract.

    Args:
        contract: The contract.
        settings: The target, and the options of the run.
        progress: Called after each request with the number of requests sent and planned.
        keep_bodies: Keep the body of every exchange, within a limit, as a recording needs, not only what reports show.
        wait: Seconds to wait for a starting target before the run; one that does not start in time is reported by it.

    Returns:
        The result. Errors caused by the target are part of it and never raised.

    Raises:
        UnknownNameError: `settings.only` names an unknown clause.
        ContractError: A clause has no check.
        SettingsError: The CA bundle cannot be read.
        CheckInterruptedError: The check was interrupted.
    """
    selection.require_checks(contract)
    evaluation, retention = EvaluationSession(contract, settings), RetentionPolicy(keep_bodies)
    client = Client.of(settings)
    collector = Collector(contract, settings, client.send, progress, lambda e: retention.keep(evaluation.add(e)))
    collection, generated = collector.collection, GeneratedResult()
    collection.keeps_bodies = keep_bodies
    begun, interrupted = time.monotonic(), False
    try:
        if wait:
            _wait_for_start(contract, settings, wait)
            begun = time.monotonic()
        evaluation.until = begun + settings.run_seconds + EVALUATION_GRACE
        collector.collect(selection.probes(contract, settings))
        evaluation.hints.probe(partial(client.send, deadline=collector.until))
        evaluation.clients.compare(collector.compare)
        selected = {clause.id for clause in selection.selected_clauses(contract, settings)}
        if SCHEMA_CLAUSE in selected and collection.answered:
            until, called = collector.until, collection.exchanges
            generated_requests.run(contract, settings, collector.send, until, called, collector.values, generated)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        client.close()
    collection.notes += [*generated.notes, *retention.notes()]
    return _result(contract, settings, evaluation, collection, generated, time.monotonic() - begun, interrupted)


def check_recording(contract: Contract, settings: Settings, recording: Recording) -> Result:
    """Check the exchanges of a recording, without a request.

    Args:
        contract: The contract.
        settings: The options of the run.
        recording: The recording, read by contract_tests.har.reader.

    Raises:
        UnknownNameError: `settings.only` names an unknown clause.
        ContractError: A clause has no check.
        CheckInterruptedError: The check was interrupted.
    """
    selection.require_checks(contract)
    evaluation, interrupted = EvaluationSession(contract, settings), False
    try:
        for exchange in recording.collection.all():
            evaluation.add(exchange)
        evaluation.clients.compare(clients.recorded(recording.collection.all()))
    except KeyboardInterrupt:
        interrupted = True
    elapsed = recording.elapsed
    return _result(contract, settings, evaluation, recording.collection, recording.generated, elapsed, interrupted)


def _result(
    contract: Contract,
    settings: Settings,
    evaluation: EvaluationSession,
    collection: CollectedExchanges,
    generated: GeneratedResult,
    elapsed: float,
    interrupted: bool,
) -> Result:
    verdicts = evaluation.verdicts(generated, interrupted, collection.not_called)
    found = [*waivers.waiver_notes(settings, verdicts), *evaluation.limits.notes()]
    collection.notes += [note for note in found if note not in collection.notes]
    diagnosis = evaluation.diagnosis.sentence
    with sanitize.redacting(settings.redact):
        hint = evaluation.hints.sentence
    collection.unlisted += evaluation.hints.requests
    result = Result(contract, settings, tuple(verdicts), collection, generated, elapsed, interrupted, diagnosis, hint)
    # A run that found nothing but limits of the checks did not pass.
    collection.exceeds_limits = evaluation.limits.all_exceeded and not result.failed
    if interrupted:
        raise CheckInterruptedError(result)
    return result


def _wait_for_start(contract: Contract, settings: Settings, seconds: float) -> None:
    """Wait until a starting target responds with a status other than 502, 503 and 504, for at most `seconds`.

    A target that does not respond in time is not an error here: the run that follows reports it.
    """
    until = time.monotonic() + seconds
    request = next((request for _, request in called_requests(contract, settings)), None)
    client = Client.of(settings, min(settings.timeout, 5.0))
    while request is not None and time.monotonic() < until:
        if client.send(request, deadline=until).status not in {None, *GATEWAY_STATUSES}:
            return
        time.sleep(max(0.0, min(0.5, until - time.monotonic())))
