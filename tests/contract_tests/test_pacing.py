"""The pace of a run: slow targets get fewer samples, fast ones more, and what was cut short is not evidence."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from code_contract import Contract
from contract_tests.engine import selection
from contract_tests.engine.collector import Collector
from contract_tests.http.exchange import Exchange, TransportError, TransportErrorKind
from contract_tests.run import check
from contract_tests.settings import GROWTH_SAMPLES, Settings
from contract_tests.verdict import Outcome
from tests.contract_tests.test_collector import Target, response
from tests.servers.correct import Server, serving


def slow(seconds: float) -> Callable[[int], Exchange]:
    def respond(number: int) -> Exchange:
        time.sleep(seconds)
        return response()

    return respond


def test_a_fast_target_gets_more_samples(contract: Contract) -> None:
    """Without --samples a fast target gets up to 128 samples; with it, exactly that number."""
    target = Target(lambda number: response())
    Collector(contract, Settings("http://x"), target.send).collect([])
    assert len(target.requests) == GROWTH_SAMPLES
    target = Target(lambda number: response())
    Collector(contract, Settings("http://x", samples=40), target.send).collect([])
    assert len(target.requests) == 40


def test_a_budget_ends_the_growth(contract: Contract) -> None:
    """More samples are sent until the budget is spent, and none with a budget of 0."""
    target = Target(lambda number: response())
    begun = time.monotonic()
    Collector(contract, Settings("http://x", budget=1.0), target.send).collect([])
    assert len(target.requests) > GROWTH_SAMPLES
    assert 1 <= time.monotonic() - begun < 3
    target = Target(lambda number: response())
    Collector(contract, Settings("http://x", budget=0), target.send).collect([])
    assert len(target.requests) == 32


@pytest.mark.parametrize(
    "limit",
    [("X-RateLimit-Remaining", "3"), ("RateLimit-Remaining", "0"), ("RateLimit", '"default";r=5;t=10')],
)
def test_a_stated_rate_limit_ends_the_growth(contract: Contract, limit: tuple[str, str]) -> None:
    """A target that states how many requests remain does not get more than those planned."""
    target = Target(lambda number: response(200, limit))
    Collector(contract, Settings("http://x"), target.send).collect([])
    assert len(target.requests) == 32


def test_errors_and_a_429_end_the_growth(contract: Contract) -> None:
    """A target that fails, or that limits the rate, gets no more samples."""
    for bad in (response(429), replace(response(), error=TransportError(TransportErrorKind.RESET, "closed"))):
        target = Target(lambda number, bad=bad: bad if number == 20 else response())
        Collector(contract, Settings("http://x"), target.send).collect([])
        assert len(target.requests) <= 33


def test_a_slow_target_gets_concurrent_samples_and_probes(contract: Contract) -> None:
    """The sequential requests end at their share of the deadline; what was not reached is noted."""
    target = Target(slow(0.3))
    settings = Settings("http://x", deadline=3.0)
    probes = selection.probes(contract, settings)
    collection = Collector(contract, settings, target.send).collect(probes)
    labels = [each.label for each in collection.all()]
    assert target.max_concurrent > 1
    assert set(labels) == {"plain", *(probe.label for probe in probes)}
    assert labels.count("plain") < 32
    assert "are slow" in collection.notes[0]


def test_a_request_that_the_deadline_cuts_short_is_not_evidence(contract: Contract) -> None:
    """A correct server that is slower than the deadline allows passes everything that was checked."""
    with serving(Server(delay=0.7)) as base_url:
        result = check(contract, Settings(base_url, deadline=2.0))
    assert [v.clause.id for v in result.verdicts if v.failed] == []
    assert result.exit_status == 0
    assert "are slow" in " ".join(result.collection.notes)
    with serving(Server(delay=2)) as base_url:
        result = check(contract, Settings(base_url, deadline=0.5))
    assert result.exit_status == 3
    assert {v.status for v in result.verdicts} == {Outcome.SKIPPED}


def test_a_503_with_retry_after_is_repeated(contract: Contract) -> None:
    """One unavailable response in the middle of a run is repeated; it is evidence without Retry-After."""
    unavailable = response(503, ("Retry-After", "0"))
    target = Target(lambda number: unavailable if number == 5 else response())
    collection = Collector(contract, Settings("http://x", samples=8), target.send).collect([])
    assert {each.status for each in collection.all()} == {200}
    assert (collection.unavailable, len(target.requests)) == (1, 9)
    target = Target(lambda number: response(503) if number == 5 else response())
    collection = Collector(contract, Settings("http://x", samples=8), target.send).collect([])
    assert [each.status for each in collection.all()].count(503) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_without_its_server_is_not_checked(contract: Contract, status: int) -> None:
    """If every response is that of a gateway, the target could not be checked."""
    target = Target(lambda number: response(status))
    assert not Collector(contract, Settings("http://x", samples=4), target.send).collect([]).answered
