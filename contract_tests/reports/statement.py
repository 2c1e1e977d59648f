"""The conformance statement: which contract, which server, when, the verdict on every clause, and how to repeat it."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from code_contract import default_path
from contract_tests.reports import curl, wording
from contract_tests.result import Result
from contract_tests.settings import OPTIONS, Settings
from contract_tests.version import version

FORMAT = 1
"""Version of the format."""


def write(result: Result, overlays: Sequence[Path] = ()) -> bytes:
    """Return the statement in UTF-8.

    Args:
        result: The result of the run.
        overlays: The files that changed the contract.
    """
    return json.dumps(statement(result, overlays), ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def statement(result: Result, overlays: Sequence[Path] = ()) -> dict[str, Any]:
    """Return the statement as a JSON value."""
    contract = result.contract
    canonical = json.dumps(contract.document, sort_keys=True, separators=(",", ":"), default=str)
    return {
        "conformanceStatement": FORMAT,
        "contract": {
            "title": wording.escape(contract.title),
            "version": wording.escape(contract.version),
            "file": contract.path.name,
            "sha256": hashlib.sha256(contract.source.text).hexdigest(),
            "overlays": [each.name for each in overlays],
            # The same for JSON and YAML, and with the overlays.
            "documentSha256": hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest(),
        },
        "suite": {"name": "code-contract", "version": version()},
        "target": wording.escape(result.settings.redact(result.settings.base_url)),
        "date": datetime.fromtimestamp(result.collection.started, timezone.utc).isoformat(timespec="seconds"),
        "requests": result.calls,
        "conforms": result.exit_status == 0 and result.baseline is None and not result.settings.only,
        "verdict": wording.headline(result).lower(),
        "exitStatus": result.exit_status,
        "strict": result.settings.strict,
        "clauses": [
            {
                "id": verdict.clause.id,
                "level": verdict.clause.level,
                "text": wording.escape(verdict.clause.text),
                "verdict": wording.outcome_label(verdict.status) if result.was_reachable else "not checked",
                "checked": verdict.checked,
                "failed": verdict.failed,
                **({"waived": wording.escape(verdict.waived)} if verdict.waived else {}),
                **({"reason": wording.escape(verdict.reason)} if verdict.reason else {}),
            }
            for verdict in result.verdicts
        ],
        "notes": wording.notes(result),
        "reproduce": [f"pip install code-contract=={version()}", " ".join(_command(result, overlays))],
    }


def _command(result: Result, overlays: Sequence[Path]) -> Iterator[str]:
    """Yield the words of the command; secrets are variables of the shell."""
    settings = result.settings
    yield from ("code-contract", "check", curl.quoted(settings.redact(settings.base_url)))
    if result.contract.path != default_path():
        yield from ("--spec", shlex.quote(result.contract.path.name))
    for path in overlays:
        yield from ("--overlay", shlex.quote(path.name))
    for name, option in OPTIONS.items():
        value = getattr(settings, name)
        if value != option.default and name != "reference_url":
            for each in _values(name, value, settings):
                yield f"--{option.flag}" + (f" {curl.quoted(each)}" if each else "")
    for clause in sorted(settings.only):
        yield f"--only {shlex.quote(clause)}"


def _values(name: str, value: Any, settings: Settings) -> Iterator[str]:
    if value is True:
        yield ""
    elif name == "headers":
        yield from (f"{key}: {settings.secret_placeholders.get(text, settings.redact(text))}" for key, text in value)
    elif isinstance(value, tuple):
        shown = ((key, settings.secret_placeholders.get(text, settings.redact(text))) for key, text in value)
        yield from (f"{key}={text}" if key else text for key, text in shown)
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value)
        yield settings.secret_placeholders.get(text, settings.redact(text))
