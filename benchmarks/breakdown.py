"""What an answer of the mock is made of, in µs of processor time: `python benchmarks/breakdown.py` prints a table.

Every part is called alone, again and again, in this process; the last row is a mock of its own under load by wrk. What
cannot be had by the names used here any more is shown as such, so that the rest still is measured.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import tempfile
import time
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from timeit import repeat
from types import ModuleType
from typing import Any
from unittest.mock import patch

from load import load, warm_up
from processes import HEADERS, benchmark, progress, refuse, running, tool
from servers import CONTENDERS
from tables import circumstances, spread, table

CALLS = 2000
"""Of a part, in a round."""
SECRET = b"benchmark"
ENCODE = "mock_server.captcha.renderer.encode"
"""What packs a picture, by the name under which its painter calls it."""

Part = tuple[Callable[[], object], AbstractContextManager[Any]]
"""What is timed, and what is to hold meanwhile."""


def derived() -> Part:
    from mock_server.captcha.challenge import UuidSource, derive

    uuids = UuidSource()
    return lambda: derive(SECRET, next(uuids)), nullcontext()


def _pictures() -> Callable[[], Any]:
    """Paints one challenge after another."""
    from mock_server.captcha.renderer import CaptchaRenderer

    painter, derive = CaptchaRenderer((160, 60)), derived()[0]
    challenges = itertools.cycle([derive() for _ in range(500)])
    return lambda: painter.render(next(challenges))


def drawn() -> Part:
    return _pictures(), patch(ENCODE, lambda opening, rows: rows)


def packed(library: ModuleType) -> Part:
    from mock_server.captcha import png

    with patch(ENCODE, lambda *told: told):
        paint = _pictures()
        pictures = itertools.cycle([paint() for _ in range(500)])
    names = ("compress", "crc32", "Z_BEST_SPEED")
    return lambda: png.encode(*next(pictures)), patch.multiple(png, **{name: getattr(library, name) for name in names})


def packed_by_isal() -> Part:
    from isal import isal_zlib

    return packed(isal_zlib)


def coded() -> Part:
    picture: Any = _pictures()()
    return lambda: base64.b64encode(picture), nullcontext()


def written() -> Part:
    from code_contract import load as load_contract
    from mock_server.response import BodyTemplate

    operation = next(iter(load_contract().operations.values()))
    form, picture = (
        BodyTemplate(operation, operation.success_example and operation.success_example.value),
        _pictures()(),
    )
    ready = base64.b64encode(picture)
    return lambda: form.filled("0" * 32, picture), patch("mock_server.response.base64.b64encode", lambda _: ready)


def judged() -> Part:
    from code_contract import load as load_contract
    from mock_server.core.request_validation import RequestValidator

    operation = next(iter(load_contract().operations.values()))
    admission, values = (
        RequestValidator(operation),
        {"header": {name.lower(): value for name, value in HEADERS.items()}},
    )
    return lambda: list(admission.violations(values, "application/json", b"")), nullcontext()


def _entry() -> Any:
    """An entry of the journal, as a call makes it."""
    from mock_server import create_app
    from mock_server.app import STATE

    app = create_app()
    app.test_client().post("/code", headers=HEADERS)
    return app.extensions[STATE].journal.entries()[-1]


def journalled() -> Part:
    from mock_server.observability.journal import Journal

    journal, entry = Journal(), _entry()
    return lambda: journal.add(entry), nullcontext()


def counted() -> Part:
    from mock_server.observability.metrics import Metrics

    metrics, entry = Metrics(), _entry()
    return lambda: metrics.observe(entry), nullcontext()


def logged() -> Part:
    from mock_server.observability.access_log import as_text

    entry = _entry()
    return lambda: as_text(entry), nullcontext()


def answered() -> Part:
    from mock_server import create_app
    from mock_server.app import PLAN_CACHE

    plain = create_app().extensions[PLAN_CACHE]
    headers = tuple((name.lower().encode(), value.encode()) for name, value in HEADERS.items())
    return lambda: plain.answer("POST", "/code", headers), nullcontext()


PARTS = {
    "an id, and the challenge derived from it": derived,
    "the picture drawn": drawn,
    "the PNG packed by isal": packed_by_isal,
    "the PNG packed by zlib, where there is no isal": lambda: packed(zlib),
    "base64": coded,
    "JSON": written,
    "a request judged anew (one like it before: not again)": judged,
    "the journal": journalled,
    "the metrics": counted,
    "a line of the log, but for its writing": logged,
    "**a plain call in all**, but for the log and the server": answered,
}


def microseconds(part: Callable[[], Part], rounds: int) -> str:
    """The processor time that a part takes, a call."""
    try:
        call, held = part()
        with held:
            call()
            taken = repeat(call, timer=time.process_time, repeat=rounds, number=CALLS)
    except (ImportError, AttributeError, LookupError, TypeError) as error:
        return f"not to be had: {error}"
    return spread([seconds / CALLS * 1e6 for seconds in taken], 1)


def served(rounds: int) -> str:
    """The processor time of an answer of the mock's own process, under load."""
    taken = []
    with tempfile.TemporaryDirectory() as name, running(CONTENDERS["mock"].command(Path(name)), Path(name)) as server:
        warm_up(server, CALLS)
        for _ in range(rounds):
            before = server.processor()
            requests = load(server, 16, 2).requests
            taken.append((server.processor() - before) / max(requests, 1) * 1e6)
    return spread(taken, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how many (5)")
    options = parser.parse_args()
    if options.rounds < 1:
        refuse("--rounds takes 1 or more")
    tool("wrk")
    rows = []
    for title, part in PARTS.items():
        progress(title.replace("*", ""))
        rows.append([title, microseconds(part, options.rounds)])
    progress("a mock under load")
    rows.append(["**an answer of the mock served**, with all of it, over 16 connections", served(options.rounds)])
    print(table(["part", "processor µs"], rows))
    print("", circumstances((), ["code-contract", "uvicorn", "isal", "Pillow"]), sep="\n")


if __name__ == "__main__":
    benchmark(main)
