"""Load on a server by wrk, with keep-alive, in one of four kinds of call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from processes import HEADERS, Server, run, tool

SCRIPT = Path(__file__).with_name("peers") / "request.lua"
ORIGIN = {"Origin": "http://localhost:5173"}


class Kind(NamedTuple):
    """A kind of call: its headers, its body, its method and its path."""

    headers: dict[str, str]
    body: str = ""
    method: str = "POST"
    path: str = "/code"


KINDS = {
    "plain": Kind(HEADERS),
    "browser": Kind(
        {
            **HEADERS,
            **ORIGIN,
            "Referer": "http://localhost:5173/login",
            "Accept": "application/json, text/plain, */*",
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
            " Safari/537.36",
        }
    ),
    "body": Kind({**HEADERS, **ORIGIN, "Cookie": "session=0123456789abcdef"}, "{}"),
    "preference": Kind({**HEADERS, "Prefer": "example=captcha"}),
}


class Load(NamedTuple):
    """Counts of wrk. p50, p99: latency in ms; errors: of sockets; rejected: responses with status 400 or more."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int
    rejected: int


def load(server: Server, connections: int, seconds: int, kind: str | Kind = "plain", path: str = "") -> Load:
    """Send requests of a kind to a path for a number of seconds over a number of connections."""
    found = KINDS[kind] if isinstance(kind, str) else kind
    words = [word for name, value in found.headers.items() for word in ("-H", f"{name}: {value}")]
    options = ["-t1", f"-c{connections}", f"-d{seconds}", "--latency", "--timeout", "5s", "-s", SCRIPT]
    url = f"{server.url}{path or found.path}"
    done = run([tool("wrk"), *options, *words, url, "--", found.method, found.body], seconds + 20)
    if done.status:
        raise SystemExit(f"wrk failed: {done.output}")
    return parse(done.output)


def warm_up(server: Server, calls: int) -> None:
    """Send at least `calls` requests, of every kind in turn, unless that takes more than a minute."""
    made = seconds = 0.0
    while made < calls and seconds < 60:
        for kind in KINDS:
            done = load(server, 16, 1, kind)
            made, seconds = made + done.requests, seconds + done.seconds


def parse(output: str) -> Load:
    """Parse the output of wrk, whose last line is the JSON of peers/request.lua."""
    return Load(**json.loads(output.strip().splitlines()[-1]))
