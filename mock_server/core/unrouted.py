"""Responses to requests that reach no operation, or have too large a body."""

from __future__ import annotations

from collections.abc import Sequence

from code_contract import Contract, operations
from mock_server.core.behaviours import BehaviourStore
from mock_server.core.builder import ResponseBuilder
from mock_server.core.decision import Decision
from mock_server.core.errors import BODY_TOO_LARGE, METHOD_NOT_ALLOWED, NOT_FOUND
from mock_server.core.headers import escaped_header, reason_headers
from mock_server.core.nearest import NearestOperations
from mock_server.core.negotiation import Negotiator
from mock_server.core.parsed_request import ParsedRequest
from mock_server.core.preferences import UnsatisfiablePreferenceError
from mock_server.faults.model import NO_OPERATION, Fault, RequestContext
from mock_server.reasons import Reason
from mock_server.response import Headers, ResponseDraft

MAX_BODY_SIZE = 1024 * 1024
"""Bytes of a request body; a larger one is rejected with 413."""

_NO_OPERATION = operations.read({"paths": {"/": {"trace": {}}}}, [])["trace /"]
"""Stands for the first operation of a document that has none."""
_MAX_PATH = 100
"""Characters of a path in a header."""
_FALLBACK = Reason("fallback")


class Unrouted:
    """Decides on requests that reach no operation.

    Attributes:
        context: The context of such a request.
    """

    def __init__(
        self,
        contract: Contract,
        nearest: NearestOperations,
        builder: ResponseBuilder,
        negotiator: Negotiator,
        behaviours: BehaviourStore,
    ) -> None:
        first = next(iter(contract.operations.values()), _NO_OPERATION)
        self.context = RequestContext(first, NO_OPERATION, {}, b"")
        self._builder = builder
        self._negotiator = negotiator
        self._behaviours = behaviours
        self._nearest = nearest

    def decide(self, parsed: ParsedRequest, body: bytes | None) -> Decision:
        """Return the decision on a request; `body` is None if it is too large."""
        headers: Headers = (("Allow", ", ".join(parsed.route.allowed)),) if parsed.route.allowed else ()
        name, reason = NOT_FOUND, Reason("no-such-path", path=parsed.shown_path)
        if parsed.route.allowed:
            name, reason = METHOD_NOT_ALLOWED, Reason("no-such-method", path=parsed.shown_path, method=parsed.method)
        if body is None:
            name, reason = BODY_TOO_LARGE, Reason("body-over-limit", limit=MAX_BODY_SIZE)
        elif parsed.method == "OPTIONS":
            # Preflights are allowed everywhere, so that the page can read why the request itself fails.
            return Decision(
                self.context, ResponseDraft(status=204, headers=list(headers), body=b""), Reason("preflight")
            )
        faults: Sequence[Fault] = ()
        explanation: Headers = ()
        try:
            if isinstance(parsed.preferences, Reason):
                raise UnsatisfiablePreferenceError(parsed.preferences)
            active = self._behaviours.next(parsed.client, counted=False)
            faults = self._negotiator.faults(parsed.preferences.merged_over(active))
        except UnsatisfiablePreferenceError as error:
            explanation = reason_headers(error.reason)
        if name == NOT_FOUND and not explanation:
            path = escaped_header("", parsed.shown_path)[1][:_MAX_PATH]
            short = reason if path == parsed.shown_path else Reason("no-such-path", path=path)
            explanation = reason_headers(short, self._nearest.reason(parsed.method, parsed.path), _FALLBACK)
        draft = self._builder.build_error(self.context, name, faults, headers + explanation, reason)
        return Decision(self.context, draft, Reason(name))
