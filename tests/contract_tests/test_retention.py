"""Retention: evidence and the responses that reports show keep their bodies, other exchanges do not."""

from __future__ import annotations

import base64
import json
import threading
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest

from code_contract import Contract
from contract_tests.checks.schema import SCHEMA_CLAUSE
from contract_tests.engine import retention
from contract_tests.engine.retention import MAX_SHOWN
from contract_tests.har import writer
from contract_tests.http.client import Client
from contract_tests.http.exchange import Exchange, Request
from contract_tests.reports import html, terminal, writers
from contract_tests.result import Result
from contract_tests.run import check
from contract_tests.settings import Settings

FILLER = 20_000
"""Characters in every response besides the picture."""


class Target:
    """Replaces the network: responds with the example of the contract and a unique id.

    `changes` replaces fields of the data of some responses, by the index of the request.
    """

    def __init__(self, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
        self._contract = contract
        self._sample = next(iter(contract.operations.values())).success_example
        self.changes: dict[int, dict[str, Any]] = {}
        self._lock = threading.Lock()
        monkeypatch.setattr(Client, "send", lambda client, request, **context: self._respond(request, **context))

    def _respond(self, request: Request, *, label: str, operation: str, index: int, deadline: float) -> Exchange:
        assert self._sample is not None
        data = {**self._sample.value["data"], "uuid": f"{index * 7919 % 100_003:x}", **self.changes.get(index, {})}
        value = {**self._sample.value, "data": data, "filler": f"{index:x}".zfill(FILLER)}
        headers = (("Content-Type", str(self._contract.operations[operation].content_type)),)
        body = json.dumps(value).encode()
        return Exchange(request, label, operation, index, 0.0, 200, "OK", "1.1", headers, body, 0.01, 0.01)

    def run(self, samples: int, keep_bodies: bool = False) -> Result:
        only = frozenset(self._contract.clauses) - {SCHEMA_CLAUSE}
        return check(self._contract, Settings("http://x", samples=samples, only=only), keep_bodies=keep_bodies)


@pytest.fixture
def target(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> Target:
    return Target(contract, monkeypatch)


def peak(target: Target, samples: int) -> int:
    """Return the maximum memory of a run, in bytes."""
    tracemalloc.start()
    try:
        target.run(samples)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_bodies(target: Target) -> None:
    """Once the bodies for reports are kept, another exchange costs less than a tenth of its body."""
    target.run(2)
    few, many = peak(target, 120), peak(target, 420)
    assert (many - few) / 300 < FILLER / 10


def test_evidence_keeps_its_body(target: Target) -> None:
    """The exchange of a finding keeps its body, though the collection does not keep it."""
    target.changes = {70: {"uuid": ""}, 75: {"uuid": "twice"}, 78: {"uuid": "twice"}}
    result = target.run(80)
    found = {v.clause.id: v for v in result.verdicts if v.clause.level == "must"}
    for name, index in (("uuid-is-not-empty", 70), ("uuid-is-unique", 78)):
        assert (found[name].failed, found[name].findings[0].exchange.index) == (1, index)
        assert len(found[name].findings[0].exchange.body) > FILLER
        assert result.collection.exchanges["getCode"][index].body == b""
    assert "as in request 76" in found["uuid-is-unique"].findings[0].violation.received


def test_the_collection_keeps_only_the_bodies_of_the_gallery(target: Target) -> None:
    """The first 48 responses with a picture or an id are kept, and one more, so that reports can state it."""
    result = target.run(100)
    held = [each.index for each in result.collection.all() if each.body]
    assert held == list(range(MAX_SHOWN + 1))
    assert "The first 48 responses." in html.write(result).decode()


def test_reports_do_not_depend_on_retention(target: Target) -> None:
    """Every report is the same, byte for byte, with and without `keep_bodies`."""
    target.changes = {3: {"img": "x"}, 60: {"uuid": None}, 61: {"uuid": "twice"}, 62: {"uuid": "twice"}, 63: {"img": 0}}
    written = []
    for keep_bodies in (True, False):
        result = replace(target.run(100, keep_bodies), elapsed=1.0)
        result.collection.started = 0.0
        verdict = "\n".join(terminal.render(result, verbose=True)).encode()
        written.append([verdict, *(write(result) for write in writers.FORMATS.values())])
    assert written[0] == written[1]


def test_a_recording_has_bodies_within_a_limit(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exchanges beyond it are left out of the recording, and a note says so; the verdict is that of all."""
    limit = 10 * FILLER
    monkeypatch.setattr(retention, "MAX_RECORDED_BYTES", limit)
    monkeypatch.setattr(retention, "MAX_KEPT_BYTES", 0)
    result = target.run(100, keep_bodies=True)
    entries = json.loads(writer.write(result))["log"]["entries"]
    bodies = [base64.b64decode(each["response"]["content"]["text"]) for each in entries]
    assert limit / 2 < sum(map(len, bodies)) <= limit
    lacking = result.calls - len(entries)
    assert f"the recording lacks {lacking} exchanges: the bodies before them have more than {limit} bytes" in (
        result.collection.notes
    )
    assert result.exit_status == target.run(100).exit_status


def test_a_recording_is_written_entry_by_entry(target: Target) -> None:
    """Not as one text, which takes several times the size of the recording."""
    result = target.run(200, keep_bodies=True)
    tracemalloc.start()
    written = writer.write(result)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2.5 * len(written)


def test_a_recording_needs_all_bodies(target: Target) -> None:
    """A run with `keep_bodies` is written with every body; one without is rejected."""
    result = target.run(100, keep_bodies=True)
    entries = json.loads(writer.write(result))["log"]["entries"]
    assert len(entries) == result.calls > 100
    assert all(len(base64.b64decode(each["response"]["content"]["text"])) > FILLER for each in entries)
    with pytest.raises(ValueError, match="keep_bodies=True"):
        writer.write(target.run(100))
