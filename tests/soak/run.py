"""Soak test of the mock: `python -m tests.soak` makes 300,000 varied calls, during which the mock must not grow.

The mock is a process of its own. Once its caches are filled, its resident memory must stay within 10 %. After the last
call it must have no more descriptors than before the first. It logs no error, and every call gets the expected
response. Linux only.
"""

from __future__ import annotations

import itertools
import os
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.code_contract_cli.test_cli import mock_process
from tests.soak.caller import Caller
from tests.soak.calls import CALLS

CALLERS = 8
WARM_UP = 4_000
"""Calls after which the memory is measured first, or half of all: the journal and the caches are full then."""
MAX_CHANGE = 0.1
IDLE_TIMEOUT = 45.0
"""Seconds that the mock has after the last call to close every connection; an unused one is closed after 30."""


@dataclass
class Sample:
    """The resources of the mock: resident memory in MB, descriptors and threads after a number of calls."""

    calls: int
    memory: float
    descriptors: int
    threads: int

    def __str__(self) -> str:
        return f"{self.calls} calls, {self.memory:.1f} MB, {self.descriptors} descriptors, {self.threads} threads"


@dataclass
class Soak:
    """The figures of a run, and the reasons why it failed."""

    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)


def measure(pid: int, calls: int) -> Sample:
    with open(f"/proc/{pid}/status") as file:
        values = dict(line.split(":", 1) for line in file)
    descriptors = len(os.listdir(f"/proc/{pid}/fd"))
    return Sample(calls, int(values["VmRSS"].split()[0]) / 1024, descriptors, int(values["Threads"]))


def measure_idle(pid: int, calls: int, descriptors: int = 0) -> Sample:
    """The resources once the number of descriptors is this one, or has not changed for 3 seconds."""
    end, since, last = time.monotonic() + IDLE_TIMEOUT, time.monotonic(), measure(pid, calls)
    while time.monotonic() < end and last.descriptors != descriptors and (descriptors or time.monotonic() < since + 3):
        time.sleep(0.1)
        sample = measure(pid, calls)
        since, last = since if sample.descriptors == last.descriptors else time.monotonic(), sample
    return last


def soak(calls: int, *, seed: int = 0, interval: float = 5.0, report: Callable[[object], None] = print) -> Soak:
    """Make this number of calls; sample and report every `interval` seconds."""
    run = Soak()
    with tempfile.TemporaryFile("w+") as log:
        with mock_process(stderr=log) as (process, url):
            host, _, port = url.removeprefix("http://").partition(":")
            callers = [Caller(host, int(port), Random(f"{seed} {number}")) for number in range(CALLERS)]
            numbers = itertools.count()

            def call(caller: Caller) -> None:
                while not run.problems and next(numbers) < calls:
                    each = caller.random.choices(CALLS, [kind.weight for kind in CALLS])[0]
                    run.counts[each.name] += 1
                    try:
                        each.make(caller)
                    except Exception as error:
                        run.problems.append(f"{each.name}: {error!r}")
                caller.close()

            for kind in CALLS:  # opens whatever is opened once
                kind.make(callers[0])
            callers[0].close()
            before = measure_idle(process.pid, 0)
            report(f"before: {before}")
            threads = [threading.Thread(target=call, args=(caller,), daemon=True) for caller in callers]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                for thread in threads:
                    thread.join(interval / CALLERS)
                run.samples.append(measure(process.pid, run.counts.total()))
                report(run.samples[-1])
            after = measure_idle(process.pid, calls, before.descriptors)
            report(f"after: {after}")
            _check(run, calls, before, after)
            process.terminate()
            if process.wait(10) != 0:
                run.problems.append(f"the mock ended with status {process.returncode}")
        log.seek(0)
        run.problems += [f"logged: {line.strip()}" for line in log if _is_error(line)][:10]
    return run


def _check(run: Soak, calls: int, before: Sample, after: Sample) -> None:
    """Add what changed to the problems of a run."""
    warm = next(each for each in run.samples if each.calls >= min(WARM_UP, calls // 2))
    change = after.memory / warm.memory - 1
    if abs(change) > MAX_CHANGE:
        run.problems.append(f"memory changed by {change:+.1%} between {warm.calls} calls and the end")
    if after.descriptors != before.descriptors:
        run.problems.append(f"{after.descriptors - before.descriptors} descriptors were lost")


def _is_error(line: str) -> bool:
    """True for a line of the log that is neither of a request nor the one at the start."""
    return re.match(r"\d\d:\d\d:\d\d\.\d{3} \S+ /\S* -> ", line) is None and "shows recent requests" not in line
