"""A parsed response: its JSON value within limits, its kind, its values by field path, its schema result."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from code_contract import Contract
from contract_tests.checks import bounded
from contract_tests.checks.bounded import BoundedValidator
from contract_tests.checks.json_text import (
    MAX_DIGITS,
    MAX_TEXT,
    MAX_VALUES,
    MISSING,
    ParsedJson,
    json_limit,
    parse_json,
)
from contract_tests.checks.response import ParsedResponse
from contract_tests.checks.schema import SchemaResult
from contract_tests.http.exchange import Exchange, TransportError, TransportErrorKind
from contract_tests.verdict import LimitExceeded
from tests.contract_tests.test_checks import exchange

CUT = TransportError(TransportErrorKind.INCOMPLETE, "only half")


def test_limits_of_a_json_text_are_exact() -> None:
    """Commas and openings are counted; the text is measured in memory."""
    assert json_limit("x" * (MAX_TEXT - sys.getsizeof(""))) == ""
    assert "memory" in json_limit("x" * (MAX_TEXT - sys.getsizeof("") + 1))
    for opening in ",[{":
        assert json_limit(opening * MAX_VALUES) == ""
        assert str(MAX_VALUES) in json_limit(opening * (MAX_VALUES + 1))
    assert str(MAX_VALUES) in json_limit(",[{" * (MAX_VALUES // 3 + 1))


@pytest.mark.parametrize(
    "text", ["[" * 101 + "]" * 101, "[" * 100_000, '[1, {"a":' + '{"a":' * 99 + "1" + "}" * 100 + "]"]
)
def test_the_nesting_of_json_is_limited(text: str) -> None:
    """A text that is nested deeper has no value and no problem."""
    assert parse_json(text) == ParsedJson(MISSING, limit="JSON nested deeper than 100 levels")


@pytest.mark.parametrize(
    ("text", "value", "problem"),
    [
        ("[1, 2.5, null]", [1, 2.5, None], ""),
        ("9" * MAX_DIGITS, int("9" * MAX_DIGITS), ""),
        ("9" * (MAX_DIGITS + 1), int("9" * MAX_DIGITS), ""),
        ("[[]]", [[]], ""),
        ("NaN", MISSING, "NaN is not a JSON value"),
        ("", MISSING, "no text"),
        ("\x1b", MISSING, "no JSON value (line 1, column 1)"),
        ('{"a":1', MISSING, "the text ends too early (line 1, column 7)"),
        ('{"a":"', MISSING, "a string without an end (line 1, column 6)"),
        ('{"a":\n1 2}', MISSING, "a comma or a closing bracket is missing (line 2, column 3)"),
        ('{"a" 1}', MISSING, "a colon is missing (line 1, column 6)"),
        ("{'a':1}", MISSING, "a name in double quotes is missing (line 1, column 2)"),
        ('{"a":1}}', MISSING, "text after the end of the value (line 1, column 8)"),
        ('["\\x"]', MISSING, "an invalid escape in a string (line 1, column 3)"),
        ('["\n"]', MISSING, "a control character in a string (line 1, column 3)"),
        ('[1, {"a":' + '{"a":' * 98 + "1" + "}" * 99 + ", 1]", None, ""),
    ],
)
def test_a_json_text_is_parsed(text: str, value: Any, problem: str) -> None:
    """The value, or the reason why there is none; a long number keeps its first digits."""
    parsed = parse_json(text)
    assert parsed.problem == problem
    assert parsed.limit == ""
    if value is not None:
        assert parsed.value is value if value is MISSING else parsed.value == value


def response(made: Exchange, contract: Contract, **options: Any) -> ParsedResponse:
    return ParsedResponse(made, contract.operations["getCode"], **options)


def test_the_value_of_a_response_is_parsed_within_limits(contract: Contract) -> None:
    """A response of which the content is not checked has no value, and names the limit."""
    found = response(exchange(), contract, limit="too late")
    assert (found.value, found.limit, found.json_problem) == (MISSING, "too late", "no text")
    found = response(exchange(b"[" + b"0," * MAX_VALUES + b"0]"), contract)
    assert found.value is MISSING
    assert str(MAX_VALUES) in found.limit
    found = response(exchange(b"\xef\xbb\xbf[1]"), contract)
    assert (found.value, found.text, found.limit, found.json_problem) == ([1], "[1]", "", "")
    found = response(exchange(b"\xff"), contract)
    assert (found.text, found.value, found.json_problem) == (None, MISSING, "no text")


def test_a_check_that_exceeds_a_limit_decides_nothing(contract: Contract) -> None:
    """The response is then neither a success nor valid, and the limit is named."""

    def exceed(value: Any) -> bool:
        raise LimitExceeded("too much")

    for options in ({"matches_success": exceed}, {"check_schema": exceed}):
        found = response(exchange(), contract, **options)
        assert (found.is_success, found.schema_result, found.matches_schema) == ("check_schema" in options, None, False)
        assert found.limit == "too much"


@pytest.mark.parametrize(
    ("made", "success", "served", "api"),
    [
        (exchange(), True, True, True),
        (exchange(status=404), True, True, True),
        (exchange(error=CUT), False, True, False),
        (exchange(status=None, error=CUT), False, False, False),
        (exchange(status=None), False, False, False),
        (exchange(b"no"), False, True, True),
        (exchange(b"no", status=299), False, True, True),
        (exchange(b"no", status=300), False, True, False),
        (exchange(b"no", status=404), False, False, False),
        (exchange(b"no", status=405), False, False, False),
        (exchange(b"no", status=403), False, True, False),
    ],
)
def test_the_kind_of_a_response(made: Exchange, success: bool, served: bool, api: bool, contract: Contract) -> None:
    """An envelope decides on a success; an undocumented status of a missing operation on whether it is served."""
    found = response(made, contract, matches_success=lambda value: True)
    assert (found.is_success, found.is_served, found.is_api_response) == (success, served, api)
    documented = replace(found.operation, responses={"404": None})
    assert ParsedResponse(exchange(b"no", status=404), documented).is_served
    assert not ParsedResponse(exchange(b"no", status=405), documented).is_served
    assert not response(exchange(), contract, matches_success=lambda value: False).is_success


def test_a_valid_error_conforms_and_is_no_success(contract: Contract) -> None:
    """Only a response of the API is one; the schema is checked for any status."""
    conforms = {"check_schema": lambda value: SchemaResult(True, frozenset(), ())}
    fails = {"check_schema": lambda value: SchemaResult(False, frozenset(), ())}
    never = {"matches_success": lambda value: False}
    assert response(exchange(), contract, **conforms, **never).is_valid_error
    assert not response(exchange(), contract, **fails, **never).is_valid_error
    assert not response(exchange(), contract, **conforms, matches_success=lambda value: True).is_valid_error
    assert not response(exchange(status=500), contract, **conforms, **never).is_valid_error
    assert response(exchange(status=500), contract, **conforms, **never).matches_schema
    assert not response(exchange(), contract, **fails).matches_schema
    assert response(exchange(b"no"), contract, **conforms).schema_result is None
    assert response(exchange(), contract).schema_result is None


@pytest.mark.parametrize(
    ("place", "values"),
    [
        ((), [("$", {"a": [{"b": 1}, {"b": 2}, {"c": 3}, 4], "*": 5, "d": {"b": 6}, "n": None})]),
        (("a", "*", "b"), [("$.a[0].b", 1), ("$.a[1].b", 2)]),
        (("a", "*"), [("$.a[0]", {"b": 1}), ("$.a[1]", {"b": 2}), ("$.a[2]", {"c": 3}), ("$.a[3]", 4)]),
        (("*",), [("$.*", 5)]),
        (("d", "b"), [("$.d.b", 6)]),
        (("a", "b"), []),
        (("d", "x"), []),
        (("d", "b", "c"), []),
        (("n",), [("$.n", None)]),
    ],
)
def test_values_by_field_path(place: tuple[str, ...], values: list[tuple[str, Any]], contract: Contract) -> None:
    """Every item of an array; a name may be an asterisk; what is missing has no value."""
    body = {"a": [{"b": 1}, {"b": 2}, {"c": 3}, 4], "*": 5, "d": {"b": 6}, "n": None}
    assert list(response(exchange(body), contract).values_at(place)) == values
    assert list(response(exchange(body, status=500), contract).values_at(place)) == []
    assert list(response(exchange(b"no"), contract).values_at(())) == []


def test_a_costly_value_is_computed_once(contract: Contract) -> None:
    """Several checks share it."""
    found, made = response(exchange(), contract), []
    for _ in range(2):
        assert found.cached("key", lambda: made.append(1) or "value") == "value"
    assert found.cached("other", lambda: 2) == 2
    assert made == [1]


def test_steps_of_a_validator_are_counted_for_each_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly the maximum is allowed, for every value anew; keywords of the caller are added."""
    monkeypatch.setattr(bounded, "MAX_STEPS", 3)
    validator = BoundedValidator({"items": {"type": "integer"}})
    for _ in range(2):
        assert [(error.validator, *error.path) for error in validator.iter_errors([1, "a"])] == [("type", 1)]
        assert validator.is_valid([1, 2])
        with pytest.raises(LimitExceeded, match="takes more than 3 steps"):
            validator.is_valid([1, 2, 3])
    seen: list[Any] = []
    BoundedValidator({"x-a": 1}, {"x-a": lambda *each: seen.append(each[1:3])}).is_valid("value")
    assert seen == [(1, "value")]
