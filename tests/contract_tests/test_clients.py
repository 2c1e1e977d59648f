"""Client profiles: what is sent, the spread over the samples, and the header for which a target refuses a client."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import pytest

from code_contract import Contract
from contract_tests.checks.clients import CHECKS, CLIENTS_CLAUSE
from contract_tests.checks.response import ParsedResponse
from contract_tests.engine.collector import Collector
from contract_tests.engine.profiles import PROFILES, profiled
from contract_tests.http.exchange import Exchange, Request
from contract_tests.inputs.baseline import baseline_request
from contract_tests.reports import html, markdown, terminal
from contract_tests.run import check
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome
from tests.conftest import checked
from tests.contract_tests.test_checks import exchange
from tests.servers.clients import SERVERS
from tests.servers.correct import Server, serving

NAMES = [profile.name for profile in PROFILES]


def request(contract: Contract, **settings: object) -> tuple[Request, Settings]:
    """The baseline request to an address that nothing listens at, and its settings."""
    chosen = Settings(**{"base_url": "http://127.0.0.1:9", **settings})
    found = baseline_request(contract.operations["getCode"], chosen)
    assert found is not None
    return found, chosen


def test_the_samples_are_spread_over_the_profiles(contract: Contract) -> None:
    """Every profile occurs in the first samples, and as often as any other; the sequence is the same in every run."""
    base, settings = request(contract)
    clients = [profiled(base, index, settings).client for index in range(10 * len(PROFILES))]
    assert len(PROFILES) <= 32
    assert clients[: len(PROFILES)] == NAMES
    assert Counter(clients) == dict.fromkeys(NAMES, 10)
    assert clients == [profiled(base, index, settings).client for index in range(len(clients))]
    assert clients[len(PROFILES) : 2 * len(PROFILES)] != NAMES


@pytest.mark.parametrize("index", range(len(PROFILES)), ids=NAMES)
def test_a_profile_has_what_the_contract_requires(contract: Contract, index: int) -> None:
    """The source and the content type are those of the contract, spelled in an equivalent way."""
    base, settings = request(contract)
    sent = profiled(base, index, settings)
    headers = {name.lower(): value for name, value in sent.headers}
    assert len(headers) == len(sent.headers)
    assert headers["source"] == "PC"
    assert headers["content-type"].lower().replace("; ", ";") == "application/json;charset=utf-8"
    assert set(headers.get("accept-encoding", "gzip").replace(" ", "").split(",")) <= {"gzip", "deflate"}
    assert headers.get("origin", settings.base_url) == settings.base_url


def test_every_spelling_and_every_language_is_sent(contract: Contract) -> None:
    """Charset in both cases and after a space, absent Content-Length and Accept, several languages, own origin."""
    base, settings = request(contract)
    every = [profiled(base, index, settings) for index in range(len(PROFILES))]
    types = {value for each in every for name, value in each.headers if name.lower() == "content-type"}
    assert {
        "application/json;charset=UTF-8",
        "application/json;charset=utf-8",
        "application/json; charset=utf-8",
    } == types
    assert {each.body for each in every} == {None, b""}
    languages = {value for each in every for name, value in each.headers if name == "Accept-Language"}
    assert {value.partition(",")[0].partition("-")[0] for value in languages} >= {"zh", "en", "de", "fr", "ja"}
    names = Counter(name.lower() for each in every for name, _ in each.headers)
    assert set(names) >= {"origin", "traceparent", "x-forwarded-for", "via"}
    assert 0 < names["accept"] < len(every)


@pytest.mark.parametrize("index", range(len(PROFILES)), ids=NAMES)
def test_headers_of_the_user_replace_those_of_the_profile(contract: Contract, index: int) -> None:
    """--header wins in every profile, whatever its case."""
    given = (("accept", "text/x"), ("User-agent", "mine"), ("Content-Type", "application/json;charset=UTF-8"))
    base, settings = request(contract, headers=given)
    sent = profiled(base, index, settings).headers
    for name, value in given:
        assert [pair for pair in sent if pair[0].lower() == name.lower()] == [(name, value)]


@pytest.mark.parametrize(
    ("url", "origin", "has_metadata"),
    [
        ("https://Api.example:443/v1", "https://api.example", True),
        ("http://api.example:80", "http://api.example", False),
        ("http://[::1]:8080", "http://[::1]:8080", True),
        ("http://localhost", "http://localhost", True),
        ("https://bücher.example:8443", "https://xn--bcher-kva.example:8443", True),
    ],
)
def test_the_origin_is_that_of_the_target(contract: Contract, url: str, origin: str, has_metadata: bool) -> None:
    """A browser omits the default port and sends Sec-Fetch headers to trustworthy addresses only."""
    settings = Settings.from_options(contract, url, {})
    base = baseline_request(contract.operations["getCode"], settings)
    assert base is not None
    headers = dict(profiled(base, NAMES.index("fetch in Chrome"), settings).headers)
    assert headers["Origin"] == origin
    assert headers["Referer"] == f"{origin}/"
    assert ("Sec-Fetch-Site" in headers) is has_metadata
    read = profiled(replace(base, method="GET"), NAMES.index("fetch in Chrome"), settings)
    assert "Origin" not in dict(read.headers)
    assert read.body is None


FAST = {
    "charset compared by case",
    "Accept required",
    "own origin refused",
    "names compared by case",
    "byte order mark for Ajax",
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in SERVERS]
)
def test_a_refused_client_is_reported_with_its_header(contract: Contract, name: str) -> None:
    """The clause fails alone, the report names client and header, and the command shows the header."""
    expected = SERVERS[name]
    with serving(expected.server) as base_url:
        result = check(contract, Settings(base_url, samples=16))
    failed = {v.clause.id: v for v in result.verdicts if v.status in (Outcome.FAILED, Outcome.WARNING)}
    assert set(failed) == {expected.clause}
    verdict = failed[expected.clause]
    assert expected.header in verdict.clients
    assert expected.client in verdict.clients
    assert 0 < verdict.failed < verdict.checked == 16
    lines = list(terminal.render(result))
    printed = lines[next(at for at, line in enumerate(lines) if line.strip() == "reproduce") + 1]
    shown = expected.header.partition('"')[2].rstrip('"')
    assert shown in printed
    absent = expected.header.removeprefix("without ")
    assert not expected.header.startswith("without ") or f"-H '{absent}: " not in printed
    for page in (html.write(result), markdown.write(result)):
        assert expected.client in page.decode()


def test_an_intermittent_failure_is_not_attributed_to_a_client(contract: Contract) -> None:
    """One failure in four is reported under the clause about valid requests, without a client."""
    for samples in (12, 32):
        result = checked(contract, "flaky-errors", samples=samples)
        failed = [verdict for verdict in result.verdicts if verdict.failed]
        assert [(verdict.clause.id, verdict.clients) for verdict in failed] == [("valid-request-succeeds", "")]


def test_the_comparison_is_bounded(contract: Contract) -> None:
    """The requests that compare clients have a maximum, and end at the deadline of the run."""
    slow = Server(refuses=SERVERS["languages with weights"].server.refuses, delay=0.1)
    with serving(slow) as base_url:
        result = check(contract, Settings(base_url, samples=12, deadline=2.0))
    exchanges = list(result.collection.all())
    assert max(each.started + each.elapsed for each in exchanges) < result.collection.started + 2.5
    assert sum(each.label == "client" for each in exchanges) <= 64
    assert result.exit_status == 1


def test_the_comparison_respects_a_stated_rate_limit(contract: Contract) -> None:
    """After a response that grants no further request, the next one waits until the limit is reset."""
    base, settings = request(contract)
    limit = (("RateLimit-Remaining", "0"), ("RateLimit-Reset", "1"))

    def send(made: Request, *, label: str, operation: str, index: int, deadline: float) -> Exchange:
        return Exchange(made, label, operation, index, 0.0, 200, headers=limit)

    collector = Collector(contract, replace(settings, samples=1, only=frozenset({"answer-arrives"})), send)
    collector.collect([])
    begun = time.monotonic()
    assert collector.compare(base, "getCode") is not None
    assert collector.compare(base, "getCode") is not None
    assert time.monotonic() - begun >= 1.0


def test_the_difference_is_named_without_the_clause(contract: Contract) -> None:
    """With --only, the selected clause itself names client and header."""
    with serving(SERVERS["own origin refused"].server) as base_url:
        only = frozenset({"valid-request-succeeds"})
        result = check(contract, Settings(base_url, samples=16, only=only))
    (verdict,) = result.verdicts
    assert verdict.failed
    assert "Origin" in verdict.clients


def test_another_origin_is_observed_only(contract: Contract) -> None:
    """A server that refuses other origins, or does not let them read, gets an observation and passes."""
    for refuses in (lambda h: 403 if "other" in (h["Origin"] or "") else 0, lambda h: 0):
        with serving(Server(refuses=refuses)) as base_url:
            result = check(contract, Settings(base_url, samples=12))
        reported = {v.clause.id: v.status for v in result.verdicts if v.failed}
        assert reported == {"other-origins-may-call": Outcome.INFO}
        assert result.exit_status == 0


def test_a_request_of_another_origin_has_one_origin(contract: Contract) -> None:
    """The Origin and the Referer of the client are replaced, whatever their case."""
    base, _ = request(contract)
    own = replace(base, headers=(*base.headers, ("ORIGIN", "http://own"), ("referer", "http://own/")))
    (probe,) = [each.probe for each in CHECKS.values() if each.probe is not None]
    sent = probe.mutate(own, contract.operations["getCode"])
    names = [name.lower() for name, _ in sent.headers]
    assert names.count("origin") == names.count("referer") == 1
    assert "http://own" not in dict(sent.headers).values()


def test_clients_of_a_target_that_grants_nothing_are_not_checked(contract: Contract) -> None:
    """No client is refused for its headers where every request is."""
    aggregate = CHECKS[CLIENTS_CLAUSE].aggregate(contract.clauses[CLIENTS_CLAUSE])
    base, _ = request(contract)
    refused = ParsedResponse(exchange(request=base, status=500), contract.operations["getCode"])
    aggregate.checked = 1
    aggregate.add(refused, refused)
    assert list(aggregate.finish()) == []
    assert aggregate.checked == 0


def test_a_refused_client_does_not_pass_the_clauses_of_others(contract: Contract) -> None:
    """A clause that fails for every client whose response it applies to is not attributed to a header."""
    verdicts = checked(contract, "img-crc", "trace-context-rejected", samples=32).verdicts
    clients = {verdict.clause.id: verdict.clients for verdict in verdicts if verdict.failed}
    assert clients.keys() == {"png-crcs-are-correct", CLIENTS_CLAUSE}
    assert clients["png-crcs-are-correct"] == ""
    assert clients[CLIENTS_CLAUSE].startswith("only a gateway: with ")
