"""The servers that benchmarks/mock.py measures, by name: how each is started, and with which versions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import install
import openapi30
from processes import HEADERS, run

PEERS = Path(__file__).with_name("peers")
CONTRACT = install.ROOT / "openapi.yaml"
COMMAND = Path(sys.executable).with_name("code-contract")
UVICORN = [sys.executable, "-m", "uvicorn", "--port", "{port}", "--no-access-log"]


class Contender(NamedTuple):
    """A server: how a table calls it, whose versions it depends on, and its command, for which a peer may be installed.

    The command takes a folder for what it needs.
    """

    title: str
    peer: str
    command: Callable[[Path], list[str | Path]]


def _prism(*more: str) -> Callable[[Path], list[str | Path]]:
    return lambda folder: [
        install.npm("prism") / ".bin" / "prism",
        *("mock", CONTRACT, "--host", "127.0.0.1", "--port", "{port}", *more),
    ]


def _backend(folder: Path) -> list[str | Path]:
    modules = install.npm("openapi-backend")
    return ["node", PEERS / "backend.js", modules, openapi30.write(folder), "{port}"]


def _connexion(folder: Path) -> list[str | Path]:
    # Its two frameworks take the same time for a mocked answer, within what this measures.
    options = ["--mock", "all", "--app-framework", "async", "--host", "127.0.0.1", "--port", "{port}"]
    return [install.pypi("connexion") / "connexion", "run", openapi30.write(folder), *options]


def _mock(*more: str) -> Callable[[Path], list[str | Path]]:
    return lambda folder: [COMMAND, "mock", "--port", "{port}", *more]


CONTENDERS = {
    "mock": Contender("**code-contract mock**", "", _mock()),
    "mock-2": Contender("**code-contract mock --workers 2**", "", _mock("--workers", "2")),
    "mock-plain": Contender(
        "**code-contract mock**, without the extra `fast`",
        "",
        lambda folder: [install.without_accelerators() / "code-contract", "mock", "--port", "{port}"],
    ),
    "prism": Contender("Prism", "prism", _prism()),
    "prism-silent": Contender("Prism, `-v silent`", "prism", _prism("-v", "silent")),
    "openapi-backend": Contender("openapi-backend on Express ¹", "openapi-backend", _backend),
    "connexion": Contender("Connexion, `--mock all` ¹", "connexion", _connexion),
    "flask": Contender(
        "constant, Flask on uvicorn ²", "", lambda folder: [*UVICORN, "--factory", "constant:flask_on_asgi"]
    ),
    "flask-waitress": Contender(
        "constant, Flask on waitress",
        "servers",
        lambda folder: [
            install.pypi("servers") / "waitress-serve",
            *("--listen=127.0.0.1:{port}", "--call", "constant:flask"),
        ],
    ),
    "flask-granian": Contender(
        "constant, Flask on granian",
        "servers",
        lambda folder: [
            install.pypi("servers") / "granian",
            *("--interface", "wsgi", "--port", "{port}", "--factory", "constant:flask"),
        ],
    ),
    "wsgi": Contender(
        "constant, bare WSGI on uvicorn ²", "", lambda folder: [*UVICORN, "--factory", "constant:wsgi_on_asgi"]
    ),
    "asgi": Contender("constant, bare ASGI on uvicorn", "", lambda folder: [*UVICORN, "constant:asgi"]),
}
NOTES = "¹ reads the contract in OpenAPI 3.0, made by benchmarks/openapi30.py, since it takes no 3.1. ² through a2wsgi."


def environ(folder: Path) -> dict[str, str]:
    """What the constant applications need: where they are, and an answer of the mock to send."""
    from mock_server import create_app

    body = folder / "answer.json"
    body.write_bytes(create_app(seed="benchmark").test_client().post("/code", headers=HEADERS).data)
    return {"BENCH_BODY": str(body), "PYTHONPATH": str(PEERS)}


def cannot_be(name: str) -> str:
    """Why a contender cannot be measured with this checkout; "" where it can."""
    if name == "mock-2" and "--workers" not in run([COMMAND, "mock", "--help"], 20).printed:
        return "this `code-contract mock` has no option --workers"
    return ""
