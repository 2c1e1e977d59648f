"""Recordings of other programs are checked as far as possible; invalid files get one sentence."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mock_server
from code_contract import Contract
from code_contract_cli.main import run
from contract_tests.har import reader, writer
from contract_tests.settings import SettingsError
from contract_tests.verdict import Outcome
from tests.contract_tests.recordings import entry, replayed, third_party, verdicts


@pytest.fixture(scope="module")
def body(contract: Contract) -> bytes:
    client = mock_server.create_app(contract).test_client()
    return client.post("/code", headers={"Source": "PC"}).data


def test_a_recording_of_a_browser_is_checked(contract: Contract, tmp_path: Path, body: bytes) -> None:
    """Decoded text with a Content-Encoding is read; other hosts, preflights and pseudo-headers are ignored."""
    path = third_party(
        tmp_path,
        entry(body.decode()),
        entry("<html>", request__url="https://elsewhere.example.com/index.html", request__method="GET"),
        entry("", request__method="OPTIONS"),
    )
    result = replayed(contract, path)
    assert result.settings.base_url == "https://api.example.com/v1"
    assert result.exit_status == 0
    found = verdicts(result)
    assert found["img-is-a-png"] == (Outcome.PASSED, 0, 1)
    assert found["valid-request-succeeds"] == (Outcome.PASSED, 0, 1)
    for unknown in ("content-encoding-is-correct", "answers-conform-to-the-contract", "takes-no-parameters"):
        assert found[unknown][0] not in (Outcome.FAILED, Outcome.WARNING), unknown
    assert [e.request.headers for e in result.collection.all()] == [(("source", "PC"),)], "no token is kept"


def test_bodies_in_base64_are_decoded(contract: Contract, tmp_path: Path, body: bytes) -> None:
    """A body that a proxy left compressed is decompressed."""
    plain = base64.b64encode(body).decode()
    coded = base64.b64encode(gzip.compress(body)).decode()
    gzip_head = [{"name": "Content-Type", "value": "application/json"}, {"name": "Content-Encoding", "value": "gzip"}]
    entries = [entry(text, response__headers=gzip_head) for text in (plain, coded)]
    for each in entries:
        each["response"]["content"] |= {"encoding": "base64", "size": len(body)}
    result = replayed(contract, third_party(tmp_path, *entries, creator="Firefox"))
    assert verdicts(result)["img-is-a-png"] == (Outcome.PASSED, 0, 2)


def test_a_violation_in_a_recording_of_a_browser_is_found(contract: Contract, tmp_path: Path, body: bytes) -> None:
    """One of two responses has no id."""
    invalid = json.loads(body)
    del invalid["data"]["uuid"]
    result = replayed(contract, third_party(tmp_path, entry(body.decode()), entry(json.dumps(invalid))))
    assert verdicts(result)["uuid-is-present"] == (Outcome.FAILED, 1, 2)
    assert result.exit_status == 1


def test_clauses_of_missing_data_are_skipped(contract: Contract, tmp_path: Path) -> None:
    """A response without a recorded body fails no clause about the body."""
    missing = entry(None)
    missing["response"]["content"]["size"] = 3000
    result = replayed(contract, third_party(tmp_path, missing))
    assert not [v.clause.id for v in result.verdicts if v.failed]
    found = verdicts(result)
    assert found["body-is-json"][0] is Outcome.SKIPPED
    assert found["content-type-is-json"] == (Outcome.PASSED, 0, 1)


def test_a_failed_request_of_a_browser_is_a_transport_error(contract: Contract, tmp_path: Path, body: bytes) -> None:
    """Status 0 is a transport error, unless the browser cancelled the request."""
    reset = entry("", response__status=0, response___error="net::ERR_CONNECTION_RESET")
    cancelled = entry("", response__status=0, response___error="net::ERR_ABORTED")
    result = replayed(contract, third_party(tmp_path, entry(body.decode()), reset, cancelled))
    assert verdicts(result)["answer-arrives"] == (Outcome.FAILED, 1, 2)
    assert any("cancelled" in note for note in result.collection.notes)


def test_the_target_with_the_most_requests_is_checked(contract: Contract, tmp_path: Path, body: bytes) -> None:
    """Requests to several servers are not mixed; BASE_URL selects another one."""
    here = entry(body.decode())
    there = entry(body.decode(), request__url="http://127.0.0.1:8080/code")
    path = third_party(tmp_path, here, here, there)
    result = replayed(contract, path)
    assert len(list(result.collection.all())) == 2
    assert any("http://127.0.0.1:8080" in note for note in result.collection.notes)
    assert len(list(replayed(contract, path, "http://127.0.0.1:8080").collection.all())) == 1


BAD: dict[str, tuple[Callable[[Path], object], list[str], str]] = {
    "missing": (lambda p: None, [], "cannot be read: No such file"),
    "folder": (lambda p: p.mkdir(), [], "cannot be read"),
    "empty": (lambda p: p.write_bytes(b""), [], "is not JSON"),
    "binary": (lambda p: p.write_bytes(b"\xff\x00"), [], "is not JSON"),
    "nested": (lambda p: p.write_bytes(b"[" * 200_000), [], "nested too deeply"),
    "not HAR": (lambda p: p.write_text("{}"), [], "is not HAR"),
    "no request": (lambda p: p.write_text('{"log": {"entries": [1, null, {}]}}'), [], "has no request POST /code"),
    "with --wait": (lambda p: p.write_text("{}"), ["--wait", "3"], "--wait applies to live requests"),
    "with --samples": (lambda p: p.write_text("{}"), ["--samples", "3"], "--samples applies to live requests"),
    "with --save-har": (lambda p: p.write_text("{}"), ["--save-har", "x.har"], "--save-har applies to live requests"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_invalid_recording_gets_one_sentence(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 2, and the message names the remedy."""
    make, options, message = BAD[name]
    path = tmp_path / "x.har"
    make(path)
    assert run(["check", "--replay", str(path), *options]) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.err.count("\n") == 1
    assert "Traceback" not in printed.err


def test_a_recording_has_a_size_limit(tmp_path: Path, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file is an error; of many entries the first are checked, with a note."""
    monkeypatch.setattr(reader, "MAX_FILE", 100)
    (tmp_path / "x.har").write_bytes(b" " * 101)
    with pytest.raises(SettingsError, match="is larger than"):
        reader.read(tmp_path / "x.har", contract)
    monkeypatch.undo()
    monkeypatch.setattr(reader, "MAX_ENTRIES", 2)
    result = replayed(contract, third_party(tmp_path, *[entry("{}")] * 3))
    assert len(list(result.collection.all())) == 2
    assert any("only the first 2 of 3 entries" in note for note in result.collection.notes)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=6,
)


FIELDS = ["request", "response", "startedDateTime", "time", "timings", "cache", "_codeContract"]


INNER = ["method", "url", "headers", "postData", "status", "content", "statusText", "httpVersion", "_error", "label"]


@given(data=st.data(), own=st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_file_raises_an_unexpected_error(
    contract: Contract, data: st.DataObject, own: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any JSON in any field of an entry gives verdicts or one sentence."""
    made = entry("{}")
    if own:
        made["_codeContract"] = {"label": "plain", "operation": "getCode", "index": 0, "transportError": None}
    where = data.draw(st.sampled_from(FIELDS))
    if data.draw(st.booleans()) and isinstance(made.get(where), dict):
        made[where][data.draw(st.sampled_from(INNER))] = data.draw(JSON)
    else:
        made[where] = data.draw(JSON)
    folder = tmp_path_factory.mktemp("fuzz")
    path = folder / "x.har"
    log = {"creator": {"name": "code-contract" if own else "x"}, "entries": [made, entry("{}")]}
    log |= {"_codeContract": data.draw(JSON | st.just({"baseUrl": "https://api.example.com/v1"}))} if own else {}
    path.write_text(json.dumps({"log": log}), encoding="utf-8")
    message = ""
    try:
        assert writer.write(replayed(contract, path))
    except SettingsError as error:
        message = str(error)
    assert "\n" not in message
