"""The work on one response is limited, and content beyond a limit is skipped: the limit is not the target's defect."""

from __future__ import annotations

import base64
import gzip
import json
import struct
import time
import zlib
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from code_contract import Carrier, Contract, PictureMark
from contract_tests.checks.bounded import MAX_STEPS, BoundedValidator
from contract_tests.checks.decoding import MAX_DECODED, MAX_MEMBERS
from contract_tests.checks.json_text import MAX_DEPTH, MAX_VALUES, json_limit, parse_json
from contract_tests.checks.parsed_picture import ParsedPicture
from contract_tests.checks.response import ParsedResponse
from contract_tests.engine.retention import MAX_KEPT_BYTES, RetentionPolicy
from contract_tests.engine.session import EvaluationSession
from contract_tests.http.client import MAX_BODY
from contract_tests.http.exchange import Exchange, Request
from contract_tests.pictures.png import MAX_CHUNKS, MAX_PIXELS, MAX_SIDE
from contract_tests.run import check
from contract_tests.settings import Settings
from contract_tests.verdict import LimitExceeded, Outcome
from tests.conftest import checked
from tests.contract_tests.png_samples import GREY, IEND, chunk, ihdr, png
from tests.contract_tests.test_picture_structures import EOI, SCAN, SOI, frame
from tests.servers.hostile import HEAD, raw_server, send

SETTINGS = Settings("http://x")


def response(body: bytes) -> Exchange:
    headers = (("Content-Type", "application/json;charset=UTF-8"),)
    return Exchange(Request("POST", "http://x/code"), "plain", "getCode", 0, 0.0, 200, headers=headers, body=body)


def sample(contract: Contract, **extra: Any) -> bytes:
    return json.dumps({**contract.example("captcha").value, **extra}).encode()


def test_a_repeated_name_among_many_is_found_in_time() -> None:
    """Names are counted in linear time."""
    text = "{" + "".join(f'"k{n}":0,' for n in range(100_000)) + '"k7":1}'
    begun = time.monotonic()
    assert parse_json(text).repeated_names == (("k7", True, ()),)
    assert time.monotonic() - begun < 2


BEYOND = {
    "arrays": (f"[{'[],' * MAX_VALUES}0]", False, f"the JSON text has more than {MAX_VALUES} values"),
    "objects": (f"[{'{},' * MAX_VALUES}0]", False, f"the JSON text has more than {MAX_VALUES} values"),
    "numbers": (f"[{'0,' * MAX_VALUES}0]", False, f"the JSON text has more than {MAX_VALUES} values"),
    "nested": ("[" * MAX_DEPTH + "]" * MAX_DEPTH, False, f"JSON nested deeper than {MAX_DEPTH} levels"),
    "nested beyond the parser": ("[" * 100_000 + "]" * 100_000, False, f"JSON nested deeper than {MAX_DEPTH} levels"),
    "gzip bomb": (f'"{"x" * MAX_DECODED}"', True, f"the body inflates to more than {MAX_DECODED} bytes"),
    "body": (f'"{"x" * MAX_BODY}"', False, f"the body has more than {MAX_BODY} bytes"),
}


def assert_not_checked(contract: Contract, response: bytes, reason: str) -> None:
    """No clause fails, the clauses about the content are skipped with the reason, and the status is 3."""
    with raw_server(send(response)) as port:
        result = check(contract, Settings(f"http://127.0.0.1:{port}", samples=2))
    verdicts = {verdict.clause.id: verdict for verdict in result.verdicts}
    assert [each.clause.id for each in result.verdicts if each.failed] == []
    for clause in ("body-is-json", "valid-request-succeeds", "img-is-a-png", "answers-conform-to-the-contract"):
        assert (verdicts[clause].status, verdicts[clause].reason) == (Outcome.SKIPPED, f"not checked: {reason}")
    assert any(f"was not checked: {reason}" in note for note in result.collection.notes)
    assert result.exit_status == 3
    assert "limit" in result.failure_reason() or reason in result.failure_reason()


@pytest.mark.parametrize(("value", "compressed", "reason"), BEYOND.values(), ids=BEYOND.keys())
def test_a_body_beyond_a_limit_is_not_checked(contract: Contract, value: str, compressed: bool, reason: str) -> None:
    """A correct response with one more field that exceeds a limit."""
    body = sample(contract)[:-1] + f',"x":{value}}}'.encode()
    head = HEAD.replace(b"json", b"json;charset=UTF-8")
    if compressed:
        head, body = head + b"Content-Encoding: gzip\r\n", gzip.compress(body)
    assert_not_checked(contract, head + b"Content-Length: %d\r\n\r\n" % len(body) + body, reason)


def test_a_body_of_too_many_members_is_not_checked(contract: Contract) -> None:
    """A correct response in gzip, after many empty members."""
    body = gzip.compress(b"") * MAX_MEMBERS + gzip.compress(sample(contract))
    head = HEAD.replace(b"json", b"json;charset=UTF-8") + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    assert_not_checked(contract, head % len(body) + body, f"the body has more than {MAX_MEMBERS} members of gzip")


def gif(width: int, height: int) -> bytes:
    file = BytesIO()
    Image.new("L", (9, 9)).save(file, "GIF")
    return file.getvalue()[:6] + struct.pack("<HH", width, height) + file.getvalue()[10:]


def idat(rows: int, length: int) -> bytes:
    return chunk(b"IDAT", zlib.compress(bytes(rows * length)))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg">%b</svg>'
LAST = "png-animation-is-valid"
# Media type, bytes, and the last clause that is checked.
LARGE_PICTURES = {
    "pixels": ("image/png", png(ihdr(2001, 2000, 8, GREY), idat(2000, 2002), IEND), LAST),
    "width": (
        "image/png",
        png(ihdr(MAX_SIDE + 1, 1, 8, GREY), idat(1, MAX_SIDE + 2), IEND),
        LAST,
    ),
    "bytes": ("image/png", png(ihdr(9000, 9000, 16, GREY), idat(9000, 18001), IEND), "png-header-is-valid"),
    "chunks": ("image/png", png(ihdr(9, 9, 8, GREY), chunk(b"teSt") * MAX_CHUNKS, idat(9, 10), IEND), None),
    "elements": ("image/svg+xml", SVG % (b"<g/>" * 100_001), None),
    "nested": (
        "image/svg+xml",
        SVG % (b"<g>" * 200 + b"</g>" * 200),
        None,
    ),
    "scans": ("image/jpeg", SOI + frame() + SCAN * 65 + EOI, "img-is-of-the-documented-type"),
    "screen": ("image/gif", gif(60000, 60000), "img-size-is-valid"),
}


@pytest.mark.parametrize(("kind", "data", "last"), LARGE_PICTURES.values(), ids=LARGE_PICTURES.keys())
def test_a_picture_beyond_a_limit_is_not_decoded(kind: str, data: bytes, last: str | None) -> None:
    """Its structure is checked as far as possible, and no clause is violated."""
    found = ParsedPicture("body", data, PictureMark(Carrier.BODY, kind, None, "", ""))
    assert found.limit.startswith(("a picture has more than", "the pixels of a picture take more than"))
    assert next(reversed(found.results), None) == last
    assert not any(found.results.values())
    assert found.pixels is None


def test_a_large_picture_is_skipped_with_the_reason(contract: Contract) -> None:
    """The other clauses are checked, so the run passes; those about the pixels have the reason."""
    session = EvaluationSession(contract, SETTINGS)
    data = contract.example("captcha").value["data"]
    uri = "data:image/png;base64," + base64.b64encode(LARGE_PICTURES["pixels"][1]).decode()
    session.add(response(sample(contract, data={**data, "img": uri})))
    verdicts = {verdict.clause.id: verdict for verdict in session.verdicts()}
    assert [each for each, verdict in verdicts.items() if verdict.failed] == []
    assert verdicts["png-pixels-fill-the-picture"].checked == 1
    reason = f"a picture has more than {MAX_PIXELS} pixels, or more than {MAX_SIDE} on a side"
    for clause in ("img-is-decodable", "img-is-not-one-colour", "img-is-fresh"):
        assert (verdicts[clause].status, verdicts[clause].reason) == (Outcome.SKIPPED, f"not checked: {reason}")
    assert list(session.limits.notes()) == [f"the content of 1 response was not checked: {reason}"]
    assert not session.limits.all_exceeded


def test_a_large_body_within_the_limits_is_checked(contract: Contract) -> None:
    """A list of 200,000 numbers beside the documented fields is checked."""
    session = EvaluationSession(contract, SETTINGS)
    assert session.add(response(sample(contract, x=[0] * 200_000))).limit == ""
    assert list(session.limits.notes()) == []
    assert not session.limits.all_exceeded


def test_a_text_that_takes_much_memory_is_not_checked() -> None:
    """A character outside the BMP makes a text four times as large."""
    assert json_limit("x" * 4_000_000) == ""
    assert "memory" in json_limit("x" * 4_000_000 + "😀")


def test_an_exchange_after_the_deadline_is_not_evaluated(contract: Contract) -> None:
    """Evaluation ends with the run; a note has the number of responses."""
    session = EvaluationSession(contract, SETTINGS, until=time.monotonic() - 1)
    found = session.add(response(b"not JSON"))
    assert found.limit
    assert list(session.limits.notes()) == [
        "the content of 1 response was not checked: the deadline of the run had passed"
    ]
    assert {verdict.status for verdict in session.verdicts()} == {Outcome.SKIPPED}


def test_the_deadline_covers_evaluation(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose evaluation is slow ends soon after its deadline."""
    evaluate = EvaluationSession.add

    def slow(self: EvaluationSession, exchange: Exchange) -> ParsedResponse:
        found = evaluate(self, exchange)
        time.sleep(0 if found.limit else 0.4)
        return found

    monkeypatch.setattr(EvaluationSession, "add", slow)
    monkeypatch.setattr("contract_tests.run.EVALUATION_GRACE", 0.5)
    begun = time.monotonic()
    checked(contract, samples=32, deadline=1.0)
    assert time.monotonic() - begun < 4


def test_a_schema_that_takes_too_many_steps_ends() -> None:
    """Work on one value is counted, whatever the schema."""
    validator = BoundedValidator({"items": {"anyOf": [{"type": "string"}] * 50}})
    with pytest.raises(LimitExceeded, match=str(MAX_STEPS)):
        list(validator.iter_errors([0] * MAX_STEPS))
    assert not validator.is_valid([0])
    assert validator.is_valid(["a"])


@pytest.mark.parametrize(
    "value",
    [[], [1, 1.0], [1, True], [0, False], [{"a": 1}, {"a": 1}], [{"a": 1}, {"a": 2}], [[1], [True]], [None, None]],
    ids=repr,
)
def test_equal_items_are_those_of_jsonschema(value: list[Any]) -> None:
    """The linear check of `uniqueItems` agrees with jsonschema."""
    schema = {"uniqueItems": True}
    assert BoundedValidator(schema).is_valid(value) == Draft202012Validator(schema).is_valid(value)


def test_unique_objects_are_compared_in_time() -> None:
    """A list of 50,000 objects is checked in linear time."""
    begun = time.monotonic()
    assert BoundedValidator({"uniqueItems": True}).is_valid([{"a": n} for n in range(50_000)])
    assert time.monotonic() - begun < 2


def test_retained_bodies_have_a_limit_in_bytes(contract: Contract) -> None:
    """Reports show fewer responses if these are large."""
    policy, exchange = RetentionPolicy(), response(sample(contract, x="y" * 3_000_000))
    parsed = ParsedResponse(exchange, contract.operations["getCode"])
    kept = [policy.keep(ParsedResponse(replace(exchange, index=n), parsed.operation)) for n in range(20)]
    assert 0 < sum(len(each.body) for each in kept) <= MAX_KEPT_BYTES
