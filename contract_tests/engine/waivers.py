"""Notes on waivers that have expired or are no longer needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contract_tests.message import Message
from contract_tests.settings import Settings
from contract_tests.verdict import Verdict


def waiver_notes(settings: Settings, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield a note for each waiver that has expired or is no longer needed."""
    by_clause = {verdict.clause.id: verdict for verdict in verdicts}
    for waiver in settings.waivers:
        verdict = by_clause.get(waiver.clause)
        if verdict is not None and verdict.failed and waiver.expires < settings.today:
            yield Message("the waiver of {} expired on {}: {}", waiver.clause, waiver.expires, waiver.reason)
        elif verdict is not None and verdict.checked and not verdict.failed:
            yield Message("the waiver of {} is no longer needed: the clause passed", waiver.clause)
