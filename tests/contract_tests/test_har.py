"""A run saved as HAR 1.2 and checked again has the same verdicts."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft6Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT6

import mock_server
from code_contract import Contract
from code_contract_cli.main import run
from contract_tests.har import reader, writer
from contract_tests.message import Message, translate
from contract_tests.result import Result
from contract_tests.run import check, check_recording
from contract_tests.settings import Settings
from tests.conftest import checked
from tests.contract_tests.recordings import verdicts
from tests.paths import DATA
from tests.servers.hostile import HEAD, raw_server, send

_SCHEMAS = json.loads((DATA / "har.schema.json").read_text("utf-8"))


_REGISTRY: Registry[Any] = Registry().with_resources(
    (name.rstrip("#"), Resource.from_contents(schema, default_specification=DRAFT6))
    for name, schema in _SCHEMAS.items()
)


HAR = Draft6Validator(_SCHEMAS["har.json#"], registry=_REGISTRY)


def replayed(contract: Contract, result: Result, folder: Path) -> Result:
    """The result of checking the recording of a run."""
    path = folder / "run.har"
    path.write_bytes(writer.write(result))
    recording = reader.read(path, contract)
    return check_recording(contract, Settings(base_url=recording.base_url), recording)


FAULTS = [
    (),
    ("img-crc",),
    ("flaky-errors-in-envelope",),
    ("uuid-repeats",),
    ("reset",),
    ("empty-reply",),
    ("truncated",),
    ("gzip-false",),
    ("encoding-not-accepted",),
    ("body-not-utf-8",),
    ("byte-order-mark",),
    ("charset-missing",),
    ("unknown-header-rejected",),
    ("405-without-allow",),
    ("credentials-required",),
    ("several-languages-rejected",),
]


@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: "+".join(faults) or "correct")
def test_a_recording_agrees_with_its_run_on_every_clause(
    confirmed: Contract, tmp_path: Path, faults: tuple[str, ...]
) -> None:
    """Outcome and counts of every clause and the exit status are equal, and the file is valid HAR 1.2."""
    live = checked(confirmed, *faults, samples=14, keep_bodies=True)
    offline = replayed(confirmed, live, tmp_path)
    assert verdicts(offline) == verdicts(live)
    assert offline.exit_status == live.exit_status
    document = json.loads((tmp_path / "run.har").read_bytes())
    assert [error.message for error in HAR.iter_errors(document)] == []
    assert len(document["log"]["entries"]) == len([*live.collection.all(), *live.generated.exchanges])


def test_the_command_saves_and_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--save-har and --replay give the same exit status and lines, and a replay sends no request."""
    saved = tmp_path / "r.har"
    reports = [f"--report={tmp_path / f'r.{suffix}'}" for suffix in ("html", "md", "json", "xml")]
    with mock_server.running(faults=[mock_server.fault("img-crc")]) as mock:
        assert run(["check", mock.base_url, "--samples", "4", "--save-har", str(saved), *reports]) == 1
        live = capsys.readouterr().out
        made = len(mock.requests)
        assert run(["check", "--replay", str(saved), *reports]) == 1
        assert len(mock.requests) == made
    offline = capsys.readouterr().out
    marks = [line for line in live.splitlines() if line.strip()[:1] in ("✓", "✗", "!", "?", "·")]
    assert len(marks) >= 56
    assert marks == [line for line in offline.splitlines() if line.strip()[:1] in ("✓", "✗", "!", "?", "·")]
    assert "no request was sent" in offline
    assert run(["check", "--replay", str(saved), "--only", "img-is-a-png"]) == 0


def test_the_har_schema_rejects_invalid_files() -> None:
    """The schema that these tests use finds an invalid entry."""
    assert not HAR.is_valid({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [{}]}})


@pytest.mark.parametrize("options", [["--save-har", "/no/such/x.har"], ["--save-har", "/"]])
def test_a_path_that_cannot_be_written_is_rejected_before_the_run(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with mock_server.running() as mock:
        assert run(["check", mock.base_url, *options]) == 2
        assert mock.requests == []
    assert "cannot be written" in capsys.readouterr().err


def test_hostile_responses_are_written_as_valid_json(confirmed: Contract, tmp_path: Path) -> None:
    """Control characters, lone surrogates and invalid UTF-8 give JSON in ASCII and the same verdicts."""
    hostile = HEAD + b"X-A: \x80\xff\x1b[31m\r\n\r\n" + b'{"msg": "\\ud800", "a": "\xff\x00"'
    with raw_server(send(hostile)) as port:
        from contract_tests.run import check

        live = check(confirmed, Settings(base_url=f"http://127.0.0.1:{port}", samples=2), keep_bodies=True)
    offline = replayed(confirmed, live, tmp_path)
    written = (tmp_path / "run.har").read_bytes()
    assert written.isascii()
    assert HAR.is_valid(json.loads(written))
    assert verdicts(offline) == verdicts(live)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(bytes(20_000_000))),
        ("deflate", zlib.compress(bytes(20_000_000))),
        ("gzip", gzip.compress(b"") * 30_000),
    ],
    ids=["gzip", "deflate", "members"],
)
def test_a_body_that_inflates_beyond_a_limit_is_left_out(contract: Contract, coding: str, body: bytes) -> None:
    """As one that is too large to be searched for secrets."""
    head = HEAD + f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with raw_server(send(head + body)) as port:
        settings = Settings(f"http://127.0.0.1:{port}", samples=1, headers=(("Authorization", "s3cr3t-t0ken"),))
        result = check(contract, settings, keep_bodies=True)
    entries = json.loads(writer.write(result))["log"]["entries"]
    # A body that broke off is within the limits.
    texts = [each["response"]["content"]["text"] for each in entries if not each["_codeContract"]["transportError"]]
    assert set(texts) == {""}


def test_a_replay_is_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recorded transport error and the notes of a recording have no English sentence."""
    path = tmp_path / "run.har"
    options = ["--samples", "2", "--budget", "0", "--lang", "zh"]
    with mock_server.running(faults=[mock_server.fault("truncated")]) as mock:
        assert run(["check", mock.base_url, *options, "--save-har", str(path)]) == 1
        recorded = capsys.readouterr().out
        assert run(["check", mock.base_url, "--replay", str(path), "--lang", "zh"]) == 1
    replayed = capsys.readouterr().out
    assert re.search("实际 +响应体提前结束：连接在 Content-Length 声明的结束位置前", recorded)
    assert re.search("实际 +响应体提前结束：连接在 Content-Length 声明的结束位置前", replayed)
    assert re.search("说明：没有发送请求：检查了 [0-9]+ 个录制的请求中的 [0-9]+ 个", replayed)


def test_a_replay_has_the_findings_of_schemathesis_in_chinese(contract: Contract) -> None:
    """Notes of the run, and what schemathesis found, are recorded in both languages."""
    live = checked(contract, "unknown-header-rejected", samples=2, keep_bodies=True)
    live.collection.notes.append(Message("not called: {}", "no request succeeded"))
    found = reader.parse(writer.write(live), "x.har", contract)
    assert translate(found.generated.failures[0].violation.received, "zh") == "服务器错误：HTTP 状态码 500"
    assert translate(found.collection.notes[-1], "zh") == "未调用：没有请求成功"
