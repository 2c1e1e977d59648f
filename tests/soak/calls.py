"""The calls of the soak test: real clients, preferences, faults, bad requests, aborts, the admin API and its pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from code_contract import load
from mock_server.faults import applicable
from mock_server.observability.journal import MAX_ENTRIES
from tests.soak.caller import CLIENTS, JSON, Caller

CONTRACT = load()
SCENARIOS = [name for name, each in CONTRACT.scenarios.items() if name != "slow"]
EXAMPLES = list(CONTRACT.examples)
FAULTS = [fault.name for fault in applicable(CONTRACT)]


@dataclass(frozen=True)
class Call:
    """A kind of call: its weight in the traffic, and a function that makes it and asserts on the response."""

    name: str
    weight: int
    make: Callable[[Caller], None]


def _captcha(caller: Caller, fresh: bool = False) -> None:
    content = caller.send("POST", "/code", 200, headers=caller.headers(), fresh=fresh)
    caller.uuid = json.loads(content)["data"]["uuid"]


def _preference(caller: Caller) -> None:
    pick = caller.random.choice
    name, value = pick(
        [
            ("scenario", pick(SCENARIOS)),
            ("example", pick(EXAMPLES)),
            ("code", str(caller.random.randrange(200, 600))),
            ("dynamic", "false"),
            ("delay", f"0.00{caller.random.randrange(1, 9)}"),
            ("unknown", caller.word()),
        ]
    )
    if name == "unknown" or caller.random.random() < 0.5:
        caller.send("POST", "/code", *range(200, 600), headers=caller.headers() | {"Prefer": f"{name}={value}"})
    else:
        caller.send("POST", f"/code?__{name}={value}", *range(200, 600), headers=caller.headers())


def _head(target: str, *lines: str, method: str = "POST") -> bytes:
    return "\r\n".join((f"{method} {target} HTTP/1.1", "Host: localhost", *lines, "", "")).encode()


def _fault(caller: Caller) -> None:
    name = caller.random.choice(FAULTS)
    caller.raw(_head(f"/code?__fault={name}", "Source: PC", "Connection: close"), patience=0.2)


def _active_behaviour(caller: Caller) -> None:
    headers = {"X-Mock-Client": caller.client()}
    step: dict[str, object] = {"scenario": caller.random.choice(SCENARIOS)}
    behaviour = step | {"times": 3} if caller.random.random() < 0.5 else {"sequence": [step] * 5}
    body = json.dumps(behaviour).encode()
    caller.send("PUT", "/__mock/behaviour", 200, headers=headers | JSON, body=body)
    for _ in range(caller.random.randrange(4)):
        caller.send("POST", "/code", *range(200, 600), headers=caller.headers() | headers)
    if caller.random.random() < 0.3:
        caller.send("DELETE", "/__mock/behaviour", 204, headers=headers)


def _admin(caller: Caller) -> None:
    pick, client = caller.random.choice, {"X-Mock-Client": caller.client()}
    method, path, status, headers, body = pick(
        [
            ("GET", "health", 200, {}, b""),
            ("GET", "options", 200, {}, b""),
            ("GET", "metrics", 200, {}, b""),
            ("GET", "openapi.json", 200, {}, b""),
            ("GET", f"challenges/{caller.uuid}", 200, {}, b""),
            ("GET", "behaviour", 200, client, b""),
            ("GET", "requests", 200, client, b""),
            ("GET", "requests?after=x", 400, {}, b""),
            ("GET", "requests", 403, {"Host": "evil.example"}, b""),
            ("GET", f"requests/{caller.word()}", 404, {}, b""),
            ("DELETE", "requests", 204, client, b""),
            ("POST", "health", 405, {}, b""),
            ("PUT", "behaviour", 400, JSON, b'{"scenario":"' + caller.word().encode() + b'"}'),
            ("PUT", "behaviour", 415, {"Content-Type": "text/plain"}, b"x"),
            ("PUT", "behaviour", 413, JSON, b"x" * 70_000),
        ]
    )
    caller.send(method, f"/__mock/{path}", status, headers=headers, body=body)


def _journal(caller: Caller) -> None:
    assert len(json.loads(caller.send("GET", "/__mock/requests", 200, headers={}))["requests"]) <= MAX_ENTRIES


def _page(caller: Caller) -> None:
    for path in ("/__mock/", "/__mock/page.js", "/__mock/page.css", "/__mock/docs/", "/openapi.yaml", "/openapi.json"):
        caller.send("GET", path, 200, headers=CLIENTS["browser"])


def _bad(caller: Caller) -> None:
    large, word = JSON | {"Content-Length": "1200000"}, caller.word()
    method, target, status, headers, body = caller.random.choice(
        [
            ("POST", "/code", 415, CLIENTS["OkHttp"] | {"Content-Length": "2"}, b"{}"),
            ("POST", "/code", 200, JSON, f'{{"password":"{word}"}}'.encode()),
            ("POST", "/code", 413, large, b" " * 1_200_000),
            ("POST", f"/{word}", 404, {}, b""),
            ("GET", "/code", 405, {}, b""),
            ("HEAD", "/code", 405, {}, b""),
            ("OPTIONS", "/code", 204, {"Origin": "http://a.test", "Access-Control-Request-Method": "POST"}, b""),
            ("POST", f"/code?__{word}=1", 400, {}, b""),
            ("POST", f"/code?token={word}", 200, dict.fromkeys((f"X-{word}-{n}" for n in range(200)), word), b""),
        ]
    )
    caller.send(method, target, status, headers=headers, body=body)


def _malformed(caller: Caller) -> None:
    sent = caller.random.choice(
        [
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GET /\n\n",
            b"POST /code HTTP/1.1\r\n\r\n",
            _head("/code", "Host: b"),
            _head("/code", "A: " + "a" * 70_000),
            _head("/code", "Transfer-Encoding: chunked") + b"zz\r\n",
            _head("/code", "Content-Length: -1"),
        ]
    )
    received = caller.raw(sent)
    assert received.startswith(b"HTTP/1.1 4"), (sent[:100], received[:100])


def _abort(caller: Caller) -> None:
    head = _head("/code", "Source: PC", "Content-Length: 100")
    sent = caller.random.choice(
        [
            b"",
            head[: caller.random.randrange(1, len(head))],
            head + b"x" * 50,
            _head("/code", "Source: PC"),
            _head("/code?__delay=3", "Source: PC"),
            _head("/code?__fault=body-never-ends", "Source: PC"),
            _head("/__mock/requests", method="GET"),
            _head("/__mock/behaviour", "Content-Length: 10", method="PUT"),
        ]
    )
    caller.raw(sent, reads=False, resets=caller.random.random() < 0.5)


def _pipeline(caller: Caller) -> None:
    one = _head("/code", "Source: PC", "Transfer-Encoding: chunked") + b"0\r\n\r\n"
    received = caller.raw(one * 3 + _head("/code", "Source: PC", "Connection: close"))
    assert received.count(b"HTTP/1.1 200 OK") == 4, received[:1000]


CALLS = (
    Call("captcha, persistent connection", 600, _captcha),
    Call("captcha, fresh connection", 100, partial(_captcha, fresh=True)),
    Call("preference", 80, _preference),
    Call("fault", 40, _fault),
    Call("bad request", 60, _bad),
    Call("malformed request", 20, _malformed),
    Call("aborted", 40, _abort),
    Call("pipeline", 10, _pipeline),
    Call("active behaviour", 20, _active_behaviour),
    Call("admin API", 25, _admin),
    Call("journal", 2, _journal),
    Call("page", 3, _page),
)
