"""Checks by the schemas of the contract: jsonschema validates a body, and each error belongs to the clause beside its
schema node.

A clause may also have a schema of its own (`schema`), for a recommendation: the main schema states requirements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jsonschema.exceptions import ValidationError

from code_contract import Contract, FieldPath, Operation
from code_contract.derived import CONFORMITY_CLAUSE
from contract_tests import sanitize
from contract_tests.checks import alternatives
from contract_tests.checks.bounded import BoundedValidator
from contract_tests.message import Message, joined
from contract_tests.verdict import Violation

SCHEMA_CLAUSE = CONFORMITY_CLAUSE
"""The clause of the generated requests. A schema violation with no clause beside it is reported under it too."""

MAX_ERRORS = 100
"""Errors of one body that are reported; it violates its clauses after the first of each."""


@dataclass(frozen=True)
class SchemaViolation:
    """One violation of a clause by the value at `place`.

    `cause` is the clause that states the type of that value, if the type is already wrong: what other keywords say of
    the value follows from that.
    """

    clause: str
    place: FieldPath
    violation: Violation
    cause: str | None = None


@dataclass(frozen=True)
class SchemaResult:
    """The result of validating one body: `evaluated` are the clauses that applied to it."""

    conforms: bool
    evaluated: frozenset[str]
    violations: tuple[SchemaViolation, ...]


class SchemaChecker:
    """Validates bodies against one schema of the contract. Not thread-safe."""

    def __init__(self, contract: Contract, operation: Operation, schema: Mapping[str, Any]) -> None:
        locations = contract.clause_locations.get(operation.id, {})
        self._clause_at = {
            (place, keyword): name
            for name, places in locations.items()
            for place in places
            for keyword in contract.clauses[name].keywords
        }
        self._places = {name: places[0] or () for name, places in locations.items() if len(places) == 1}
        self._visited: set[str] = set()
        self._advisory: list[SchemaViolation] = []
        self._advisory_validators: dict[str, tuple[BoundedValidator, ...]] = {}
        # Called wherever a node with clauses is applied, so inside if/then only if the condition holds.
        self._validator = BoundedValidator(schema, {"x-clauses": self._visit_clauses})

    def check(self, value: Any) -> SchemaResult:
        """Validate a JSON value; further errors than the first MAX_ERRORS are ignored. Raises LimitExceeded."""
        self._visited.clear()
        self._advisory.clear()
        found: dict[tuple[str, str], SchemaViolation] = {}
        wrong_types: dict[FieldPath, str] = {}
        for error in alternatives.resolved(islice(self._validator.iter_errors(value), MAX_ERRORS)):
            place = _place(error.absolute_path)
            for clause in self._clauses_of(error):
                violation = schema_violation(error)
                found.setdefault((clause, violation.where), SchemaViolation(clause, place, violation))
                if alternatives.wrong_type(error):
                    wrong_types.setdefault(place, clause)
        violations = tuple(_with_cause(each, wrong_types) for each in (*found.values(), *self._advisory))
        violated = {each.clause for each in violations}
        return SchemaResult(not found, frozenset(self._visited | violated), violations)

    def _visit_clauses(self, validator: Any, entries: Any, instance: Any, node: Any) -> Iterator[ValidationError]:
        for entry in entries:
            own = entry.get("schema")
            if own is None:
                self._visited.update([entry["id"]] if "keywords" in entry else ())
                continue
            if entry["id"] not in self._advisory_validators:
                known = dict.fromkeys(node.get("properties", ()), True)
                schemas = (own.get("if", True), {"properties": known, **own})
                self._advisory_validators[entry["id"]] = tuple(map(BoundedValidator, schemas))
            applies, advised = self._advisory_validators[entry["id"]]
            if applies.is_valid(instance):
                self._visited.add(entry["id"])
                base = self._places.get(entry["id"], ())
                for error in islice(advised.iter_errors(instance), MAX_ERRORS):
                    place = (*base, *_place(error.absolute_path))
                    self._advisory.append(SchemaViolation(entry["id"], place, schema_violation(error, base)))
        yield from ()

    def _clauses_of(self, error: ValidationError) -> Iterator[str]:
        node = error.schema if isinstance(error.schema, dict) else {}
        keyword = str(error.validator)
        if keyword == "required":
            name = alternatives.missing(error)
            below = node.get("properties", {}).get(name, {})
            yield self._clause_for(below, keyword, (*_place(error.absolute_path), name))
            return
        yield self._clause_for(node, keyword, _place(error.absolute_path))

    def _clause_for(self, node: Any, keyword: str, place: FieldPath) -> str:
        for entry in node.get("x-clauses", ()) if isinstance(node, dict) else ():
            if keyword in entry.get("keywords", ()):
                return str(entry["id"])
        # The same constraint may be written in a second schema for the same place.
        return self._clause_at.get((place, keyword), SCHEMA_CLAUSE)


def _place(path: Any) -> FieldPath:
    return tuple("*" if isinstance(token, int) else str(token) for token in path)


def _with_cause(found: SchemaViolation, wrong_types: Mapping[FieldPath, str]) -> SchemaViolation:
    cause = wrong_types.get(found.place)
    if cause is None or cause == found.clause:
        return found
    return SchemaViolation(found.clause, found.place, found.violation, cause)


def schema_violation(error: ValidationError, base: FieldPath = ()) -> Violation:
    """Return the violation of a schema by a value; `base` is the field path of the value."""
    where = "$" + "".join(
        f"[{token}]" if isinstance(token, int) else f".{sanitize.escape(str(token), 40)}"
        for token in (*base, *error.absolute_path)
    )
    expected: Any = error.validator_value
    received = sanitize.json_value(error.instance)
    if types := alternatives.wrong_type(error):
        return Violation(where, joined("{} or {}", types), received)
    match error.validator:
        case "required":
            return Violation(
                f"{where}.{sanitize.escape(alternatives.missing(error), 40)}",
                "the field",
                Message("nothing: {}", received),
            )
        case "const":
            return Violation(where, sanitize.json_value(expected), received)
        case "pattern":
            return Violation(where, Message("a string that matches {}", expected), received)
        case "minLength":
            return Violation(where, Message("a string of at least {} character(s)", expected), received)
        case "not":
            return Violation(where, Message("anything but {}", sanitize.json_value(expected)), received)
        case "additionalProperties":
            known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
            instance: Any = error.instance
            undocumented = [name for name in instance if name not in known]
            return Violation(where, "the documented fields only", sanitize.json_value(undocumented))
        case "oneOf" if isinstance(expected, int):
            return Violation(where, "one alternative, not several", received)
        case None:
            return Violation(where, "no value: the schema is false", received)
        case _:
            return Violation(where, f"{error.validator}: {sanitize.json_value(expected)}", received)
