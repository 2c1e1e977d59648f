"""The mock: decides on the response to a request, and records it. There is no other way to a response."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from functools import cache, lru_cache
from http import HTTPStatus
from weakref import WeakKeyDictionary

from werkzeug.sansio.request import Request

from code_contract import Contract, Operation, load
from code_contract.resolution import component_names
from mock_server.captcha.issued import DEFAULT_CAPTCHA_TTL
from mock_server.core.answer_checks import AnswerChecks, fill_answers, reason_of
from mock_server.core.applied import applied_headers
from mock_server.core.builder import ResponseBuilder
from mock_server.core.decision import Decision, kind_of_response
from mock_server.core.delivery import Delivery
from mock_server.core.errors import NOT_IMPLEMENTED, REQUEST_ERROR, SERVER_ERROR
from mock_server.core.headers import reason_headers
from mock_server.core.nearest import NearestOperations
from mock_server.core.negotiation import Negotiator
from mock_server.core.parsed_request import ParsedRequest, parse
from mock_server.core.preferences import NO_PREFERENCES, UnsatisfiablePreferenceError
from mock_server.core.request_validation import RequestValidator
from mock_server.core.router import Router
from mock_server.core.state import State
from mock_server.core.unrouted import Unrouted
from mock_server.core.violations import SUCCESS, Validation, ValidationMode, summarize
from mock_server.faults.model import Fault, RequestContext
from mock_server.faults.transport import BREAKING_FAULTS
from mock_server.observability.journal import APP
from mock_server.observability.redaction import Redactor
from mock_server.reasons import Reason, Reasons
from mock_server.response import MockResponse, ResponseDraft

_MAX_CACHED_BODY = 1024
_CACHE_SIZE = 256

log = logging.getLogger("mock_server")


class Mock:
    """A mock of every operation of a contract. Safe to use from several threads.

    Everything that depends on the request alone is cached: on the identity of the request object, and of small bodies
    on the body. So an adapter that passes the same object for equal requests gets a response in a fraction of the time.

    Args:
        contract: The contract to serve; the project's own by default.
        secret: The key from which challenges are derived: mocks with the same one know each other's answers. Random by
            default.
        seed: Makes the responses the same on every run, byte for byte.
        faults: Faults to apply to every response.
        base_path: The path prefix of the operations; that of the contract's first server by default.
        validate: The treatment of invalid requests.
        mask: Names of further secrets in requests, which the journal and the access log mask.
        captcha_ttl: Seconds for which a captcha can be answered.
        state: The state of an earlier mock to continue with, in place of a secret, a seed and a `captcha_ttl`.
    """

    def __init__(
        self,
        contract: Contract | None = None,
        *,
        secret: bytes | None = None,
        seed: str | None = None,
        faults: Sequence[Fault] = (),
        base_path: str | None = None,
        validate: ValidationMode = ValidationMode.DEFAULT,
        mask: Sequence[str] = (),
        captcha_ttl: float = DEFAULT_CAPTCHA_TTL,
        state: State | None = None,
    ) -> None:
        self.contract = contract or load()
        self.state = state or State.new(secret, seed, captcha_ttl)
        self.base_path = self.contract.base_path if base_path is None else base_path
        self.negotiator = Negotiator(self.contract)
        self.builder = ResponseBuilder(self.contract, self.state, faults)
        self._always_breaks = any(each.name in BREAKING_FAULTS for each in faults)
        self._mode = validate
        self.redactor = redactor = Redactor(mask)
        every = self.contract.operations.values()
        prefixes = self.contract.base_paths_of if base_path is None else lambda _: (self.base_path,)
        self._router = Router((each, prefixes(each)) for each in every)
        nearest = NearestOperations((each.method, prefixes(each)[0] + each.path) for each in every)
        self._unrouted = Unrouted(self.contract, nearest, self.builder, self.negotiator, self.state.behaviours)
        self._validators = cache(self._new_validator)
        self._schema_names = component_names(self.contract.resolved)
        self._answers = AnswerChecks(self.contract, self._schema_names, self.state.challenges, self.negotiator)
        self._parsed: WeakKeyDictionary[Request, ParsedRequest] = WeakKeyDictionary()
        self._cached_validation = lru_cache(_CACHE_SIZE)(self._validate)
        self._cached_shown_body = lru_cache(_CACHE_SIZE)(redactor.body)

    @property
    def breaks_connections(self) -> bool:
        """True while a fault that ends connections is active, for every request or as a behaviour."""
        return self._always_breaks or self.state.behaviours.breaks_connections

    def serves(self, path: str) -> bool:
        """Return True if an operation is served at the path, for any method."""
        return self._router.serves(path)

    def reaches_no_operation(self, request: Request) -> bool:
        """Return True if no operation has the path and the method of a request, and it is not a preflight."""
        is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return not is_preflight and self._parse(request).route.operation is None

    def passed_on(self, request: Request, body: bytes) -> Delivery:
        """Return the record of a request to which another server responds."""
        decision = Decision(self._unrouted.context, ResponseDraft(), SUCCESS)
        response = decision.response(parsed := self._parse(request))
        return Delivery(response, self.state, parsed, body, self._shown_body, decision, time.monotonic())

    def respond(self, request: Request, body: bytes | None, *, can_break_connection: bool = False) -> MockResponse:
        """Decide on the response to a request, and record it as sent; see `decide`."""
        delivery = self.decide(request, body, can_break_connection=can_break_connection)
        delivery.sent()
        return delivery.response

    def decide(self, request: Request, body: bytes | None, *, can_break_connection: bool = False) -> Delivery:
        """Decide on the response to a request, for the caller to carry out.

        Args:
            request: The request.
            body: The whole request body, or None if it is larger than MAX_BODY_SIZE.
            can_break_connection: True if the caller can carry out a connection fault; otherwise it becomes a 501.

        Returns:
            The response and its record. An unexpected error is logged and becomes the documented error response with
            status 500.
        """
        began = time.monotonic()
        parsed = None
        try:
            parsed = self._parse(request)
            decision = self._decide(parsed, body, can_break_connection)
            response = decision.response(parsed)
        except Exception:
            log.exception("%s %r failed", request.method, self.redactor.text(request.path))
            context = self._unrouted.context
            decision = Decision(context, self.builder.build_error(context, SERVER_ERROR), Reason(SERVER_ERROR))
            response = decision.response(parsed) if parsed else self.error_response(SERVER_ERROR)
        return Delivery(response, self.state, parsed, body or b"", self._shown_body, decision, began)

    def error_response(self, name: str) -> MockResponse:
        """Return an error response of the mock, by its name, to a request that is not recorded."""
        draft = self.builder.build_error(self._unrouted.context, name)
        return MockResponse(draft.status, (("Content-Type", draft.content_type),), draft.body_bytes())

    def protocol_error(self, status: HTTPStatus, reason: Reason) -> MockResponse:
        """Return the error response to bytes that are not a request, or not one that can be served."""
        name = SERVER_ERROR if status >= 500 else REQUEST_ERROR
        draft = self.builder.build_error(self._unrouted.context, name, reason=reason, status=status)
        headers = (("Content-Type", draft.content_type), *reason_headers(reason))
        return MockResponse(status, headers, draft.body_bytes())

    def _decide(self, parsed: ParsedRequest, body: bytes | None, can_break_connection: bool) -> Decision:
        operation = parsed.route.operation
        if body is None or operation is None:
            return self._unrouted.decide(parsed, body)
        is_counted = parsed.source == APP
        number = self.state.behaviours.next_number(is_counted)
        path = tuple(parsed.route.path_parameters.items())
        context = RequestContext(
            *(operation, number, parsed.headers, body, parsed.captcha_id, parsed.target),
            path=path,
            is_counted=is_counted,
        )
        is_small = parsed.is_small and len(body) <= _MAX_CACHED_BODY
        validation = (self._cached_validation if is_small else self._validate)(parsed, body)
        try:
            decision = self._plan_and_build(parsed, context, validation)
        except UnsatisfiablePreferenceError as error:
            reason, name = error.reason, error.error_example
            draft = self.builder.build_error(context, name, headers=reason_headers(reason), reason=reason)
            outcome = Reason("rejected", reason=reason)
            return Decision(context, draft, outcome, validation.warnings, validation.violations)
        fault = decision.draft.connection_fault
        if fault is not None and not can_break_connection:
            reason = Reason("fault-breaks-connection", value=repr(fault.value))
            headers = reason_headers(reason)
            draft = self.builder.build_error(context, NOT_IMPLEMENTED, headers=headers, reason=reason)
            outcome = Reason("fault-not-supported", name=fault.value)
            return Decision(context, draft, outcome, validation.warnings, validation.violations)
        return decision

    def _plan_and_build(self, parsed: ParsedRequest, context: RequestContext, validation: Validation) -> Decision:
        own, behaviours = parsed.preferences, self.state.behaviours
        if isinstance(own, Reason):
            raise UnsatisfiablePreferenceError(own)
        active = behaviours.next(parsed.client, context.is_counted)
        preferences = own if active is NO_PREFERENCES else own.merged_over(active)
        plan = self.negotiator.plan(context.operation, preferences, parsed.headers.get("accept", ""))
        if plan.every_nth > 1:
            plan = plan.on_turn(behaviours.next_turn(parsed.client, preferences.scenario or "", context.is_counted))
        if own.fault is not None:
            self.negotiator.check_faults_apply(context.operation, plan)
        result, plan, validation = self._answers.apply(parsed, context.body, plan, preferences, validation)
        draft = self.builder.build(context, plan, validation.rejections)
        if draft.uuid:
            self.state.challenges.add(draft.uuid, context.is_counted)
        fill_answers(context.operation, draft, result, self.state.secret)
        headers = applied_headers(own, preferences, draft, self.state.secret) + validation.warnings
        kind = kind_of_response(validation, draft, ignores_errors=plan.ignores_errors)
        explained = [*filter(None, (reason_of(result), draft.reason))]
        outcome = kind if kind and not explained else Reasons(*filter(None, (kind, *explained)))
        is_refused = validation.rejections and draft.error_example and plan.example is None
        if reasons := [*(validation.violations if is_refused else ()), *explained]:
            headers += reason_headers(*reasons)
        if preferences is not NO_PREFERENCES and preferences != NO_PREFERENCES:
            chosen = {"reason": plan.example_reason or outcome, "preferences": str(preferences)}
            outcome = Reason("with-own-preferences" if own == preferences else "with-preferences", **chosen)
        return Decision(context, draft, outcome, headers, validation.violations, plan.draw_delay() + draft.delay)

    def _parse(self, request: Request) -> ParsedRequest:
        found = self._parsed.get(request)
        if found is None:
            found = self._parsed[request] = parse(request, self._router, self._validator, self.redactor)
        return found

    def _validator(self, operation: Operation) -> RequestValidator:
        return self._validators(operation.id)

    def _new_validator(self, operation_id: str) -> RequestValidator:
        operation = self.contract.operations[operation_id]
        alternatives = operation.security(self.contract.resolved)
        return RequestValidator(operation, alternatives, self.redactor, self._schema_names)

    def _validate(self, parsed: ParsedRequest, body: bytes) -> Validation:
        assert parsed.route.operation is not None  # noqa: S101 - respond() has routed it
        violations = (*parsed.violations, *self._validator(parsed.route.operation).body(parsed.content_type, body))
        return summarize(() if self._mode is ValidationMode.OFF else violations, self._mode, parsed.unknown_preferences)

    def _shown_body(self, body: bytes) -> str:
        return (self._cached_shown_body if len(body) <= _MAX_CACHED_BODY else self.redactor.body)(body)
