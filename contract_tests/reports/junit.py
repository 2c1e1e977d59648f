"""JUnit XML for CI systems: one suite per section of the contract, one test case per clause.

The first suite has one test case for the target. If the target could not be checked, that case is the only error and
the clauses are skipped. It has the duration of the run, because clauses share requests and have none of their own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from contract_tests.reports import terminal, wording
from contract_tests.result import Result
from contract_tests.verdict import INTERRUPTED, Outcome, Verdict

# The characters that XML 1.0 §2.2 does not allow in a document, even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_TOTALS = {
    "tests": "testcase",
    "failures": "testcase/failure",
    "errors": "testcase/error",
    "skipped": "testcase/skipped",
}


def write(result: Result) -> bytes:
    """Return the report in UTF-8, in English: programs read it."""
    result = replace(result, lang="en")
    root = Element("testsuites", name="code-contract", time=f"{result.elapsed:.3f}")
    _target(SubElement(root, "testsuite", name="target", time=f"{result.elapsed:.3f}"), result)
    failed = {verdict.clause.id for verdict in result.failed}
    for name, verdicts in groupby(result.verdicts, key=lambda verdict: verdict.clause.section):
        suite = SubElement(root, "testsuite", name=result.contract.sections[name].title)
        for verdict in verdicts:
            _case(suite, verdict, result, verdict.clause.id in failed)
    for attribute, path in _TOTALS.items():
        for suite in root:
            suite.set(attribute, str(len(suite.findall(path))))
        root.set(attribute, str(sum(int(suite.get(attribute, 0)) for suite in root)))
    text = _NOT_XML.sub("\ufffd", ElementTree.tostring(root, encoding="unicode"))
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}".encode()


def _target(suite: Element, result: Result) -> None:
    case = SubElement(
        suite, "testcase", classname="code-contract", name=wording.TARGET_CHECK, time=f"{result.elapsed:.3f}"
    )
    if result.interrupted or not result.was_reachable:
        reason = INTERRUPTED if result.interrupted else wording.failure_reason(result)
        error = SubElement(case, "error", message=reason)
        error.text = "\n".join(filter(None, (wording.hint(result), *wording.notes(result))))
    else:
        for sentence in filter(None, (wording.diagnosis(result), wording.hint(result))):
            SubElement(case, "system-out").text = sentence


def _case(suite: Element, verdict: Verdict, result: Result, fails: bool) -> None:
    clause = verdict.clause
    case = SubElement(suite, "testcase", classname=f"code-contract.{clause.section}", name=clause.id)
    if not result.was_reachable:
        SubElement(case, "skipped", message="the target could not be checked")
    elif verdict.status is Outcome.WAIVED:
        SubElement(case, "skipped", message=f"waived: {verdict.waived}")
    elif verdict.failed:
        parent = SubElement(case, "failure", message=clause.text) if fails else SubElement(case, "system-out")
        parent.text = "\n".join(terminal.evidence(verdict, result))
    elif verdict.status is Outcome.SKIPPED:
        SubElement(case, "skipped", message=verdict.reason)
