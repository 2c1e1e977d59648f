"""Generated requests, by schemathesis as a library: it generates the requests and checks the responses. It opens no
connection.

Only valid requests are generated: the negative mode of schemathesis reports correct servers. All requests of an
operation are generated before the first is sent, so no response influences the generation, and the deadline holds.
"""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple

from code_contract import FieldPath, Operation
from contract_tests import sanitize
from contract_tests.generated.result import GeneratedFailure, GeneratedResult
from contract_tests.http.exchange import Exchange, Request
from contract_tests.message import Message, listed, mapped
from contract_tests.verdict import Violation

SCHEMATHESIS_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
MAX_KEPT_BYTES = 64 * 2**20
"""Bytes of all bodies, which are kept until the end of the run, after which no more requests are generated."""
MAX_NAMES = 5
"""Operations that are named in a note."""
MAX_TEXT = 300  # characters kept of a message: schemathesis quotes the value
_SENT = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
_ADDED = {"accept", "accept-encoding", "connection", "content-length", "user-agent", "x-schemathesis-testcaseid"}
_BOUNDARY = "c0de" * 8  # as long as the random boundary of urllib3, which it replaces: a run is repeatable


class GenerationPlan(NamedTuple):
    """The number of requests to an operation, and the parts of them that are not generated.

    Attributes:
        max_examples: Maximum number of requests.
        headers: Headers that replace generated ones, except for the Content-Type of a body.
        path: Values of path parameters by name.
    """

    max_examples: int
    headers: Mapping[str, str]
    path: Mapping[str, Any]


def run(
    document: Mapping[str, Any],
    operations: Iterable[Operation],
    send: Callable[[Request, str, int], Exchange],
    *,
    base_url: str,
    plan: Callable[[Operation], GenerationPlan],
    body_of: Callable[[Exchange], bytes | None],
    is_served: Callable[[Exchange], bool],
    until: float,
    result: GeneratedResult,
) -> None:
    """Send generated requests to each of the operations.

    Args:
        document: The OpenAPI document.
        operations: The operations.
        send: Sends a request; takes the request, the id of the operation and the index of the request.
        base_url: Base URL of the target.
        plan: Returns the plan of an operation.
        body_of: Returns the body without its content coding, or None if it cannot be checked.
        is_served: True if an exchange has a response of the operation, which counts as checked.
        until: End of the run, in seconds of `time.monotonic`.
        result: The result to fill.
    """
    import schemathesis  # takes half a second to import
    from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig

    # Random credentials on a live server test nothing. Few servers accept NUL. Without a codec: Hypothesis takes two
    # seconds to learn what UTF-8 can encode; _request() tries it instead.
    generation = GenerationConfig(with_security_parameters=False, allow_x00=False, codec=None)
    # Without a configuration, a schemathesis.toml in the working directory or above is read.
    config = schemathesis.Config(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    try:
        schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document)), config=config)  # it may change keys
    except Exception as error:  # of many types, for parts of a document that nothing else reads
        result.notes.append(
            Message("no requests were generated: schemathesis cannot load the document: {}", _short(str(error)))
        )
        return
    late, large, kept = [], [], 0
    for each in operations:
        operation = each.id
        if kept > MAX_KEPT_BYTES:
            large.append(operation)
            continue
        try:
            in_time = time.monotonic() < until
            generate = partial(_generate_cases, schema[each.path][each.method], base_url, plan(each))
            cases = generate() if in_time else {}
        except Exception as error:  # of many types, all of which say that no request can be generated
            result.notes.append(_note(operation, f"{type(error).__name__}: {error}"))
            continue
        for index, (request, case) in enumerate(cases.items()):
            if time.monotonic() >= until or kept > MAX_KEPT_BYTES:
                break
            exchange = send(request, operation, index)
            result.exchanges.append(exchange)
            kept += len(exchange.body)
            if exchange.error is None and exchange.status != 429 and (body := body_of(exchange)) is not None:
                failed_before = len(result.failures)
                without_error = _check(case, exchange, body, result)
                # A failure counts even if the operation is not served, and its response was then checked.
                result.checked += without_error and (is_served(exchange) or len(result.failures) > failed_before)
        if time.monotonic() >= until:
            late.append(operation)
    if late:
        result.notes.append(_note(listed(late, MAX_NAMES), "the deadline of the run has passed"))
    if large:
        result.notes.append(_note(listed(large, MAX_NAMES), "the responses before take too much memory"))
    if result.check_errors:
        result.notes.append(Message("schemathesis could not check every response: {}", result.check_errors[0]))


def _note(operation: str, reason: str) -> str:
    return Message("no requests were generated for {}: {}", mapped(operation, sanitize.escape), _short(reason))


def _generate_cases(operation: Any, base_url: str, plan: GenerationPlan) -> dict[Request, Any]:
    """Return the documented examples, then generated requests, without duplicates. The result is deterministic."""
    from hypothesis import HealthCheck, Phase, Verbosity, given, settings
    from hypothesis.strategies import SearchStrategy

    fixed = {p.name: v for p in operation.headers for n, v in plan.headers.items() if n.lower() == p.name.lower()}
    cases: dict[Request, Any] = {}
    quiet = settings(
        settings.get_profile("default"),  # not a profile of the caller, nor the one for CI
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )

    def draw(strategy: SearchStrategy[Any], limit: int) -> None:
        def collect(case: Any) -> None:
            for name, value in plan.path.items():
                case.path_parameters[name] = value
            with suppress(ValueError):  # UnicodeEncodeError, InvalidHeader, InvalidURL: no request can contain it
                cases.setdefault(_request(case, base_url, plan.headers), case)

        given(strategy)(settings(quiet, max_examples=limit)(collect))()

    with _isolated_hypothesis_home(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about patterns and formats
        for example in operation.get_strategies_from_examples(headers=fixed)[: plan.max_examples]:
            draw(example, 1)
        if len(cases) < plan.max_examples:
            draw(operation.as_strategy(headers=fixed), plan.max_examples - len(cases))
    return cases


@contextmanager
def _isolated_hypothesis_home() -> Iterator[None]:
    """Leave no `.hypothesis` behind: Hypothesis caches tables there, even without a database."""
    # The module is not documented; the documented environment variable is read only once in a process.
    from hypothesis import configuration

    storage = configuration.storage_directory(intent_to_write=False)
    before: Any = getattr(storage, "home_directory", storage)  # older versions return a Path
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)


def _request(case: Any, base_url: str, headers: Mapping[str, str]) -> Request:
    """Return the request that schemathesis would send, without the headers that it and requests add."""
    import requests

    parts = (case.path_parameters, case.query, dict(case.headers or {}), case.cookies, case.body)
    json.dumps(parts, ensure_ascii=False, default=repr, skipkeys=True).encode()  # raises for lone surrogates
    kwargs = case.as_transport_kwargs(base_url=base_url)
    sent = requests.Request(**{key: kwargs[key] for key in _SENT if key in kwargs}).prepare()
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    content_type = str(sent.headers.get("Content-Type", ""))
    if drawn := content_type.partition("boundary=")[2] if kwargs.get("files") else "":
        body = body.replace(drawn.encode(), _BOUNDARY.encode())
        sent.headers["Content-Type"] = content_type.replace(drawn, _BOUNDARY)
    fixed = {name: value for name, value in headers.items() if not body or name.lower() != "content-type"}
    dropped = {name.lower() for name in fixed} | (_ADDED - {name.lower() for name in case.headers or {}})
    kept = ((name, str(value)) for name, value in sent.headers.items() if name.lower() not in dropped)
    return Request(str(sent.method), str(sent.url), (*kept, *fixed.items()), body or None)


def _check(case: Any, exchange: Exchange, body: bytes, result: GeneratedResult) -> bool:
    """Run every check of schemathesis on one exchange; return False if one raised an unexpected error."""
    import requests
    from schemathesis import Response, checks
    from schemathesis.errors import FailureGroup

    received: dict[str, list[str]] = {}
    for name, value in exchange.headers:
        received.setdefault(name.lower(), []).append(value)
    request = requests.Request(exchange.request.method, exchange.request.url).prepare()
    response = Response(exchange.status or 0, received, body, request, exchange.elapsed, True)
    failures: set[GeneratedFailure] = set()  # two checks may report the same
    errors = []
    for check in SCHEMATHESIS_CHECKS:
        try:  # one by one: if a check raises an unexpected error, the others still count
            try:
                case.validate_response(response, checks=[getattr(checks, check)])
            except FailureGroup as group:  # not an Exception; its messages are rendered when first read
                failures |= {_failure(each, exchange) for each in group.exceptions}
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise  # jsonschema-rs is Rust: its panics are not Exceptions; neither are Ctrl-C and pytest's own
            errors.append(_short(f"{check}: {error!r}"))
    result.failures += sorted(failures, key=lambda each: (each.violation.received, each.violation.where))
    result.check_errors += errors
    return not errors


def _failure(failure: Any, exchange: Exchange) -> GeneratedFailure:
    path = getattr(failure, "instance_path", None)
    place: FieldPath | None = None if path is None else tuple("*" if isinstance(e, int) else str(e) for e in path)
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path or ())
    text = _short(getattr(failure, "validation_message", "") or failure.message)
    message = text or Message("HTTP status {}", exchange.status)
    violation = Violation(
        Message("response, {}", _short(pointer)) if pointer else "response",
        "a response as documented, checked by schemathesis",
        Message("{}: {}", _short(failure.title), message),
    )
    return GeneratedFailure(exchange, place, violation)


def _short(text: str) -> str:
    """Return a text on one line, sanitized and cut."""
    return sanitize.escape(" ".join(text[: 16 * 1024].split()), MAX_TEXT)
