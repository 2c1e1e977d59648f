"""Every check on exchanges made by hand, without a network."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from code_contract import Contract, load
from contract_tests.engine.session import evaluate
from contract_tests.http.exchange import Exchange, Request, TransportError, TransportErrorKind
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome, Verdict

CONTRACT = load()
SAMPLE = CONTRACT.example("captcha").value
REFUSED = CONTRACT.example("refused").value
JSON_TYPE = ("Content-Type", "application/json;charset=UTF-8")
REQUEST = Request("POST", "http://x/code", (("Source", "PC"),))


def exchange(body: Any = SAMPLE, *headers: tuple[str, str], **changes: Any) -> Exchange:
    """Return a baseline exchange with status 200 and `body` as JSON, or as is if it is bytes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    made = Exchange(REQUEST, "plain", "getCode", 0, 0.0, 200, "OK", "1.1", headers or (JSON_TYPE,), raw, 0.01, 0.01)
    return replace(made, **changes)


def verdicts_on(*exchanges: Exchange, contract: Contract = CONTRACT, **settings: Any) -> dict[str, Verdict]:
    """Return the verdicts on exchanges by clause."""
    made = [replace(each, index=index) for index, each in enumerate(exchanges)]
    found = evaluate(contract, Settings("http://x", **settings), {"getCode": made})
    return {verdict.clause.id: verdict for verdict in found}


def failed_clauses(*exchanges: Exchange) -> set[str]:
    """Return the clauses that fail on exchanges."""
    return {name for name, verdict in verdicts_on(*exchanges).items() if verdict.failed}


def sample(**changes: Any) -> dict[str, Any]:
    """Return the document's sample with changed fields."""
    return SAMPLE | changes


def captcha(**changes: Any) -> dict[str, Any]:
    """Return the document's sample with changed fields in its data."""
    return sample(data=SAMPLE["data"] | changes)


def test_the_sample_of_the_document_passes() -> None:
    """No clause fails on the sample, and every clause that applies to one response is checked."""
    verdicts = verdicts_on(exchange())
    assert {name for name, verdict in verdicts.items() if verdict.failed} == set()
    unjudged = {name for name, verdict in verdicts.items() if verdict.status is Outcome.SKIPPED}
    assert unjudged == {
        "405-names-the-methods",
        "answers-conform-to-the-contract",
        "connection-is-reusable",
        "error-carries-no-data",
        "error-code-differs",
        "error-has-a-message",
        "error-uses-the-envelope",
        "framing-is-valid",
        "head-is-valid-http",
        "line-ends-are-crlf",
        "nothing-follows-the-body",
        "other-origins-may-call",
        "real-clients-are-served",
        "source-is-required",
        "status-line-is-complete",
        "unused-body-is-ignored",
        "uuid-tells-no-time",
    }


GOOD = {
    "no charset": exchange(SAMPLE, ("Content-Type", "application/json")),
    "charset in lower case": exchange(SAMPLE, ("content-type", "application/json; charset=utf-8")),
    "charset in quotes": exchange(SAMPLE, ("Content-Type", 'Application/JSON; charset="UTF-8"')),
    "extra fields": exchange(sample(timestamp=1, data=SAMPLE["data"] | {"ttl": 60})),
    "msg missing": exchange({k: v for k, v in SAMPLE.items() if k != "msg"}),
    "msg empty": exchange(sample(msg="")),
    "msg Chinese": exchange(sample(msg="成功")),
    "uuid short": exchange(captcha(uuid="00")),
    "uuid with dashes": exchange(captcha(uuid="408e68e2-1575-4432-8a6b-46c862a1a081")),
    "pretty": exchange(json.dumps(SAMPLE, indent=2).encode()),
    "escaped slashes": exchange(json.dumps(SAMPLE).replace("/", "\\/").encode()),
    "gzip": exchange(gzip.compress(json.dumps(SAMPLE).encode()), JSON_TYPE, ("Content-Encoding", "gzip")),
    "gzip in members": exchange(b"".join(gzip.compress(bytes([each])) for each in json.dumps(SAMPLE).encode()), JSON_TYPE, ("Content-Encoding", "gzip")),
    "gzip with zeros": exchange(gzip.compress(json.dumps(SAMPLE)[:9].encode()) + bytes(70_000) + gzip.compress(json.dumps(SAMPLE)[9:].encode()) + bytes(512), JSON_TYPE, ("Content-Encoding", "gzip")),
    "zlib deflate": exchange(zlib.compress(json.dumps(SAMPLE).encode()), JSON_TYPE, ("Content-Encoding", "deflate")),
    "raw deflate": exchange(zlib.compress(json.dumps(SAMPLE).encode())[2:-4], JSON_TYPE, ("Content-Encoding", "deflate")),
    "no-store": exchange(SAMPLE, JSON_TYPE, ("Cache-Control", "no-store, max-age=0")),
    "code 200.0": exchange(json.dumps(SAMPLE).replace("200", "200.0", 1).encode()),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_correct_response_passes(name: str) -> None:
    """No MUST clause fails on what the document leaves open."""
    verdicts = verdicts_on(GOOD[name])
    assert [v.clause.id for v in verdicts.values() if v.status is Outcome.FAILED] == []


BAD = {
    "no answer": (exchange(status=None, error=TransportError(TransportErrorKind.NO_RESPONSE, "x")), {"answer-arrives"}),
    "half a body": (exchange(error=TransportError(TransportErrorKind.INCOMPLETE, "x")), {"answer-is-complete"}),
    "404": (exchange(b"<h1>", ("Content-Type", "text/html"), status=404), {"post-code-is-served"}),
    "401": (exchange(b"", status=401), {"no-authentication-needed"}),
    "500": (exchange(b"<h1>", status=500), {"valid-request-succeeds"}),
    "302": (exchange(b"", ("Location", "http://elsewhere"), status=302), {"valid-request-succeeds"}),
    "refused": (exchange(REFUSED), {"valid-request-succeeds"}),
    "403 in the envelope": (exchange(REFUSED, status=403), {"valid-request-succeeds"}),
    "204": (exchange(b"", status=204), {"success-is-http-200", "body-is-json"}),
    "201": (exchange(status=201), {"success-is-http-200"}),
    "html": (exchange(SAMPLE, ("Content-Type", "text/html;charset=UTF-8")), {"content-type-is-json"}),
    "no content type": (exchange(SAMPLE, ("X-A", "b")), {"content-type-is-json"}),
    "gbk": (exchange(SAMPLE, ("Content-Type", "application/json;charset=GBK")), {"charset-is-utf-8"}),
    "brotli": (exchange(SAMPLE, JSON_TYPE, ("Content-Encoding", "br")), {"content-encoding-is-correct"}),
    "gzip cut": (exchange(gzip.compress(b"{}" * 99)[:-9], JSON_TYPE, ("Content-Encoding", "gzip")), {"content-encoding-is-correct"}),
    "gzip, second member cut": (exchange(gzip.compress(b"{}") + gzip.compress(b"{}" * 99)[:-9], JSON_TYPE, ("Content-Encoding", "gzip")), {"content-encoding-is-correct"}),
    "gzip, second member bad": (exchange(gzip.compress(b"{}") + b"\x1f\x8bno member", JSON_TYPE, ("Content-Encoding", "gzip")), {"content-encoding-is-correct"}),
    "latin-1": (exchange('{"é":1}'.encode("latin-1")), {"body-is-utf-8"}),
    "bom": (exchange(b"\xef\xbb\xbf" + json.dumps(SAMPLE).encode()), {"body-has-no-byte-order-mark"}),
    "not json": (exchange(b"{'a':1}"), {"body-is-json"}),
    "NaN": (exchange(b"NaN"), {"body-is-json"}),
    "6000 digits": (exchange(json.dumps(SAMPLE).replace("200", "9" * 6000, 1).encode()), {"code-is-200-on-success"}),
    "array": (exchange([SAMPLE]), {"envelope-is-an-object"}),
    "null": (exchange(b"null"), {"envelope-is-an-object"}),
    "flag missing": (exchange({k: v for k, v in SAMPLE.items() if k != "succFlag"}), {"succ-flag-is-present"}),
    "flag 1": (exchange(sample(succFlag=1)), {"succ-flag-is-a-boolean"}),
    "code text": (exchange(sample(code="200")), {"code-is-an-integer"}),
    "code 0": (exchange(sample(code=0)), {"code-is-200-on-success"}),
    "data null": (exchange(sample(data=None)), {"data-is-given-on-success"}),
    "data text": (exchange(sample(data="x")), {"data-is-an-object"}),
    "uuid empty": (exchange(captcha(uuid="")), {"uuid-is-not-empty"}),
    "img null": (exchange(captcha(img=None)), {"img-is-a-string"}),
    "img bare": (exchange(captcha(img=SAMPLE["data"]["img"].split(",")[1])), {"img-is-a-png-data-uri"}),
    "img line end": (exchange(captcha(img=SAMPLE["data"]["img"] + "\n")), {"img-is-strict-base64"}),
    "img gif": (exchange(captcha(img="data:image/png;base64," + base64.b64encode(b"GIF89a").decode())), {"img-is-a-png"}),
    "same twice": ((exchange(), exchange()), {"uuid-is-unique", "img-is-fresh"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_defect_is_reported_under_its_clause_alone(name: str) -> None:
    """One defect makes only the expected MUST and SHOULD clauses fail."""
    received, expected = BAD[name]
    exchanges = received if isinstance(received, tuple) else (received,)
    verdicts = verdicts_on(*exchanges)
    reported = {n for n, v in verdicts.items() if v.status in (Outcome.FAILED, Outcome.WARNING)}
    assert reported == expected


@pytest.mark.parametrize(
    ("uuids", "counts"),
    [
        ([f"{n}" for n in range(100, 108)], True),
        ([f"id-{n:08x}" for n in range(0xFE, 0x106)], True),
        (["a7", "b1", "c9", "d4", "e2", "f8", "07", "19"], False),
        ([f"{n * 7919 % 100003:05d}" for n in range(1, 9)], False),
    ],
    ids=["decimal", "hexadecimal", "short and random", "scattered"],
)
def test_sequential_ids_are_reported(uuids: list[str], counts: bool) -> None:
    """Consecutive ids are reported; ids that are only short are not."""
    verdicts = verdicts_on(*(exchange(captcha(uuid=uuid)) for uuid in uuids))
    assert bool(verdicts["uuid-is-not-a-counter"].failed) is counts


def test_credentials_of_the_run_skip_the_clause() -> None:
    """If every request had credentials, `no-authentication-needed` is skipped."""
    request = replace(REQUEST, headers=(("Authorization", "Bearer x"),))
    verdict = verdicts_on(replace(exchange(), request=request))["no-authentication-needed"]
    assert verdict.status is Outcome.SKIPPED
    assert "credentials" in verdict.reason


def test_an_echoed_secret_is_redacted() -> None:
    """The value of a configured header appears in no finding, not even in part."""
    secret = "s3cret-" + "x" * 60
    headers = (("Authorization", secret),)
    for padding in (0, 60, 90, 110):
        body = sample(msg={"echo": "." * padding + secret})
        for finding in verdicts_on(exchange(body), headers=headers)["msg-is-a-string-or-null"].findings:
            assert "s3cret" not in repr(finding.violation)


def test_hostile_text_is_escaped() -> None:
    """Terminal escapes, control characters and bidirectional overrides are escaped."""
    hostile = "\x1b[31m\x07\u202e\u2066\ud800\x9b<script>"
    finding = verdicts_on(exchange(sample(msg=[hostile])))["msg-is-a-string-or-null"].findings[0]
    assert not set(finding.violation.received) & set("\x1b\x07\u202e\u2066\ud800\x9b")
    assert "\\u001b" in finding.violation.received


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=st.one_of(st.binary(max_size=300), st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.sampled_from(["succFlag", "code", "data", "msg", "uuid", "img", "x"]), c), max_leaves=8)),
    headers=st.lists(st.tuples(st.sampled_from(["Content-Type", "Content-Encoding", "Cache-Control", "Allow", "Location", "Retry-After"]), st.text(max_size=30)), max_size=4),
    status=st.integers(0, 999),
    label=st.sampled_from(["plain", "empty-object", "no-source", "other-method"]),
)  # fmt: skip
def test_no_response_raises(body: Any, headers: list[tuple[str, str]], status: int, label: str) -> None:
    """Every check accepts any response of a target."""
    made = exchange(body, *headers, status=status, label=label)
    assert len(verdicts_on(made, exchange())) == len(CONTRACT.clauses)


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(at=st.integers(0, 2600), change=st.binary(max_size=6), cut=st.integers(0, 6))
def test_no_picture_raises(at: int, change: bytes, cut: int) -> None:
    """Every check of the picture accepts any bytes in a data URI."""
    png = base64.b64decode(SAMPLE["data"]["img"].partition(",")[2])
    changed = png[:at] + change + png[at + cut :]
    uri = "data:image/png;base64," + base64.b64encode(changed).decode()
    assert len(verdicts_on(exchange(captcha(img=uri)))) == len(CONTRACT.clauses)


@pytest.mark.slow
@hypothesis_settings(max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=st.binary(max_size=3000), spoil=st.lists(st.tuples(st.integers(0, 2500), st.binary(max_size=9)), max_size=5)
)
def test_no_bytes_raise(body: bytes, spoil: list[tuple[int, bytes]]) -> None:
    """Every check accepts any body, and any damage to the sample's picture, over many examples."""
    png = bytearray(base64.b64decode(SAMPLE["data"]["img"].partition(",")[2]))
    for at, change in spoil:
        png[at : at + len(change)] = change
    uri = "data:image/png;base64," + base64.b64encode(png).decode()
    assert len(verdicts_on(exchange(body), exchange(captcha(img=uri)))) == len(CONTRACT.clauses)
