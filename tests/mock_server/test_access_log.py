"""The access log: format of a line, and streams that are not read."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from mock_server.observability.access_log import (
    MAX_LINE_CHARS,
    MAX_QUEUE_SIZE,
    STOP_TIMEOUT,
    _time_of_day,
    access_log,
    as_json,
    as_text,
)
from mock_server.observability.journal import JournalEntry
from mock_server.reasons import Reason
from tests.mock_server.adapters import Adapter
from tests.mock_server.authorities import FOREIGN

ENTRY = JournalEntry(
    number=1,
    answered=1_700_000_000.25,
    client="a",
    method="POST",
    path="/code",
    query=[("a", "1")],
    headers=[],
    body="",
    operation="getCode",
    status=200,
    outcome=Reason("success"),
    uuid="",
    violations=[Reason("missing", subject=Reason("parameter", location="header", name="Source"))],
    milliseconds=1.26,
)


@pytest.fixture
def east_of_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The time zone UTC+8."""
    if not hasattr(time, "tzset"):
        pytest.skip("Windows has no tzset")
    monkeypatch.setenv("TZ", "CST-8")
    time.tzset()
    _time_of_day.cache_clear()
    yield
    monkeypatch.undo()
    time.tzset()
    _time_of_day.cache_clear()


@pytest.mark.usefixtures("east_of_utc")
def test_a_text_line_has_request_status_and_outcome() -> None:
    """Local time of day, request, status, duration, client, outcome, violations; control characters are escaped."""
    stream = io.StringIO()
    with access_log(stream, "text") as add:
        add(ENTRY)
        add(replace(ENTRY, path="/\n\x1b[31m", client="", violations=[]))
        add(replace(ENTRY, path="/" + "x" * 9999))
        add(replace(ENTRY, source="page", status=None, outcome=Reason("connection-reset"), violations=[]))
    first, second, third, fourth = stream.getvalue().splitlines()
    assert first == (
        "06:13:20.250 POST /code?a=1 -> 200 in 1.3 ms [a]: success; "
        "violates the contract: header parameter Source is missing"
    )
    assert second == "06:13:20.250 POST /\\n\\x1b[31m?a=1 -> 200 in 1.3 ms: success"
    assert len(third) == MAX_LINE_CHARS
    assert fourth == "06:13:20.250 POST /code?a=1 -> no response in 1.3 ms [a] (page): connection reset"
    assert ENTRY.time == "2023-11-14T22:13:20.250+00:00", "RFC 3339 in UTC stays in JSON"


def test_a_json_line_is_the_journal_entry() -> None:
    """One JSON object for each entry, with the keys of the admin API."""
    stream = io.StringIO()
    with access_log(stream, "json") as add:
        add(ENTRY)
    assert json.loads(stream.getvalue()) == json.loads(json.dumps(ENTRY.as_json()))


def test_a_log_is_complete_at_the_end(tmp_path: Path) -> None:
    """Every entry of a busy second is written, in order, before the context exits."""
    path = tmp_path / "log"
    with path.open("w") as stream, access_log(stream, "text") as add:
        for number in range(5000):
            add(replace(ENTRY, path=f"/{number}"))
    lines = path.read_text().splitlines()
    assert [line.split()[2] for line in lines] == [f"/{number}?a=1" for number in range(5000)]


@pytest.mark.skipif(os.name == "nt", reason="pipes of Windows are not files")
def test_a_blocked_stream_delays_nothing() -> None:
    """A full pipe delays neither an entry nor the end; entries above MAX_QUEUE_SIZE are counted in the log."""
    reading, writing = os.pipe()
    with open(writing, "w") as stream:
        with access_log(stream, "text") as add:
            began = time.monotonic()
            for _ in range(2 * MAX_QUEUE_SIZE):
                add(ENTRY)
            assert time.monotonic() - began < 1
            ended = time.monotonic()
        assert STOP_TIMEOUT <= time.monotonic() - ended < STOP_TIMEOUT + 1
    with open(reading, errors="replace") as log:
        lines = [log.readline() for _ in range(5000)]
    assert any("further requests were not logged" in line for line in lines)


@pytest.mark.skipif(os.name == "nt", reason="pipes of Windows are not files")
def test_a_closed_stream_is_not_an_error() -> None:
    """Entries are discarded when the reader of the log has exited."""
    reading, writing = os.pipe()
    with open(writing, "w") as stream:
        os.close(reading)
        with access_log(stream, "text") as add:
            for _ in range(1000):
                add(ENTRY)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://a\x9b31mb"},
        {"Origin": FOREIGN, "Cookie": "a=s3cret", "Referer": "http://a/?name=pin&value=s3cret"},
        {"Origin": "http://me:s3cret@evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_refused_request_is_logged(target: Adapter, headers: Mapping[str, str]) -> None:
    """The access log has one printable line for it, without secrets; the journal does not have it."""
    logged: list[JournalEntry] = []
    target.state.observers.append(logged.append)
    target.send("GET", "/__mock/requests?token=s3cret&a=%0Ab%1B", headers)
    (entry,) = logged
    line, parsed = as_text(entry), json.loads(as_json(entry))
    assert line.isprintable()
    assert "GET /__mock/requests?token=***&a=\\nb\\x1b -> 403 in " in line
    assert "refused: " in line
    assert "s3cret" not in line + as_json(entry)
    assert (parsed["status"], parsed["path"]) == (403, "/__mock/requests")
    assert target.state.journal.entries() == []
