"""Statistics of a check under load: per process, and merged.

Every process sends requests and checks its own responses by the clauses that one response can violate. Values that must
be unique are compared where the statistics of all processes are merged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from code_contract import Clause, ClauseLocation, Contract
from contract_tests import sanitize
from contract_tests.checks.freshness import DIGEST_SIZE
from contract_tests.checks.registry import RunCheck, clause_json_path
from contract_tests.engine.collection import CollectedExchanges
from contract_tests.engine.evaluator import Evaluator
from contract_tests.engine.selection import find_check, require_checks
from contract_tests.http.exchange import Exchange
from contract_tests.reports import terminal, wording
from contract_tests.result import Result
from contract_tests.settings import Settings
from contract_tests.verdict import Verdict, Violation

MAX_DIGESTS = 1_000_000
"""Digests of ids and pictures that are kept, about 100 bytes each. Later values are compared with these only."""

StatsReport = dict[str, Any]
"""The statistics of a process since its last report, in types of msgpack: `responses`; `checked`, `failed` and
`first_failure` by clause; `digests` by clause and location, joined, DIGEST_SIZE bytes each."""


def supports_load(clause: Clause) -> bool:
    """Return True if single responses to baseline requests, or repeated values in them, can violate the clause."""
    check = find_check(clause)
    return clause.checked_by_schema if check is None else not isinstance(check, RunCheck) and check.probe is None


class WorkerStats:
    """The statistics of the responses that one process received.

    Raises:
        ContractError: A clause has no check.
    """

    def __init__(self, contract: Contract, settings: Settings) -> None:
        require_checks(contract)
        self._settings = settings
        clauses = [clause for clause in contract.clauses.values() if supports_load(clause)]
        self._evaluator = Evaluator(contract, clauses, find_check, self._record_digest)
        self._report = _empty()

    def add(self, exchange: Exchange) -> None:
        """Check the response to a baseline request and count the outcomes. The exchange is not kept."""
        report = self._report
        report["responses"] += exchange.status not in (None, 429)
        with sanitize.redacting(self._settings.redact):
            outcomes = self._evaluator.evaluate(exchange)[1]
        for each in outcomes:
            report["checked"][each.clause] += each.checked
            if each.violations:
                report["failed"][each.clause] += 1
                report["first_failure"].setdefault(each.clause, describe(each.violations[0], self._settings))

    def report(self) -> StatsReport:
        """Return the statistics since the last call."""
        report, self._report = self._report, _empty()
        plain: StatsReport = {name: dict(report[name]) for name in ("checked", "failed", "first_failure")}
        digests = {
            clause: {at: bytes(each) for at, each in found.items()} for clause, found in report["digests"].items()
        }
        return plain | {"responses": report["responses"], "digests": digests}

    def _record_digest(self, clause: str, location: ClauseLocation, digest: bytes, index: int) -> None:
        # Repetitions are found where the reports of all processes are merged.
        self._report["digests"][clause][f"{location.operation_id} {location.place}"] += digest


def _empty() -> StatsReport:
    digests: dict[str, dict[str, bytearray]] = defaultdict(lambda: defaultdict(bytearray))
    counts = {name: defaultdict[str, int](int) for name in ("checked", "failed")}
    return {"responses": 0, **counts, "first_failure": {}, "digests": digests}


def describe(violation: Violation, settings: Settings) -> str:
    """Return a violation as one redacted, escaped line."""
    line = f"{violation.where}: expected {violation.expected}; received {violation.received}"
    return wording.escape(settings.redact(line))


@dataclass
class ClauseStats:
    """The numbers of responses checked and failed for a clause, and its first violation as one line."""

    clause: Clause
    checked: int = 0
    failed: int = 0
    first_failure: str = ""


class LoadSummary:
    """The merged statistics of all processes."""

    def __init__(self, contract: Contract, settings: Settings) -> None:
        self._contract = contract
        self._settings = settings
        self._seen: dict[tuple[str, str], set[bytes]] = defaultdict(set)
        self._digests = 0
        self.reset()

    def reset(self) -> None:
        """Set all counts to zero; the values that must be unique are kept."""
        self.responses = 0
        self.clauses = {clause.id: ClauseStats(clause) for clause in self._contract.clauses.values()}

    def add(self, report: StatsReport) -> None:
        """Merge the report of a process."""
        self.responses += report["responses"]
        for name, stats in self.clauses.items():
            stats.checked += report["checked"].get(name, 0)
            stats.failed += report["failed"].get(name, 0)
            stats.first_failure = stats.first_failure or report["first_failure"].get(name, "")
            for location, digests in report["digests"].get(name, {}).items():
                if repeated := self._repeated(self._seen[name, location], digests):
                    stats.failed += repeated
                    where = clause_json_path(stats.clause)
                    stats.first_failure = stats.first_failure or f"{where}: an earlier response has the same value"

    def _repeated(self, seen: set[bytes], digests: bytes) -> int:
        repeated = 0
        for start in range(0, len(digests), DIGEST_SIZE):
            digest = digests[start : start + DIGEST_SIZE]
            if digest in seen:
                repeated += 1
            elif self._digests < MAX_DIGESTS:
                seen.add(digest)
                self._digests += 1
        return repeated

    def fails(self, stats: ClauseStats) -> bool:
        """Return True if the clause failed and a failure of it fails the run."""
        return any(verdict.clause is stats.clause for verdict in self.result.failed)

    @property
    def result(self) -> Result:
        """The verdicts as a result without exchanges."""
        verdicts = tuple(self._verdict(stats) for stats in self.clauses.values())
        return Result(self._contract, self._settings, verdicts, CollectedExchanges())

    def _verdict(self, stats: ClauseStats) -> Verdict:
        waiver = self._settings.waiver(stats.clause.id) if stats.failed else None
        return Verdict(
            stats.clause,
            stats.checked,
            stats.failed,
            reason="" if stats.checked else _skip_reason(stats.clause),
            waived=f"{waiver.reason} (until {waiver.expires})" if waiver else "",
        )

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report, in the words of `code-contract check`."""
        result = self.result
        yield f"{self._contract.title} {self._contract.version} under load against {self._settings.base_url}"
        if not self.responses:
            yield ""
            reason = next((each.first_failure for each in self.clauses.values() if each.first_failure), "")
            yield f"NOT CHECKED: {reason or 'no request was sent'}"
            return
        yield from terminal.sections(result, self._clause_lines)
        yield ""
        if self._digests >= MAX_DIGESTS:
            yield f"note: only the first {MAX_DIGESTS} ids and pictures were kept; later ones were compared with these"
        responses = wording.plural(self.responses, "response")
        yield f"{terminal.verdict_line(result)}; {responses}, {self._digests} ids and pictures compared"

    def _clause_lines(self, verdict: Verdict) -> Iterator[str]:
        yield terminal.clause_line(verdict)
        if verdict.failed:
            yield f"    {self.clauses[verdict.clause.id].first_failure}"


def _skip_reason(clause: Clause) -> str:
    if not supports_load(clause):
        return "not checked under load; use code-contract check"
    check = find_check(clause)
    return (check.skip_reason if check else "") or "no response had the value it applies to"
