"""A recording (HAR 1.2) read back as the calls of a run: one of ours, or of a browser's developer tools or a proxy.

Ours holds all that a run saw. Of the calls of another program, those to the contract's operations are found by method
and path; what it leaves open is left open.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from code_contract import Contract, Operation
from contract_tests import sanitize as showing
from contract_tests.checks.registry import BASELINE
from contract_tests.engine import session as judging
from contract_tests.engine.collector import CollectedExchanges
from contract_tests.generated import run as generated
from contract_tests.generated.result import GeneratedFailure, GeneratedResult
from contract_tests.har import entries as har_entries
from contract_tests.har.fields import CREATOR, EXTENSION_KEY, MalformedEntry, method, object_at, string_at, url
from contract_tests.http.exchange import Exchange
from contract_tests.settings import SettingsError, parse_base_url
from contract_tests.verdict import Violation

MAX_FILE = 64 * 1024 * 1024
"""Bytes of a file that is read."""
MAX_ENTRIES = 20_000
"""Entries of a file that are read; the rest are not."""
MAX_NOTES = 50

_LABELS = frozenset(
    {BASELINE, generated.LABEL} | {j.probe.label for j in judging.CHECKS.values() if j.probe is not None}
)


@dataclass
class Recording:
    """The calls of a file, as a run would have made them.

    `base_url` is where they went; `generated` are those that schemathesis made up, and what it said of them.
    """

    base_url: str
    collection: CollectedExchanges
    generated: GeneratedResult = field(default_factory=GeneratedResult)
    elapsed: float = 0.0


def read(path: Path, contract: Contract, base_url: str | None = None) -> Recording:
    """The calls of `path` to the operations of `contract`, below `base_url` where it is given.

    Raises SettingsError for a file that cannot be used.
    """
    log = _log(path)
    entries = log["entries"]
    notes = [] if len(entries) <= MAX_ENTRIES else [f"only the first {MAX_ENTRIES} of {len(entries)} entries were read"]
    wanted = None if base_url is None else parse_base_url(base_url, contract)[0]
    creator = log.get("creator")
    ours = isinstance(creator, dict) and creator.get("name") == CREATOR and isinstance(log.get(EXTENSION_KEY), dict)
    found = (_read_own if ours else _read_third_party)(log, entries[:MAX_ENTRIES], contract, wanted, notes)
    if not any(found.collection.all()):
        asked = " or ".join(f"{each.method} {each.path}" for each in contract.operations.values())
        below = f" below {wanted}" if wanted else ""
        raise SettingsError(f"{str(path)!r} holds no call to {asked}{below}; record one, or name another file")
    every = [*found.collection.all(), *found.generated.exchanges]
    found.collection.started = min(each.started for each in every)
    found.collection.elapsed = found.elapsed
    found.collection.notes[:0] = [
        f"no call was made: {len(every)} of {len(entries)} recorded calls were judged",
        *notes,
    ]
    return found


def _log(path: Path) -> dict[str, Any]:
    """The `log` of a HAR file, of which `entries` is a list."""
    name = repr(str(path))
    try:
        with path.open("rb") as file:
            written = file.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise SettingsError(f"{name} cannot be read: {why}; name another file") from None
    if len(written) > MAX_FILE:
        raise SettingsError(f"{name} is larger than the {MAX_FILE >> 20} MB that are read; record fewer calls")
    try:
        document = json.loads(written.decode("utf-8-sig"))
    except RecursionError:
        raise SettingsError(f"{name} is nested deeper than JSON is read; name a HAR file") from None
    except ValueError as error:
        raise SettingsError(f"{name} is not JSON: {showing.escape(str(error))}; name a HAR file") from None
    log = document.get("log") if isinstance(document, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise SettingsError(f"{name} is not HAR: it has no log with entries; name a HAR file")
    return log


def _read_own(
    log: dict[str, Any], entries: list[Any], contract: Contract, wanted: str | None, notes: list[str]
) -> Recording:
    facts = object_at(log, EXTENSION_KEY)
    made: list[Exchange] = []
    for entry in entries:
        try:
            made.append(har_entries.parse_own_entry(entry, contract.operations, _LABELS))
        except MalformedEntry:
            continue
    base = wanted or _base_of(facts, contract)
    if len(made) < len(entries):
        notes.append(f"{len(entries) - len(made)} entries are not as this program writes them, and were left out")
    made = [each for each in made if each.request.url.startswith(f"{base}/")]
    changed = sum(1 for entry in entries if isinstance(entry, dict) and _flag(entry, "redacted"))
    if changed:
        notes.append(
            f"in {changed} answers a secret was replaced when they were saved; they are judged as they were saved"
        )
    told = facts.get("notes")
    kept = [showing.escape(each, 400) for each in told if isinstance(each, str)] if isinstance(told, list) else []
    collection = CollectedExchanges(notes=kept[:MAX_NOTES], throttled=_count(facts, "throttled"))
    for each in made:
        if each.label != generated.LABEL:
            collection.exchanges.setdefault(each.operation, []).append(each)
    made_up = [each for each in made if each.label == generated.LABEL]
    elapsed = facts.get("elapsed")
    took = float(elapsed) if isinstance(elapsed, (int, float)) and 0 <= elapsed < 1e9 else 0.0
    return Recording(base, collection, _generated_results(facts, made_up), took)


def _base_of(facts: dict[str, Any], contract: Contract) -> str:
    try:
        url({"url": facts.get("baseUrl")})
        return parse_base_url(string_at(facts, "baseUrl"), contract)[0]
    except MalformedEntry:
        raise SettingsError("the recording names no base URL; give BASE_URL") from None


def _generated_results(facts: dict[str, Any], made_up: list[Exchange]) -> GeneratedResult:
    """The calls that schemathesis made up, and what it said when they were made."""
    told = facts.get("generated")
    if not isinstance(told, dict):
        return GeneratedResult(0, made_up)
    by_call = {(each.operation, each.index): each for each in made_up}
    failures = []
    for node in told["failures"] if isinstance(told.get("failures"), list) else []:
        try:
            exchange = by_call.get((string_at(node, "operation"), node.get("index")))
            words = (showing.escape(string_at(node, key), 400) for key in ("where", "expected", "received"))
            path = node["path"]
            place = None if path is None else tuple(path)
            if exchange is not None and all(isinstance(each, str) for each in place or ()):
                failures.append(GeneratedFailure(exchange, place, Violation(*words)))
        except (MalformedEntry, AttributeError, TypeError, KeyError):
            continue
    listed = told.get("checkErrors")
    errors = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    shown = [showing.escape(each, 400) for each in errors[:MAX_NOTES]]
    return GeneratedResult(_count(told, "checked"), made_up, failures, shown)


def _read_third_party(
    log: dict[str, Any], entries: list[Any], contract: Contract, wanted: str | None, notes: list[str]
) -> Recording:
    """The calls of another program. Where they went to several places, those to the one that was asked most often."""
    found: dict[str, list[tuple[Operation, Any]]] = defaultdict(list)
    malformed = 0
    for entry in entries:
        try:
            match = _match(entry, contract)
            if match is not None:
                found[match[0]].append((match[1], entry))
        except MalformedEntry:
            malformed += 1
    base = wanted or max(found, key=lambda each: len(found[each]), default="")
    exchanges: dict[str, list[Exchange]] = {}
    counted: Counter[str] = Counter()
    for operation, entry in found.get(base, ()):
        try:
            exchange = har_entries.parse_third_party_entry(entry, operation, counted[operation.id])
        except MalformedEntry:
            malformed += 1
            continue
        if exchange is None:
            notes.append("calls that the browser broke off, or answered by itself, were left out")
            continue
        counted[operation.id] += 1
        exchanges.setdefault(operation.id, []).append(exchange)
    others = sorted(set(found) - {base})
    if others:
        notes.append(f"calls to {showing.escape(', '.join(others[:3]), 200)} were left out; name one as BASE_URL")
    if malformed:
        notes.append(f"{malformed} entries are not as HAR 1.2 says, and were left out")
    notes[:] = dict.fromkeys(notes)
    made = [each for kept in exchanges.values() for each in kept]
    took = max((e.started + e.elapsed for e in made), default=0.0) - min((e.started for e in made), default=0.0)
    return Recording(base, CollectedExchanges(exchanges), elapsed=took)


def _match(entry: Any, contract: Contract) -> tuple[str, Operation] | None:
    """The base URL below which an entry stands, and the operation it is a call to, if any. Raises Malformed."""
    sent = object_at(entry, "request")
    asked, address = method(sent), har_entries.without_query(url(sent))
    for operation in contract.operations.values():
        template = "".join(
            "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^/{}]*\})", operation.path)
        )
        match = re.fullmatch(rf"(https?://[^/]+(?:/.*)?){template}/?", address)
        if match and asked == operation.method:
            return match[1], operation
    return None


def _flag(entry: dict[str, Any], name: str) -> bool:
    facts = entry.get(EXTENSION_KEY)
    return isinstance(facts, dict) and facts.get(name) is True


def _count(node: dict[str, Any], key: str) -> int:
    found = node.get(key)
    return found if type(found) is int and 0 <= found < 10**9 else 0
