"""What a WSGI server costs under the mock: `python benchmarks/servers.py [module:app]` prints a Markdown table.

Each server runs in processes of its own on 127.0.0.1, started anew in every round; rounds are interleaved, the table
shows medians, and all is over within a minute. Load comes from `wrk` where it is installed, else from a Python client,
which is slow enough to hide differences in requests/s. Processor time and memory are those of the server's process
tree (from /proc, so on Linux only); on a busy machine they are the better guide.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import logging
import os
import re
import shutil
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import DEVNULL, Popen, TimeoutExpired, run
from typing import Any

from flask import Flask, Response
from werkzeug.serving import make_server
from werkzeug.utils import import_string

HERE = Path(__file__).resolve()
HEADERS = {"Content-Type": "application/json;charset=utf-8", "Source": "PC", "Content-Length": "0"}
HOST = "127.0.0.1"
CONNECTIONS = (1, 16)
ROUNDS = 5
SECONDS = 1  # of load, for each number of connections
BUDGET = 45  # seconds, after which no round begins
SERVERS = ("waitress", "granian", "Werkzeug's own")
WRK = shutil.which("wrk")

picture = "data:image/png;base64," + "iVBORw0KGgo" * 310
body = json.dumps({"code": 200, "msg": None, "succFlag": True, "data": {"uuid": "0" * 32, "img": picture}}).encode()
app = Flask("constant", static_folder=None)


@app.post("/code")
def code() -> Response:
    """The same bytes every time, so that the server's own cost stands out."""
    return Response(body, mimetype="application/json")


def serve(name: str, target: str, port: int) -> None:
    """Serve the application until the process is ended."""
    if name == "waitress":
        from waitress import create_server

        server = create_server(import_string(target), host=HOST, port=port, threads=4)
        threading.Thread(target=server.run, daemon=True).start()
        threading.Event().wait()
    elif name == "granian":
        from granian import Granian
        from granian.constants import Interfaces

        os.chdir(HERE.parent)  # where its worker looks for modules; of threads it takes up to 512 unless told
        Granian(target, port=port, interface=Interfaces.WSGI, workers=1, blocking_threads=4).serve()
    else:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        make_server(HOST, port, import_string(target), threaded=True).serve_forever()


@contextlib.contextmanager
def running(name: str, target: str) -> Iterator[tuple[int, int, float]]:
    """A server, as (port, process group, milliseconds to the first good answer); all of it is stopped."""
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    begun = time.perf_counter()
    arguments = [sys.executable, str(HERE), target, "--serve", name, str(port)]
    with Popen(arguments, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True) as process:
        try:
            while not answered(port):
                if process.poll() is not None or time.perf_counter() - begun > 10:
                    raise SystemExit(f"{name} does not answer; try: {' '.join(arguments)}")
                time.sleep(0.002)
            yield port, process.pid, (time.perf_counter() - begun) * 1000
        finally:
            process.terminate()
            with contextlib.suppress(TimeoutExpired):
                process.wait(3)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the session made here; usually empty by now


def answered(port: int, kept: http.client.HTTPConnection | None = None) -> bool:
    connection = kept or http.client.HTTPConnection(HOST, port, timeout=5)
    with contextlib.closing(connection) if not kept else contextlib.nullcontext():
        try:
            connection.request("POST", "/code", headers=HEADERS)
            answer = connection.getresponse()
            return answer.status == 200 and b"succFlag" in answer.read()
        except (OSError, http.client.HTTPException):
            return False


def usage(group: int) -> tuple[float, float]:
    """(processor seconds used so far, resident MB) of a process group; zeros where there is no /proc."""
    ticks = pages = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()  # from the state, field 3 of proc(5), on
            if int(fields[2]) == group:
                ticks += int(fields[11]) + int(fields[12])
                pages += int(fields[21])
    return (ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 1e6) if ticks else (0.0, 0.0)


def load(port: int, connections: int, seconds: float) -> tuple[int, float]:
    """(good answers, seconds taken) under as much load as so many connections give."""
    if not WRK:
        return load_in_python(port, connections, seconds)
    url = f"http://{HOST}:{port}/code"
    headers = [word for name, value in HEADERS.items() for word in ("-H", f"{name}: {value}")]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "post.lua")
        script.write_text('wrk.method = "POST"')
        command = [WRK, "-t1", f"-c{connections}", f"-d{seconds}", f"-s{script}", *headers, url]
        said = run(command, check=True, capture_output=True, text=True, timeout=seconds + 10).stdout
    requests, taken, unit = re.findall(r"(\d+) requests in ([\d.]+)(m?s)", said)[0]
    refused = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", said)))
    return int(requests) - refused, float(taken) * (0.001 if unit == "ms" else 1)


def load_in_python(port: int, connections: int, seconds: float) -> tuple[int, float]:
    begun = time.perf_counter()

    def work(_: int) -> int:
        with contextlib.closing(http.client.HTTPConnection(HOST, port, timeout=5)) as kept:
            return sum(answered(port, kept) for _ in iter(lambda: time.perf_counter() - begun < seconds, False))

    with ThreadPoolExecutor(connections) as pool:
        return sum(pool.map(work, range(connections))), time.perf_counter() - begun


def measure(name: str, target: str) -> dict[str, float]:
    with running(name, target) as (port, group, start):
        found = {"start ms": start}
        load_in_python(port, 2, 0.1)  # to warm up
        for connections in CONNECTIONS:
            before, _ = usage(group)
            requests, taken = load(port, connections, SECONDS)
            found[f"requests/s, {connections} conn."] = requests / taken
            found[f"CPU µs, {connections} conn."] = (usage(group)[0] - before) / max(requests, 1) * 1e6
        found["RSS MB"] = usage(group)[1]
    return found


def bare(application: Any, calls: int = 3000) -> float:
    """Processor µs of one call of the application with no server: what no server can save."""
    from werkzeug.test import EnvironBuilder, run_wsgi_app

    environ = EnvironBuilder("/code", method="POST", headers=list(HEADERS.items())).get_environ()
    begun = time.process_time()
    for _ in range(calls):
        run_wsgi_app(application, dict(environ), buffered=True)
    return (time.process_time() - begun) / calls * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="?", default="servers:app", help="the WSGI application (default: %(default)s)")
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve[0], options.target, int(options.serve[1]))
        return
    begun, rounds = time.perf_counter(), list[dict[str, dict[str, float]]]()
    while len(rounds) < ROUNDS and time.perf_counter() - begun < BUDGET:
        rounds.append({name: measure(name, options.target) for name in SERVERS})
    columns = list(next(iter(rounds[0].values())))
    print(f"| server | {' | '.join(columns)} |\n| --- |{' ---: |' * len(columns)}")
    for name in SERVERS:
        medians = (statistics.median(found[name][column] for found in rounds) for column in columns)
        print(f"| {name} | {' | '.join(f'{median:,.0f}' if median else '-' for median in medians)} |")
    print(
        f"\nMedians of {len(rounds)} interleaved rounds of {SECONDS} s, load by {'wrk' if WRK else 'Python'}; the"
        f" application alone takes {bare(import_string(options.target)):.0f} µs a call. Werkzeug's server closes every"
        f" connection. Python {sys.version.split()[0]}, {sys.platform}, {os.cpu_count()} processors."
    )


if __name__ == "__main__":
    main()
