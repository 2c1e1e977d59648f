"""The journal as HAR 1.2, and its check by the suite."""

from __future__ import annotations

import base64
import json
import re
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

import mock_server
from code_contract import Contract, load
from code_contract_cli.journal_check import check_journal
from mock_server import MockServer
from tests.conftest import GRANTED, post
from tests.contract_tests.recordings import replayed
from tests.contract_tests.test_har import HAR
from tests.mock_server import adapters
from tests.mock_server.adapters import Adapter
from tests.mock_server.adapters import post as send_to


def har(target: Adapter, query: str = "") -> dict[str, Any]:
    reply = target.send("GET", f"/__mock/requests.har{query}")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="mock.har"'
    found: dict[str, Any] = reply.json()
    HAR.validate(found)
    return found


def test_the_journal_is_a_recording(target: Adapter) -> None:
    """Each entry has the request and the response of the journal, the picture whole; secrets are masked."""
    target.send(
        "POST",
        "/code?a=%C3%A9&token=s3cret",
        GRANTED | {"Content-Type": "application/json;charset=UTF-8", "Authorization": "s3cret"},
        b'{"a": "\xc3\xa9"}',
    )
    send_to(target, client="b")
    document = har(target)
    one, _ = document["log"]["entries"]
    assert one["request"]["url"].endswith("/code?a=%C3%A9&token=%2A%2A%2A")
    assert one["request"]["postData"]["text"] == '{"a": "é"}'
    assert {"name": "Source", "value": "PC"} in one["request"]["headers"]
    assert "s3cret" not in json.dumps(document)
    (entry, _) = target.state.journal.entries()
    assert one["response"]["content"]["text"].encode() == entry.response.body
    assert (one["response"]["status"], one["comment"], one["_source"]) == (200, entry.outcome, "app")
    assert [each["_client"] for each in har(target, "?client=b")["log"]["entries"]] == ["b"]
    assert har(target, "?source=page")["log"]["entries"] == []


def test_a_binary_body_and_lone_surrogates_are_valid_har(target: Adapter) -> None:
    """Bytes are base64, and a surrogate that JSON escapes becomes U+FFFD."""
    send_to(target, fault="body-not-utf-8")
    target.send("POST", "/code", GRANTED, b'{"a": "\\ud800", "password": 1}')
    first, second = har(target)["log"]["entries"]
    assert base64.b64decode(first["response"]["content"]["text"]) == target.state.journal.entries()[0].response.body
    assert "\ufffd" in second["request"]["postData"]["text"]


def test_the_suite_reads_the_recording(contract: Contract, tmp_path: Path, mock: MockServer) -> None:
    """A correct mock passes, and a fault is found under its clause; `--replay` reads the same file."""
    for _ in range(8):
        post(mock)
    path = tmp_path / "mock.har"
    path.write_bytes(requests.get(f"{mock.root_url}/__mock/requests.har", timeout=5).content)
    result = replayed(contract, path)
    assert (result.exit_status, result.calls) == (0, 8)
    assert not result.failing
    post(mock, fault="img-crc")
    path.write_bytes(requests.get(f"{mock.root_url}/__mock/requests.har", timeout=5).content)
    assert [each.clause.id for each in replayed(contract, path).failing] == ["png-crcs-are-correct"]


BROKEN = {"reset": "answer-arrives", "empty-reply": "answer-arrives", "truncated": "answer-is-complete"}


@pytest.mark.parametrize(("fault", "clause"), BROKEN.items())
def test_a_broken_connection_is_in_the_recording(
    contract: Contract, tmp_path: Path, mock: MockServer, fault: str, clause: str
) -> None:
    """The suite reports it under its clause, as if it had sent the request."""
    with suppress(requests.RequestException):
        post(mock, fault=fault)
    post(mock)
    document = requests.get(f"{mock.root_url}/__mock/requests.har", timeout=5).json()
    HAR.validate(document)
    path = tmp_path / "mock.har"
    path.write_text(json.dumps(document))
    assert clause in [each.clause.id for each in replayed(contract, path).failing]


def test_an_aborted_request_is_not_the_fault_of_the_mock(contract: Contract, mock: MockServer) -> None:
    """The suite ignores what the client cancelled."""
    address = urlsplit(mock.root_url)
    with socket.create_connection((address.hostname or "", address.port or 0)) as client:
        client.sendall(b"POST /code?__delay=20 HTTP/1.1\r\nHost: a\r\nSource: PC\r\nContent-Length: 0\r\n\r\n")
        time.sleep(0.2)
    mock.wait_for_request(path="/code")
    post(mock)
    document = requests.get(f"{mock.root_url}/__mock/requests.har", timeout=5).content
    assert "client aborted" in json.loads(document)["log"]["entries"][0]["comment"]
    assert check_journal(contract, document)["verdict"] == "passed"


def check(target: Adapter, query: str = "") -> tuple[int, dict[str, Any]]:
    reply = target.send("POST", f"/__mock/check{query}")
    return reply.status, reply.json()


def test_the_journal_is_checked_by_the_suite(target: Adapter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdict, totals and clauses with their reasons; requests of the page are not the app's."""
    monkeypatch.setattr(target.state, "check_journal", check_journal)
    for _ in range(4):
        send_to(target)
    target.send("POST", "/code?__fault=img-crc", GRANTED | {"X-Mock-Source": "page"})
    status, found = check(target)
    assert (status, found["verdict"]) == (200, "passed")
    assert found["totals"]["passed"] + found["totals"]["skipped"] == len(found["clauses"])
    send_to(target, fault="img-crc")
    status, found = check(target)
    assert (found["verdict"], found["totals"]["failed"]) == ("failed", 1)
    (failed,) = (each for each in found["clauses"] if each["verdict"] == "failed")
    assert (failed["id"], bool(failed["text"]), bool(failed["zh"])) == ("png-crcs-are-correct", True, True)
    assert re.match(r"1 of 5 failed: at \$\.data\.img, chunk .*: expected CRC \w+, received CRC \w+", failed["reason"])
    assert all(each["reason"] for each in found["clauses"] if each["verdict"] == "skipped")


def test_a_journal_without_a_request_of_the_contract_cannot_be_checked(
    target: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status is 409, with what is missing."""
    monkeypatch.setattr(target.state, "check_journal", check_journal)
    target.send("GET", "/none")
    status, found = check(target)
    assert status == 409
    assert found["error"] == "the journal has no request POST /code; record one, or use another file"


def test_without_the_checks_the_cure_is_named(target: Adapter) -> None:
    """The status is 501, and the options say that there are none."""
    send_to(target)
    status, found = check(target)
    assert status == 501
    assert "start the mock with `code-contract mock`" in found["error"]
    assert target.send("GET", "/__mock/options").json()["check"] is False


def test_an_app_can_bring_the_checks(contract: Contract) -> None:
    """`create_app(check_journal=...)`, for any WSGI server."""
    client = mock_server.create_app(contract, check_journal=check_journal).test_client()
    assert client.post("/code", headers=GRANTED).status_code == 200
    assert client.get("/__mock/options").json["check"] is True
    assert client.post("/__mock/check").json["verdict"] == "passed"


def test_a_secret_is_checked_as_it_was_sent_and_not_shown(tmp_path: Path) -> None:
    """A masked value would violate its pattern; a reason that quotes it is masked."""
    path = tmp_path / "tokens.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /t:\n    get:\n      responses:\n        '200':\n"
        "          description: A.\n          content: {application/json: {schema: {type: object, required: [token],\n"
        "            properties: {token: {type: string, pattern: '^[a-z]{20}$'}}},\n"
        "            example: {token: abcdefghijklmnopqrst}}}\n"
    )
    contract = load(path)
    with adapters.flask(contract=contract) as target:
        target.state.check_journal = check_journal
        assert target.send("GET", "/t").status == 200
        status, found = check(target)
        assert (status, found["verdict"]) == (200, "passed"), found
        assert "abcdefghijklmnopqrst" not in json.dumps([found, target.send("GET", "/__mock/requests").json()])


def test_options_have_the_section_of_each_fault(target: Adapter, contract: Contract) -> None:
    """In English and Chinese, with the clause that the fault breaks."""
    faults = {each["name"]: each for each in target.send("GET", "/__mock/options").json()["faults"]}
    clause = contract.clauses["png-crcs-are-correct"]
    section = contract.sections[clause.section]
    assert faults["img-crc"]["breaks"] == clause.id
    assert faults["img-crc"]["section"] == {"id": section.id, "en": section.title, "zh": section.zh}
    assert all(each["section"]["zh"] for each in faults.values())
