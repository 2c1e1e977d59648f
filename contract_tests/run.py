"""A run: collect and judge, generate, sum up."""

from __future__ import annotations

import time
from dataclasses import replace

from code_contract import Contract
from contract_tests.checks.baseline import baseline_request
from contract_tests.checks.schema import SCHEMA_CLAUSE
from contract_tests.engine import session as judging
from contract_tests.engine.collector import CollectedExchanges, Collector, Progress
from contract_tests.engine.retention import RetentionPolicy
from contract_tests.engine.session import EvaluationSession
from contract_tests.generated import run as generated_calls
from contract_tests.generated.result import GeneratedResult
from contract_tests.har.reader import Recording
from contract_tests.http.client import Client
from contract_tests.result import Result
from contract_tests.settings import Settings


def check(contract: Contract, settings: Settings, progress: Progress | None = None, *, whole: bool = False) -> Result:
    """Check a target against the contract.

    `progress` is told how many calls of how many are made. Where `whole`, the result holds every exchange with its
    body, as a recording needs them; else those only that reports show. Raises UnknownNameError for an unknown clause in
    `settings.only`, ContractError for a clause that nothing judges, SettingsError for an unreadable CA bundle; never
    for anything that the target does.
    """
    begun = time.monotonic()
    judging.require_checks(contract)
    chosen = {clause.id for clause in judging.selected_clauses(contract, settings)}
    judged, keeping = EvaluationSession(contract, settings), RetentionPolicy(whole)
    client = Client(timeout=settings.timeout, ca_bundle=settings.ca_bundle, insecure=settings.insecure)
    collector = Collector(contract, settings, client.send, progress, lambda e: keeping.keep(judged.add(e)))
    collection = collector.collect(judging.probes(contract, settings))
    collection.keeps_bodies = whole
    made = GeneratedResult()
    if SCHEMA_CLAUSE in chosen and collection.answered:
        made = generated_calls.run(contract, settings, collector.send, collector.until)
        collection.notes += made.notes
    result = _result(contract, settings, judged, collection, made)
    return replace(result, elapsed=time.monotonic() - begun)


def judge_recording(contract: Contract, settings: Settings, recording: Recording) -> Result:
    """Judge the calls of a recording; none is made. Raises UnknownNameError and ContractError as check() does."""
    judging.require_checks(contract)
    judged = EvaluationSession(contract, settings)
    for exchange in recording.collection.all():
        judged.add(exchange)
    result = _result(contract, settings, judged, recording.collection, recording.generated)
    return replace(result, elapsed=recording.elapsed)


def _result(
    contract: Contract,
    settings: Settings,
    judged: EvaluationSession,
    collection: CollectedExchanges,
    made: GeneratedResult,
) -> Result:
    verdicts = judged.verdicts(made)
    collection.notes += judging.waiver_notes(settings, verdicts)
    return Result(contract, settings, tuple(verdicts), collection, made)


def wait_for(contract: Contract, settings: Settings, seconds: float) -> None:
    """Wait until a target that is still starting gives any HTTP answer but 502, 503 or 504, at most so many seconds.

    Whether it came up is for the run that follows to say.
    """
    until = time.monotonic() + seconds
    asked = (baseline_request(each, settings) for each in contract.operations.values())
    request = next((each for each in asked if each is not None), None)
    client = Client(timeout=min(settings.timeout, 5.0), ca_bundle=settings.ca_bundle, insecure=settings.insecure)
    while request is not None and time.monotonic() < until:
        status = client.send(request, deadline=until).status
        if status is not None and status not in (502, 503, 504):
            return
        time.sleep(max(0.0, min(0.5, until - time.monotonic())))
