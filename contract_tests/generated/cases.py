"""Generated calls by schemathesis used as a library: it makes calls up and judges the answers, and opens no connection.

Only calls that the contract allows: what it makes of others accuses correct servers. All calls of an operation are
drawn before the first is sent, so the deadline is ours and no answer steers what is drawn.
"""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from code_contract.operations import METHODS
from code_contract.text import escape_unprintable
from contract_tests.http.exchange import Exchange, Request

CONFORMANCE = ("status_code", "content_type", "response_headers", "response_schema")
MAX_TEXT = 300  # characters that are kept: schemathesis quotes the value
_SENT = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
_ADDED = {"accept", "accept-encoding", "connection", "content-length", "user-agent", "x-schemathesis-testcaseid"}
_BOUNDARY = "c0de" * 8  # as long as the random one of urllib3, in its place: a run is repeatable


@dataclass(frozen=True)
class GeneratedFailure:
    """One thing that an answer breaks. `where` is a JSON pointer into the body, "" for all of it or for the head."""

    operation: str
    title: str
    message: str
    where: str
    exchange: Exchange


@dataclass
class Generated:
    """What came of a run. `skipped`: why an operation was not called (to the end); `unjudged`: why a check gave up."""

    judged: int = 0
    exchanges: list[Exchange] = field(default_factory=list)
    failures: list[GeneratedFailure] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    check_errors: list[tuple[Exchange, str]] = field(default_factory=list)


def run(
    document: Mapping[str, Any],
    send: Callable[[Request, str, int], Exchange],
    *,
    base_url: str,
    headers: Mapping[str, str],
    body_of: Callable[[Exchange], bytes | None],
    max_examples: int,
    until: float,
) -> Generated:
    """Call every operation of a resolved document at most `max_examples` times, never after `until` (time.monotonic).

    `send` gets a request, the operation's id and the call's number. `headers` replace those made up, except for the
    Content-Type of a body. `body_of` undoes the content coding; None is a body that cannot be judged.
    """
    import schemathesis  # half a second, and nothing else needs it
    from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig

    # No credentials are made up: to try some at random on a live server is no test of it. No NUL: few servers stand
    # it. No codec: Hypothesis takes two seconds to learn what UTF-8 can encode; _request() tries it instead.
    generation = GenerationConfig(with_security_parameters=False, allow_x00=False, codec=None)
    # Without a configuration, a schemathesis.toml in the working folder or above it is read.
    config = schemathesis.Config(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document)), config=config)  # it may change keys
    found = Generated()
    for operation, path, method in _operations(document):
        try:
            calls = (
                _generate_cases(schema[path][method], base_url, headers, max_examples)
                if time.monotonic() < until
                else {}
            )
        except Exception as error:  # of many kinds, and all say that the contract is nothing to generate from
            found.skipped[operation] = _shown(f"{type(error).__name__}: {error}")
            continue
        for index, (request, case) in enumerate(calls.items()):
            if time.monotonic() >= until:
                break
            exchange = send(request, operation, index)
            found.exchanges.append(exchange)
            if exchange.trouble is None and exchange.status != 429 and (body := body_of(exchange)) is not None:
                found.judged += 1
                _judge(case, operation, exchange, body, found)
        if time.monotonic() >= until:
            found.skipped[operation] = "the run's time was over"
    return found


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for path, item in document.get("paths", {}).items():
        for method in (each for each in METHODS if each in item):
            yield item[method].get("operationId", f"{method.upper()} {path}"), path, method.upper()


def _generate_cases(operation: Any, base_url: str, headers: Mapping[str, str], most: int) -> dict[Request, Any]:
    """The documented examples of a call, then drawn ones, the same every time; equal ones once."""
    from hypothesis import HealthCheck, Phase, Verbosity, given, settings
    from hypothesis.strategies import SearchStrategy

    fixed = {p.name: v for p in operation.headers for n, v in headers.items() if n.lower() == p.name.lower()}
    calls: dict[Request, Any] = {}
    quiet = settings(
        settings.get_profile("default"),  # not what the caller has loaded, or Hypothesis in a CI
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )

    def draw(strategy: SearchStrategy[Any], count: int) -> None:
        def collect(case: Any) -> None:
            with suppress(ValueError):  # what no request can carry: UnicodeEncodeError, InvalidHeader, InvalidURL
                calls.setdefault(_request(case, base_url, headers), case)

        given(strategy)(settings(quiet, max_examples=count)(collect))()

    with _isolated_hypothesis_home(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about patterns and formats
        for example in operation.get_strategies_from_examples(headers=fixed)[:most]:
            draw(example, 1)
        if len(calls) < most:
            draw(operation.as_strategy(headers=fixed), most - len(calls))
    return calls


@contextmanager
def _isolated_hypothesis_home() -> Iterator[None]:
    """Leave no `.hypothesis` behind: Hypothesis caches tables there, even without a database."""
    from hypothesis import configuration

    before = vars(configuration).get("__hypothesis_home_directory")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)


def _request(case: Any, base_url: str, headers: Mapping[str, str]) -> Request:
    """What schemathesis would send, without the headers that it and requests add to every call."""
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
    ours = {name: value for name, value in headers.items() if not body or name.lower() != "content-type"}
    left_out = {name.lower() for name in ours} | (_ADDED - {name.lower() for name in case.headers or {}})
    kept = ((name, str(value)) for name, value in sent.headers.items() if name.lower() not in left_out)
    return Request(str(sent.method), str(sent.url), (*kept, *ours.items()), body or None)


def _judge(case: Any, operation: str, exchange: Exchange, body: bytes, found: Generated) -> None:
    import requests
    from schemathesis import Response, checks
    from schemathesis.core.failures import FailureGroup

    received: dict[str, list[str]] = {}
    for name, value in exchange.headers:
        received.setdefault(name.lower(), []).append(value)
    request = requests.Request(exchange.request.method, exchange.request.url).prepare()
    response = Response(exchange.status or 0, received, body, request, exchange.elapsed, True)
    failures: set[GeneratedFailure] = set()  # two checks may say the same
    for check in ("not_a_server_error", *(f"{each}_conformance" for each in CONFORMANCE)):
        try:  # one by one: where a check gives up, the others still speak
            try:
                case.validate_response(response, checks=[getattr(checks, check)])
            except FailureGroup as group:  # no Exception; its messages are rendered when first read
                failures |= {_failure(each, operation, exchange) for each in group.exceptions}
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise  # jsonschema-rs is Rust: its panics are no Exception; neither are Ctrl-C and pytest's own
            found.check_errors.append((exchange, _shown(f"{check}: {error!r}")))
    found.failures += sorted(failures, key=lambda each: (each.title, each.where, each.message))


def _failure(failure: Any, operation: str, exchange: Exchange) -> GeneratedFailure:
    path = [str(part).replace("~", "~0").replace("/", "~1") for part in getattr(failure, "instance_path", None) or ()]
    message = getattr(failure, "validation_message", "") or failure.message or f"HTTP status {exchange.status}"
    return GeneratedFailure(operation, failure.title, _shown(message), _shown("/".join(["", *path])), exchange)


def _shown(text: str) -> str:
    """A text fit to be printed: on one line, cut, without what steers a terminal or cannot be encoded."""
    shown = escape_unprintable(" ".join(text[: 4 * MAX_TEXT].split()))
    return shown if len(shown) <= MAX_TEXT else shown[:MAX_TEXT] + "…"
