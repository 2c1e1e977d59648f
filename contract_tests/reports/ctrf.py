"""CTRF, the Common Test Report Format (https://ctrf.io): one test per clause; `extra` has what CTRF does not define.

Warnings and infos have the status `other`, because they do not fail the run. If the target could not be checked, every
test is `other` and the environment is not `healthy`. `rawStatus` is the outcome of the clause.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from contract_tests.reports import curl, terminal, wording
from contract_tests.result import Result
from contract_tests.verdict import Finding, Outcome, Verdict
from contract_tests.version import version

SPEC = "0.0.0"
"""Version of the CTRF specification, as of the npm package ctrf 0.3.0."""


def write(result: Result) -> bytes:
    """Return the report in UTF-8."""
    return json.dumps(report(result), ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def report(result: Result) -> dict[str, Any]:
    """Return the report as a JSON value."""
    result = replace(result, lang="en")
    # Known failures too: the report may be the baseline of the next run.
    failing = {verdict.clause.id for verdict in result.failing}
    tests = [_test(verdict, result, verdict.clause.id in failing) for verdict in result.verdicts]
    counts = Counter(test["status"] for test in tests)
    started, took = int(result.collection.started * 1000), int(result.elapsed * 1000)
    tool = {"name": "code-contract", "version": version()}
    return {
        "reportFormat": "CTRF",
        "specVersion": SPEC,
        "timestamp": datetime.fromtimestamp(started // 1000, timezone.utc).isoformat(),
        "generatedBy": f"code-contract {tool['version']}",
        "results": {
            "tool": tool,
            "summary": {
                "tests": len(tests),
                **{status: counts[status] for status in ("passed", "failed", "skipped", "pending", "other")},
                "suites": len({verdict.clause.section for verdict in result.verdicts}),
                "start": started,
                "stop": started + took,
                "duration": took,
            },
            "tests": tests,
            "environment": {
                "appName": wording.escape(result.contract.title),
                "testEnvironment": wording.escape(result.settings.base_url),
                "healthy": result.exit_status == 0,
            },
            "extra": _extra(result),
        },
    }


def _extra(result: Result) -> dict[str, Any]:
    extra = {
        "verdict": wording.headline(result),
        "exitStatus": result.exit_status,
        "contract": {
            "title": wording.escape(result.contract.title),
            "version": wording.escape(result.contract.version),
        },
        "requests": result.calls,
        "notes": wording.notes(result),
        **{name: value for name, value in _optional(result).items() if value},
        "openQuestions": [
            {"name": each.name, "quote": each.quote, "assumption": each.text, "file": each.file, "line": each.line}
            for each in wording.assumptions(result.contract)
        ],
    }
    return extra if result.was_reachable else extra | {"failureReason": wording.failure_reason(result)}


def _optional(result: Result) -> dict[str, Any]:
    change = result.comparison
    return {
        "diagnosis": wording.diagnosis(result),
        "hint": wording.hint(result),
        "mockParity": result.parity and [each._asdict() for each in result.parity],
        "baseline": change
        and {
            "newlyFailed": change.newly_failed,
            "newlyPassed": change.newly_passed,
            "stillFailing": change.still_failing,
        },
        "knownFailures": result.baseline
        and [v.clause.id for v in result.verdicts if not v.checked and v.clause.id in result.baseline.failed],
    }


def _test(verdict: Verdict, result: Result, fails: bool) -> dict[str, Any]:
    clause = verdict.clause
    test: dict[str, Any] = {
        "testId": clause.id,
        "name": clause.id,
        "status": _status(verdict, result, fails),
        "duration": 0,
        "suite": [result.contract.sections[clause.section].title],
        "rawStatus": wording.outcome_label(verdict.status),
        "type": "contract",
        "filePath": clause.file or result.contract.path.name,
        "line": clause.line,
        **({"tags": ["waived"]} if verdict.waived else {}),
        "labels": {"level": wording.level_label(clause), "origin": clause.basis},
        "extra": {
            "requirement": wording.escape(clause.text),
            "source": wording.escape(wording.source(clause)),
            "checked": verdict.checked,
            "failed": verdict.failed,
            **({"clients": wording.escape(verdict.clients)} if verdict.clients else {}),
            "findings": [_finding(each, result) for each in verdict.findings],
        },
    }
    if not result.was_reachable:
        test["message"] = f"not checked: {wording.failure_reason(result)}"
    elif verdict.failed:
        first = verdict.findings[0].violation
        test["message"] = wording.escape(f"{first.where}: expected {first.expected}; received {first.received}")
        test["trace"] = "\n".join(wording.escape(line) for line in terminal.evidence(verdict, result))
    elif verdict.reason:
        test["message"] = wording.escape(verdict.reason)
    return test


def _status(verdict: Verdict, result: Result, fails: bool) -> str:
    if not result.was_reachable:
        return "other"
    if fails:
        return "failed"
    return {Outcome.PASSED: "passed", Outcome.SKIPPED: "skipped"}.get(verdict.status, "other")


def _finding(finding: Finding, result: Result) -> dict[str, Any]:
    return {
        "request": finding.exchange.index + 1,
        "label": wording.escape(finding.exchange.label),
        "at": wording.escape(finding.violation.where),
        "expected": wording.escape(finding.violation.expected),
        "received": wording.escape(finding.violation.received),
        "reproduce": wording.escape(curl.command(finding.exchange.request, result.settings, finding.exchange.reuse)),
    }
