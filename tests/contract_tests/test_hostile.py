"""`code-contract check` with default options against hostile targets.

Each run ends within a minute and 300 MB, with the expected exit status, without a traceback, and prints no control
character of the target. The runs mostly wait, so they are concurrent.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import trustme

from code_contract import load
from tests.contract_tests.png_samples import chunk
from tests.servers.correct import Server, serving
from tests.servers.hostile import HEAD, Behave, raw_server, send

pytestmark = pytest.mark.slow

SAMPLE = load().example("captcha").value
HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e\u2066\x00\x85<script>alert(1)</script>\"'`|&"
RUN = """
import sys
from code_contract_cli.main import run
status = run(sys.argv[1:])
# ru_maxrss would count the memory of the process that started this one.
with open("/proc/self/status") as file:
    print("\\nRSS", file.read().partition("VmHWM:")[2].split()[0], file=sys.stderr)
sys.exit(status)
"""


def respond(body: bytes, head: bytes = HEAD) -> Behave:
    """A response with a correct Content-Length."""
    return send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def example(**changes: Any) -> Behave:
    """The example of the document with changed fields."""
    return respond(json.dumps(SAMPLE | changes).encode())


def picture(*chunks: bytes) -> Behave:
    """The example of the document with a picture of these chunks."""
    png = b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")
    uri = "data:image/png;base64," + base64.b64encode(png).decode()
    return example(data={"uuid": "x", "img": uri})


def ihdr(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def flaky(good: Callable[[int], bool], bad: bytes) -> Behave:
    """A correct response if `good(number of the request)`, otherwise `bad`."""
    lock, numbers = threading.Lock(), iter(range(10_000))

    def behave(connection: socket.socket) -> None:
        with lock:
            number = next(numbers)
        fresh = {"uuid": f"{number:08x}-{time.time_ns():x}", "img": SAMPLE["data"]["img"]}
        (respond(json.dumps(SAMPLE | {"data": fresh}).encode()) if good(number) else respond(bad))(connection)

    return behave


def zipped(body: bytes | str) -> Behave:
    """A response in gzip: 8 MB of repetitions take 30 KB."""
    data = body if isinstance(body, bytes) else body.encode()
    return respond(gzip.compress(data), HEAD + b"Content-Encoding: gzip\r\n")


def extended(values: str) -> Behave:
    """The example of the document, and a field with many values."""
    return zipped(f'{json.dumps(SAMPLE)[:-1]},"x":[{values}0]}}')


SIZE = 8 * 1024 * 1024 - 50_000
LIMIT = "was not checked"

BOMB = gzip.compress(bytes(300_000_000), 9)
ERROR = json.dumps({"succFlag": False, "code": 500, "data": None, "msg": "x"}).encode()

# Behaviour of the target, exit status, and an excerpt of the output.
TARGETS: dict[str, tuple[Behave, int, str]] = {
    "no response": (send(then="hold", hold=12), 3, "no response within 10 s"),
    "slow head": (send(b"HTTP/1.1 200 OK\r\nX: ", b"y", wait=1, forever=True, hold=15), 3, "no response within 10 s"),
    "slow body": (send(HEAD + b"\r\n{", b" ", wait=1, forever=True, hold=15), 1, "✗ answer-is-complete"),
    "an endless body": (send(HEAD + b"\r\n", b"x" * 65536, forever=True, hold=15), 3, LIMIT),
    "huge Content-Length without a body": (send(HEAD + b"Content-Length: 99999999999\r\n\r\n", then="hold", hold=12), 1, "✗ answer-is-complete"),
    "a gzip bomb": (respond(BOMB, HEAD + b"Content-Encoding: gzip\r\n"), 3, LIMIT),
    "a picture of 60000x60000, small stream": (picture(ihdr(60000, 60000), chunk(b"IDAT", zlib.compress(bytes(100)))), 1, "✗ png-pixels-fill-the-picture"),
    "a picture of 60000x60000, large stream": (picture(ihdr(60000, 60000), chunk(b"IDAT", zlib.compress(bytes(200_000_000), 9))), 1, LIMIT),
    "a small picture, large stream": (picture(ihdr(160, 60), chunk(b"IDAT", zlib.compress(bytes(200_000_000), 9))), 1, "✗ png-pixels-fill-the-picture"),
    "a reset before the head": (send(then="reset"), 3, "closed before a response"),
    "a reset in the head": (send(b"HTTP/1.1 200 OK\r\nConten", wait=0.05, then="reset"), 3, "closed before a response"),
    "a reset after the head": (send(HEAD + b"Content-Length: 99\r\n\r\n", wait=0.05, then="reset"), 1, "✗ answer-is-complete"),
    "Content-Length too large": (send(HEAD + b"Content-Length: 99\r\n\r\n{}"), 1, "✗ answer-is-complete"),
    "Content-Length too small": (send(HEAD + b"Content-Length: 9\r\n\r\n" + json.dumps(SAMPLE).encode()), 1, "✗ nothing-follows-the-body"),
    "not HTTP": (send(b"220 mail.example.com ESMTP\r\n"), 3, "not HTTP"),
    "10000 headers": (send(HEAD + b"X: y\r\n" * 10_000 + b"\r\n"), 3, "head exceeds the maximum size"),
    "a header line of 1 MB": (send(HEAD + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n"), 3, "head exceeds the maximum size"),
    "a wrong Content-Encoding": (respond(json.dumps(SAMPLE).encode(), HEAD + b"Content-Encoding: zstd\r\n"), 1, "✗ content-encoding-is-correct"),
    "JSON nested 200000 deep": (respond(b"[" * 200_000 + b"]" * 200_000), 3, LIMIT),
    "a number of 6000 digits": (respond(json.dumps(SAMPLE).replace("200", "7" * 6000, 1).encode()), 1, "✗ code-is-200-on-success"),
    "lone surrogates": (respond(json.dumps(SAMPLE | {"msg": ["\ud800"], "code": "\udfff"}).encode()), 1, "✗ msg-is-a-string-or-null"),
    "hostile text in every field": (example(succFlag=HOSTILE, code=HOSTILE, msg=[HOSTILE], data=HOSTILE), 1, "✗ succ-flag-is-a-boolean"),
    "hostile text in the head": (send(b"HTTP/1.1 200 \x1b[31mred\r\nContent-Type: \x1b[31m<script>\r\nX: \x9b1m\r\n\r\n{}"), 1, "✗ content-type-is-json"),
    "redirect to itself": (send(b"HTTP/1.1 302 Found\r\nLocation: /code\r\nContent-Length: 0\r\n\r\n"), 1, "redirects are not followed"),
    "8 MB of empty objects": (extended("{}," * (SIZE // 3)), 3, LIMIT),
    "8 MB of objects": (extended('{"":0},' * (SIZE // 7)), 3, LIMIT),
    "8 MB of names": (zipped("{" + ",".join(f'"{n:x}":0' for n in range(800_000)) + "}"), 3, LIMIT),
    "240000 values": (extended('{"a":[0]},' * 80_000), 1, "img-is-fresh"),
    "one repeated name among 100000": (zipped("{" + "".join(f'"k{n}":0,' for n in range(100_000)) + '"k7":1}'), 1, "✗ names-are-unambiguous"),
    "a message of 8 MB": (zipped(json.dumps(SAMPLE | {"msg": ["x" * SIZE]})), 1, "✗ msg-is-a-string-or-null"),
    "a message of 8 MB outside the BMP": (zipped(json.dumps(SAMPLE | {"msg": "x" * SIZE + "😀"}, ensure_ascii=False)), 3, LIMIT),
    "an id of 8 MB": (zipped(json.dumps(SAMPLE | {"data": {"uuid": "x" * SIZE, "img": ""}})), 1, "✗ img-is-a-png-data-uri"),
    "a picture of 3 MB": (example(data={"uuid": "x", "img": "data:image/png;base64," + "A" * 3_000_000}), 1, "✗ img-is-a-png"),
    "a picture of 2000x2000 in 16 bits": (picture(chunk(b"IHDR", struct.pack(">IIBBBBB", 2000, 2000, 16, 6, 0, 0, 0)), chunk(b"IDAT", zlib.compress(bytes(2000 * 16001), 9))), 1, "✗ img-is-not-one-colour"),
    "9000 wrong CRCs": (picture(ihdr(10, 10), chunk(b"teXt", b"")[:-1] + b"x", *[chunk(b"teXt", b"")[:-1] + b"x"] * 9000, chunk(b"IDAT", zlib.compress(bytes(310)))), 1, "✗ png-crcs-are-correct"),
    "95 headers of 60 KB": (respond(json.dumps(SAMPLE).encode(), HEAD + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 60_000) for n in range(95))), 3, "head exceeds the maximum size"),
    "190000 members of gzip": (respond(gzip.compress(b"") * 190_000, HEAD + b"Content-Encoding: gzip\r\n"), 3, LIMIT),
    "4 MB without compression": (respond((json.dumps(SAMPLE)[:-1] + ',"x":"' + "y" * 4_100_000 + '"}').encode()), 1, "✗ uuid-is-unique"),
    "every twelfth response faulty": (flaky(lambda n: n % 12 != 11, b"{}"), 1, "2 of 32"),
    "error responses after five successes": (flaky(lambda n: n < 5, ERROR), 1, "valid-request-succeeds  27 of 32"),
}  # fmt: skip


@dataclass(frozen=True)
class CommandResult:
    """The result of one run of the command: `memory` in MB, `took` in seconds."""

    status: int
    out: str
    err: str
    took: float
    memory: float


def command(base_url: str, *options: str) -> CommandResult:
    """Run `code-contract check` in a new process."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", RUN, "check", base_url, *options], capture_output=True, timeout=120, check=False
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    took = time.monotonic() - begun
    return CommandResult(done.returncode, out, err, took, int(err.split()[-1]) / 1024 if "RSS" in err else -1)


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[str, Future[CommandResult]]]:
    """All runs, started concurrently."""

    def one(behave: Behave) -> CommandResult:
        with raw_server(behave) as port:
            return command(f"http://127.0.0.1:{port}", "--samples", "32")

    with ThreadPoolExecutor(6) as pool:
        yield {name: pool.submit(one, behave) for name, (behave, _, _) in TARGETS.items()}


@pytest.mark.parametrize("name", TARGETS)
def test_a_hostile_target_is_checked_within_limits(outcomes: dict[str, Future[CommandResult]], name: str) -> None:
    """The exit status is as expected, the limits hold, nothing is on stderr, and the output is sanitized."""
    _, status, excerpt = TARGETS[name]
    outcome = outcomes[name].result()
    assert outcome.status == status, outcome.out + outcome.err
    assert excerpt in outcome.out
    assert outcome.took < 60
    assert 0 < outcome.memory < 300
    assert outcome.err.splitlines()[:-1] in ([], [""])
    assert not set(outcome.out) & set("\x00\x07\x1b\x85\x9b\u202e\u2066")


def test_a_redirect_elsewhere_is_not_followed() -> None:
    """The target of a redirect receives no connection."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.2)
        target = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/code"
        redirect = f"HTTP/1.1 307 Go\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
        with raw_server(send(redirect)) as port:
            outcome = command(f"http://127.0.0.1:{port}", "--header", "Authorization: hunter2", "--samples", "4")
        with pytest.raises(TimeoutError):
            elsewhere.accept()
    assert outcome.status == 1
    assert "hunter2" not in outcome.out + outcome.err


def test_tls_for_another_name() -> None:
    """A certificate for another host name makes the target unreachable."""
    authority = trustme.CA()
    with contextlib.ExitStack() as stack:
        bundle = stack.enter_context(authority.cert_pem.tempfile())
        base_url = stack.enter_context(serving(Server(certificate=authority.issue_cert("other.example"))))
        outcome = command(base_url, "--ca-bundle", bundle)
    assert outcome.status == 3
    assert "TLS failed" in outcome.out
