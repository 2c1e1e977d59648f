"""The result of the generated requests."""

from __future__ import annotations

from dataclasses import dataclass, field

from code_contract import FieldPath
from contract_tests.http.exchange import Exchange
from contract_tests.verdict import Violation

TITLES = (
    "Content deserialization error",
    "JSON deserialization error",
    "Malformed media type",
    "Missing Content-Type header",
    "Missing required headers",
    "Missing required response headers",
    "Response header does not conform to the schema",
    "Response violates schema",
    "Server error",
    "Server error on undeclared request Content-Type",
    "Undocumented Content-Type",
    "Undocumented HTTP status code",
    "Undocumented status code",
    "Unknown discriminator value",
)
"""Titles of the failures of schemathesis, by which chinese.json translates them; a test compares its own."""


@dataclass(frozen=True)
class GeneratedFailure:
    """One failure of a schemathesis check.

    `place` is the field path of the value that violates a schema, None if the status, a header or the coding of the
    body is wrong.
    """

    exchange: Exchange
    place: FieldPath | None
    violation: Violation


@dataclass
class GeneratedResult:
    """The generated requests of a run, and what schemathesis found in their responses.

    Attributes:
        checked: Responses of the operations that every check of schemathesis could check.
        exchanges: All exchanges, in order.
        failures: Failures of its checks.
        check_errors: Checks that raised an unexpected error, as texts for people.
        notes: Operations without generated requests, and the reason, as texts for people.
    """

    checked: int = 0
    exchanges: list[Exchange] = field(default_factory=list)
    failures: list[GeneratedFailure] = field(default_factory=list)
    check_errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
