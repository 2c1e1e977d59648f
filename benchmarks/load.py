"""Load on a server, by wrk with keep-alive: as many calls as a number of connections can hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from processes import HEADERS, Server, run, tool

SCRIPT = Path(__file__).with_name("peers") / "post.lua"


class Load(NamedTuple):
    """What wrk counted: answers, seconds, milliseconds at 50 % and at 99 %, and what failed of answers and sockets."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int


def load(server: Server, connections: int, seconds: int, path: str = "/code") -> Load:
    """Call POST /code, or another path, for so many seconds over so many connections."""
    headers = [word for name, value in HEADERS.items() for word in ("-H", f"{name}: {value}")]
    options = ["-t1", f"-c{connections}", f"-d{seconds}", "--latency", "--timeout", "5s", "-s", SCRIPT]
    ended = run([tool("wrk"), *options, *headers, f"{server.url}{path}"], seconds + 20)
    if ended.status:
        raise SystemExit(f"wrk failed: {ended.printed}")
    return parsed(ended.printed)


def warm_up(server: Server, calls: int) -> None:
    """Call a server so many times, or as often as a minute allows."""
    made = seconds = 0.0
    while made < calls and seconds < 60:
        done = load(server, 16, 1)
        made, seconds = made + done.requests, seconds + done.seconds


def parsed(printed: str) -> Load:
    """What wrk printed: peers/post.lua adds one line of JSON to it."""
    return Load(**json.loads(printed.strip().splitlines()[-1]))
