"""Reads a recording in HAR 1.2 as the exchanges of a run: one of `--save-har`, or of browser devtools or a proxy.

A recording of `--save-har` is complete. In other recordings, requests of the contract's operations are found by method
and path, and clauses that need missing data are skipped.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from code_contract import Contract, Operation
from contract_tests import sanitize
from contract_tests.base_url import parse_base_url
from contract_tests.checks.derived import NO_CREDENTIALS
from contract_tests.checks.registry import BASELINE
from contract_tests.engine import clients, selection
from contract_tests.engine.collection import CollectedExchanges
from contract_tests.generated import run as generated
from contract_tests.generated.result import GeneratedFailure, GeneratedResult
from contract_tests.har.entries import parse_own_entry, parse_third_party_entry, sentence_at, without_query
from contract_tests.har.fields import CREATOR, EXTENSION_KEY, MalformedEntry, method, object_at, string_at, url
from contract_tests.http.exchange import Exchange
from contract_tests.message import Message, listed
from contract_tests.settings import SettingsError
from contract_tests.verdict import Violation

MAX_FILE = 64 * 1024 * 1024
"""Bytes of the largest file that is read."""
MAX_ENTRIES = 20_000
"""Entries of a file that are read; further ones are ignored."""
MAX_NOTES = 50
"""Notes of a file that are read."""

_LABELS = frozenset(
    {BASELINE, NO_CREDENTIALS, clients.LABEL, generated.LABEL}
    | {check.probe.label for check in selection.CHECKS.values() if check.probe is not None}
)


@dataclass
class Recording:
    """The exchanges of a file, as a run would have collected them.

    Attributes:
        base_url: The base URL of the target.
        collection: The exchanges that were not generated.
        generated: The generated requests, and the failures that schemathesis found when they were sent.
        elapsed: The duration of the run in seconds.
    """

    base_url: str
    collection: CollectedExchanges
    generated: GeneratedResult = field(default_factory=GeneratedResult)
    elapsed: float = 0.0


def read(path: Path, contract: Contract, base_url: str | None = None) -> Recording:
    """Read the exchanges of a HAR file with the operations of a contract.

    Args:
        path: The file.
        contract: The contract.
        base_url: The base URL of the target; None selects the one with the most requests.

    Raises:
        SettingsError: The file cannot be read, is not HAR, or has no such exchange.
    """
    return parse(_content(path), repr(str(path)), contract, base_url)


def parse(content: bytes, name: str, contract: Contract, base_url: str | None = None) -> Recording:
    """Parse the bytes of a HAR document, as `read` does; `name` is what errors call it.

    Raises:
        SettingsError: The document is not HAR, or has no exchange of an operation.
    """
    log = _log(content, name)
    entries = log["entries"]
    notes: list[str] = []
    if len(entries) > MAX_ENTRIES:
        notes = [Message("only the first {} of {} entries were read", MAX_ENTRIES, len(entries))]
    wanted = None if base_url is None else parse_base_url(base_url, contract)[0]
    creator = log.get("creator")
    is_own = isinstance(creator, dict) and creator.get("name") == CREATOR and isinstance(log.get(EXTENSION_KEY), dict)
    found = (_read_own if is_own else _read_third_party)(log, entries[:MAX_ENTRIES], contract, wanted, notes)
    if not any(found.collection.all()):
        operations = " or ".join(f"{each.method} {each.path}" for each in contract.operations.values())
        below = f" below {wanted}" if wanted else ""
        raise SettingsError(f"{name} has no request {operations}{below}; record one, or use another file")
    every = [*found.collection.all(), *found.generated.exchanges]
    found.collection.started = min(each.started for each in every)
    found.collection.elapsed = found.elapsed
    counts = Message("no request was sent: {} of {} recorded requests were checked", len(every), len(entries))
    found.collection.notes[:0] = [counts, *notes]
    return found


def _content(path: Path) -> bytes:
    name = repr(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(f"{name} cannot be read: {reason}; use another file") from None
    if len(content) > MAX_FILE:
        raise SettingsError(f"{name} is larger than {MAX_FILE >> 20} MiB; record fewer requests")
    return content


def _log(content: bytes, name: str) -> dict[str, Any]:
    """Return the `log` of a HAR document, whose `entries` is a list."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise SettingsError(f"{name} is nested too deeply; use a HAR file") from None
    except ValueError as error:
        raise SettingsError(f"{name} is not JSON: {sanitize.escape(str(error))}; use a HAR file") from None
    log = document.get("log") if isinstance(document, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise SettingsError(f"{name} is not HAR: it has no log with entries; use a HAR file")
    return log


def _read_own(
    log: dict[str, Any], entries: list[Any], contract: Contract, wanted: str | None, notes: list[str]
) -> Recording:
    facts = object_at(log, EXTENSION_KEY)
    made: list[Exchange] = []
    for entry in entries:
        try:
            made.append(parse_own_entry(entry, contract.operations, _LABELS))
        except MalformedEntry:
            continue
    base = wanted or _base_of(facts, contract)
    if len(made) < len(entries):
        notes.append(Message("{} invalid entries were ignored", len(entries) - len(made)))
    made = [each for each in made if each.request.url.startswith(f"{base}/")]
    if changed := sum(isinstance(entry, dict) and _is_redacted(entry.get(EXTENSION_KEY)) for entry in entries):
        notes.append(Message("{} responses contained a secret and were checked as they were redacted", changed))
    collection = CollectedExchanges(notes=_sentences(facts.get("notes")), throttled=_count(facts, "throttled"))
    for each in made:
        if each.label != generated.LABEL:
            collection.exchanges.setdefault(each.operation, [])
            collection.add(each)
    requests = [each for each in made if each.label == generated.LABEL]
    elapsed = facts.get("elapsed")
    seconds = float(elapsed) if isinstance(elapsed, (int, float)) and 0 <= elapsed < 1e9 else 0.0
    return Recording(base, collection, _generated_result(facts, requests), seconds)


def _base_of(facts: dict[str, Any], contract: Contract) -> str:
    try:
        url({"url": facts.get("baseUrl")})
        return parse_base_url(string_at(facts, "baseUrl"), contract)[0]
    except MalformedEntry:
        raise SettingsError("the recording has no base URL; pass BASE_URL") from None


def _generated_result(facts: dict[str, Any], requests: list[Exchange]) -> GeneratedResult:
    """Return the generated requests with the failures that schemathesis found when they were sent."""
    written = facts.get("generated")
    if not isinstance(written, dict):
        return GeneratedResult(0, requests)
    by_request = {(each.operation, each.index): each for each in requests}
    failures = []
    for node in written["failures"] if isinstance(written.get("failures"), list) else []:
        try:
            exchange = by_request.get((string_at(node, "operation"), node.get("index")))
            texts = (sentence_at(node, key) for key in ("where", "expected", "received"))
            path = node["path"]
            place = None if path is None else tuple(path)
            if exchange is not None and all(isinstance(each, str) for each in place or ()):
                failures.append(GeneratedFailure(exchange, place, Violation(*texts)))
        except (MalformedEntry, AttributeError, TypeError, KeyError):
            continue
    errors = _sentences(written.get("checkErrors"))
    return GeneratedResult(_count(written, "checked"), requests, failures, errors)


def _read_third_party(
    log: dict[str, Any], entries: list[Any], contract: Contract, wanted: str | None, notes: list[str]
) -> Recording:
    """Read a recording of another program; without a base URL, the one with the most requests is checked."""
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
            exchange = parse_third_party_entry(entry, operation, counted[operation.id])
        except MalformedEntry:
            malformed += 1
            continue
        if exchange is None:
            notes.append(Message("requests that the browser cancelled or answered itself were ignored"))
            continue
        counted[operation.id] += 1
        exchanges.setdefault(operation.id, []).append(exchange)
    others = sorted(map(sanitize.escape, set(found) - {base}))
    if others:
        notes.append(Message("requests to {} were ignored; pass BASE_URL to check them", listed(others[:3])))
    if malformed:
        notes.append(Message("{} entries do not conform to HAR 1.2 and were ignored", malformed))
    notes[:] = dict.fromkeys(notes)
    made = [each for kept in exchanges.values() for each in kept]
    elapsed = max((e.started + e.elapsed for e in made), default=0.0) - min((e.started for e in made), default=0.0)
    return Recording(base, CollectedExchanges(exchanges), elapsed=elapsed)


def _match(entry: Any, contract: Contract) -> tuple[str, Operation] | None:
    """Return the base URL and the operation of an entry, None if it is of no operation."""
    request = object_at(entry, "request")
    verb, address = method(request), without_query(url(request))
    for operation in contract.operations.values():
        template = "".join(
            "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^/{}]*\})", operation.path)
        )
        match = re.fullmatch(rf"(https?://[^/]+(?:/.*)?){template}/?", address)
        if match and verb == operation.method:
            return match[1], operation
    return None


def _is_redacted(facts: object) -> bool:
    return isinstance(facts, dict) and facts.get("redacted") is True


def _sentences(value: Any) -> list[str]:
    """Return the first sentences of a list, escaped."""
    nodes = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    return [sentence_at(each, "text") for each in nodes[:MAX_NOTES] if isinstance(each.get("text"), str)]


def _count(node: dict[str, Any], key: str) -> int:
    found = node.get(key)
    return found if type(found) is int and 0 <= found < 10**9 else 0
