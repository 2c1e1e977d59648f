"""The check under load: what the reports of many processes add up to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from code_contract import Contract
from contract_tests.http.exchange import Exchange
from contract_tests.load import stats as load
from contract_tests.load.stats import LoadSummary, WorkerStats
from contract_tests.settings import Settings
from tests.contract_tests.test_checks import captcha, exchange

SETTINGS = Settings("http://x")
SECRET = "canary-of-a-header-3e1f"


def added(contract: Contract, *processes: list[Exchange], settings: Settings = SETTINGS) -> LoadSummary:
    """The ledger of processes that got those answers, each of which reported once."""
    ledger = LoadSummary(contract, settings)
    for made in processes:
        tallies = WorkerStats(contract, settings)
        for each in made:
            tallies.take(each)
        ledger.add(json.loads(json.dumps(tallies.report(), default=lambda keys: keys.hex()), object_hook=_bytes))
    return ledger


def _bytes(value: dict[str, Any]) -> dict[str, Any]:
    """A report as it comes over the wire; JSON stands in for msgpack, which is Locust's."""
    if "keys" in value:
        sites = value["keys"].items()
        value["keys"] = {name: {site: bytes.fromhex(keys) for site, keys in each.items()} for name, each in sites}
    return value


def broken(ledger: LoadSummary) -> dict[str, tuple[int, int]]:
    return {name: (share.broken, share.judged) for name, share in ledger.shares.items() if share.broken}


def test_reports_add_up_to_shares(contract: Contract) -> None:
    """Two of five answers broke a clause, to whichever process they came, and one a should-clause."""
    right = [exchange(captcha(uuid=f"{n}-id", img=None)) for n in range(3)]
    wrong = exchange(captcha(uuid=""))
    ledger = added(contract, right, [exchange(), wrong])
    assert broken(ledger)["img-is-a-string"] == (3, 5)
    assert broken(ledger)["uuid-is-not-empty"] == (1, 5)
    assert ledger.answers == 5
    assert any("img-is-a-string  3 of 5" in line for line in ledger.lines())


def test_what_comes_twice_is_found_across_processes(contract: Contract) -> None:
    """An id that two processes got once each came twice; a process that got it alone has nothing to say."""
    first, second = [exchange(captcha(uuid="a"))], [exchange(captcha(uuid="b")), exchange(captcha(uuid="a"))]
    assert broken(added(contract, first)) == {}
    assert broken(added(contract, first, second))["uuid-is-unique"] == (1, 3)


def test_what_is_remembered_is_bounded(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many ids and pictures no more are kept, which is said; they are still compared with the first."""
    monkeypatch.setattr(load, "MAX_REMEMBERED", 3)
    answers = [exchange(captcha(uuid=f"{n}", img="x")) for n in (1, 2, 3, 4, 4, 1)]
    ledger = added(contract, answers)
    assert broken(ledger)["uuid-is-unique"] == (1, 6)
    assert any("the first 3 of the run only" in line for line in ledger.lines())


@pytest.mark.parametrize("strict", [False, True])
def test_a_should_clause_fails_a_strict_load_only(contract: Contract, strict: bool) -> None:
    """As in a check."""
    told = Settings("http://x", strict=strict)
    ledger = added(contract, [exchange(captcha(), ("Content-Type", "application/json"))], settings=told)
    assert [verdict.clause.id for verdict in ledger.result.failed] == (["charset-is-stated"] if strict else [])
    assert broken(ledger) == {"charset-is-stated": (1, 1)}
    assert ledger.fails(ledger.shares["charset-is-stated"]) is strict


def test_no_secret_is_in_a_report(contract: Contract) -> None:
    """What a target sends back of what it was given stands in no sentence, and hostile text is escaped."""
    told = exchange({"msg": [f"{SECRET}\x1b[31m"]})
    ledger = added(contract, [told], settings=Settings("http://x", headers=(("X-Token", SECRET),)))
    said = "\n".join(ledger.lines())
    assert "$CODE_X_TOKEN" in said
    assert SECRET not in said
    assert "\x1b" not in said
