"""The check under load: what one process counts of its answers, and what all of them add up to.

Many processes make the calls, and each judges its own answers by every clause that one answer can break. What may not
come twice is compared where all their reports meet. Locust is at home in locustfile.py; nothing here needs it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from code_contract import Clause, ClauseLocation, Contract
from contract_tests.checks.freshness import DIGEST_SIZE
from contract_tests.checks.registry import RunCheck, clause_json_path
from contract_tests.engine.collector import CollectedExchanges
from contract_tests.engine.evaluator import Evaluator
from contract_tests.engine.session import CHECKS, require_checks
from contract_tests.http.exchange import Exchange
from contract_tests.reports import terminal, wording
from contract_tests.result import Result
from contract_tests.settings import Settings
from contract_tests.verdict import Verdict, Violation

MAX_REMEMBERED = 1_000_000
"""Ids and pictures that are remembered to be compared, about 100 bytes each; those that come after them are compared
with these."""

StatsReport = dict[str, Any]
"""What a process counted since its last report, of what msgpack can carry: `answers`, `judged` and `broken` by clause,
`said` (the first finding's sentence) by clause, `keys` by clause and site, each of KEY bytes."""


def supports_load(clause: Clause) -> bool:
    """Whether the answers to plain calls can break a clause, one by one or by coming twice."""
    check = CHECKS.get(clause.id)
    return clause.checked_by_schema if check is None else not isinstance(check, RunCheck) and check.probe is None


class WorkerStats:
    """What the answers that this process got show. Raises ContractError for a clause that nothing judges."""

    def __init__(self, contract: Contract, settings: Settings) -> None:
        require_checks(contract)
        self._settings = settings
        clauses = [clause for clause in contract.clauses.values() if supports_load(clause)]
        self._bench = Evaluator(contract, clauses, CHECKS, self._came)
        self._report = _empty()

    def take(self, exchange: Exchange) -> None:
        """Judge an answer to a plain call, and count what it shows. Nothing of it is kept."""
        shown = self._bench.evaluate(exchange)[1]
        report = self._report
        report["answers"] += exchange.status not in (None, 429)
        for each in shown:
            report["judged"][each.clause] += each.checked
            if each.violations:
                report["broken"][each.clause] += 1
                if each.clause not in report["said"]:
                    report["said"][each.clause] = sentence(each.violations[0], self._settings)

    def report(self) -> StatsReport:
        """What was counted since it was last asked for."""
        report, self._report = self._report, _empty()
        keys = {clause: {site: bytes(each) for site, each in sites.items()} for clause, sites in report["keys"].items()}
        plain: StatsReport = {name: dict(report[name]) for name in ("judged", "broken", "said")}
        return plain | {"answers": report["answers"], "keys": keys}

    def _came(self, clause: str, site: ClauseLocation, key: bytes, call: int) -> None:
        # Whether it came before, only where all reports meet can be told.
        self._report["keys"][clause][f"{site.operation_id} {site.place}"] += key


def _empty() -> StatsReport:
    keys: dict[str, dict[str, bytearray]] = defaultdict(lambda: defaultdict(bytearray))
    return {"answers": 0, "judged": defaultdict(int), "broken": defaultdict(int), "said": {}, "keys": keys}


def sentence(problem: Violation, settings: Settings) -> str:
    """A problem in one sentence: escaped, cut, without a secret."""
    first_failure = f"{problem.where}: expected {problem.expected}; received {problem.received}"
    return wording.escape(settings.redact(first_failure))


@dataclass
class ClauseStats:
    """Of how many answers a clause was judged, and how many broke it; `said` is the first finding's sentence."""

    clause: Clause
    judged: int = 0
    broken: int = 0
    said: str = ""


class LoadSummary:
    """What the reports of all processes add up to."""

    def __init__(self, contract: Contract, settings: Settings) -> None:
        self._contract = contract
        self._settings = settings
        self._seen: dict[tuple[str, str], set[bytes]] = defaultdict(set)
        self._remembered = 0
        self.reset()

    def reset(self) -> None:
        """Count anew. What may not come twice may still not."""
        self.answers = 0
        self.shares = {clause.id: ClauseStats(clause) for clause in self._contract.clauses.values()}

    def add(self, report: StatsReport) -> None:
        """Add what a process counted."""
        self.answers += report["answers"]
        for name, share in self.shares.items():
            share.judged += report["judged"].get(name, 0)
            share.broken += report["broken"].get(name, 0)
            share.said = share.said or report["said"].get(name, "")
            for site, keys in report["keys"].get(name, {}).items():
                if repeats := self._repeats(self._seen[name, site], keys):
                    share.broken += repeats
                    where = clause_json_path(share.clause)
                    share.said = share.said or f"{where}: the same came before, to whichever process of the run"

    def _repeats(self, seen: set[bytes], keys: bytes) -> int:
        found = 0
        for at in range(0, len(keys), DIGEST_SIZE):
            key = keys[at : at + DIGEST_SIZE]
            if key in seen:
                found += 1
            elif self._remembered < MAX_REMEMBERED:
                seen.add(key)
                self._remembered += 1
        return found

    def fails(self, share: ClauseStats) -> bool:
        """Whether a clause that is broken fails the run: a must-clause does, a should-clause where it is strict."""
        return share.clause.level == "must" or (share.clause.level == "should" and self._settings.strict)

    @property
    def result(self) -> Result:
        """The verdicts, as of a run of which nothing was kept."""
        verdicts = tuple(
            Verdict(share.clause, share.judged, share.broken, reason="" if share.judged else _unasked(share.clause))
            for share in self.shares.values()
        )
        return Result(self._contract, self._settings, verdicts, CollectedExchanges())

    def lines(self) -> Iterator[str]:
        """The shares of all clauses, in the words of `code-contract check`, a line at a time."""
        result = self.result
        yield f"{self._contract.title} {self._contract.version} under load against {self._settings.base_url}"
        if not self.answers:
            yield ""
            said = next((each.said for each in self.shares.values() if each.said), "no call was made")
            yield f"could not be judged: {said}"
            return
        for part, verdicts in groupby(result.verdicts, key=lambda verdict: verdict.clause.section):
            title = self._contract.sections[part]
            yield ""
            yield f"{title.title}  {title.zh}"
            for verdict in verdicts:
                yield f"  {terminal.clause_line(verdict)}"
                if verdict.failed:
                    yield f"      {self.shares[verdict.clause.id].said}"
        yield ""
        if self._remembered >= MAX_REMEMBERED:
            yield f"note: what may not come twice was compared with the first {MAX_REMEMBERED} of the run only"
        yield f"{terminal.verdict_line(result)}; {self.answers} answers, {self._remembered} ids and pictures compared"


def _unasked(clause: Clause) -> str:
    if not supports_load(clause):
        return "not asked under load: code-contract check asks it"
    judge = CHECKS.get(clause.id)
    return (judge.skip_reason if judge else "") or "no answer carried what it speaks of"
