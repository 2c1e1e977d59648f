"""Parity with a mock: what two targets of one contract do differently where the contract leaves it open.

Violations are excluded: they have verdicts. A string is compared by its form, because ids and pictures always differ.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from code_contract import Contract
from contract_tests import sanitize
from contract_tests.checks.json_text import MISSING
from contract_tests.checks.registry import BASELINE
from contract_tests.engine.collection import CollectedExchanges
from contract_tests.engine.evaluator import Evaluator
from contract_tests.engine.selection import find_check
from contract_tests.http.exchange import BodyCapture, Exchange
from contract_tests.message import Message, catalogue, joined
from contract_tests.verdict import Outcome, Verdict

MAX_DIFFERENCES = 100
"""Differences that are reported."""
_MAX_DEPTH, _MAX_FIELDS, _MAX_VALUES = 8, 200, 4
_ABSENT, _PRESENT = "absent", "present"
_IGNORED = re.compile(
    r"age|alt-svc|connection|content-(?:encoding|length|type)|date|keep-alive|server|transfer-encoding|vary|via|x-mock-.*"
)
"""Headers of infrastructure, and those that have a difference of their own."""
_FORMS = (
    ("a UUID", r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    ("digits", r"[0-9]+"),
    ("lower-case hexadecimal digits", r"[0-9a-f]+"),
    ("hexadecimal digits", r"[0-9a-fA-F]+"),
    ("letters and digits", r"[0-9A-Za-z]+"),
    ("base64", r"[0-9A-Za-z+/]+=*"),
)
_DATA_URI = re.compile(r"data:[^,]{0,60},")


class Difference(NamedTuple):
    """One difference: where it is, what the target does there, and what the mock does."""

    where: str
    target: str
    mock: str


def differences(
    contract: Contract,
    target: tuple[CollectedExchanges, Sequence[Verdict]],
    mock: tuple[CollectedExchanges, Sequence[Verdict]],
) -> tuple[Difference, ...]:
    """Return the first MAX_DIFFERENCES differences between two runs with the same settings, whose bodies were kept.

    Args:
        contract: The contract.
        target: The exchanges and the verdicts of the target.
        mock: Those of the mock.
    """
    found = [*_verdicts(target[1], mock[1])]
    violated = {finding.violation.where for verdict in target[1] for finding in verdict.findings}
    ours, theirs = _observed(contract, target[0]), _observed(contract, mock[0])
    seen = set[tuple[str, ...]]()
    for call in (each for each in ours if each in theirs):
        for aspect in dict.fromkeys((*ours[call], *theirs[call])):
            here, there = (_shown(each[call].get(aspect, ())) for each in (ours, theirs))
            # A probe often repeats what the operation does.
            repeated = (call.partition(" (")[0], aspect, here, there)
            if here != there and repeated not in seen and not any(where.startswith(aspect) for where in violated):
                seen.add(repeated)
                found.append(Difference(Message("{}, {}", _named(call), aspect), here, there))
    return tuple(found[:MAX_DIFFERENCES])


def _verdicts(target: Sequence[Verdict], mock: Sequence[Verdict]) -> Iterator[Difference]:
    """Yield the recommendations that have another outcome."""
    others = {verdict.clause.id: verdict for verdict in mock}
    for verdict in target:
        other = others.get(verdict.clause.id)
        checked = {Outcome.SKIPPED, Outcome.WAIVED}.isdisjoint({verdict.status, other and other.status})
        if other is not None and verdict.clause.level != "must" and checked and verdict.status != other.status:
            yield Difference(verdict.clause.id, *(Message(each.status.name.lower()) for each in (verdict, other)))


def _named(call: str) -> str:
    """Return a call whose probe is named in either language."""
    operation, _, probe = call.removesuffix(")").partition(" (")
    return Message("{} ({})", operation, Message(probe)) if probe in catalogue() else call


def _observed(contract: Contract, collection: CollectedExchanges) -> dict[str, dict[str, list[Any]]]:
    """Return the values of each aspect of each call, an operation or a probe of it."""
    evaluator = Evaluator(contract, (), find_check, lambda *_: None)
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    counts: dict[str, int] = defaultdict(int)
    for exchange in collection.all():
        if exchange.status is None or exchange.held is BodyCapture.NOTHING:
            continue
        operation = contract.operations[exchange.operation]
        call = f"{operation.method} {operation.path}"
        call += "" if exchange.label == BASELINE else f" ({exchange.label})"
        for aspect, value in _aspects(evaluator, exchange):
            # What an earlier response lacks is absent there.
            values = found[call][aspect]
            values += [_ABSENT] * (counts[call] > 0 and not values)
            values.append(value)
        counts[call] += 1
        for aspect, values in found[call].items():
            if aspect.startswith(("$", "header")) and len(values) < counts[call]:
                values.append(_ABSENT)
    return found


def _aspects(evaluator: Evaluator, exchange: Exchange) -> Iterator[tuple[str, Any]]:
    yield "HTTP status", str(exchange.status)
    yield "Content-Type", (exchange.header("content-type") or _ABSENT).lower().replace(" ", "")
    for name in dict.fromkeys(name.lower() for name, _ in exchange.headers):
        if not _IGNORED.fullmatch(name):
            yield Message("header {}", sanitize.escape(name, 60)), _PRESENT
    value = evaluator.parse(exchange).value
    if value is not MISSING:
        seen: dict[str, Any] = {}
        for path, leaf in _leaves(value, "$", 0):
            if len(seen) < _MAX_FIELDS:
                seen.setdefault(path, leaf)
        yield from seen.items()


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value and depth < _MAX_DEPTH:
        for key, child in value.items():
            yield from _leaves(child, f"{path}.{sanitize.escape(str(key), 60)}", depth + 1)
    elif isinstance(value, list) and value and depth < _MAX_DEPTH:
        yield from _leaves(value[0], f"{path}[]", depth + 1)
    else:
        yield path, ("value", value)


def _shown(values: Iterable[Any]) -> str:
    """Return the values of an aspect in words: the few that there are, else the form of strings and the type."""
    leaves = [each[1] for each in values if isinstance(each, tuple)]
    words = sorted({each for each in values if isinstance(each, str)})
    texts = [each for each in leaves if isinstance(each, str)]
    others = sorted({sanitize.json_value(each, 60) for each in leaves if not isinstance(each, str)})
    if len(others) > _MAX_VALUES:
        others = sorted({type(each).__name__ for each in leaves if not isinstance(each, str)})
    shown = [*words, *others, *(_form(texts) if texts else ())]
    return joined("{} or {}", (Message(each) if each in (_ABSENT, _PRESENT) else each for each in shown)) or Message(
        _ABSENT
    )


def _form(texts: list[str]) -> list[str]:
    distinct = sorted(set(texts))
    if len(distinct) <= min(_MAX_VALUES, len(texts) // 2):
        return [sanitize.quoted(each, 60) for each in distinct]
    if all(map(_DATA_URI.match, texts)):
        return sorted({sanitize.escape(found[0]) + "…" for each in texts if (found := _DATA_URI.match(each))})
    name = next((name for name, form in _FORMS if all(re.fullmatch(form, each) for each in distinct)), "characters")
    least, most = min(map(len, distinct)), max(map(len, distinct))
    unit = Message(name)
    if name == "a UUID":
        return [unit]
    return [Message("{} {}", least, unit) if least == most else Message("{} to {} {}", least, most, unit)]


def sentence(difference: Difference) -> str:
    """Return a difference as one sentence."""
    return Message("{}: {} here, {} in the mock", *difference)
