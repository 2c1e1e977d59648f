"""What a run keeps: evidence and what reports show, whole; of the rest only what is counted, however many calls."""

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
from contract_tests.engine import retention as keeping
from contract_tests.har import writer as har
from contract_tests.http.client import Client
from contract_tests.http.exchange import Exchange, Request
from contract_tests.reports import html
from contract_tests.reports import terminal as text
from contract_tests.reports import writers as files
from contract_tests.result import Result
from contract_tests.run import check
from contract_tests.settings import Settings

FILLER = 20_000
"""Characters that every answer carries beside its picture."""


class Target:
    """Stands in for the network: answers as the contract's sample, with an id of its own; `spoil` changes some."""

    def __init__(self, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
        self._contract = contract
        self._sample = next(iter(contract.operations.values())).success_example
        self.spoilt: dict[int, dict[str, Any]] = {}
        self._lock = threading.Lock()
        monkeypatch.setattr(Client, "send", lambda client, request, **about: self._answer(request, **about))

    def _answer(self, request: Request, *, label: str, operation: str, index: int, deadline: float) -> Exchange:
        assert self._sample is not None
        data = {**self._sample.value["data"], "uuid": f"{index * 7919 % 100_003:x}", **self.spoilt.get(index, {})}
        value = {**self._sample.value, "data": data, "filler": f"{index:x}".zfill(FILLER)}
        headers = (("Content-Type", str(self._contract.operations[operation].content_type)),)
        body = json.dumps(value).encode()
        return Exchange(request, label, operation, index, 0.0, 200, "OK", "1.1", headers, body, 0.01, 0.01)

    def run(self, samples: int, whole: bool = False) -> Result:
        only = frozenset(self._contract.clauses) - {SCHEMA_CLAUSE}
        return check(self._contract, Settings("http://x", samples=samples, only=only), whole=whole)


@pytest.fixture
def target(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> Target:
    return Target(contract, monkeypatch)


def peak(target: Target, samples: int) -> int:
    """The most bytes that a run had at once."""
    tracemalloc.start()
    try:
        target.run(samples)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_bodies(target: Target) -> None:
    """A call more costs a run less than a tenth of its body, once as many are kept as reports show."""
    target.run(2)
    few, many = peak(target, 120), peak(target, 420)
    assert (many - few) / 300 < FILLER / 10


def test_evidence_is_whole_wherever_it_came(target: Target) -> None:
    """What a finding rests on can be read to the end, in calls of which nothing else is kept."""
    target.spoilt = {70: {"uuid": ""}, 75: {"uuid": "twice"}, 78: {"uuid": "twice"}}
    result = target.run(80)
    found = {v.clause.id: v for v in result.verdicts if v.clause.level == "must"}
    for name, index in (("uuid-is-not-empty", 70), ("uuid-is-unique", 78)):
        assert (found[name].failed, found[name].findings[0].exchange.index) == (1, index)
        assert len(found[name].findings[0].exchange.body) > FILLER
        assert result.collection.exchanges["getCode"][index].body == b""
    assert "as in call 76" in found["uuid-is-unique"].findings[0].problem.received


def test_only_what_the_sheet_shows_is_kept_whole(target: Target) -> None:
    """The first 48 answers that carry a picture or an id, and one to tell that there are more."""
    result = target.run(100)
    held = [each.index for each in result.collection.all() if each.body]
    assert held == list(range(keeping.MAX_SHOWN + 1))
    assert "The first 48 responses." in html.write(result).decode()


def test_reports_miss_nothing_of_what_is_dropped(target: Target) -> None:
    """Every report is the same, byte for byte, whether all exchanges were kept whole or not."""
    target.spoilt = {3: {"img": "x"}, 60: {"uuid": None}, 61: {"uuid": "twice"}, 62: {"uuid": "twice"}, 63: {"img": 0}}
    written = []
    for whole in (True, False):
        result = replace(target.run(100, whole), elapsed=1.0)
        result.collection.started = 0.0
        verdict = "\n".join(text.render(result, verbose=True)).encode()
        written.append([verdict, *(write(result) for write in files.FORMATS.values())])
    assert written[0] == written[1]


def test_a_recording_asks_for_all_of_it(target: Target) -> None:
    """A run kept whole is written with every body; one that was not is refused instead of written empty."""
    result = target.run(100, whole=True)
    entries = json.loads(har.write(result))["log"]["entries"]
    assert len(entries) == result.calls > 100
    assert all(len(base64.b64decode(each["response"]["content"]["text"])) > FILLER for each in entries)
    with pytest.raises(ValueError, match="whole=True"):
        har.write(target.run(100))
