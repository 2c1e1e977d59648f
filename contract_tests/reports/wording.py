"""Words and escaping that several reports share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from code_contract import Clause, Contract, pointers
from contract_tests import sanitize
from contract_tests.checks.registry import BASELINE
from contract_tests.engine.parity import sentence
from contract_tests.http.exchange import Exchange
from contract_tests.result import Result
from contract_tests.verdict import INTERRUPTED, Finding, Outcome, Verdict

MAX_CHARS = 2_000
"""Characters shown of one text; values of a target were truncated to fewer before."""

IMPLIED = "implied (not stated in the document)"
TARGET_CHECK = "target-is-reachable"
"""The name of the check of the target itself, in formats that have a result for it."""


@dataclass(frozen=True)
class Assumption:
    """One `x-assumption` of the contract.

    Attributes:
        name: The name of the node that has it.
        quote: The words of the document at that node.
        text: The assumption.
        file: The name of the file that has it.
        line: The line in the file.
    """

    name: str
    quote: str
    text: str
    file: str
    line: int


def escape(text: str) -> str:
    """Return text without secrets as one line without unprintable characters, of at most about MAX_CHARS."""
    return sanitize.escape(text, MAX_CHARS)


def headline(result: Result) -> str:
    """Return the verdict on the whole run: "Passed", "Failed", "Interrupted" or "Not checked"."""
    if result.interrupted:
        return "Interrupted"
    if not result.was_reachable:
        return "Not checked"
    return "Failed" if result.failed else "Passed"


def failure_reason(result: Result) -> str:
    """Return the reason why nothing was checked; the target may have returned a secret in it."""
    return escape(result.settings.redact(result.failure_reason()))


def diagnosis(result: Result) -> str:
    """Return the sentence on top of a report, "" if there is none."""
    return escape(result.settings.redact(result.diagnosis)) if result.was_reachable else ""


def hint(result: Result) -> str:
    """Return the probable cause of a run in which every request ended in the same way, with the cure; "" for none."""
    return escape(result.settings.redact(result.hint))


def comparison(result: Result) -> list[str]:
    """Return the lines that compare a run with its baseline, the first with the numbers; none without a baseline."""
    change, baseline = result.comparison, result.baseline
    if change is None or baseline is None:
        return []
    groups = {
        "newly failed": change.newly_failed,
        "newly passed": change.newly_passed,
        "still failing": change.still_failing,
    }
    counts = ", ".join(f"{len(names)} {label}" for label, names in groups.items())
    since = escape(f"{baseline.name}, {baseline.time}" if baseline.time else baseline.name)
    return [
        f"compared with {since}: {counts}",
        *(f"  {label}: {', '.join(names)}" for label, names in groups.items() if names),
    ]


def parity(result: Result) -> list[str]:
    """Return the lines that compare a target with the mock, the first with the number; none without a comparison."""
    if result.parity is None:
        return []
    count = plural(len(result.parity), "difference")
    lines = [f"mock parity: {count} from the built-in mock in what the contract leaves open"]
    return lines + [f"  {escape(result.settings.redact(sentence(each)))}" for each in result.parity]


def skipped_section(verdicts: Sequence[Verdict]) -> str:
    """Return one line for a section in which nothing could be checked, "" for another or a single clause."""
    if len(verdicts) < 2 or any(verdict.checked for verdict in verdicts):
        return ""
    reasons = Counter(verdict.reason for verdict in verdicts).most_common()
    further = f", and {plural(len(reasons) - 1, 'other reason')}" if len(reasons) > 1 else ""
    return f"{len(verdicts)} clauses skipped: {reasons[0][0]}{further}"


def notes(result: Result) -> list[str]:
    """Return the notes of a run, escaped."""
    found = [escape(note) for note in result.collection.notes]
    for count, status in (
        (result.collection.throttled, "429"),
        (result.collection.unavailable, "503 with Retry-After"),
    ):
        if count:
            found.append(f"{plural(count, 'response')} {status}: the request was repeated")
    if result.interrupted:
        found.append(f"{INTERRUPTED} after {plural(result.calls, 'request')}; its verdicts are incomplete")
    return found


def outcome_label(outcome: Outcome) -> str:
    """Return the name of an outcome as reports write it."""
    return outcome.name.lower()


def level_label(clause: Clause) -> str:
    """Return MUST or SHOULD as BCP 14 writes them, or "info"."""
    return clause.level if clause.level == "info" else clause.level.upper()


def plural(count: int, noun: str) -> str:
    """Return a number and a regular noun, such as "1 request" and "2 requests"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def share(verdict: Verdict) -> str:
    """Return the number of responses that failed, or that were checked; "skipped" if there were none."""
    return verdict.count or "skipped"


def finding(verdict: Verdict) -> str:
    """Return a failed clause as one line: requirement, place, values and count, as formats without evidence show it."""
    first = verdict.findings[0].violation
    evidence = f"{first.where}: expected {first.expected}; received {first.received}"
    waived = f" (waived: {verdict.waived})" if verdict.waived else ""
    return escape(f"{verdict.clause.text} {evidence} ({share(verdict)}){waived}")


def left_out(count: int) -> str:
    """Return the sentence in place of further findings."""
    return f"{count} more: see the summary or a report"


def request_label(exchange: Exchange) -> str:
    """Return the number of a request, and its client, or its label if it is not a baseline request."""
    kind = request_kind(exchange)
    return f"request {exchange.index + 1}" + (f" ({escape(kind)})" if kind != BASELINE else "")


def request_kind(exchange: Exchange) -> str:
    """Return the client of a baseline request, otherwise the label of the request."""
    return (exchange.label == BASELINE and exchange.request.client) or exchange.label


def further_findings(findings: tuple[Finding, ...]) -> Iterator[tuple[str, str]]:
    """Yield the findings after the first: the label of the request, and what was received."""
    for finding in findings[1:]:
        same = finding.violation.where == findings[0].violation.where
        received = finding.violation.received
        yield request_label(finding.exchange), escape(received if same else f"{finding.violation.where}: {received}")


def assumptions(contract: Contract) -> list[Assumption]:
    """Return every `x-assumption` of the contract, in its order."""
    return [_assumption(contract, pointer, node) for pointer, node in _assumed(contract.document, "")]


def _assumption(contract: Contract, pointer: str, node: dict[str, Any]) -> Assumption:
    name = str(node.get("name") or node.get("title") or pointers.split(pointer)[-1])
    file, line = contract.source.place(pointer)
    text = " ".join(str(node["x-assumption"]).split())
    return Assumption(name, str(node.get("x-quote", "")), text, file.name, line)


def _assumed(node: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        if "x-assumption" in node:
            yield pointer, node
        for key, value in node.items():
            yield from _assumed(value, pointers.join(pointer, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _assumed(item, pointers.join(pointer, index))


def milliseconds(seconds: float) -> str:
    """Return a duration with its unit: "3.24 ms", "140 ms", "2.5 s"."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.1f} s".replace(".0 s", " s")
