"""Recordings of other programs, and files that are none: judged as far as they go, or refused in a sentence."""

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
from contract_tests.har import reader as recordings
from contract_tests.har import writer as har
from contract_tests.settings import SettingsError
from contract_tests.verdict import Outcome
from tests.contract_tests.recordings import entry, foreign, judged, verdicts


@pytest.fixture(scope="module")
def body(contract: Contract) -> bytes:
    client = mock_server.create_app(contract).test_client()
    return client.post("/code", headers={"Source": "PC"}).data


def test_a_browsers_recording_is_judged(contract: Contract, tmp_path: Path, body: bytes) -> None:
    """Chrome's text is decoded though its head says br; other hosts, preflights and pseudo headers are passed over."""
    path = foreign(
        tmp_path,
        entry(body.decode()),
        entry("<html>", request__url="https://elsewhere.example.com/index.html", request__method="GET"),
        entry("", request__method="OPTIONS"),
    )
    result = judged(contract, path)
    assert result.settings.base_url == "https://api.example.com/v1"
    assert result.exit_status == 0
    found = verdicts(result)
    assert found["img-is-a-png"] == (Outcome.PASSED, 0, 1)
    assert found["valid-request-succeeds"] == (Outcome.PASSED, 0, 1)
    for unknown in ("content-encoding-is-correct", "answers-conform-to-the-contract", "takes-no-parameters"):
        assert found[unknown][0] not in (Outcome.FAILED, Outcome.WARNING), unknown
    assert [e.request.headers for e in result.collection.all()] == [(("source", "PC"),)], "no token is kept"


def test_firefox_writes_base64_and_proxies_the_wire(contract: Contract, tmp_path: Path, body: bytes) -> None:
    """A body in base64 is decoded; one that a proxy left coded is uncoded by its head."""
    plain = base64.b64encode(body).decode()
    coded = base64.b64encode(gzip.compress(body)).decode()
    gzip_head = [{"name": "Content-Type", "value": "application/json"}, {"name": "Content-Encoding", "value": "gzip"}]
    entries = [entry(text, response__headers=gzip_head) for text in (plain, coded)]
    for each in entries:
        each["response"]["content"] |= {"encoding": "base64", "size": len(body)}
    result = judged(contract, foreign(tmp_path, *entries, creator="Firefox"))
    assert verdicts(result)["img-is-a-png"] == (Outcome.PASSED, 0, 2)


def test_a_broken_answer_in_a_browsers_recording_is_found(contract: Contract, tmp_path: Path, body: bytes) -> None:
    """One of two answers has no id; and it is counted."""
    broken = json.loads(body)
    del broken["data"]["uuid"]
    result = judged(contract, foreign(tmp_path, entry(body.decode()), entry(json.dumps(broken))))
    assert verdicts(result)["uuid-is-present"] == (Outcome.FAILED, 1, 2)
    assert result.exit_status == 1


def test_what_was_not_recorded_is_not_judged(contract: Contract, tmp_path: Path) -> None:
    """Without its body an answer is accused of nothing that the body would say."""
    missing = entry(None)
    missing["response"]["content"]["size"] = 3000
    result = judged(contract, foreign(tmp_path, missing))
    assert not [v.clause.id for v in result.verdicts if v.failed]
    found = verdicts(result)
    assert found["body-is-json"][0] is Outcome.SKIPPED
    assert found["content-type-is-json"] == (Outcome.PASSED, 0, 1)


def test_a_call_that_failed_in_the_browser_is_a_trouble(contract: Contract, tmp_path: Path, body: bytes) -> None:
    """Status 0 is a call without an answer; one that the browser stopped itself is nobody's fault."""
    reset = entry("", response__status=0, response___error="net::ERR_CONNECTION_RESET")
    stopped = entry("", response__status=0, response___error="net::ERR_ABORTED")
    result = judged(contract, foreign(tmp_path, entry(body.decode()), reset, stopped))
    assert verdicts(result)["answer-arrives"] == (Outcome.FAILED, 1, 2)
    assert any("broke off" in note for note in result.collection.notes)


def test_the_busiest_place_is_judged_and_another_by_name(contract: Contract, tmp_path: Path, body: bytes) -> None:
    """Calls to several servers are not mixed; BASE_URL names the one that is meant."""
    here = entry(body.decode())
    there = entry(body.decode(), request__url="http://127.0.0.1:8080/code")
    path = foreign(tmp_path, here, here, there)
    result = judged(contract, path)
    assert len(list(result.collection.all())) == 2
    assert any("http://127.0.0.1:8080" in note for note in result.collection.notes)
    assert len(list(judged(contract, path, "http://127.0.0.1:8080").collection.all())) == 1


BAD: dict[str, tuple[Callable[[Path], object], list[str], str]] = {
    "missing": (lambda p: None, [], "cannot be read: No such file"),
    "a folder": (lambda p: p.mkdir(), [], "cannot be read"),
    "empty": (lambda p: p.write_bytes(b""), [], "is not JSON"),
    "binary": (lambda p: p.write_bytes(b"\xff\x00"), [], "is not JSON"),
    "nested": (lambda p: p.write_bytes(b"[" * 200_000), [], "nested deeper"),
    "no HAR": (lambda p: p.write_text("{}"), [], "is not HAR"),
    "no call": (lambda p: p.write_text('{"log": {"entries": [1, null, {}]}}'), [], "holds no call to POST /code"),
    "with --wait": (lambda p: p.write_text("{}"), ["--wait", "3"], "--wait applies to live requests"),
    "with --samples": (lambda p: p.write_text("{}"), ["--samples", "3"], "--samples applies to live requests"),
    "with --save-har": (lambda p: p.write_text("{}"), ["--save-har", "x.har"], "--save-har applies to live requests"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_recording_is_said_in_one_sentence(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the file and the cure; exit status 2."""
    make, options, said = BAD[name]
    path = tmp_path / "x.har"
    make(path)
    assert run(["check", "--replay", str(path), *options]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert "Traceback" not in printed.err


def test_a_file_too_large_is_not_read(tmp_path: Path, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """And of too many entries the first are judged, which is said."""
    monkeypatch.setattr(recordings, "MAX_FILE", 100)
    (tmp_path / "x.har").write_bytes(b" " * 101)
    with pytest.raises(SettingsError, match="is larger than"):
        recordings.read(tmp_path / "x.har", contract)
    monkeypatch.undo()
    monkeypatch.setattr(recordings, "MAX_ENTRIES", 2)
    result = judged(contract, foreign(tmp_path, *[entry("{}")] * 3))
    assert len(list(result.collection.all())) == 2
    assert any("only the first 2 of 3 entries" in note for note in result.collection.notes)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=6,
)


FIELDS = ["request", "response", "startedDateTime", "time", "timings", "cache", "_codeContract"]


INNER = ["method", "url", "headers", "postData", "status", "content", "statusText", "httpVersion", "_error", "label"]


@given(data=st.data(), ours=st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_file_makes_it_fail(
    contract: Contract, data: st.DataObject, ours: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any JSON in any field of an entry gives verdicts or one sentence, never an exception."""
    made = entry("{}")
    if ours:
        made["_codeContract"] = {"label": "plain", "operation": "getCode", "index": 0, "trouble": None}
    where = data.draw(st.sampled_from(FIELDS))
    if data.draw(st.booleans()) and isinstance(made.get(where), dict):
        made[where][data.draw(st.sampled_from(INNER))] = data.draw(JSON)
    else:
        made[where] = data.draw(JSON)
    folder = tmp_path_factory.mktemp("fuzz")
    path = folder / "x.har"
    log = {"creator": {"name": "code-contract" if ours else "x"}, "entries": [made, entry("{}")]}
    log |= {"_codeContract": data.draw(JSON | st.just({"baseUrl": "https://api.example.com/v1"}))} if ours else {}
    path.write_text(json.dumps({"log": log}), encoding="utf-8")
    said = ""
    try:
        assert har.write(judged(contract, path))
    except SettingsError as error:
        said = str(error)
    assert "\n" not in said
