"""CTRF, the Common Test Report Format (https://ctrf.io): a test per clause, and under `extra` what it has no word for.

A warning or a note is `other`: it fails nothing, and is not passed. Where the target could not be judged every test is
`other` too, and the environment is not `healthy`.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from typing import Any

from contract_tests.reports import curl
from contract_tests.reports import terminal as text
from contract_tests.reports import wording as saying
from contract_tests.result import Result
from contract_tests.verdict import Finding, Outcome, Verdict
from contract_tests.version import version

SPEC = "0.0.0"
"""The version of CTRF's specification, as of the npm package ctrf 0.3.0."""


def write(result: Result) -> bytes:
    """The report as bytes of UTF-8."""
    return json.dumps(report(result), ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def report(result: Result) -> dict[str, Any]:
    """The report as a JSON value."""
    failing = {verdict.clause.id for verdict in result.failed}
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
                "appName": saying.escape_long(result.contract.title),
                "testEnvironment": saying.escape_long(result.settings.base_url),
                "healthy": result.exit_status == 0,
            },
            "extra": _extra(result),
        },
    }


def _extra(result: Result) -> dict[str, Any]:
    extra = {
        "verdict": saying.headline(result),
        "exitStatus": result.exit_status,
        "contract": {
            "title": saying.escape_long(result.contract.title),
            "version": saying.escape_long(result.contract.version),
        },
        "calls": result.calls,
        "notes": [saying.escape_long(note) for note in result.collection.notes],
        "openQuestions": [
            {"name": each.name, "words": each.words, "reading": each.reading, "line": each.line}
            for each in saying.assumptions(result.contract)
        ],
    }
    return extra if result.was_reachable else extra | {"trouble": saying.failure_reason(result)}


def _test(verdict: Verdict, result: Result, fails: bool) -> dict[str, Any]:
    clause = verdict.clause
    test: dict[str, Any] = {
        "testId": clause.id,
        "name": clause.id,
        "status": _status(verdict, result, fails),
        "duration": 0,
        "suite": [result.contract.sections[clause.section].title],
        "rawStatus": verdict.status.name.lower() if result.was_reachable else "error",
        "type": "contract",
        "filePath": result.contract.path.name,
        "line": clause.line,
        **({"tags": ["waived"]} if verdict.waived else {}),
        "labels": {"level": clause.level, "origin": clause.basis},
        "extra": {
            "text": saying.escape_long(clause.text),
            "words": [saying.escape_long(words) for words in clause.quotes],
            "source": saying.escape_long(clause.source or ""),
            "judged": verdict.checked,
            "broken": verdict.failed,
            "findings": [_finding(each, result) for each in verdict.findings],
        },
    }
    if not result.was_reachable:
        test["message"] = f"could not be judged: {saying.failure_reason(result)}"
    elif verdict.failed:
        first = verdict.findings[0].problem
        test["message"] = saying.escape_long(f"{first.where}: expected {first.expected}; received {first.received}")
        test["trace"] = "\n".join(saying.escape_long(line) for line in text.evidence(verdict, result))
    elif verdict.reason:
        test["message"] = saying.escape_long(verdict.reason)
    return test


def _status(verdict: Verdict, result: Result, fails: bool) -> str:
    if not result.was_reachable:
        return "other"
    if fails:
        return "failed"
    return {Outcome.PASSED: "passed", Outcome.SKIPPED: "skipped"}.get(verdict.status, "other")


def _finding(finding: Finding, result: Result) -> dict[str, Any]:
    return {
        "call": finding.exchange.index + 1,
        "label": saying.escape_long(finding.exchange.label),
        "where": saying.escape_long(finding.problem.where),
        "expected": saying.escape_long(finding.problem.expected),
        "received": saying.escape_long(finding.problem.received),
        "curl": saying.escape_long(curl.command(finding.exchange.request, result.settings)),
    }
