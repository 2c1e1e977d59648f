"""Output for GitHub Actions: annotations, which are workflow commands, and the summary of a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from contract_tests.message import Message, translate
from contract_tests.reports import markdown, places, terminal, wording
from contract_tests.result import Result
from contract_tests.verdict import Outcome, Verdict

MAX_SUMMARY = 1024 * 1024
"""Bytes of the summaries of one step; GitHub shows none of them if there are more."""
MAX_ANNOTATIONS = 10
"""Annotations of one type and step that GitHub shows."""

# A failure that does not fail the run is one of the baseline.
_TYPES = {Outcome.FAILED: "warning", Outcome.WARNING: "warning", Outcome.WAIVED: "notice", Outcome.INFO: "notice"}


def workflow_commands(result: Result) -> Iterator[str]:
    """Yield workflow commands for the violated clauses, at most MAX_ANNOTATIONS of a type.

    In place of the last one, a command without a place counts those that are left out.
    """
    say = partial(translate, lang=result.lang)
    if not result.was_reachable:
        place = {"file": places.document(result.contract), "line": "1", "title": wording.TARGET_CHECK}
        yield _command("error", say(Message("not checked: {}", wording.failure_reason(result))), place)
        return
    failed = {verdict.clause.id for verdict in result.failed}
    found: dict[str, list[Verdict]] = {"error": [], "warning": [], "notice": []}
    for verdict in result.verdicts:
        if verdict.failed:
            found["error" if verdict.clause.id in failed else _TYPES[verdict.status]].append(verdict)
    for kind, verdicts in found.items():
        shown = verdicts if len(verdicts) <= MAX_ANNOTATIONS else verdicts[: MAX_ANNOTATIONS - 1]
        for verdict in shown:
            path, line = places.place(result.contract, verdict.clause)
            place = {"file": path, "line": str(line), "title": verdict.clause.id}
            yield _command(kind, say(wording.finding(verdict)), place)
        if rest := len(verdicts) - len(shown):
            yield _command(kind, say(wording.left_out(rest)), {"title": "code-contract"})


def summary(result: Result, room: int) -> bytes:
    """Return the Markdown report, or its verdict alone if the report has more than `room` bytes; b"" if both have."""
    short = f"### {terminal.summary_line(result)}\n".encode()
    return next((each for each in (markdown.write(result), short) if len(each) <= room), b"")


def inert(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines of a log without workflow commands: `::name::` at the beginning, `##[name]` anywhere."""
    for line in lines:
        text = _without_marks(line)
        yield text.replace("::", ":\\:", 1) if text.lstrip().startswith("::") else text


def _command(kind: str, message: str, properties: dict[str, str]) -> str:
    given = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{kind} {given}::{_escaped(_without_marks(message))}"


def _without_marks(text: str) -> str:
    """Return text without the beginning of a command that may stand anywhere in a line."""
    return text.replace("##[", "#\\#[")


def _escaped(text: str, further: str = "") -> str:
    """Return text with the characters percent-encoded that end a command or a property of one."""
    return "".join(f"%{ord(each):02X}" if each in f"%\r\n{further}" else each for each in text)
