"""Processes of a benchmark. Each runs in its own session, so that all its children are measured and ended with it.

CPU time and memory are read from /proc: benchmarks run on Linux only.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen, TimeoutExpired
from typing import IO, NamedTuple, NoReturn

HOST = "127.0.0.1"
HEADERS = {"Content-Type": "application/json;charset=UTF-8", "Source": "PC"}
"""Headers that the contract asks for."""
START_TIMEOUT = 30.0
"""Seconds until a server must give its first valid response."""
TICKS = os.sysconf("SC_CLK_TCK")

CURES = {
    "wrk": "install Debian's package wrk",
    "node": "install Node.js 20 or later",
    "npm": "install Node.js 20 or later with npm",
    "pip": "install pip",
}


def refuse(reason: str) -> NoReturn:
    """Exit with a usage error."""
    print(f"{Path(sys.argv[0]).name}: {reason}", file=sys.stderr)
    raise SystemExit(2)


def tool(name: str) -> str:
    """The path of a program that benchmarks do not install."""
    found = shutil.which(name)
    return found or refuse(f"{name} is not on the PATH; {CURES[name]}")


def progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def benchmark(main: Callable[[], None]) -> None:
    """Run a benchmark. Ctrl-C and SIGTERM end it and its servers."""

    def stop(number: int, frame: object) -> NoReturn:
        # A second signal would interrupt the clean-up.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(128 + number)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    main()


class Completed(NamedTuple):
    """A completed program: exit status, output, wall-clock seconds, peak memory in MiB."""

    status: int
    output: str
    seconds: float
    peak: float


def run(command: Sequence[str | Path], limit: float, folder: Path | None = None, **environ: str) -> Completed:
    """Run a program for at most `limit` seconds. SystemExit if it takes longer."""
    begun = time.perf_counter()
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as output:
        process = _spawn(words, output, folder, environ)
        ending = os.pidfd_open(process.pid)
        try:
            if not select.select([ending], [], [], limit)[0]:
                raise SystemExit(f"{' '.join(words)} did not end within {limit:g} s")
            seconds = time.perf_counter() - begun
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            os.close(ending)
            _end(process, 0)
        output.seek(0)
        return Completed(process.returncode, output.read().decode(errors="replace"), seconds, usage.ru_maxrss / 1024)


class Server:
    """A running server. `start`: seconds until its first valid response; `size`: bytes of that response's body."""

    def __init__(self, process: Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.start = 0.0
        self.size = 0

    def pause(self) -> None:
        """Use no CPU until `resume`."""
        for pid in _members(self._process.pid):
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in _members(self._process.pid):
            os.kill(pid, signal.SIGCONT)

    def cpu_seconds(self) -> float:
        """CPU time of all its processes so far, user and system."""
        # The parent includes the time of children that have ended (cutime, cstime of proc(5)).
        return sum(sum(map(int, fields[11:15])) for fields in _members(self._process.pid).values()) / TICKS

    def memory(self) -> float:
        """Resident memory of all its processes in MiB. Shared pages count once."""
        private, shared = [], []
        for pid in _members(self._process.pid):
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
                kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
                private.append(kilobytes["Private_Clean"] + kilobytes["Private_Dirty"])
                shared.append(kilobytes["Rss"] - private[-1])
        # PSS would depend on other processes of the same program.
        return (sum(private) + max(shared, default=0)) / 1024


def response_size(port: int) -> int:
    """Bytes of a response to POST /code; 0 if it is not a captcha."""
    with contextlib.closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        try:
            connection.request("POST", "/code", headers=HEADERS)
            response = connection.getresponse()
            body = response.read()
            valid = response.status == 200 and json.loads(body)["data"]["img"].startswith("data:image/png;base64,")
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, AttributeError):
            return 0
    return len(body) if valid else 0


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    folder: Path,
    ready: Callable[[int], int] = response_size,
    limit: float = START_TIMEOUT,
    **environ: str,
) -> Iterator[Server]:
    """A ready server, ended on exit. `{port}` in the command is replaced by a free port.

    Its output goes to a file in the folder. SystemExit if it gives no valid response in time.
    """
    port = _free_port()
    words = [str(word).replace("{port}", str(port)) for word in command]
    log = folder / f"{port}.txt"
    begun = time.perf_counter()
    with log.open("wb") as output:
        process = _spawn(words, output, folder, environ)
    server = Server(process, port)
    try:
        while not server.size:
            server.size = ready(port)
            server.start = time.perf_counter() - begun
            if not server.size and (process.poll() is not None or server.start > limit):
                tail = log.read_text(errors="replace")[-2000:]
                raise SystemExit(f"no valid response from: {' '.join(words)}\n{tail}")
            time.sleep(0.002)
        yield server
    finally:
        server.resume()
        _end(process, 5)
        log.unlink(missing_ok=True)


def _spawn(words: Sequence[str], output: IO[bytes], folder: Path | None, environ: Mapping[str, str]) -> Popen[bytes]:
    # Installed packages have cached bytecode; a checkout must be able to use its own.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return Popen(
        words,
        stdin=DEVNULL,
        stdout=output,
        stderr=STDOUT,
        cwd=folder,
        env=inherited | environ,
        start_new_session=True,
    )


def _members(session: int) -> Mapping[int, list[str]]:
    """Processes of a session by pid, each with the fields of its stat from `state` (field 3 of proc(5)) on."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                found[int(path.parent.name)] = fields
    return found


def _end(process: Popen[bytes], grace: float) -> None:
    """End a process and its session: SIGTERM, and after `grace` seconds SIGKILL."""
    if grace and process.poll() is None:
        process.terminate()
        with contextlib.suppress(TimeoutExpired):
            process.wait(grace)
    for pid in _members(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(10)


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])
