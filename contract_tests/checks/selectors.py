"""Selectors that several modules share."""

from __future__ import annotations

from collections.abc import Iterator

from code_contract import FieldPath
from contract_tests.checks.response import ParsedResponse


def any_response(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Select every response whose head arrived."""
    if response.status is not None:
        yield response


def operation_responses(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Select every complete response of the operation itself; a 404 of an address that is not served is none."""
    if response.is_complete and response.has_body and response.is_served and not response.limit:
        yield response


def api_responses(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Select every complete API response (see ParsedResponse.is_api_response)."""
    if response.is_api_response:
        yield response
