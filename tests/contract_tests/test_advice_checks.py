"""Checks of access, advice and freshness, and the requests of their probes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from code_contract import Contract
from code_contract.parameters import parameter
from contract_tests.checks import access, advice
from contract_tests.checks.freshness import MIN_IDS
from contract_tests.checks.registry import BASELINE, CheckRegistry, RunCheck, clause_json_path
from contract_tests.http.exchange import Request
from tests.contract_tests.test_checks import JSON_TYPE, SAMPLE, captcha, exchange, verdicts_on
from tests.contract_tests.test_operation_checks import Found, found

URL = "http://x/code"


@pytest.mark.parametrize(
    ("location", "sent", "probed"),
    [
        (
            "header",
            Request("POST", URL, (("SOURCE", "PC"), ("A", "Source"))),
            Request("POST", URL, (("A", "Source"),)),
        ),
        ("query", Request("POST", f"{URL}?Source=PC"), Request("POST", URL)),
        ("query", Request("POST", f"{URL}?a=&Source=PC&b=?"), Request("POST", f"{URL}?a=&b=%3F")),
        (
            "cookie",
            Request("POST", URL, (("Cookie", "a=1; Source=PC; b=2"), ("Source", "x"))),
            Request("POST", URL, (("Cookie", "a=1; b=2"), ("Source", "x"))),
        ),
        ("cookie", Request("POST", URL, (("COOKIE", "Source=PC"), ("A", "b"))), Request("POST", URL, (("A", "b"),))),
    ],
)
def test_the_probe_without_a_source_lacks_nothing_else(
    contract: Contract, location: str, sent: Request, probed: Request
) -> None:
    """Other headers, fields and cookies stay, empty ones too."""
    source = parameter({"name": "Source", "in": location, "required": True, "example": "PC", "x-source": True})
    other = parameter({"name": "a", "in": location, "example": "1"})
    made = contract.operations["getCode"]
    assert access.NO_SOURCE.mutate(sent, replace(made, parameters=(other, source))) == probed
    assert access.NO_SOURCE.mutate(sent, replace(made, parameters=(other,))) is None


@pytest.mark.parametrize(
    ("control", "is_cacheable"),
    [
        ("max-age=1", True),
        ("Public, S-MaxAge = 60", True),
        ('private,max-age="060"', True),
        ("max-age=0", False),
        ("max-age=00", False),
        ("x-max-age=60", False),
        ("no-store, max-age=60", False),
        ("max-age=60, NO-CACHE", False),
        ("no-storex, max-age=60", True),
        ("public", False),
        ("", False),
    ],
)
def test_a_lifetime_is_reported(control: str, is_cacheable: bool) -> None:
    """A response with a freshness lifetime (RFC 9111 §4.2.1) may be reused, unless no-store or no-cache forbids it."""
    response = exchange(SAMPLE, JSON_TYPE, ("Cache-Control", control))
    violation = ("header Cache-Control", "no lifetime, or no-store", f'"{control}"')
    assert found("answer-is-not-cacheable", response) == (1, [violation] if is_cacheable else [])
    assert found("answer-is-not-cacheable", exchange()) == (1, [])


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (405, (), (1, [("header Allow", "at least POST", "no such header")])),
        (405, (("Allow", "GET"),), (1, [("header Allow", "at least POST", '"GET"')])),
        (405, (("Allow", "GET, POST"),), (1, [])),
        (405, (("Allow", "GET"), ("ALLOW", " post ")), (1, [])),
        (406, (), (0, [])),
    ],
)
def test_a_405_names_the_methods(status: int, headers: tuple[tuple[str, str], ...], expected: Found) -> None:
    """Allow lists the method that is documented; a server may respond with another status."""
    response = exchange(b"", *headers or (("X", "y"),), status=status, label=advice.OTHER_METHOD.label)
    assert found("405-names-the-methods", exchange(), response) == expected


def timed(*seconds: float) -> tuple[Found, list[int]]:
    """Return what is reported of response times, and the indexes of the responses that show it."""
    responses = [exchange(elapsed=each) for each in seconds]
    findings = verdicts_on(*responses)["median-latency-is-low"].findings
    return found("median-latency-is-low", *responses), [each.exchange.index for each in findings]


def test_the_median_time_is_reported_with_the_slowest_response() -> None:
    """A second is the limit; one slow response alone does not exceed it; of equals, the first is shown."""
    text = ("time", "a median of at most 1 s", "1.25 s")
    assert timed(1.25) == ((1, [text]), [0])
    assert timed(1.0, 1.5) == ((2, [text]), [1])
    assert timed(0.1, 1.25, 9.0, 9.0, 0.2) == ((5, [text]), [2])
    assert timed(1.0, 1.0, 9.0) == ((3, []), [])
    assert timed() == ((0, []), [])


def with_ids(*ids: str) -> Found:
    return found("uuid-is-not-a-counter", *(exchange(captcha(uuid=each)) for each in ids))


LEAST = 4 * MIN_IDS


@pytest.mark.parametrize(
    ("ids", "is_sequence"),
    [
        ([str(n) for n in range(MIN_IDS)], True),
        ([str(n) for n in range(MIN_IDS - 1)], False),
        ([str(9 - n) for n in range(MIN_IDS)], True),
        ([f"x{n}" for n in (0, 1, 2, 3, LEAST)], True),
        ([f"x{n}" for n in (0, 1, 2, 3, LEAST + 1)], False),
        ([f"x{n}" for n in (1000, 1001, 1002, 1003, 1004)], True),
        ([f"{n:x}" for n in range(8, 18)], True),
        ([f"{n:X}-" for n in range(8, 18)], False),
        ([f"{'abc'[n % 3]}-{n}" for n in range(9)], False),
        ([str(n % 5) for n in range(9)], False),
        (["x", *(str(n) for n in range(9))], False),
        ([f"{n:050d}" for n in range(9)], True),
        ([f"é{n}\ud800" for n in range(9)], False),
    ],
)
def test_a_sequence_of_ids_is_reported(ids: list[str], is_sequence: bool) -> None:
    """At least five different numbers, of which the distances are small, after one and the same text."""
    text = ("$.data.uuid", "an id that cannot be predicted", f'"{ids[-1]}"')
    assert with_ids(*ids) == (len(ids), [text] if is_sequence else [])


def test_the_last_response_shows_the_sequence() -> None:
    """The id that shows the violation is in the exchange of its finding."""
    verdict = verdicts_on(*(exchange(captcha(uuid=str(n))) for n in range(MIN_IDS)))["uuid-is-not-a-counter"]
    assert [each.exchange.index for each in verdict.findings] == [MIN_IDS - 1]


def test_a_repeated_id_is_reported_with_its_first_request() -> None:
    """The id, and the number of the request whose response had it first; empty ids are not compared."""
    responses = [exchange(captcha(uuid=each)) for each in ("a", "b", "\ud800", "b", "", "")]
    text = ("$.data.uuid", "an id that no other response has", '"b" again, as in request 2')
    assert found("uuid-is-unique", *responses) == (4, [text])
    picture = ("$.data.img", "a picture that no other response has", "the pixels of request 1 again")
    assert found("img-is-fresh", exchange(), exchange()) == (2, [picture])


def test_registration(contract: Contract) -> None:
    """A clause has one check, which applies to baseline responses, those of its probe, or both."""
    registry = CheckRegistry()
    made = registry.per_response("a-b", select=lambda response, place: [])(lambda subject: iter(()))
    assert made(None) is not None
    with pytest.raises(ValueError, match="'a-b' has two checks"):
        registry.unique("a-b", select=lambda response, place: [], key=bytes)(lambda *_: None)
    check = registry["a-b"]
    assert (check.labels, check.live_only, check.skip_reason) == ({BASELINE}, False, "")
    run = registry.whole_run("a-c", select=lambda response, place: [], probe=advice.OTHER_METHOD)
    assert not isinstance(run(object), RunCheck)
    check = registry["a-c"]
    assert isinstance(check, RunCheck)
    assert (check.labels, check.live_only, check.explains) == ({"other-method"}, True, "")
    registry.whole_run("a-d", select=lambda response, place: [], include_baseline=True)(object)
    registry.whole_run("a-e", select=lambda *_: [], probe=advice.OTHER_METHOD, include_baseline=True)(object)
    assert (registry["a-d"].labels, registry["a-d"].live_only) == ({BASELINE}, False)
    assert registry["a-e"].labels == {BASELINE, "other-method"}
    assert clause_json_path(contract.clause("uuid-is-unique")) == "$.data.uuid"
    assert clause_json_path(contract.clause("valid-request-succeeds")) == "$"
