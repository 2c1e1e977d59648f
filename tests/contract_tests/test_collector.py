"""The collection: so many calls, so long, so politely; without a network, by a `send` of our own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from code_contract import Contract, load
from contract_tests.checks.baseline import baseline_request
from contract_tests.engine import session as judging
from contract_tests.engine.collector import BATCH_SIZE, Collector
from contract_tests.http.exchange import Exchange, Request, TransportError, TransportErrorKind
from contract_tests.settings import Settings
from mock_server import running
from tests.conftest import checked

SETTINGS = Settings("http://x", samples=10, deadline=5.0)


class Target:
    """Stands in for Client.send: remembers the calls, and answers as `answer` says."""

    def __init__(self, answer: Callable[[int], Exchange]) -> None:
        self.requests: list[Request] = []
        self.most_at_once = 0
        self.now = 0
        self._lock = threading.Lock()
        self._answer = answer

    def send(self, request: Request, *, label: str, operation: str, index: int, deadline: float) -> Exchange:
        with self._lock:
            self.requests.append(request)
            number = len(self.requests)
            self.now += 1
            self.most_at_once = max(self.most_at_once, self.now)
        time.sleep(0.005)
        with self._lock:
            self.now -= 1
        return replace(self._answer(number), request=request, label=label, operation=operation, index=index)


def answered(status: int = 200, *headers: tuple[str, str]) -> Exchange:
    return Exchange(Request("", ""), "", "", 0, 0.0, status, headers=headers)


SILENT = Exchange(
    Request("", ""), "", "", 0, 0.0, trouble=TransportError(TransportErrorKind.NO_ANSWER, "no answer within 1 s")
)


def test_so_many_samples_and_one_call_a_probe(contract: Contract) -> None:
    """Ten samples are ten plain calls, then each probe once."""
    target = Target(lambda number: answered())
    probes = judging.probes(contract, SETTINGS)
    collection = Collector(contract, SETTINGS, target.send).collect(probes)
    labels = [exchange.label for exchange in collection.all()]
    assert labels == ["plain"] * 10 + [probe.label for probe in probes]
    assert [exchange.index for exchange in collection.all()] == list(range(12))


def test_half_of_the_samples_are_asked_for_at_the_same_time(contract: Contract) -> None:
    """Calls overlap, and never more of them than `concurrency` allows."""
    target = Target(lambda number: answered())
    Collector(contract, replace(SETTINGS, samples=20, concurrency=3), target.send).collect([])
    assert target.most_at_once == 3


def test_answers_are_judged_in_order_while_no_call_is_under_way(contract: Contract) -> None:
    """However the calls end, `keep` sees them by their index, never beside a call, and soon: few bodies pile up."""
    target = Target(lambda number: answered())
    seen: list[int] = []
    waiting: list[int] = []

    def keep(exchange: Exchange) -> Exchange:
        assert target.now == 0
        seen.append(exchange.index)
        waiting.append(len(target.requests) - len(seen))
        return replace(exchange, reason="kept")

    settings = replace(SETTINGS, samples=200, concurrency=16)
    collection = Collector(contract, settings, target.send, keep=keep).collect([])
    assert seen == list(range(200))
    assert max(waiting) == BATCH_SIZE - 1
    assert {exchange.reason for exchange in collection.all()} == {"kept"}


def test_a_silent_target_is_given_up_early(contract: Contract) -> None:
    """Two calls without an answer are enough; nothing was answered."""
    target = Target(lambda number: SILENT)
    collection = Collector(contract, SETTINGS, target.send).collect([])
    assert len(target.requests) == 2
    assert not collection.answered
    assert "given up" in collection.notes[0]


def test_a_target_that_answers_once_is_not_given_up(contract: Contract) -> None:
    """One answer among the first calls keeps the collection going."""
    target = Target(lambda number: answered() if number == 2 else SILENT)
    Collector(contract, SETTINGS, target.send).collect([])
    assert len(target.requests) == 10


def test_a_limit_is_waited_for(contract: Contract) -> None:
    """429 is not an answer to judge: the call is made again, after the time that Retry-After says."""
    target = Target(lambda number: answered(429, ("Retry-After", "1")) if number == 3 else answered())
    begun = time.monotonic()
    collection = Collector(contract, SETTINGS, target.send).collect([])
    assert time.monotonic() - begun >= 1
    assert (collection.throttled, len(target.requests)) == (1, 11)
    assert {exchange.status for exchange in collection.all()} == {200}


def test_the_deadline_ends_the_run(contract: Contract) -> None:
    """A target that only ever says 429 ends with the deadline, unjudged, and says so."""
    target = Target(lambda number: answered(429))
    begun = time.monotonic()
    collection = Collector(contract, replace(SETTINGS, deadline=0.5), target.send).collect([])
    assert time.monotonic() - begun < 2
    assert not collection.answered


def test_progress_counts_every_call(contract: Contract) -> None:
    """Progress ends at the number of calls that was announced."""
    seen: list[tuple[int, int]] = []
    target = Target(lambda number: answered())
    probes = judging.probes(contract, SETTINGS)
    Collector(contract, SETTINGS, target.send, lambda done, total: seen.append((done, total))).collect(probes)
    assert seen == [(n, 12) for n in range(1, 13)]


def test_a_call_brings_what_the_document_asks_for(contract: Contract) -> None:
    """POST without a body, with the content type line and the contract's example of a source."""
    request = baseline_request(contract.operations["getCode"], SETTINGS)
    assert request == Request(
        "POST",
        "http://x/code",
        (("Source", "PC"), ("Content-Type", "application/json;charset=UTF-8")),
    )


@pytest.mark.parametrize(("source", "sent"), [(None, "PC"), ("APP", "APP"), ("", None)])
def test_the_source_is_the_one_given(contract: Contract, source: str | None, sent: str | None) -> None:
    """--source replaces the contract's example, and an empty one sends none."""
    request = baseline_request(contract.operations["getCode"], replace(SETTINGS, source=source))
    assert request is not None
    assert dict(request.headers).get("Source") == sent


def test_a_given_header_replaces_one_of_the_contract(contract: Contract) -> None:
    """--header 'Source: X' is sent instead of, not beside, the contract's own."""
    settings = replace(SETTINGS, headers=(("source", "X"),))
    request = baseline_request(contract.operations["getCode"], settings)
    assert request is not None
    assert [value for name, value in request.headers if name.lower() == "source"] == ["X"]


@pytest.mark.parametrize(
    ("only", "labels"),
    [
        ({"uuid-is-unique"}, set()),
        ({"405-names-the-methods"}, {"other-method"}),
        ({"source-is-required"}, {"no-source"}),
        (set(), {"other-method", "empty-object"}),
    ],
    ids=["needs none", "needs one", "an open question asked for by name", "all"],
)
def test_only_the_probes_that_are_needed_are_sent(contract: Contract, only: set[str], labels: set[str]) -> None:
    """A clause that is not asked about costs no call."""
    settings = replace(SETTINGS, only=frozenset(only))
    assert {probe.label for probe in judging.probes(contract, settings)} == labels


SECOND = """
  /ticket/{id}:
    get:
      operationId: getTicket
      security: []
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}, example: 7}
      responses:
        '200':
          description: A ticket.
          content:
            application/json:
              schema: {type: object, required: [ticket], properties: {ticket: {type: integer}}}
              example: {ticket: 7}

components:
"""


def test_a_second_endpoint_needs_no_python(edited: Callable[[str, str], Path]) -> None:
    """An operation added to the contract is served by the mock, called, and judged by its schema."""
    both = load(edited("\ncomponents:\n", SECOND))
    result = checked(both)
    assert result.exit_status == 0
    assert {exchange.status for exchange in result.collection.exchanges["getTicket"] if exchange.label == "plain"} == {
        200
    }
    lying = load(
        edited(
            "\ncomponents:\n",
            SECOND.replace("ticket: {type: integer}", "ticket: {type: string}").replace("{ticket: 7}", "{ticket: '7'}"),
        )
    )
    with running(contract=lying) as mock:
        from contract_tests.run import check

        verdicts = check(both, Settings(mock.base_url, samples=4)).verdicts
    assert [v.clause.id for v in verdicts if v.failed] == ["answers-conform-to-the-contract"]
