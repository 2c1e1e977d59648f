"""The decision on a request: the response, and what the journal says about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mock_server.core.negotiation import BODYLESS_STATUSES
from mock_server.core.parsed_request import ParsedRequest
from mock_server.core.violations import REJECTED, SUCCESS, Validation
from mock_server.faults.model import RequestContext
from mock_server.reasons import Reason
from mock_server.response import Headers, MockResponse, ResponseDraft


class Decision(NamedTuple):
    """The decision on a request.

    Attributes:
        context: The request.
        draft: The response.
        outcome: The kind of response and the reason for it, without the faults.
        headers: Headers that explain the response.
        violations: The violations of the contract by the request.
        delay: Seconds to wait before anything is sent.
    """

    context: RequestContext
    draft: ResponseDraft
    outcome: Reason
    headers: Headers = ()
    violations: Sequence[Reason] = ()
    delay: float = 0.0

    def response(self, parsed: ParsedRequest) -> MockResponse:
        """Return the response as it is sent."""
        draft = self.draft
        content_type = (("Content-Type", draft.content_type),) if draft.content_type else ()
        headers = (*draft.headers, *self.headers, *content_type, *parsed.cors_headers)
        body = draft.body_bytes()
        if draft.status in BODYLESS_STATUSES:
            # Whatever the contract's example is (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
            body, headers = b"", tuple(pair for pair in headers if pair[0] not in ("Content-Type", "Content-Length"))
        elif parsed.method == "HEAD":
            # The headers that GET would get, without the body (RFC 9110 §9.3.2).
            has_length = any(name == "Content-Length" for name, _ in headers)
            headers, body = headers + (() if has_length else (("Content-Length", str(len(body))),)), b""
        return MockResponse(draft.status, headers, body, self.delay, draft.connection_fault)


def kind_of_response(validation: Validation, draft: ResponseDraft, *, ignores_errors: bool) -> Reason | None:
    """Return the kind of response for the journal: what is sent, whatever the validation of the request suggested.

    None if the reason of the response says it.
    """
    error = None if ignores_errors else draft.error_example
    if error is None and validation.outcome == REJECTED:
        return REJECTED
    if error is None:
        if 200 <= draft.status < 300:
            return SUCCESS
        return None if draft.reason else Reason("status", status=draft.status)
    is_rejection = validation.rejections and error == validation.rejections[0].error
    return validation.outcome if is_rejection else Reason(error)
