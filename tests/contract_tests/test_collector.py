"""The collector: the number, the order and the timing of requests, without a network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from code_contract import Contract, load
from contract_tests.engine import selection
from contract_tests.engine.collector import BATCH_SIZE, Collector
from contract_tests.http.exchange import Exchange, Request, TransportError, TransportErrorKind
from contract_tests.inputs.baseline import baseline_request
from contract_tests.run import check
from contract_tests.settings import Settings
from mock_server import running
from tests.conftest import checked

SETTINGS = Settings("http://x", samples=10, deadline=5.0)


class Target:
    """Replaces the network: records the requests, and responds with `respond(number of the request)`."""

    def __init__(self, respond: Callable[[int], Exchange]) -> None:
        self.requests: list[Request] = []
        self.max_concurrent = 0
        self.in_progress = 0
        self._lock = threading.Lock()
        self._respond = respond

    def send(self, request: Request, *, label: str, operation: str, index: int, deadline: float) -> Exchange:
        with self._lock:
            self.requests.append(request)
            number = len(self.requests)
            self.in_progress += 1
            self.max_concurrent = max(self.max_concurrent, self.in_progress)
        time.sleep(0.005)
        with self._lock:
            self.in_progress -= 1
        return replace(self._respond(number), request=request, label=label, operation=operation, index=index)


def response(status: int = 200, *headers: tuple[str, str]) -> Exchange:
    return Exchange(Request("", ""), "", "", 0, 0.0, status, headers=headers)


NO_RESPONSE = Exchange(
    Request("", ""), "", "", 0, 0.0, error=TransportError(TransportErrorKind.NO_RESPONSE, "no response within 1 s")
)


def test_samples_then_each_probe_once(contract: Contract) -> None:
    """Ten samples are ten baseline requests, followed by the requests of each probe, short ones first."""
    target = Target(lambda number: response())
    probes = selection.probes(contract, SETTINGS)
    collection = Collector(contract, SETTINGS, target.send).collect(probes)
    labels = [exchange.label for exchange in collection.all()]
    assert labels == ["plain"] * 10 + ["empty-object", "other-method", "other-origin"] + ["reused-connection"] * 12
    assert {probe.label for probe in probes} == {"other-method", "other-origin", "empty-object", "reused-connection"}
    assert [exchange.index for exchange in collection.all()] == list(range(25))


def test_a_connection_whose_first_request_fails_is_not_used_again(contract: Contract) -> None:
    """Of a probe of four requests over each of three connections, three are sent, and nothing is called slow."""
    target = Target(lambda number: response() if number <= 10 else NO_RESPONSE)
    probes = [each for each in selection.probes(contract, SETTINGS) if each.label == "reused-connection"]
    collection = Collector(contract, SETTINGS, target.send).collect(probes)
    assert [exchange.index for exchange in collection.all() if exchange.label != "plain"] == [10, 11, 12]
    assert len(target.requests) == 13
    assert collection.notes == []


def test_half_of_the_samples_are_concurrent(contract: Contract) -> None:
    """As many requests as `concurrency` allows are in progress at once, and never more."""
    target = Target(lambda number: response())
    Collector(contract, replace(SETTINGS, samples=20, concurrency=3), target.send).collect([])
    assert target.max_concurrent == 3


def test_exchanges_are_evaluated_in_order_between_requests(contract: Contract) -> None:
    """Evaluation is in the order of the requests, never during one, and at most a batch of bodies waits for it."""
    target = Target(lambda number: response())
    seen: list[int] = []
    pending: list[int] = []

    def on_exchange(exchange: Exchange) -> Exchange:
        assert target.in_progress == 0
        seen.append(exchange.index)
        pending.append(len(target.requests) - len(seen))
        return replace(exchange, reason="kept")

    settings = replace(SETTINGS, samples=200, concurrency=16)
    collection = Collector(contract, settings, target.send, on_exchange=on_exchange).collect([])
    assert seen == list(range(200))
    assert max(pending) == BATCH_SIZE - 1
    assert {exchange.reason for exchange in collection.all()} == {"kept"}


def test_a_target_that_never_responds_is_given_up_early(contract: Contract) -> None:
    """After two requests without a response no more are sent."""
    target = Target(lambda number: NO_RESPONSE)
    collection = Collector(contract, SETTINGS, target.send).collect([])
    assert len(target.requests) == 2
    assert not collection.answered
    assert "given up" in collection.notes[0]


def test_a_target_that_responds_once_is_not_given_up(contract: Contract) -> None:
    """With one response among the first requests, all are sent."""
    target = Target(lambda number: response() if number == 2 else NO_RESPONSE)
    Collector(contract, SETTINGS, target.send).collect([])
    assert len(target.requests) == 10


def test_a_429_is_repeated_after_retry_after(contract: Contract) -> None:
    """After a response 429 the request is sent again, when the time of Retry-After has passed."""
    target = Target(lambda number: response(429, ("Retry-After", "1")) if number == 3 else response())
    begun = time.monotonic()
    collection = Collector(contract, SETTINGS, target.send).collect([])
    assert time.monotonic() - begun >= 1
    assert (collection.throttled, len(target.requests)) == (1, 11)
    assert {exchange.status for exchange in collection.all()} == {200}


@pytest.mark.parametrize("value", ["0", "-5", "x", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 99 Foo 99999 -0000"])
def test_repeated_requests_back_off(contract: Contract, value: str) -> None:
    """A target that always responds 429 receives few requests, whatever its Retry-After."""
    target = Target(lambda number: response(429, ("Retry-After", value)))
    Collector(contract, Settings("http://x", deadline=3.0, concurrency=1), target.send).collect([])
    assert len(target.requests) <= 6


@pytest.mark.parametrize("value", ["9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_long_retry_after_ends_at_the_deadline(contract: Contract, value: str) -> None:
    """A Retry-After of years ends the run at its deadline at the latest."""
    target = Target(lambda number: response(429, ("Retry-After", value)))
    begun = time.monotonic()
    Collector(contract, Settings("http://x", deadline=0.5), target.send).collect([])
    assert time.monotonic() - begun < 1


def test_the_deadline_ends_the_run(contract: Contract) -> None:
    """The run against a target that only responds 429 ends at the deadline, as unanswered."""
    target = Target(lambda number: response(429))
    begun = time.monotonic()
    collection = Collector(contract, replace(SETTINGS, deadline=0.5), target.send).collect([])
    assert time.monotonic() - begun < 2
    assert not collection.answered


def test_progress_counts_every_call(contract: Contract) -> None:
    """Progress counts each request up to the planned total."""
    seen: list[tuple[int, int]] = []
    target = Target(lambda number: response())
    probes = selection.probes(contract, SETTINGS)
    Collector(contract, SETTINGS, target.send, lambda done, total: seen.append((done, total))).collect(probes)
    assert seen == [(n, 25) for n in range(1, 26)]


def test_the_baseline_request_is_the_documented_one(contract: Contract) -> None:
    """POST without a body, with the content type line and the contract's example of a source."""
    request = baseline_request(contract.operations["getCode"], SETTINGS)
    assert request == Request(
        "POST",
        "http://x/code",
        (("Source", "PC"), ("Content-Type", "application/json;charset=UTF-8")),
    )


@pytest.mark.parametrize(("source", "sent"), [(None, "PC"), ("APP", "APP"), ("", None)])
def test_the_source_is_configurable(contract: Contract, source: str | None, sent: str | None) -> None:
    """--source replaces the example of the contract; an empty one removes the header."""
    request = baseline_request(contract.operations["getCode"], replace(SETTINGS, source=source))
    assert request is not None
    assert dict(request.headers).get("Source") == sent


def test_a_configured_header_replaces_that_of_the_contract(contract: Contract) -> None:
    """--header 'Source: X' replaces the header of the contract, whatever its case."""
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
        (set(), {"other-method", "other-origin", "empty-object", "reused-connection"}),
    ],
    ids=["no probe needed", "one probe needed", "open question selected by name", "all clauses"],
)
def test_only_needed_probes_are_sent(contract: Contract, only: set[str], labels: set[str]) -> None:
    """A clause that is not selected costs no request."""
    settings = replace(SETTINGS, only=frozenset(only))
    assert {probe.label for probe in selection.probes(contract, settings)} == labels


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
    """An operation added to the contract is served by the mock, and checked by its schema."""
    both = load(edited("\ncomponents:\n", SECOND))
    result = checked(both)
    assert result.exit_status == 0
    assert {exchange.status for exchange in result.collection.exchanges["getTicket"] if exchange.label == "plain"} == {
        200
    }
    other = load(
        edited(
            "\ncomponents:\n",
            SECOND.replace("ticket: {type: integer}", "ticket: {type: string}").replace("{ticket: 7}", "{ticket: '7'}"),
        )
    )
    with running(contract=other) as mock:
        verdicts = check(both, Settings(mock.base_url, samples=4)).verdicts
    assert [v.clause.id for v in verdicts if v.failed] == ["answers-conform-to-the-contract"]
