"""Statistics of a check under load, merged from several processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from code_contract import Contract
from contract_tests.http.exchange import Exchange
from contract_tests.load import handover
from contract_tests.load import stats as load
from contract_tests.load.stats import LoadSummary, WorkerStats
from contract_tests.settings import Settings, Waiver
from tests.contract_tests.test_checks import captcha, exchange

SETTINGS = Settings("http://x")
SECRET = "canary-of-a-header-3e1f"


def added(contract: Contract, *processes: list[Exchange], settings: Settings = SETTINGS) -> LoadSummary:
    """The summary of processes that received these responses and reported once."""
    summary = LoadSummary(contract, settings)
    for made in processes:
        stats = WorkerStats(contract, settings)
        for each in made:
            stats.add(each)
        summary.add(json.loads(json.dumps(stats.report(), default=lambda digests: digests.hex()), object_hook=_bytes))
    return summary


def _bytes(value: dict[str, Any]) -> dict[str, Any]:
    """A report as a master receives it; Locust uses msgpack instead of JSON."""
    if "digests" in value:
        sites = value["digests"].items()
        value["digests"] = {
            name: {site: bytes.fromhex(digests) for site, digests in each.items()} for name, each in sites
        }
    return value


def failed(summary: LoadSummary) -> dict[str, tuple[int, int]]:
    return {name: (each.failed, each.checked) for name, each in summary.clauses.items() if each.failed}


def test_reports_of_processes_are_merged(contract: Contract) -> None:
    """Three of five responses violate one clause, and one another, regardless of the process."""
    right = [exchange(captcha(uuid=f"{n}-id", img=None)) for n in range(3)]
    wrong = exchange(captcha(uuid=""))
    summary = added(contract, right, [exchange(), wrong])
    assert failed(summary)["img-is-a-string"] == (3, 5)
    assert failed(summary)["uuid-is-not-empty"] == (1, 5)
    assert summary.responses == 5
    assert any("img-is-a-string  3 of 5 failed" in line for line in summary.lines())


def test_repeated_values_are_found_across_processes(contract: Contract) -> None:
    """An id that two processes received once each is repeated; one process alone finds nothing."""
    first, second = [exchange(captcha(uuid="a"))], [exchange(captcha(uuid="b")), exchange(captcha(uuid="a"))]
    assert failed(added(contract, first)) == {}
    assert failed(added(contract, first, second))["uuid-is-unique"] == (1, 3)


def test_the_number_of_digests_is_limited(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit no digests are kept, with a note; later values are compared with the first ones."""
    monkeypatch.setattr(load, "MAX_DIGESTS", 3)
    answers = [exchange(captcha(uuid=f"{n}", img="x")) for n in (1, 2, 3, 4, 4, 1)]
    summary = added(contract, answers)
    assert failed(summary)["uuid-is-unique"] == (1, 6)
    assert any("only the first 3 ids and pictures" in line for line in summary.lines())


@pytest.mark.parametrize("strict", [False, True])
def test_a_should_clause_fails_only_a_strict_run(contract: Contract, strict: bool) -> None:
    """The verdict is that of a check with the same settings."""
    chosen = Settings("http://x", strict=strict)
    summary = added(contract, [exchange(captcha(), ("Content-Type", "application/json"))], settings=chosen)
    assert [verdict.clause.id for verdict in summary.result.failed] == (["charset-is-stated"] if strict else [])
    assert failed(summary) == {"charset-is-stated": (1, 1)}
    assert summary.fails(summary.clauses["charset-is-stated"]) is strict


def test_a_report_contains_no_secret(contract: Contract) -> None:
    """Secrets that a target returns are redacted, and unprintable characters are escaped."""
    chosen = exchange({"msg": [f"{SECRET}\x1b[31m"]})
    summary = added(contract, [chosen], settings=Settings("http://x", headers=(("X-Token", SECRET),)))
    text = "\n".join(summary.lines())
    assert "$CODE_X_TOKEN" in text
    assert SECRET not in text
    assert "\x1b" not in text


def test_a_waived_clause_does_not_fail_the_run(contract: Contract) -> None:
    """A waiver applies under load, as in a check, and not in a strict run."""
    waiver = Waiver("uuid-is-not-empty", "ticket 4711", date(9999, 1, 1))
    for strict in (False, True):
        chosen = Settings("http://x", strict=strict, waivers=(waiver,))
        summary = added(contract, [exchange(captcha(uuid=""))], settings=chosen)
        assert ("uuid-is-not-empty" in [v.clause.id for v in summary.result.failed]) is strict
        assert any("~ uuid-is-not-empty" in line for line in summary.lines()) is not strict


def test_settings_are_handed_over_unchanged(contract: Contract, edited: Callable[[str, str], Path]) -> None:
    """The locustfile gets the settings and the contract of the command; the base URL is that of Locust."""
    spec = edited("title: General interface", "title: Another interface")
    chosen = Settings(
        "http://x",
        headers=(("X-Token", SECRET),),
        source="app",
        timeout=2.5,
        strict=True,
        insecure=True,
        waivers=(Waiver("uuid-is-not-empty", "ticket 4711", date(9999, 1, 1)),),
    )
    loaded, settings = handover.parse(handover.dump(chosen, spec), "http://y/code")
    assert loaded.title == "Another interface"
    assert settings == replace(chosen, base_url="http://y")
    assert handover.parse(None, "http://y")[1] == Settings("http://y")
