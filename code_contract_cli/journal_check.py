"""Checks the journal of a mock, for the button on its page: the mock itself imports no check."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from code_contract import Contract
from mock_server.core.state import CheckJournal

REQUIRED = ("contract_tests", "requests", "schemathesis")
"""The packages without which the checks cannot be imported."""


def journal_check() -> CheckJournal | None:
    """Return the function that checks a journal, or None if the checks are not installed."""
    return check_journal if all(map(find_spec, REQUIRED)) else None


def check_journal(contract: Contract, har: bytes) -> dict[str, Any]:
    """Return the verdicts on the recorded exchanges of a mock: the schema `JournalCheck` of its admin API.

    Args:
        contract: The contract.
        har: The exchanges as a HAR document.

    Raises:
        ValueError: The recording has no request of an operation.
    """
    from contract_tests.har import reader
    from contract_tests.message import Message, translate
    from contract_tests.run import check_recording
    from contract_tests.settings import Settings, SettingsError
    from contract_tests.verdict import Verdict

    def reason(verdict: Verdict) -> str:
        if not verdict.findings:
            return verdict.reason
        found = verdict.findings[0].violation
        if not found.where:
            return Message("{}: expected {}, received {}", verdict.count, found.expected, found.received)
        texts = (found.where, found.expected, found.received)
        return Message("{}: at {}: expected {}, received {}", verdict.count, *texts)

    try:
        recording = reader.parse(har, "the journal", contract)
    except SettingsError as error:
        raise ValueError(str(error)) from None
    result = check_recording(contract, Settings(recording.base_url), recording)
    return {
        "verdict": {0: "passed", 1: "failed"}.get(result.exit_status, "skipped"),
        "totals": {outcome.name.lower(): count for outcome, count in result.counts.items()},
        "clauses": [
            {
                "id": each.clause.id,
                "text": each.clause.text,
                "zh": each.clause.zh,
                "verdict": each.status.name.lower(),
                "reason": reason(each),
                "reason_zh": translate(reason(each), "zh"),
            }
            for each in result.verdicts
        ],
    }
