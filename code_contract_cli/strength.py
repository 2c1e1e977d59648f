"""`code-contract strength`."""

from __future__ import annotations

import json
import textwrap
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from code_contract import Contract, DerivedClause, Operation
from code_contract.text import escape_unprintable
from code_contract_cli.options import FILE, NumberRange, Spec, overlay_option, strict_option

if TYPE_CHECKING:
    from mock_server.faults.derivation import DerivedFault

NOTHING_APPLIED = 3
"""Exit status if no mutation applies, as that of a check that checked nothing."""
PROGRESS_SECONDS = 5.0
MAX_SHOWN, MAX_NAMES = 40, 2
"""Unnoticed mutations that are printed, and names of faults beside each; JSON has all."""
WIDTH, INDENT = 80, "    "

_ALWAYS_NOTICED = ("not-served", "server-error", "ignored")
"""Kinds that the general clauses notice, whatever the document states."""
_REMEDIES = {
    "missing": "{} may be missing; add it to required",
    "null": "{} may be null; add a type without null",
    "wrong-type": "{} may have any type; add type",
    "any-text": "{} may be any string; add format, pattern or maxLength",
    "empty-text": "{} may be empty; add minLength",
    "negative": "{} may be negative; add minimum",
    "invalid-format": "{} may violate its format, which is not checked; add pattern",
    "extra-field": "any field may be added to {}; set additionalProperties or unevaluatedProperties to false",
    "status.undocumented": "any status is documented; list the statuses in place of default",
    "media-type.undocumented": "any media type is documented; name it in place of a range",
    "invalid": "{} may have any value; restrict its schema",
}
_HEADER_MISSING = "{} may be missing; add required: true"
_ADMITTED = "{} may be changed ({kind}); an alternative of anyOf or oneOf admits it"


@dataclass
class Strength:
    """The mutations of the responses of a contract, and those that the contract notices.

    Attributes:
        applied: Number of mutations by operation id.
        noticed: Number of those noticed, by operation id.
        unnoticed: The other faults by the sentence that names the remedy.
    """

    applied: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)
    unnoticed: dict[str, list[DerivedFault]] = field(default_factory=lambda: defaultdict(list))

    @property
    def score(self) -> float:
        """The share of mutations that are noticed, in percent; 0 if none applies."""
        return 100 * self.noticed.total() / max(1, self.applied.total())


@click.command("strength")
@click.argument("spec", type=FILE, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--fail-under",
    type=NumberRange(0, 100),
    metavar="PERCENT",
    help="Exit with status 1 if the score is lower.",
)
@overlay_option
@strict_option
def command(
    spec: Path | None, as_json: bool, fail_under: float | None, overlay: tuple[Path, ...], strict_spec: bool
) -> int:
    """Measure which wrong responses the contract SPEC notices, by default the packaged contract.

    Each keyword of a schema, and each place without one, is the source of a mutation of a conforming response: a field
    is missing, null, of another type, beyond a limit. The score is the share of mutations that violate the contract;
    the others are listed with the change that makes the contract notice them. `mock --fault NAME` sends each of them.

    \b
    Exit status: 0; 1 the score is under --fail-under; 2 the contract is invalid;
    3 the contract has no response to mutate.
    """
    contract = Spec(spec, overlay, strict_spec).load()
    found = measure(contract)
    if as_json:
        # ASCII only, so that text of a document cannot contain control sequences of the terminal.
        click.echo(json.dumps(_as_json(found), indent=2))
    else:
        click.echo("\n".join(map(escape_unprintable, _text(found))))
    if not found.applied.total():
        return NOTHING_APPLIED
    return int(fail_under is not None and found.score < fail_under)


def measure(contract: Contract) -> Strength:
    """Apply every mutation to a response of each operation."""
    from mock_server.faults.derived import faults_of

    found, checks = Strength(), _Checks(contract)
    due = time.monotonic() + PROGRESS_SECONDS
    for number, operation in enumerate(contract.operations.values()):
        if time.monotonic() > due:
            due = time.monotonic() + PROGRESS_SECONDS
            with suppress(OSError):
                click.echo(f"code-contract: {number} of {len(contract.operations)} operations", err=True)
        for each in faults_of(contract, operation.id).values():
            if each.kind in _ALWAYS_NOTICED:
                continue
            found.applied[operation.id] += 1
            if each.breaks or checks.notices(operation, each):
                found.noticed[operation.id] += 1
            else:
                found.unnoticed[remedy(each)].append(each)
    return found


def remedy(fault: DerivedFault) -> str:
    """Return the sentence that names the change by which a contract would notice a fault."""
    name = f"`{fault.field_name}`" if fault.field_name else "the body"
    if fault.place.startswith("headers."):
        return (_HEADER_MISSING if fault.kind == "missing" else _REMEDIES["invalid"]).format(f"the header {name}")
    if fault.place.endswith("[]"):
        name = f"an item of {name}"
    elif fault.place.endswith(".*"):
        name = f"a field of {name}"
    found = _REMEDIES.get(f"{fault.place}.{fault.kind}") or _REMEDIES.get(fault.kind, _ADMITTED)
    return found.format(name, kind=fault.kind)


class _Checks:
    """The checks of clauses that a contract writes itself: they notice what its schemas do not."""

    def __init__(self, contract: Contract) -> None:
        from contract_tests.engine.evaluator import Evaluator
        from contract_tests.engine.selection import find_check
        from contract_tests.inputs.values import Values
        from contract_tests.settings import Settings
        from mock_server import Mock

        self._contract = contract
        self._settings = Settings("http://localhost")
        self._values = Values.of(contract, self._settings)
        self._mock = Mock(contract, seed="strength")
        clauses = contract.clauses
        self._written = {name for name, each in clauses.items() if each.pointer and not isinstance(each, DerivedClause)}
        written = [clauses[name] for name in self._written]
        self._evaluator = Evaluator(contract, written, find_check, lambda *_: None)
        self._violated: dict[str, set[str]] = {}

    def notices(self, operation: Operation, fault: DerivedFault) -> bool:
        """Return True if a written clause fails on a response with the fault, and on the one without it passes."""
        if self._written.isdisjoint(self._contract.clause_locations.get(operation.id, ())):
            return False
        if operation.id not in self._violated:
            self._violated[operation.id] = self._evaluate(operation, ())
        return bool(self._evaluate(operation, (fault,)) - self._violated[operation.id])

    def _evaluate(self, operation: Operation, faults: tuple[DerivedFault, ...]) -> set[str]:
        from contract_tests.http.exchange import Exchange
        from contract_tests.inputs.baseline import baseline_request
        from mock_server.core.preferences import NO_PREFERENCES
        from mock_server.faults.model import RequestContext

        request = baseline_request(operation, self._settings, self._values)
        if request is None:
            return set()
        plan = replace(self._mock.negotiator.plan(operation, NO_PREFERENCES), faults=faults)
        draft = self._mock.builder.build(RequestContext(operation, 0, {}, b"", target=operation.path), plan, ())
        headers = (("Content-Type", draft.content_type), *draft.headers)
        exchange = Exchange(
            request, "plain", operation.id, 0, 0.0, draft.status, headers=headers, body=draft.body_bytes()
        )
        _, outcomes = self._evaluator.evaluate(exchange)
        return {each.clause for each in outcomes if each.violations}


def _as_json(found: Strength) -> Mapping[str, Any]:
    return {
        "score": round(found.score, 1),
        "noticed": found.noticed.total(),
        "applied": found.applied.total(),
        "operations": [
            {"id": name, "noticed": found.noticed[name], "applied": count} for name, count in found.applied.items()
        ],
        "unnoticed": [
            {"text": text, "field": faults[0].field_name, "kind": faults[0].kind, "faults": [f.name for f in faults]}
            for text, faults in _most_frequent(found)
        ],
    }


def _most_frequent(found: Strength) -> list[tuple[str, list[DerivedFault]]]:
    return sorted(found.unnoticed.items(), key=lambda item: -len(item[1]))


def _text(found: Strength) -> Iterator[str]:
    groups = _most_frequent(found)
    for text, faults in groups[:MAX_SHOWN]:
        yield from textwrap.wrap(text, WIDTH, break_on_hyphens=False)
        more = len(faults) - MAX_NAMES
        names = ", ".join(each.name for each in faults[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
        yield from textwrap.wrap(
            names,
            WIDTH,
            initial_indent=INDENT,
            subsequent_indent=INDENT,
            break_on_hyphens=False,
            break_long_words=False,
        )
    if len(groups) > MAX_SHOWN:
        yield f"{len(groups) - MAX_SHOWN} more; --json lists all"
    if groups:
        yield ""
    applied, noticed = found.applied.total(), found.noticed.total()
    operations = f"{len(found.applied)} operation{'' if len(found.applied) == 1 else 's'}"
    yield f"score {found.score:.1f} %: {noticed} of {applied} mutations noticed, {operations}"
