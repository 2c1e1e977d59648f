"""`code-contract check --update-waivers`: the waivers of the settings follow what fails now."""

from __future__ import annotations

from collections.abc import Mapping, MutableSequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable, Table

from contract_tests.config import DEFAULT, TABLE
from contract_tests.message import Message, translate
from contract_tests.result import Result
from contract_tests.settings import SettingsError

VALIDITY = timedelta(days=30)
"""The time for which a new waiver applies."""
REASON = Message("TODO: why this is accepted, and the ticket")
"""The reason of a new waiver. The file keeps "TODO" until somebody fills in a reason, so that a search finds it."""


@dataclass(frozen=True)
class WaiverUpdate:
    """The settings with other waivers.

    Attributes:
        path: The file of the settings.
        content: Its new content, None if nothing changes.
        waived: Ids of the clauses with a new or renewed waiver.
        pruned: Ids of the clauses whose waiver was removed, because they passed.
        expires: The last day of the new waivers.
    """

    path: Path
    content: bytes | None
    waived: tuple[str, ...]
    pruned: tuple[str, ...]
    expires: date

    @property
    def message(self) -> Message:
        """The change in words."""
        if self.content is None:
            return Message("{}: the waivers are up to date", self.path)
        counts = (self.path, len(self.waived), self.expires, len(self.pruned))
        return Message("wrote {}: {} waivers until {}, {} removed", *counts)

    def write(self, result: Result) -> bytes:
        """Return the new content, as reports do."""
        return self.content or b""

    def applied(self, result: Result) -> Result:
        """Return the result as a run with the new waivers has it."""
        reason = Message("{} (until {})", REASON, self.expires)
        verdicts = [replace(v, waived=reason) if v.clause.id in self.waived else v for v in result.verdicts]
        return replace(result, verdicts=tuple(verdicts))


def updated(path: Path | None, result: Result) -> WaiverUpdate | None:
    """Return the settings with waivers for what fails now, and without those for what passed.

    Comments and the order of the file stay. An expired waiver of a clause that fails is renewed with its reason.

    Args:
        path: The file of the settings, None to create one in the working directory.
        result: The result of a run, which is not strict: such a run ignores waivers.

    Returns:
        The change, None after an incomplete run.

    Raises:
        SettingsError: The file cannot be read.
    """
    if result.interrupted or not result.was_reachable:
        return None
    failing = [verdict.clause.id for verdict in result.failing]
    passed = {verdict.clause.id for verdict in result.verdicts if verdict.checked and not verdict.failed}
    expires = result.settings.today + VALIDITY
    document = _read(path)
    before = tomlkit.dumps(document)
    is_crlf = "\r\n" in before and before.count("\n") == before.count("\r\n")
    table = document.get("tool", {}).get(TABLE)
    if table is None:
        table = document
    entries = table.get("waivers")
    known = [str(each.get("clause")) for each in entries or ()]
    pruned = tuple(name for name in known if name in passed)
    for name in failing:
        if name in known:
            entries[known.index(name)]["expires"] = expires
            continue
        if entries is None:
            table["waivers"] = entries = tomlkit.aot()
        entries.append(_entry(entries, {"clause": name, "reason": translate(REASON, result.lang), "expires": expires}))
    for index in reversed(range(len(known))):
        if known[index] in passed:
            _remove(entries, index)
    if entries is not None and not entries:
        del table["waivers"]
    text = tomlkit.dumps(document)
    if is_crlf:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    content = text.encode("utf-8") if failing or pruned else None
    return WaiverUpdate(path or DEFAULT, content, tuple(failing), pruned, expires)


def _read(path: Path | None) -> tomlkit.TOMLDocument:
    if path is None:
        return tomlkit.document()
    try:
        return tomlkit.parse(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{str(path)!r} cannot be read: {error.strerror}; use another file") from None
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise SettingsError(f"{str(path)!r} is not valid TOML: {error}") from None


def _entry(entries: MutableSequence[Any], values: Mapping[str, Any]) -> Table | InlineTable:
    """Return a waiver in the form of the others."""
    entry = tomlkit.table() if isinstance(entries, AoT) else tomlkit.inline_table()
    entry.update(values)
    return entry


def _remove(entries: MutableSequence[Any], index: int) -> None:
    """Remove a waiver, but not the comment above the next one, which TOML Kit takes for a part of this one."""
    if isinstance(entries, AoT) and index + 1 < len(entries):
        body = entries[index].value.body
        last = max(number for number, (key, _) in enumerate(body) if key is not None)
        comment = "".join(item.as_string() for _, item in body[last + 1 :]).strip("\n")
        if comment:
            entries[index + 1].trivia.indent = f"{comment}\n"
    del entries[index]
