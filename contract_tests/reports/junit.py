"""JUnit XML, as CI systems read it: one test case per clause, one suite per part of the document."""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree

from contract_tests.reports import terminal as text
from contract_tests.result import Result
from contract_tests.verdict import Outcome, Verdict

# What XML 1.0 §2.2 does not allow in a document, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(result: Result) -> bytes:
    """The report as bytes of UTF-8."""
    root = ElementTree.Element("testsuites", name="code-contract", time=f"{result.elapsed:.3f}")
    failing = {verdict.clause.id for verdict in result.failed}
    for part, verdicts in groupby(result.verdicts, key=lambda verdict: verdict.clause.section):
        cases = list(verdicts)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=result.contract.sections[part].title,
            tests=str(len(cases)),
            failures=str(sum(case.clause.id in failing for case in cases)),
            errors=str(0 if result.was_reachable else len(cases)),
            skipped=str(sum(_skipped(case) for case in cases) if result.was_reachable else 0),
        )
        for verdict in cases:
            _case(suite, verdict, result, verdict.clause.id in failing)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _case(suite: ElementTree.Element, verdict: Verdict, result: Result, fails: bool) -> None:
    clause = verdict.clause
    case = ElementTree.SubElement(
        suite, "testcase", classname=f"code-contract.{clause.section}", name=clause.id, time="0"
    )
    if not result.was_reachable:
        error = ElementTree.SubElement(case, "error", message=_clean(result.failure_reason()))
        error.text = "the target could not be judged"
    elif verdict.status is Outcome.WAIVED:
        ElementTree.SubElement(case, "skipped", message=_clean(f"waived: {verdict.waived}"))
    elif verdict.failed:
        said = _clean("\n".join(text.evidence(verdict, result)))
        if fails:
            failure = ElementTree.SubElement(case, "failure", message=_clean(clause.text))
            failure.text = said
        else:
            ElementTree.SubElement(case, "system-out").text = said
    elif _skipped(verdict):
        ElementTree.SubElement(case, "skipped", message=_clean(verdict.reason))


def _skipped(verdict: Verdict) -> bool:
    return verdict.status in (Outcome.SKIPPED, Outcome.WAIVED)


def _clean(value: str) -> str:
    return _NOT_XML.sub("\ufffd", value)
