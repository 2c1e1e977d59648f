"""Errors of `oneOf` and `anyOf`: as specific as the value allows."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.checks import alternatives
from contract_tests.checks.bounded import BoundedValidator
from contract_tests.checks.schema import schema_violation

NUMBER = {"required": ["kind", "value"], "properties": {"kind": {"const": "n"}, "value": {"type": "integer"}}}
TEXT = {"required": ["kind", "value"], "properties": {"kind": {"const": "t"}, "value": {"type": "string"}}}
NULLABLE = {"anyOf": [{"type": "object", **NUMBER}, {"type": "null"}]}
UNION = {"oneOf": [NUMBER, TEXT]}
SHARED = {**UNION, "allOf": [{"required": ["kind"], "properties": {"kind": {"type": "string"}}}]}


@pytest.mark.parametrize(
    ("schema", "value", "found"),
    [
        pytest.param(NULLABLE, {"kind": "n"}, [("required", "$.value")], id="nullable"),
        pytest.param(NULLABLE, {"kind": "x", "value": 1}, [("const", "$.kind")], id="constant of the only one"),
        pytest.param(NULLABLE, 7, [("anyOf", "$")], id="neither object nor null"),
        pytest.param(UNION, {"kind": "t", "value": 7}, [("type", "$.value")], id="chosen by its constant"),
        pytest.param(UNION, {"kind": "x", "value": 7}, [("oneOf", "$")], id="no constant fits"),
        pytest.param(UNION, {"value": "x"}, [("oneOf", "$")], id="no constant"),
        pytest.param(SHARED, {"value": 7}, [("required", "$.kind")], id="missing, as stated beside"),
        pytest.param(SHARED, {"kind": 7, "value": 7}, [("type", "$.kind")], id="wrong, as beside"),
        pytest.param(
            {"properties": {"a": UNION}}, {"a": {"kind": "t", "value": 7}}, [("type", "$.a.value")], id="inside"
        ),
        pytest.param(
            {"anyOf": [{"type": "array", "items": NULLABLE}, {"type": "null"}]},
            [{"kind": "n", "value": "x"}],
            [("type", "$[0].value")],
            id="nested",
        ),
    ],
)
def test_an_error_of_alternatives_is_as_specific_as_possible(
    schema: dict[str, Any], value: Any, found: list[tuple[str, str]]
) -> None:
    """It is that of the alternative which type and constants select, and none if errors beside it explain it."""
    errors = alternatives.resolved(BoundedValidator(schema).iter_errors(value))
    assert [(each.validator, schema_violation(each).where) for each in errors] == found


def test_the_types_of_alternatives_are_expected() -> None:
    """A value of another type than every alternative lacks one of their types."""
    (error,) = alternatives.resolved(BoundedValidator(NULLABLE).iter_errors(7))
    assert schema_violation(error).expected == "object or null"
