"""The calls of the API: judged, answered, and written down."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from flask import Response, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from code_contract import Contract, Operation
from code_contract.text import escape_unprintable
from mock_server.core.behaviours import ALL_CLIENTS
from mock_server.core.builder import ResponseBuilder
from mock_server.core.preferences import (
    PREFERENCE_NAMES,
    Negotiator,
    Preferences,
    UnsatisfiablePreferenceError,
    from_request,
)
from mock_server.core.state import State
from mock_server.faults.model import CallContext
from mock_server.observability.journal import JournalEntry, redacted_body, redacted_pairs
from mock_server.response import CONNECTION_FAULT_KEY, MockResponse

ADMIN_PREFIX = "/__mock"
"""Where the admin API is, which the journal passes over."""

CLIENT_HEADER, CLIENT_KEY = "X-Mock-Client", "__client"
MAX_CLIENT_ID_LENGTH = 100
REASON_HEADER, WARNING, APPLIED = "X-Mock-Reason", "X-Mock-Warning", "Preference-Applied"
EXPOSED_HEADERS = (
    REASON_HEADER,
    WARNING,
    APPLIED,
    "Allow",
    "Content-Length",
    "Date",
    "ETag",
    "Location",
    "Retry-After",
)
"""Headers that a page of another origin may read."""

log = logging.getLogger("mock_server")


class ValidationMode(Enum):
    """What becomes of requests against the contract."""

    DEFAULT = "default"
    STRICT = "strict"
    WARN = "warn"
    OFF = "off"


class MockApi:
    """Answers the calls of one contract as Flask views."""

    def __init__(
        self, contract: Contract, maker: ResponseBuilder, menu: Negotiator, state: State, validate: ValidationMode
    ) -> None:
        self._contract = contract
        self._maker = maker
        self._state = state
        self._validate = validate
        self._menu = menu

    def view(self, operation: Operation) -> Callable[..., Response]:
        """What answers an operation."""

        def view(**path: str) -> Response:
            headers = {name.lower(): value for name, value in request.headers}
            g.call = call = CallContext(operation, 0, headers, request.get_data())
            values = {"header": headers, "query": request.args, "cookie": request.cookies, "path": path}
            self.validate_request(call, values, request.mimetype)
            try:
                applied = self._negotiate(call)
            except UnsatisfiablePreferenceError as error:
                call.outcome = f"refused: {error}"
                answer = self._maker.build_error(
                    call, self._contract.example("request-refused"), [_header(REASON_HEADER, str(error))]
                )
                return _response(answer, call.warnings)
            reason = "" if call.error_example is None or call.forced_example else "; ".join(call.violations)
            answer = self._maker.answer(operation, call)
            answer.headers.extend([*applied, *([_header(REASON_HEADER, reason)] if reason else [])])
            return _response(answer, call.warnings)

        return view

    def handle_error(self, error: Exception) -> Response:
        """Answers whatever goes wrong outside an operation in the documented envelope."""
        methods = sorted(getattr(error, "valid_methods", None) or ())
        headers = [("Allow", ", ".join(methods))] if methods else []
        if isinstance(error, RequestEntityTooLarge):
            name = "body-too-large"
        elif isinstance(error, HTTPException) and error.code in (404, 405):
            if request.method == "OPTIONS":
                # A preflight for what is not served: allowed, so that the page gets to read why the call itself fails.
                return Response(status=204, headers=headers)
            name = "not-found" if error.code == 404 else "method-not-allowed"
        elif isinstance(error, HTTPException) and (error.code or 500) < 500:
            name = "request-refused"
        else:
            name = "server-error"
            log.error("%s %r failed", request.method, request.path, exc_info=error)
        g.call = call = CallContext(next(iter(self._contract.operations.values())), -1)
        call.outcome = name
        try:
            own, _ = from_request(request.headers.getlist("Prefer"), request.args)
            call.faults = self._menu.faults(own.merged_over(self._state.behaviours.next(client(), counted=False)))
        except UnsatisfiablePreferenceError as reason:
            headers.append(_header(REASON_HEADER, str(reason)))
        return _response(self._maker.build_error(call, self._contract.example(name), headers), ())

    def log_request(self, response: Response) -> Response:
        """Write the call down that `response` answers."""
        call: CallContext | None = g.get("call")
        if call is None and (request.method != "OPTIONS" or is_admin_path()):
            return response
        entry = JournalEntry(
            number=next(self._state.request_ids),
            answered=time.time(),
            client_id=client(),
            method=request.method,
            path=request.path,
            query=redacted_pairs(request.args.items(multi=True)),
            headers=redacted_pairs(request.headers),
            body=redacted_body(call.request_body if call else b""),
            operation=call.operation.id if call and call.number >= 0 else None,
            status=response.status_code,
            outcome=_decision(call) if call else "preflight",
            uuid=call.uuid if call else "",
            violations=call.violations if call else [],
            milliseconds=round(1000 * (time.monotonic() - g.began), 3),
        )
        self._state.record(entry)
        return response

    def validate_request(self, call: CallContext, values: Mapping[str, Mapping[str, str]], media_type: str) -> None:
        """Say what the request does against the contract, and whether it is to be refused for that.

        `values` are by location, those of headers by names in lower case.
        """
        call.outcome = "granted"
        if self._validate is ValidationMode.OFF:
            return
        admission = self._maker.admission(call.operation)
        for objection in admission.violations(values, media_type, call.request_body):
            call.violations.append(objection.text)
            assumed = objection.assumed and self._validate is not ValidationMode.STRICT
            if assumed or self._validate is ValidationMode.WARN:
                call.warnings.append(f"{objection.text} ({'assumed; ' if assumed else ''}not refused)")
            elif call.error_example is None:
                call.error_example = objection.refusal
                call.outcome = f"refused: {objection.text}"

    def _negotiate(self, call: CallContext) -> list[tuple[str, str]]:
        """Do what was asked for, of this call and standing; the header that says what was applied."""
        own, unknown = from_request(request.headers.getlist("Prefer"), request.args)
        call.warnings += [
            f"no preference {name!r} is known; known are {', '.join(PREFERENCE_NAMES)}" for name in unknown[:5]
        ]
        key = client()
        wish = own.merged_over(self._state.behaviours.next(key))
        plan = self._menu.plan(call.operation, wish, lambda: self._state.behaviours.next_turn(key, wish.scenario or ""))
        if own.fault is not None:
            self._menu.check_fault_applies(plan)
        if not self._state.hold_back(plan.wait):
            raise UnsatisfiablePreferenceError(
                "too many answers are held back already; wait for them, or ask without wait"
            )
        call.forced_example, call.refresh_captcha, call.faults = plan.chosen, plan.fresh, plan.faults
        if wish != Preferences():
            asked = format_preferences(wish) + ("" if own == wish else ", standing")
            call.outcome = f"{f'example {plan.chosen.name}' if plan.chosen else call.outcome} ({asked})"
        return [_header(APPLIED, format_preferences(own))] if own != Preferences() else []


def _decision(call: CallContext) -> str:
    spoilt = f"; with fault {', '.join(dict.fromkeys(call.applied_faults))}" if call.applied_faults else ""
    return call.outcome + spoilt


def is_admin_path() -> bool:
    """Whether the request is for the admin API."""
    return request.path == ADMIN_PREFIX or request.path.startswith(f"{ADMIN_PREFIX}/")


def client() -> str:
    """Who says to be calling, so that tests which run at the same time do not collide; everybody by default."""
    return (request.headers.get(CLIENT_HEADER) or request.args.get(CLIENT_KEY) or ALL_CLIENTS)[:MAX_CLIENT_ID_LENGTH]


def format_preferences(wish: Preferences) -> str:
    """A wish as it is written in a Prefer header."""
    words = []
    for name in PREFERENCE_NAMES:
        value = getattr(wish, name)
        if isinstance(value, tuple):
            low, high = value
            value = f"{low:g}" if low == high else f"{low:g}-{high:g}"
        if value is not None:
            words.append(f"{name}={str(value).lower() if isinstance(value, bool) else value}")
    return ", ".join(words)


def _header(name: str, value: str) -> tuple[str, str]:
    """A header whose value may have come from outside: what is not printable ASCII is escaped, long ones are cut."""
    return name, escape_unprintable(value).encode("ascii", "backslashreplace").decode()[:500]


def response_headers(answer: MockResponse, warnings: Sequence[str]) -> list[tuple[str, str]]:
    """The headers that an answer is sent with, but for its length."""
    kind = [("Content-Type", answer.content_type)] if answer.content_type else []
    return [*answer.headers, *(_header(WARNING, each) for each in warnings), *kind]


def _response(answer: MockResponse, warnings: Sequence[str]) -> Response:
    if answer.below is not None:
        request.environ[CONNECTION_FAULT_KEY].append(answer.below)
        return Response(content_type=answer.content_type)
    headers = response_headers(answer, warnings)
    # A list, since bytes would set Content-Length over one that a fault has set.
    response = Response([answer.body_bytes()], status=answer.status, headers=headers)
    if not answer.content_type:
        del response.headers["Content-Type"]
    return response
