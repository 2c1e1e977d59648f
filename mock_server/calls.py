"""The calls of the API: judged, answered, and written down."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from flask import Response, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from contract import Contract, Operation
from contract.printing import printable
from mock_server.answers import BELOW, Answer
from mock_server.behaviour import EVERYBODY
from mock_server.faults.model import Call
from mock_server.journal import Entry, masked, masked_body
from mock_server.maker import Maker
from mock_server.state import State
from mock_server.wishes import WISH_NAMES, CannotBeHadError, Menu, Wish, from_request

PREFIX = "/__mock"
"""Where the admin API is, which the journal passes over."""

CLIENT_HEADER, CLIENT_KEY = "X-Mock-Client", "__client"
LONGEST_CLIENT = 100
REASON, WARNING, APPLIED = "X-Mock-Reason", "X-Mock-Warning", "Preference-Applied"
EXPOSED = (REASON, WARNING, APPLIED, "Allow", "Content-Length", "Date", "ETag", "Location", "Retry-After")
"""Headers that a page of another origin may read."""

log = logging.getLogger("mock_server")


class Validate(Enum):
    """What becomes of requests against the contract."""

    CONFIRMED = "confirmed"
    STRICT = "strict"
    WARN = "warn"
    OFF = "off"


class Calls:
    """Answers the calls of one contract as Flask views."""

    def __init__(self, contract: Contract, maker: Maker, menu: Menu, state: State, validate: Validate) -> None:
        self._contract = contract
        self._maker = maker
        self._state = state
        self._validate = validate
        self._menu = menu

    def view(self, operation: Operation) -> Callable[..., Response]:
        """What answers an operation."""

        def view(**path: str) -> Response:
            headers = {name.lower(): value for name, value in request.headers}
            g.call = call = Call(operation, 0, headers, request.get_data())
            values = {"header": headers, "query": request.args, "cookie": request.cookies, "path": path}
            self.judge(call, values, request.mimetype)
            try:
                applied = self._plan(call)
            except CannotBeHadError as error:
                call.decision = f"refused: {error}"
                answer = self._maker.refuse(
                    call, self._contract.example("request-refused"), [_header(REASON, str(error))]
                )
                return _response(answer, call.warnings)
            reason = "" if call.refusal is None or call.chosen else "; ".join(call.violations)
            answer = self._maker.answer(operation, call)
            answer.headers.extend([*applied, *([_header(REASON, reason)] if reason else [])])
            return _response(answer, call.warnings)

        return view

    def fail(self, error: Exception) -> Response:
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
        g.call = call = Call(next(iter(self._contract.operations.values())), -1)
        call.decision = name
        try:
            own, _ = from_request(request.headers.getlist("Prefer"), request.args)
            call.faults = self._menu.faults(own.over(self._state.behaviours.next(client(), counted=False)))
        except CannotBeHadError as reason:
            headers.append(_header(REASON, str(reason)))
        return _response(self._maker.refuse(call, self._contract.example(name), headers), ())

    def record(self, response: Response) -> Response:
        """Write the call down that `response` answers."""
        call: Call | None = g.get("call")
        if call is None and (request.method != "OPTIONS" or is_below_admin()):
            return response
        entry = Entry(
            number=next(self._state.numbers),
            answered=time.time(),
            client=client(),
            method=request.method,
            path=request.path,
            query=masked(request.args.items(multi=True)),
            headers=masked(request.headers),
            body=masked_body(call.request_body if call else b""),
            operation=call.operation.id if call and call.number >= 0 else None,
            status=response.status_code,
            decision=_decision(call) if call else "preflight",
            uuid=call.uuid if call else "",
            violations=call.violations if call else [],
            milliseconds=round(1000 * (time.monotonic() - g.began), 3),
        )
        self._state.tell(entry)
        return response

    def judge(self, call: Call, values: Mapping[str, Mapping[str, str]], media_type: str) -> None:
        """Say what the request does against the contract, and whether it is to be refused for that.

        `values` are by location, those of headers by names in lower case.
        """
        call.decision = "granted"
        if self._validate is Validate.OFF:
            return
        admission = self._maker.admission(call.operation)
        for objection in admission.objections(values, media_type, call.request_body):
            call.violations.append(objection.text)
            assumed = objection.assumed and self._validate is not Validate.STRICT
            if assumed or self._validate is Validate.WARN:
                call.warnings.append(f"{objection.text} ({'assumed; ' if assumed else ''}not refused)")
            elif call.refusal is None:
                call.refusal = objection.refusal
                call.decision = f"refused: {objection.text}"

    def _plan(self, call: Call) -> list[tuple[str, str]]:
        """Do what was asked for, of this call and standing; the header that says what was applied."""
        own, unknown = from_request(request.headers.getlist("Prefer"), request.args)
        call.warnings += [f"no preference {name!r} is known; known are {', '.join(WISH_NAMES)}" for name in unknown[:5]]
        key = client()
        wish = own.over(self._state.behaviours.next(key))
        plan = self._menu.plan(call.operation, wish, lambda: self._state.behaviours.turn(key, wish.scenario or ""))
        if own.fault is not None:
            self._menu.refuse_misfits(plan)
        if not self._state.hold_back(plan.wait):
            raise CannotBeHadError("too many answers are held back already; wait for them, or ask without wait")
        call.chosen, call.fresh, call.faults = plan.chosen, plan.fresh, plan.faults
        if wish != Wish():
            asked = shown(wish) + ("" if own == wish else ", standing")
            call.decision = f"{f'example {plan.chosen.name}' if plan.chosen else call.decision} ({asked})"
        return [_header(APPLIED, shown(own))] if own != Wish() else []


def _decision(call: Call) -> str:
    spoilt = f"; with fault {', '.join(dict.fromkeys(call.spoilt))}" if call.spoilt else ""
    return call.decision + spoilt


def is_below_admin() -> bool:
    """Whether the request is for the admin API."""
    return request.path == PREFIX or request.path.startswith(f"{PREFIX}/")


def client() -> str:
    """Who says to be calling, so that tests which run at the same time do not collide; everybody by default."""
    return (request.headers.get(CLIENT_HEADER) or request.args.get(CLIENT_KEY) or EVERYBODY)[:LONGEST_CLIENT]


def shown(wish: Wish) -> str:
    """A wish as it is written in a Prefer header."""
    words = []
    for name in WISH_NAMES:
        value = getattr(wish, name)
        if isinstance(value, tuple):
            low, high = value
            value = f"{low:g}" if low == high else f"{low:g}-{high:g}"
        if value is not None:
            words.append(f"{name}={str(value).lower() if isinstance(value, bool) else value}")
    return ", ".join(words)


def _header(name: str, value: str) -> tuple[str, str]:
    """A header whose value may have come from outside: what is not printable ASCII is escaped, long ones are cut."""
    return name, printable(value).encode("ascii", "backslashreplace").decode()[:500]


def headers_of(answer: Answer, warnings: Sequence[str]) -> list[tuple[str, str]]:
    """The headers that an answer is sent with, but for its length."""
    kind = [("Content-Type", answer.content_type)] if answer.content_type else []
    return [*answer.headers, *(_header(WARNING, each) for each in warnings), *kind]


def _response(answer: Answer, warnings: Sequence[str]) -> Response:
    if answer.below is not None:
        request.environ[BELOW].append(answer.below)
        return Response(content_type=answer.content_type)
    headers = headers_of(answer, warnings)
    # A list, since bytes would set Content-Length over one that a fault has set.
    response = Response([answer.written()], status=answer.status, headers=headers)
    if not answer.content_type:
        del response.headers["Content-Type"]
    return response
