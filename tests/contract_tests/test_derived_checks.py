"""The checks of derived clauses on single responses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from code_contract import Contract, DerivedClause, load
from contract_tests.checks.derived import NO_CREDENTIALS, derived_check
from contract_tests.engine.session import evaluate
from contract_tests.http.exchange import BodyCapture, Exchange, Request
from contract_tests.settings import Settings
from contract_tests.verdict import Verdict
from tests.paths import ROOT

JSON, X_INT = ("Content-Type", "application/json; charset=utf-8"), ("X-Int", "7")
REQUEST = Request("GET", "http://x/things/1?key=k&q=a%20b&e=", (("X-Key", "k"), ("Cookie", "a=b"), ("Accept", "*/*")))
PREFIX = "get-thing-"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load(ROOT / "tests" / "data" / "things.json")


def exchange(status: int = 200, *headers: tuple[str, str], body: bytes = b'{"a": 1}', **changes: Any) -> Exchange:
    made = Exchange(
        REQUEST, "plain", "getThing", 0, 0.0, status, "R", "1.1", headers or (JSON, X_INT), body, 0.01, 0.01
    )
    return replace(made, **changes)


def verdicts(contract: Contract, *made: Exchange) -> dict[str, Verdict]:
    """Return the verdicts on the derived clauses, by the end of their ids."""
    indexed = [replace(each, index=index) for index, each in enumerate(made)]
    found = evaluate(contract, Settings("http://x"), {"getThing": indexed})
    return {v.clause.id.removeprefix(PREFIX): v for v in found if isinstance(v.clause, DerivedClause)}


def failed(contract: Contract, *made: Exchange) -> set[str]:
    return {name for name, verdict in verdicts(contract, *made).items() if verdict.failed}


def checked(contract: Contract, *made: Exchange) -> set[str]:
    return {name for name, verdict in verdicts(contract, *made).items() if verdict.checked}


def received(contract: Contract, name: str, made: Exchange) -> tuple[str, str, str]:
    violation = verdicts(contract, made)[name].findings[0].violation
    return violation.where, violation.expected, violation.received


def test_a_conforming_response_passes(contract: Contract) -> None:
    """Of the documented responses, only the clauses of the one that was received are checked."""
    assert failed(contract, exchange()) == set()
    assert checked(contract, exchange()) == {
        *("is-served", "has-no-server-error", "status-is-documented", "200-media-type-is-documented"),
        *("200-body-is-as-documented", "200-headers-are-as-documented"),
    }


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, set()),
        (405, {"is-served"}),
        (501, {"is-served"}),
        (499, {"status-is-documented"}),
        (201, {"status-is-documented"}),
        (500, {"has-no-server-error"}),
        (599, {"has-no-server-error"}),
    ],
)
def test_statuses(contract: Contract, status: int, expected: set[str]) -> None:
    """Each status violates at most the most basic clause; 404 is documented."""
    made = exchange(status, ("Content-Type", "text/plain"), body=b"[]")
    assert failed(contract, made) == expected
    for name in expected:
        assert received(contract, name, made)[0] == "HTTP status"
        assert received(contract, name, made)[2] == f"{status} R"


def test_a_server_error_decides_nothing_about_the_status(contract: Contract) -> None:
    """An undocumented 405 and a 5xx are reported by more basic clauses."""
    for status in (405, 500):
        assert "status-is-documented" not in checked(contract, exchange(status))


@pytest.mark.parametrize(
    ("status", "unknown", "expected"),
    [
        (405, ("id",), set()),
        (405, ("q",), {"is-served"}),
        (405, ("credentials",), {"is-served"}),
        (403, ("credentials",), set()),
        (422, ("q",), set()),
        (400, ("q",), set()),
        (400, (), {"status-is-documented"}),
        (300, ("id",), {"status-is-documented"}),
        (500, ("id",), {"has-no-server-error"}),
    ],
)
def test_requests_that_may_be_rejected(
    contract: Contract, status: int, unknown: tuple[str, ...], expected: set[str]
) -> None:
    """A 4xx decides nothing if the request has guessed values; 404 and 405 only for values in the path."""
    made = exchange(status, ("Content-Type", "text/plain"), body=b"[]", request=replace(REQUEST, unknown=unknown))
    assert failed(contract, made) == expected


@pytest.mark.parametrize(
    ("status", "media_type", "expected"),
    [
        (200, "application/json", set()),
        (200, "Image/PNG", set()),
        (200, "application/xml", {"200-media-type-is-documented"}),
        (200, None, {"200-media-type-is-documented"}),
        (404, "text/plain", set()),
        (404, "text/html", {"404-media-type-is-documented"}),
        (500, "any/thing", {"has-no-server-error"}),
    ],
)
def test_media_types(contract: Contract, status: int, media_type: str | None, expected: set[str]) -> None:
    """Ranges match; parameters and case do not count."""
    headers = (X_INT, *([("Content-Type", media_type)] if media_type else []))
    made = exchange(status, *headers)
    assert failed(contract, made) == expected
    name = f"{status}-media-type-is-documented"
    if name in expected:
        shown = f'"{media_type}"' if media_type else "no such header"
        documented = "application/json or image/*" if status == 200 else "text/plain"
        assert received(contract, name, made) == ("header Content-Type", documented, shown)


def test_a_response_without_a_body_needs_no_media_type(contract: Contract) -> None:
    """Its body is not JSON either, which the general clause reports."""
    assert failed(contract, exchange(200, X_INT, body=b"")) == set()


def test_a_status_without_a_body_has_none(contract: Contract) -> None:
    """The document may state content for 204 by mistake; no clause, general ones included, asks for it."""
    found = evaluate(contract, Settings("http://x"), {"getThing": [exchange(204, body=b"")]})
    assert [each.clause.id for each in found if each.failed] == []


def test_bodies(contract: Contract) -> None:
    """JSON is validated by the schema of its media type; a picture is not."""
    assert failed(contract, exchange(body=b"{}")) == {"200-body-is-as-documented"}
    assert received(contract, "200-body-is-as-documented", exchange(body=b"[]"))[:2] == ("$", "object (type)")
    assert failed(contract, exchange(200, ("Content-Type", "image/png"), X_INT, body=b"{}")) == set()
    problem = exchange(503, ("Content-Type", "application/problem+json"), body=b"{}")
    assert failed(contract, problem) == {"has-no-server-error", "5xx-body-is-as-documented"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"day": "2026-01-31", "odd": "x"}, ""),
        ({"day": 5}, ""),
        ({"day": "\ud800"}, "format"),
        ({"day": "2026-02-31"}, 'format: "date"'),
        ({"own": {"secret": 1}}, ""),
        ({"own": {}}, "the field"),
        ({"own": []}, "object"),
    ],
)
def test_keywords_of_openapi(contract: Contract, fields: dict[str, Any], expected: str) -> None:
    """Formats are checked; a writeOnly property is required of requests only, where it is one."""
    made = exchange(body=json.dumps({"a": 1, **fields}).encode())
    assert failed(contract, made) == ({"200-body-is-as-documented"} if expected else set())
    if expected:
        assert expected in " ".join(received(contract, "200-body-is-as-documented", made))


def test_an_unknown_body_is_not_checked(contract: Contract) -> None:
    """A recording may lack it."""
    assert "200-body-is-as-documented" not in checked(contract, exchange(held=BodyCapture.NOTHING, body=b""))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("X-Int", "1", ""),
        ("X-Int", "0", "minimum: 1"),
        ("X-Int", "1.5", "integer"),
        ("X-Int", "-1", "minimum: 1"),
        ("X-Int", "many", "integer"),
        ("X-Number", "-1.5e3", ""),
        ("X-Number", "2", ""),
        ("X-Number", "nan", "number"),
        ("X-Number", "1_0", "number"),
        ("X-Bool", "true", ""),
        ("X-Bool", "false", ""),
        ("X-Bool", "True", "boolean"),
        ("X-List", "1, 2", ""),
        ("X-List", "1", "array"),
        ("X-List", "1, a", "array"),
        ("X-Texts", "1, a", ""),
        ("X-Word", "abc", ""),
        ("X-Word", "ABC", "matches"),
        ("X-Word", "1", "string"),
        ("X-Never", "1", "no value"),
    ],
)
def test_headers(contract: Contract, name: str, value: str, expected: str) -> None:
    """A value is read in the type of its schema; Content-Type is not a header of its own."""
    headers = [JSON, X_INT] if name != "X-Int" else [JSON]
    made = exchange(200, *headers, (name.lower(), value))
    clause = "200-headers-are-as-documented"
    assert failed(contract, made) == ({clause} if expected else set())
    if expected:
        where, shown, found = received(contract, clause, made)
        assert (where, found) == (f"header {name}", f'"{value}"')
        assert expected in shown


def test_a_required_header_is_missing(contract: Contract) -> None:
    """Others may be."""
    found = received(contract, "200-headers-are-as-documented", exchange(200, JSON))
    assert found == ("header X-Int", "this header", "no such header")


def test_the_request_without_credentials(contract: Contract) -> None:
    """It lacks every API key, cookie and authorization, and keeps the rest; other operations have no such request."""
    clause = contract.clauses[f"{PREFIX}requires-credentials"]
    assert isinstance(clause, DerivedClause)
    probe = derived_check(clause).probe
    assert probe is not None
    operation = contract.operations["getThing"]
    (sent,) = probe.requests(REQUEST, operation)
    assert (sent.url, sent.headers) == ("http://x/things/1?q=a+b&e=", (("Accept", "*/*"),))
    (sent,) = probe.requests(replace(REQUEST, url="http://x/things/1?Key=1"), operation)
    assert sent.url == "http://x/things/1"
    assert probe.requests(REQUEST, replace(operation, id="other")) == ()


@pytest.mark.parametrize(("status", "passes"), [(401, True), (403, True), (407, True), (200, False), (404, False)])
def test_a_request_without_credentials_is_rejected(contract: Contract, status: int, passes: bool) -> None:
    """401 and 403 pass; a response without the credentials is a violation."""
    verdict = verdicts(contract, exchange(), exchange(status, label=NO_CREDENTIALS))["requires-credentials"]
    assert (verdict.checked, bool(verdict.failed)) == (1, not passes)
