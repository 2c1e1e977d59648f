"""Code quality of GitLab, shown in merge requests: one issue per violated clause, at its place in the contract.

The fingerprint depends on the clause alone, so that GitLab tells a new issue from one that a merge request has not
changed. A subset of https://github.com/codeclimate/platform/blob/master/spec/analyzers/SPEC.md, as GitLab documents it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from contract_tests.checks.schema import SCHEMA_CLAUSE
from contract_tests.reports import places, wording
from contract_tests.result import Result
from contract_tests.verdict import Outcome

_SEVERITIES = {Outcome.FAILED: "critical", Outcome.WARNING: "minor", Outcome.WAIVED: "info", Outcome.INFO: "info"}


def write(result: Result) -> bytes:
    """Return the report in UTF-8."""
    return json.dumps(issues(result), ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def issues(result: Result) -> list[dict[str, Any]]:
    """Return the report as a JSON value; a target that could not be checked is its only issue."""
    if not result.was_reachable:
        name, place = wording.TARGET_CHECK, (places.document(result.contract), 1)
        return [_issue(name, f"not checked: {wording.failure_reason(result)}", "major", place)]
    failed = {verdict.clause.id for verdict in result.failed}
    found = []
    for verdict in result.verdicts:
        clause, place = verdict.clause, places.place(result.contract, verdict.clause)
        if verdict.failed:
            severity = "critical" if clause.id in failed else _SEVERITIES[verdict.status]
            found.append(_issue(clause.id, wording.finding(verdict), severity, place))
        elif clause.id == SCHEMA_CLAUSE and result.generated.check_errors:
            found.append(_issue(clause.id, f"not checked: {wording.escape(verdict.reason)}", "info", place))
    return found


def fingerprint(clause: str) -> str:
    """Return the identity of an issue across runs: a digest of the id of its clause."""
    return hashlib.sha256(f"code-contract {clause}".encode()).hexdigest()


def _issue(name: str, description: str, severity: str, place: tuple[str, int]) -> dict[str, Any]:
    return {
        "description": description,
        "check_name": name,
        "fingerprint": fingerprint(name),
        "severity": severity,
        "location": {"path": place[0], "lines": {"begin": place[1]}},
    }
