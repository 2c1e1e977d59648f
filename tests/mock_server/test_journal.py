"""The journal: its limits in number and in bytes."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.sansio.request import Request

from code_contract import Contract
from mock_server import Mock
from mock_server.observability import journal
from mock_server.observability.journal import (
    MAX_BYTES,
    MAX_ENTRIES,
    MAX_ENTRY_BYTES,
    Journal,
    cut,
)
from mock_server.observability.recorded_response import MAX_RESPONSE_BYTES, recorded
from mock_server.reasons import Reason
from tests.mock_server.test_access_log import ENTRY

HUGE: dict[str, dict[str, Any]] = {
    "many headers": {"headers": [(f"A{number}", "") for number in range(20_000)]},
    "long header": {"headers": [("A", "a" * 100_000)]},
    "many parameters": {"query": [("a", "")] * 20_000},
    "long path": {"path": "/" + "a" * 100_000},
    "long method": {"method": "A" * 100_000, "path": "/" + "a" * 70_000},
    "long body": {"body": "汉" * 50_000},
    "many violations": {"violations": [Reason("missing", subject="a" * 500)] * 1000},
    "long outcome": {"outcome": Reason("example", value="a" * 100_000)},
    "large response": {"body": "汉" * 50_000, "response": recorded(200, (), b"a" * 100_000)},
}


@pytest.mark.parametrize("changes", HUGE.values(), ids=HUGE)
def test_a_huge_entry_is_cut_and_says_so(changes: dict[str, Any]) -> None:
    """The number of dropped pairs or characters is in the entry; an entry of usual size stays as it is."""
    entry = cut(replace(ENTRY, **changes))
    assert entry.size - entry.response.memory <= MAX_ENTRY_BYTES
    assert entry.response.memory <= MAX_RESPONSE_BYTES
    assert "…" in str(entry) or len(entry.violations) == 50
    assert cut(ENTRY) is ENTRY


def test_the_journal_is_bounded_in_number_and_in_bytes() -> None:
    """The newest entries are kept; removing those of a client makes room again."""
    store = Journal()
    for _ in range(MAX_ENTRIES + 10):
        store.add(replace(ENTRY))
    assert [each.number for each in store.entries()] == list(range(11, MAX_ENTRIES + 11))
    large = replace(ENTRY, client="b", body="a" * 60_000)
    most = MAX_BYTES // large.size
    for _ in range(most + 10):
        store.add(replace(large))
    assert [each.number for each in store.entries()] == list(range(MAX_ENTRIES + 21, MAX_ENTRIES + most + 21))
    store.clear("b")
    last = replace(ENTRY)
    store.add(last)
    assert store.entries() == [last]


def test_requests_with_many_headers_take_a_bounded_amount_of_memory(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the journal nor a cache keeps more than the budget; 520 requests took 226 MB."""
    monkeypatch.setattr(journal, "MAX_BYTES", 2**20)
    mock = Mock(contract)

    def send(number: int) -> None:
        headers = Headers([(f"a{number}-{each}", f"{each}") for each in range(250)])
        mock.respond(Request("POST", "http", None, "", "/code", b"", headers, None), b"")

    send(-1)
    tracemalloc.start()
    for number in range(100):
        send(number)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 2 * 2**20
    assert 10 < len(mock.state.journal.entries()) < 30
