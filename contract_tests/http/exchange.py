"""The evidence: one request, and all that came back, unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class TransportErrorKind(Enum):
    """What went wrong with a call below the level of HTTP's meaning. The value is the word that reports use."""

    NAME_NOT_FOUND = "name not found"
    REFUSED = "connection refused"
    NO_CONNECTION = "no connection"
    TLS = "TLS failed"
    NO_ANSWER = "no answer"
    RESET = "connection lost"
    NOT_HTTP = "not HTTP"
    HEAD_TOO_LARGE = "head too large"
    INCOMPLETE = "body incomplete"
    TOO_SLOW = "body too slow"
    TOO_LARGE = "body too large"


@dataclass(frozen=True)
class TransportError:
    """Why an exchange is not whole: `detail` is a sentence for people, fit to be shown."""

    kind: TransportErrorKind
    detail: str


class BodyCapture(Enum):
    """How much of an answer's body an exchange holds. The suite's own calls hold all of it, a recording may not."""

    WIRE = "the bytes as they came"
    BYTES = "the bytes with their content coding undone"
    TEXT = "the text they stood for"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Request:
    """What is sent: an absolute URL without user-info, headers in order, a body or none."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call and its answer.

    `label` is "plain" or a probe's; `index` counts the calls to an operation from 0; `started` is Unix time;
    `ttfb` and `elapsed` are seconds to the head and to the end. `status` is None where no head arrived. `body` is
    as on the wire: transfer coding undone (RFC 9112 §7), content coding not (RFC 9110 §8.4), unless `held` says
    otherwise. `is_live` is False for an exchange of a third-party recording; `request_is_complete` then says whether
    the request had all that the contract requires. An exchange that is not retained has neither headers nor body.
    """

    request: Request
    label: str
    operation: str
    index: int
    started: float
    status: int | None = None
    reason: str = ""
    http_version: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    ttfb: float | None = None
    elapsed: float = 0.0
    trouble: TransportError | None = None
    held: BodyCapture = BodyCapture.WIRE
    is_live: bool = True
    request_is_complete: bool = True

    def header(self, name: str) -> str | None:
        """A header's value, repeats joined by commas (RFC 9110 §5.3); None where there is none."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(found) if found else None
