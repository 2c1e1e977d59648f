"""Responses to requests that reach no operation, or have too large a body."""

from __future__ import annotations

from collections.abc import Sequence

from code_contract import Contract, operations
from mock_server.core.behaviours import BehaviourStore
from mock_server.core.builder import ResponseBuilder
from mock_server.core.decision import Decision
from mock_server.core.errors import BODY_TOO_LARGE, METHOD_NOT_ALLOWED, NOT_FOUND
from mock_server.core.headers import REASON_HEADER, escaped_header
from mock_server.core.nearest import NearestOperations
from mock_server.core.negotiation import Negotiator
from mock_server.core.parsed_request import ParsedRequest
from mock_server.core.preferences import UnsatisfiablePreferenceError
from mock_server.faults.model import NO_OPERATION, Fault, RequestContext
from mock_server.response import Headers, ResponseDraft

MAX_BODY_SIZE = 1024 * 1024
"""Bytes of a request body; a larger one is rejected with 413."""

_NO_OPERATION = operations.read({"paths": {"/": {"trace": {}}}}, [])["trace /"]
"""Stands for the first operation of a document that has none."""
_MAX_PATH = 100
"""Characters of a path in a reason."""
_REMEDY = "--fallback URL passes on what it does not serve"
_REASONS = {
    NOT_FOUND: "no operation has the path {1}",
    METHOD_NOT_ALLOWED: "the path {1} does not support {0}",
    BODY_TOO_LARGE: f"the body has more than {MAX_BODY_SIZE} bytes",
}


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
        name = METHOD_NOT_ALLOWED if parsed.route.allowed else NOT_FOUND
        if body is None:
            name = BODY_TOO_LARGE
        elif parsed.method == "OPTIONS":
            # Preflights are allowed everywhere, so that the page can read why the request itself fails.
            return Decision(self.context, ResponseDraft(status=204, headers=list(headers), body=b""), "preflight")
        faults: Sequence[Fault] = ()
        try:
            if isinstance(parsed.preferences, str):
                raise UnsatisfiablePreferenceError(parsed.preferences)
            active = self._behaviours.next(parsed.client, counted=False)
            faults = self._negotiator.faults(parsed.preferences.merged_over(active))
        except UnsatisfiablePreferenceError as error:
            headers += (escaped_header(REASON_HEADER, str(error)),)
        reason = _REASONS[name].format(parsed.method, parsed.shown_path)
        if name == NOT_FOUND and not any(each == REASON_HEADER for each, _ in headers):
            short = _REASONS[name].format(parsed.method, escaped_header("", parsed.shown_path)[1][:_MAX_PATH])
            near = self._nearest.names(parsed.method, parsed.path)
            headers += (escaped_header(REASON_HEADER, f"{short}; the mock serves {near or 'none'}; {_REMEDY}"),)
        return Decision(self.context, self._builder.build_error(self.context, name, faults, headers, reason), name)
