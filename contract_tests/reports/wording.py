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
from contract_tests.message import Bilingual, Message, catalogue, joined, listed, mapped
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
        text: The assumption, in English and Chinese if the contract has both.
        file: The name of the file that has it.
        line: The line in the file.
    """

    name: str
    quote: str
    text: str
    file: str
    line: int


def escape(text: str) -> str:
    """Return text as one line without unprintable characters; text or values of at most about MAX_CHARS."""
    return mapped(text, lambda each: sanitize.escape(each, MAX_CHARS))


def requirement(clause: Clause) -> str:
    """Return the text of a clause, in both languages if the contract has both."""
    return Bilingual(clause.text, clause.zh)


def source(clause: Clause) -> str:
    """Return the source of a clause: words of the document, a standard, an assumption, or "implied"."""
    if clause.basis == "document":
        quotes = clause.quotes or [clause.source or ""]
        return Message("document: {}", Bilingual("; ".join(quotes), "；".join(quotes)))
    if clause.basis == "implied":
        return IMPLIED
    found = Bilingual(clause.source or "", clause.source_zh)
    return Message("assumption: {}", found) if clause.basis == "assumption" else found


def title(contract: Contract) -> str:
    """Return the title of the contract and its version."""
    zh = contract.resolved.get("info", {}).get("x-i18n-zh", {}).get("title", "")
    return Message("{} {}", Bilingual(contract.title, zh), contract.version)


def headline(result: Result) -> str:
    """Return the verdict on the whole run: "Passed", "Failed", "Interrupted" or "Not checked"."""
    if result.interrupted:
        return Message("Interrupted")
    if not result.was_reachable:
        return Message("Not checked")
    return Message("Failed" if result.failed else "Passed")


def failure_reason(result: Result) -> str:
    """Return the reason why nothing was checked; the target may have returned a secret in it."""
    return escape(mapped(result.failure_reason(), result.settings.redact))


def diagnosis(result: Result) -> str:
    """Return the sentence on top of a report, "" if there is none."""
    return escape(mapped(result.diagnosis, result.settings.redact)) if result.was_reachable else ""


def hint(result: Result) -> str:
    """Return the probable cause of a run in which every request ended in the same way, with the cure; "" for none."""
    return escape(mapped(result.hint, result.settings.redact))


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
    counts = joined("{}, {}", (Message(f"{{}} {label}", len(names)) for label, names in groups.items()))
    since = joined("{}, {}", filter(None, (escape(baseline.name), escape(baseline.time))))
    return [
        Message("compared with {}: {}", since, counts),
        *(Message("  {}: {}", label, listed(names)) for label, names in groups.items() if names),
    ]


def parity(result: Result) -> list[str]:
    """Return the lines that compare a target with the mock, the first with the number; none without a comparison."""
    if result.parity is None:
        return []
    count = plural(len(result.parity), "difference")
    lines: list[str] = [Message("mock parity: {} from the built-in mock in what the contract leaves open", count)]
    shown = (escape(mapped(sentence(each), result.settings.redact)) for each in result.parity)
    return lines + [Message("  {}", each) for each in shown]


def skipped_section(verdicts: Sequence[Verdict]) -> str:
    """Return one line for a section in which nothing could be checked, "" for another one."""
    if any(verdict.checked for verdict in verdicts):
        return ""
    if len(verdicts) == 1:
        return Message("{} {}", verdicts[0].clause.id, Message("skipped: {}", verdicts[0].reason))
    reasons = Counter(verdict.reason for verdict in verdicts).most_common()
    further = Message(", and {}", plural(len(reasons) - 1, "other reason")) if len(reasons) > 1 else ""
    return Message("{} clauses skipped: {}{}", len(verdicts), reasons[0][0], further)


def notes(result: Result) -> list[str]:
    """Return the notes of a run, escaped."""
    found = [escape(note) for note in result.collection.notes]
    for count, status in (
        (result.collection.throttled, "429"),
        (result.collection.unavailable, "503 with Retry-After"),
    ):
        if count:
            found.append(Message("{} {}: the request was repeated", plural(count, "response"), status))
    if result.interrupted:
        made = plural(result.calls, "request")
        found.append(Message("{} after {}; its verdicts are incomplete", INTERRUPTED, made))
    return found


def outcome_label(outcome: Outcome) -> str:
    """Return the name of an outcome as reports write it."""
    return outcome.name.lower()


def level_label(clause: Clause) -> str:
    """Return MUST or SHOULD as BCP 14 writes them, or "info"."""
    return Message(clause.level if clause.level == "info" else clause.level.upper())


def plural(count: int, noun: str) -> str:
    """Return a number and a regular noun, such as "1 request" and "2 requests"."""
    return Message(f"{{}} {noun}" if count == 1 else f"{{}} {noun}s", count)


def share(verdict: Verdict) -> str:
    """Return the number of responses that failed, or that were checked; "skipped" if there were none."""
    return verdict.count or Message("skipped")


def finding(verdict: Verdict) -> str:
    """Return a failed clause as one line: requirement, place, values and count, as formats without evidence show it."""
    first = verdict.findings[0].violation
    evidence = Message("{}: expected {}; received {}", first.where, first.expected, first.received)
    found = Message("{} {} ({})", requirement(verdict.clause), evidence, share(verdict))
    return escape(Message("{} (waived: {})", found, verdict.waived) if verdict.waived else found)


def left_out(count: int) -> str:
    """Return the sentence in place of further findings."""
    return Message("{} more: see the summary or a report", count)


def request_label(exchange: Exchange) -> str:
    """Return the number of a request, and its client, or its label if it is not a baseline request."""
    kind = request_kind(exchange)
    found = Message("request {}", exchange.index + 1)
    return Message("{} ({})", found, escape(kind)) if kind != BASELINE else found


def request_kind(exchange: Exchange) -> str:
    """Return the client of a baseline request, otherwise the label of the request."""
    # A third-party recording has labels of its own, which may contain braces.
    found = (exchange.label == BASELINE and exchange.request.client) or exchange.label
    return Message(found) if found in catalogue() else found


def further_findings(findings: tuple[Finding, ...]) -> Iterator[tuple[str, str]]:
    """Yield the findings after the first: the label of the request, and what was received."""
    for finding in findings[1:]:
        same = finding.violation.where == findings[0].violation.where
        received = finding.violation.received
        place = finding.violation.where
        yield request_label(finding.exchange), escape(received if same else Message("{}: {}", place, received))


def assumptions(contract: Contract) -> list[Assumption]:
    """Return every `x-assumption` of the contract, in its order."""
    return [_assumption(contract, pointer, node) for pointer, node in _assumed(contract.document, "")]


def _assumption(contract: Contract, pointer: str, node: dict[str, Any]) -> Assumption:
    name = str(node.get("name") or node.get("title") or pointers.split(pointer)[-1])
    file, line = contract.source.place(pointer)
    texts = (node["x-assumption"], node.get("x-i18n-zh", {}).get("assumption", ""))
    text = Bilingual(*(" ".join(str(each).split()) for each in texts))
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
