"""SARIF 2.1.0 (OASIS) for code scanning: one rule per clause, one result per violated clause, at its place.

A waived result is suppressed. If the target could not be checked there are no results, and the invocation failed.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from contract_tests.reports import curl, places, wording
from contract_tests.reports.codequality import fingerprint
from contract_tests.result import Result
from contract_tests.verdict import Outcome, Verdict
from contract_tests.version import version

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/code-contract/code-contract"

_LEVELS = {Outcome.FAILED: "error", Outcome.WARNING: "warning", Outcome.WAIVED: "note", Outcome.INFO: "note"}


def write(result: Result) -> bytes:
    """Return the report in UTF-8."""
    return json.dumps(report(result), ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def report(result: Result) -> dict[str, Any]:
    """Return the report as a JSON value."""
    index = {verdict.clause.id: number for number, verdict in enumerate(result.verdicts)}
    violated = [verdict for verdict in result.verdicts if verdict.failed] if result.was_reachable else []
    driver = {
        "name": "code-contract",
        "version": version(),
        "informationUri": HOME,
        "rules": [_rule(verdict, result) for verdict in result.verdicts],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "code-contract/"},
        "invocations": [_invocation(result)],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the checkout."}}},
        "results": [_result(verdict, index[verdict.clause.id], result) for verdict in violated],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(verdict: Verdict, result: Result) -> dict[str, Any]:
    clause = verdict.clause
    level = {"must": "error", "should": "warning"}.get(clause.level, "note")
    return {
        "id": clause.id,
        "shortDescription": {"text": _text(clause.text)},
        "fullDescription": {"text": _text(clause.text)},
        "help": {"text": _text(wording.source(clause) or clause.text)},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": [clause.section], "level": wording.level_label(clause), "origin": clause.basis},
    }


def _result(verdict: Verdict, rule: int, result: Result) -> dict[str, Any]:
    path, line = places.place(result.contract, verdict.clause)
    failed = {each.clause.id for each in result.failed}
    place = {"artifactLocation": {"uri": quote(path), "uriBaseId": "%SRCROOT%"}, "region": {"startLine": line}}
    found: dict[str, Any] = {
        "ruleId": verdict.clause.id,
        "ruleIndex": rule,
        "level": "error" if verdict.clause.id in failed else _LEVELS[verdict.status],
        "message": {"text": _text(wording.finding(verdict))},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint(verdict.clause.id)[:16]}:1"},
        "properties": {"reproduce": curl.reproduction(verdict, result)},
    }
    if verdict.waived:
        found["suppressions"] = [{"kind": "external", "justification": _text(verdict.waived)}]
    return found


def _invocation(result: Result) -> dict[str, Any]:
    notes = [{"level": "note", "message": {"text": _text(each)}} for each in wording.notes(result)]
    if not result.was_reachable:
        notes.insert(0, {"level": "error", "message": {"text": _text(wording.failure_reason(result))}})
    started = result.collection.started
    return {
        "executionSuccessful": result.was_reachable and not result.interrupted,
        "exitCode": result.exit_status,
        "startTimeUtc": _time(started),
        "endTimeUtc": _time(started + result.elapsed),
        "toolExecutionNotifications": notes,
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(text: str) -> str:
    """Return a message without links (SARIF 2.1.0 §3.11.6): a target must not add one."""
    return wording.escape(text).replace("](", "] (")
