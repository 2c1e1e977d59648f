"""Violations of the contract by a request, and their consequences."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from mock_server.core.errors import REQUEST_ERROR
from mock_server.core.headers import WARNING_HEADER, escaped_header
from mock_server.core.preferences import unknown_preference
from mock_server.reasons import Reason
from mock_server.response import Headers


class ValidationMode(Enum):
    """The treatment of invalid requests.

    Attributes:
        DEFAULT: Reject them, but only warn about requirements that the contract assumes (`x-assumption`).
        STRICT: Reject them.
        WARN: Respond as if they were valid, with a warning.
        OFF: Do not validate requests.
    """

    DEFAULT = "default"
    STRICT = "strict"
    WARN = "warn"
    OFF = "off"


class Violation(NamedTuple):
    """A violation of the contract by a request.

    Attributes:
        reason: The sentence, which names the parameter or the body.
        assumed: True if the contract only assumes the requirement, or recommends it.
        error: The name of the error to reject the request with.
        location: The location of a parameter, or "body"; "" for the request as a whole.
        name: The name of the parameter.
        pointer: The JSON pointer of the value inside the parameter or the body.
        headers: Response headers that a rejection needs.
        blames: "request"; "document" if the document itself gives this value as an example; "ambiguous" if the document
            only assumes the requirement, or its own example violates it too.
    """

    reason: Reason
    assumed: bool
    error: str = REQUEST_ERROR
    location: str = ""
    name: str = ""
    pointer: str = ""
    headers: Headers = ()
    blames: str = "request"

    @property
    def explained(self) -> Reason:
        """The reason, and what of the document speaks against it."""
        if self.blames == "document":
            return Reason("document-contradicts-itself", reason=self.reason)
        return Reason("ambiguous", reason=self.reason) if self.blames == "ambiguous" else self.reason


SUCCESS, REJECTED = Reason("success"), Reason("rejected-by-values")
"""The outcomes of a valid request, and of one that its own values reject, such as a wrong answer."""


class Validation(NamedTuple):
    """The consequences of the violations of a request.

    Attributes:
        violations: Their reasons, for the journal.
        warnings: Response headers that warn of what is not rejected.
        rejections: The violations that reject the request; the first one determines the response.
        outcome: The outcome for the journal, unless a preference changes the response.
    """

    violations: list[Reason]
    warnings: Headers
    rejections: tuple[Violation, ...]
    outcome: Reason


def summarize(violations: Sequence[Violation], mode: ValidationMode, unknown_preferences: Sequence[str]) -> Validation:
    """Decide which violations reject a request and which only warn."""
    warnings, rejections = list[str](), list[Violation]()
    for each in violations:
        assumed = each.assumed and mode is not ValidationMode.STRICT
        if assumed or mode is ValidationMode.WARN:
            label = "assumed; " if assumed and each.location != "body" else ""
            warnings.append(f"{each.explained} ({label}not rejected)")
        else:
            rejections.append(each)
    outcome = Reason("rejected", reason=rejections[0].reason) if rejections else SUCCESS
    warnings += map(unknown_preference, unknown_preferences[:5])
    headers = tuple(escaped_header(WARNING_HEADER, each) for each in warnings)
    return Validation([each.explained for each in violations], headers, tuple(rejections), outcome)
