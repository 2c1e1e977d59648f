"""The servers that benchmarks/mock.py measures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import install
from processes import HEADERS

PEERS = Path(__file__).with_name("peers")
CONTRACT = install.ROOT / "openapi.yaml"
COMMAND = Path(sys.executable).with_name("code-contract")


class ServerSpec(NamedTuple):
    """A server.

    Attributes:
        title: Its name in tables.
        command: Returns its command, in which `{port}` stands for its port; may install it first.
        rejects: Kinds of call that it rejects by design, each with the reason.
    """

    title: str
    command: Callable[[], list[str | Path]]
    rejects: Mapping[str, str] = MappingProxyType({})


def _prism(*options: str) -> Callable[[], list[str | Path]]:
    return lambda: [
        install.npm("prism") / ".bin" / "prism",
        *("mock", CONTRACT, "--host", "127.0.0.1", "--port", "{port}", *options),
    ]


NO_BODY = {"body": "Prism answers 415, because the contract describes no request body."}

SERVERS = {
    "mock": ServerSpec("code-contract mock", lambda: [COMMAND, "mock", "--port", "{port}"]),
    "prism": ServerSpec("Prism", _prism(), NO_BODY),
    "prism-silent": ServerSpec("Prism, `-v silent`", _prism("-v", "silent"), NO_BODY),
    "flask": ServerSpec(
        "constant response, Flask on uvicorn",
        lambda: [
            *(sys.executable, "-m", "uvicorn", "--port", "{port}", "--no-access-log"),
            *("--factory", "constant:application"),
        ],
    ),
}


def environment(folder: Path) -> dict[str, str]:
    """The variables that peers/constant.py needs: its path, and a response of the mock to send."""
    from mock_server import create_app

    body = folder / "response.json"
    body.write_bytes(create_app(seed="benchmark").test_client().post("/code", headers=HEADERS).data)
    return {"BENCH_BODY": str(body), "PYTHONPATH": str(PEERS)}
