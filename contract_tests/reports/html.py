"""The HTML report: one self-contained file without scripts, whose policy (CSP) forbids scripts and network access.

Jinja2 escapes every value for HTML, and `_printable` escapes unprintable characters in it before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from contract_tests.checks.registry import BASELINE
from contract_tests.engine.retention import MAX_SHOWN
from contract_tests.message import LANGUAGES, Bilingual, Message, translate
from contract_tests.reports import curl, wording
from contract_tests.reports.gallery import gallery
from contract_tests.reports.latency_chart import latency_chart
from contract_tests.result import Result
from contract_tests.verdict import Outcome
from contract_tests.version import version

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

_BOTH = Markup('<span lang="en">{}</span><span lang="zh-CN">{}</span>')

LEVELS = {
    "must": "a failure fails the run",
    "should": "a failure is a warning, and fails a strict run",
    "info": "a failure is reported only",
}


def write(result: Result) -> bytes:
    """Return the report in UTF-8."""
    page = environment(_bilingual).get_template("report.html").render(_context(result))
    return page.encode("utf-8", "backslashreplace")


def environment(finalize: Callable[[Any], Any]) -> Environment:
    """Return the environment of the templates; `finalize` escapes unprintable characters in every value."""
    # A run without such a report does not wait for this import.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.globals |= {
        "request_label": wording.request_label,
        "further_findings": wording.further_findings,
        "level_label": wording.level_label,
        "requirement": wording.requirement,
        "outcome_label": wording.outcome_label,
        "plural": wording.plural,
        "share": wording.share,
        "skipped_section": wording.skipped_section,
        "source": wording.source,
        "bilingual": Bilingual,
        "message": Message,
        "levels": LEVELS,
        "policy": POLICY,
        "version": version(),
    }
    return found


def _bilingual(value: Any) -> Any:
    """Return a message in both languages, of which the page shows one; other values as printable text."""
    if isinstance(value, Markup):
        return value
    return _say(value) if isinstance(value, (Message, Bilingual)) else wording.escape(str(value))


def _say(sentence: str) -> str:
    """Return a sentence in both languages."""
    en, zh = (wording.escape(translate(sentence, lang)) for lang in LANGUAGES)
    return en if en == zh else _BOTH.format(en, zh)


def _in_one_language(lang: str) -> Callable[[str], str]:
    """Return a function for attributes and titles, which cannot contain elements."""
    return lambda text: str(wording.escape(translate(text, lang)))


def _context(result: Result) -> dict[str, Any]:
    failed = {verdict.clause.id for verdict in result.failed}
    others = [verdict for verdict in result.verdicts if verdict.failed and verdict.clause.id not in failed]
    baseline = next((each for each in result.collection.all() if each.label == BASELINE), None)
    others_title = "Known failures and warnings" if len(result.failing) > len(failed) else "Warnings"
    cards = gallery(result)
    return {
        "result": result,
        "contract": result.contract,
        "settings": result.settings,
        "headline": wording.headline(result),
        "state": {"Passed": "passed", "Failed": "failed"}.get(wording.headline(result), "skipped"),
        "title": wording.title(result.contract),
        "one": _in_one_language(result.lang),
        "say": _say,
        "lang": result.lang,
        "reason": wording.diagnosis(result) if result.was_reachable else wording.failure_reason(result),
        "hint": wording.hint(result),
        "counts": [(each, result.counts[each]) for each in Outcome if result.counts[each]],
        "started": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(result.collection.started)),
        "duration": wording.milliseconds(result.elapsed),
        "comparison": [*wording.comparison(result), *wording.parity(result)],
        "notes": wording.notes(result),
        "summaries": [each for each in (("Failures", result.failed), (others_title, others)) if each[1]],
        "sections": [
            (result.contract.sections[name], list(verdicts))
            for name, verdicts in groupby(result.verdicts, key=lambda verdict: verdict.clause.section)
        ],
        "cards": cards[:MAX_SHOWN],
        "more_cards": len(cards) > MAX_SHOWN,
        "chart": latency_chart(result),
        "assumptions": wording.assumptions(result.contract),
        "assumed": [verdict for verdict in result.verdicts if verdict.clause.basis == "assumption"],
        "curl": lambda exchange: curl.command(exchange.request, result.settings),
        "reproduction": lambda verdict: curl.reproduction(verdict, result),
        "baseline": baseline,
    }
