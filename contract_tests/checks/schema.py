"""The contract's own schema as the judge: jsonschema validates, and each error goes to the clause beside its node.

A clause may also carry a schema of its own (`schema`), for what a schema proper cannot say: what should be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from code_contract import Contract, Operation
from contract_tests import sanitize as showing
from contract_tests.verdict import Violation

SCHEMA_CLAUSE = "answers-conform-to-the-contract"
"""The clause under which schemathesis speaks, and the schema where no clause of its own stands beside it."""


@dataclass(frozen=True)
class Outcome:
    """What a schema said of one value: whether it `conforms`, `asked` the clauses it came by, `problems` those broken.

    A problem under None belongs to no clause of its own.
    """

    conforms: bool
    evaluated: frozenset[str]
    problems: tuple[tuple[str | None, Violation], ...]


class SchemaChecker:
    """Judges values against one schema of the contract. Not for use by several threads at once."""

    def __init__(self, contract: Contract, operation: Operation, schema: Mapping[str, Any]) -> None:
        self._places = {
            (place, keyword): name
            for name, places in contract.clause_locations.get(operation.id, {}).items()
            for place in places
            for keyword in contract.clauses[name].keywords
        }
        self._asked: set[str] = set()
        self._advice: list[tuple[str, Violation]] = []
        self._advisory_validators: dict[str, tuple[Validator, ...]] = {}
        # Called wherever a node with clauses is asked about a value, so inside if/then only where it holds.
        validator = extend(Draft202012Validator, {"x-clauses": self._visit_clauses})
        self._validator = validator(schema)

    def judge(self, value: Any) -> Outcome:
        """What the schema says of `value` (a JSON value)."""
        self._asked.clear()
        self._advice.clear()
        problems: dict[tuple[str | None, str], Violation] = {}
        for error in self._validator.iter_errors(value):
            for clause in self._clauses_of(error):
                problem = _problem(error)
                problems.setdefault((clause, problem.where), problem)
        found = [*((clause, problem) for (clause, _), problem in problems.items()), *self._advice]
        broken = {clause for clause, _ in found if clause is not None}
        return Outcome(not problems, frozenset(self._asked | broken), tuple(found))

    def _visit_clauses(self, validator: Any, entries: Any, instance: Any, node: Any) -> Iterator[ValidationError]:
        for entry in entries:
            own = entry.get("schema")
            if own is None:
                self._asked.update([entry["id"]] if "keywords" in entry else ())
                continue
            if entry["id"] not in self._advisory_validators:
                known = dict.fromkeys(node.get("properties", ()), True)
                schemas = (own.get("if", True), {"properties": known, **own})
                self._advisory_validators[entry["id"]] = tuple(Draft202012Validator(each) for each in schemas)
            applies, wanted = self._advisory_validators[entry["id"]]
            if applies.is_valid(instance):
                self._asked.add(entry["id"])
                self._advice += ((entry["id"], _problem(error)) for error in wanted.iter_errors(instance))
        yield from ()

    def _clauses_of(self, error: ValidationError) -> Iterator[str | None]:
        node = error.schema if isinstance(error.schema, dict) else {}
        keyword = str(error.validator)
        if keyword == "required":
            instance = error.instance if isinstance(error.instance, dict) else {}
            wanted: Any = error.validator_value
            for name in wanted:
                if name not in instance and f"{name!r} is a required" in error.message:
                    below = node.get("properties", {}).get(name, {})
                    yield self._clause_for(below, keyword, (*error.absolute_path, name))
            return
        yield self._clause_for(node, keyword, tuple(error.absolute_path))

    def _clause_for(self, node: Any, keyword: str, path: tuple[Any, ...]) -> str | None:
        for entry in node.get("x-clauses", ()) if isinstance(node, dict) else ():
            if keyword in entry.get("keywords", ()):
                return str(entry["id"])
        # The same constraint may be written in a second schema for the same place.
        place = tuple("*" if isinstance(token, int) else str(token) for token in path)
        return self._places.get((place, keyword))


def _problem(error: ValidationError) -> Violation:
    where = "$" + "".join(
        f"[{token}]" if isinstance(token, int) else f".{showing.escape(str(token), 40)}"
        for token in error.absolute_path
    )
    wanted: Any = error.validator_value
    received = showing.json_value(error.instance)
    match error.validator:
        case "required":
            missing = error.message.partition(" is a required")[0].strip("'")
            return Violation(f"{where}.{missing}", "the field", f"nothing: {received}")
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else list(wanted)
            return Violation(where, " or ".join(kinds), received)
        case "const":
            return Violation(where, showing.json_value(wanted), received)
        case "pattern":
            return Violation(where, f"a string that matches {wanted}", received)
        case "minLength":
            return Violation(where, f"a string of at least {wanted} character(s)", received)
        case "not":
            return Violation(where, f"anything but {showing.json_value(wanted)}", received)
        case "additionalProperties":
            known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
            instance: Any = error.instance
            more = [name for name in instance if name not in known]
            return Violation(where, "the documented fields only", showing.json_value(more))
        case _:
            return Violation(where, showing.escape(f"{error.validator}: {wanted}"), received)
