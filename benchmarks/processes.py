"""Processes of a benchmark: each in a session of its own, by which all that belongs to it is measured and ended.

Processor time and memory come from /proc, so a benchmark runs on Linux only.
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
"""What a call brings that the document asks for."""
LONGEST_START = 30.0
"""Seconds in which a server gives its first good answer."""
TICKS = os.sysconf("SC_CLK_TCK")

CURES = {
    "wrk": "install Debian's package wrk",
    "node": "install Node.js 20 or later",
    "npm": "install Node.js 20 or later with npm",
}


def refuse(reason: str) -> NoReturn:
    """End the benchmark before it has begun, for one reason."""
    print(f"{Path(sys.argv[0]).name}: {reason}", file=sys.stderr)
    raise SystemExit(2)


def tool(name: str) -> str:
    """Where a program is that is not installed here."""
    found = shutil.which(name)
    return found or refuse(f"{name} is not on the PATH; {CURES[name]}")


def progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def benchmark(main: Callable[[], None]) -> None:
    """Run a benchmark. Ctrl-C and SIGTERM end it, and what it has started."""

    def stop(number: int, frame: object) -> NoReturn:
        # A second one would leave behind what is not ended yet.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(128 + number)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    main()


class Ended(NamedTuple):
    """A program that ran to its end: exit status, what it printed, wall seconds, and its peak memory in MiB."""

    status: int
    printed: str
    seconds: float
    peak: float


def run(command: Sequence[str | Path], limit: float, folder: Path | None = None, **environ: str) -> Ended:
    """Run a program to its end within so many seconds. SystemExit where it takes longer."""
    begun = time.perf_counter()
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as output:
        process = _spawn(words, output, folder, environ)
        ending = os.pidfd_open(process.pid)
        try:
            if not select.select([ending], [], [], limit)[0]:
                raise SystemExit(f"{' '.join(words)} has not ended within {limit:g} s")
            seconds = time.perf_counter() - begun
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            os.close(ending)
            _end(process, 0)
        output.seek(0)
        return Ended(process.returncode, output.read().decode(errors="replace"), seconds, usage.ru_maxrss / 1024)


class Server:
    """A server that runs; `start` is the seconds from spawn to the first good answer, `size` that answer's bytes."""

    def __init__(self, process: Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.start = 0.0
        self.size = 0

    def pause(self) -> None:
        """Take no processor time until `resume`."""
        for pid in _members(self._process.pid):
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in _members(self._process.pid):
            os.kill(pid, signal.SIGCONT)

    def processor(self) -> float:
        """Seconds of processor time, user and system, that all its processes have used so far."""
        # Of a child that has ended, its parent has the time (cutime, cstime of proc(5)).
        return sum(sum(map(int, fields[11:15])) for fields in _members(self._process.pid).values()) / TICKS

    def memory(self) -> float:
        """Resident MiB of all its processes; pages shared between processes count once."""
        private, shared = [], []
        for pid in _members(self._process.pid):
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
                kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
                private.append(kilobytes["Private_Clean"] + kilobytes["Private_Dirty"])
                shared.append(kilobytes["Rss"] - private[-1])
        # Not PSS, which depends on what else of the same program happens to run.
        return (sum(private) + max(shared, default=0)) / 1024


def answered(port: int) -> int:
    """How many bytes POST /code was answered with; 0 where that was no captcha."""
    with contextlib.closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        try:
            connection.request("POST", "/code", headers=HEADERS)
            answer = connection.getresponse()
            body = answer.read()
            granted = answer.status == 200 and json.loads(body)["data"]["img"].startswith("data:image/png;base64,")
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, AttributeError):
            return 0
    return len(body) if granted else 0


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], folder: Path, ready: Callable[[int], int] = answered, **environ: str
) -> Iterator[Server]:
    """A server that is ready, and is ended at the end. In its words `{port}` stands for a free port.

    What it prints goes to files in the folder. SystemExit where it gives no good answer in time.
    """
    port = _free_port()
    words = [str(word).replace("{port}", str(port)) for word in command]
    printed = folder / f"{port}.txt"
    begun = time.perf_counter()
    with printed.open("wb") as output:
        process = _spawn(words, output, folder, environ)
    server = Server(process, port)
    try:
        while not server.size:
            server.size = ready(port)
            server.start = time.perf_counter() - begun
            if not server.size and (process.poll() is not None or server.start > LONGEST_START):
                said = printed.read_text(errors="replace")[-2000:]
                raise SystemExit(f"no good answer from: {' '.join(words)}\n{said}")
            time.sleep(0.002)
        yield server
    finally:
        server.resume()
        _end(process, 5)
        printed.unlink(missing_ok=True)


def _spawn(words: Sequence[str], output: IO[bytes], folder: Path | None, environ: Mapping[str, str]) -> Popen[bytes]:
    # What is installed finds its bytecode where it stands; a checkout's is to be found there too.
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
    """The processes of a session, by pid, each with the fields of its stat from the state (3 of proc(5)) on."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                found[int(path.parent.name)] = fields
    return found


def _end(process: Popen[bytes], grace: float) -> None:
    """End a process and all of its session: kindly for so many seconds, then by force."""
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
