"""A soak: baseline requests until its time is over, in flat memory, within the rate limits of the target."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

import mock_server
from code_contract import Contract
from code_contract_cli.main import run
from contract_tests.engine import collection, digests, pacing
from contract_tests.engine.collection import CollectedExchanges
from contract_tests.engine.collector import Collector
from contract_tests.http.exchange import BodyCapture, Exchange, TransportError, TransportErrorKind
from contract_tests.run import check
from contract_tests.settings import GROWTH_SAMPLES, Settings, SettingsError
from tests.contract_tests.test_collector import Target, response

RESET = replace(response(), error=TransportError(TransportErrorKind.RESET, "closed"))


def collect(contract: Contract, target: Target, **settings: object) -> CollectedExchanges:
    return Collector(contract, Settings("http://x", **settings), target.send).collect([])


def test_requests_are_sent_until_the_time_is_over(contract: Contract) -> None:
    """A soak sends more than the default samples, for its time, whatever the deadline of other requests."""
    target, begun = Target(lambda number: response()), time.monotonic()
    found = collect(contract, target, soak="2s", deadline=0.5)
    assert 2 <= time.monotonic() - begun < 3
    assert found.count("getCode") == len(target.requests) > GROWTH_SAMPLES
    assert found.notes == []


@pytest.mark.parametrize("soak", ["10", "10 m", "m", "-1s", "0s", "25h", "1d", "٣m", "10m\n"])
def test_an_invalid_duration_is_rejected(soak: str) -> None:
    """The message states the value and examples."""
    with pytest.raises(SettingsError, match=r"soak is .*; use 1s to 24h, such as 90s, 10m or 2h"):
        Settings("http://x", soak=soak)
    assert Settings("http://x", soak="1.5m").soak_seconds == 90


def test_listed_exchanges_are_thinned_out_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most MAX_LISTED exchanges stay, spread over the run, besides probes and those with a body."""
    monkeypatch.setattr(collection, "MAX_LISTED", 100)
    found = CollectedExchanges(keeps_bodies=False)
    listed = found.exchanges.setdefault("", [])
    for index in range(5000):
        special = index in (3, 33)
        held = BodyCapture.WIRE if special else BodyCapture.NOTHING
        label = "probe" if index == 40 else "plain"
        found.add(replace(response(), index=index, held=held, label=label), thin_out=True)
    indices = [each.index for each in listed]
    assert len(indices) <= 101
    assert {3, 33, 40} <= set(indices)
    assert found.count("") == 5000
    gaps = [after - before for before, after in itertools.pairwise(indices)]
    assert max(gaps) < 5000 / 25
    assert sum(gaps) > 4900


def test_digests_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value is compared with at least MAX_DIGESTS before it; older ones are forgotten."""
    monkeypatch.setattr(digests, "MAX_DIGESTS", 100)
    memory = digests.DigestMemory()
    for index in range(10_000):
        assert memory.first_seen(index.to_bytes(16, "big"), index) is None
    assert memory.first_seen((9_900).to_bytes(16, "big"), 10_000) == 9_900
    assert memory.first_seen((9_000).to_bytes(16, "big"), 10_000) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([("RateLimit", '"default";r=3;t=10')], 10),
        ([("RateLimit-Remaining", "0"), ("RateLimit-Reset", "7")], 7),
        ([("X-RateLimit-Remaining", "15"), ("X-RateLimit-Reset", "1790000060")], 60),
        ([("X-RateLimit-Remaining", "15"), ("X-RateLimit-Reset", "soon")], 30),
        ([("X-RateLimit-Remaining", "16")], 0),
        ([("X-RateLimit-Remaining", "many")], 0),
    ],
)
def test_the_reset_of_a_rate_limit_is_read(
    headers: list[tuple[str, str]], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit for fewer than 16 further requests gives the seconds until its reset."""
    monkeypatch.setattr(time, "time", lambda: 1_790_000_000.0)
    assert pacing.limit_pause(response(200, *headers), 16) == seconds


def test_a_stated_rate_limit_is_never_exceeded(contract: Contract) -> None:
    """A soak waits until the limit is reset; it gets no response 429."""
    begun, lock = time.monotonic(), threading.Lock()
    windows: dict[int, int] = {}

    def respond(number: int) -> Exchange:
        with lock:
            window = int(time.monotonic() - begun)
            windows[window] = used = windows.get(window, 0) + 1
        return response(429) if used > 40 else response(200, ("RateLimit", f'"default";r={40 - used};t=1'))

    target = Target(respond)
    assert collect(contract, target, soak="3s").throttled == 0
    assert len(target.requests) > 40


def test_unstated_rate_limits_and_errors_slow_a_soak_down(contract: Contract) -> None:
    """After a response 429, and after errors, a soak waits and continues."""
    for bad in (response(429, ("Retry-After", "0")), RESET):
        target = Target(lambda number, bad=bad: bad if 36 < number <= 44 else response())
        assert collect(contract, target, soak="2s").count("getCode") > 48
    target = Target(lambda number: response() if number <= 32 else RESET)
    assert collect(contract, target, soak="3s").count("getCode") < 100


@pytest.mark.parametrize(
    ("fault", "settings"),
    [
        ("error-after-50", {}),
        ("uuid-cycles", {}),
        ("img-missing-after-40", {}),
        ("img-repeats-after-40", {}),
        ("uuid-cycles", {"soak": "2s"}),
    ],
)
def test_defects_that_come_with_use_are_found(contract: Contract, fault: str, settings: dict[str, str]) -> None:
    """More samples than the planned ones find them, as a fast target gets them, and in a soak."""
    chosen = mock_server.fault(fault)
    with mock_server.running(contract=contract, faults=[chosen]) as mock:
        result = check(contract, Settings(mock.base_url, only=frozenset({chosen.breaks}), **settings))
        assert [v.clause.id for v in result.verdicts if v.failed] == [chosen.breaks]
        mock.reset()
        result = check(contract, Settings(mock.base_url, samples=32, only=frozenset({chosen.breaks})))
        assert result.exit_status == 0


def test_the_command_soaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--soak has the same reports as another run; it excludes --save-har."""
    report = tmp_path / "report.md"
    with mock_server.running() as mock:
        assert run(["check", mock.base_url, "--soak", "2s", "--report", str(report)]) == 0
        assert run(["check", mock.base_url, "--soak", "2s", "--save-har", str(tmp_path / "x.har")]) == 2
    assert "Passed" in report.read_text("utf-8")
    assert "a soak does not" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a POSIX signal, which Windows lacks")
def test_an_interrupted_soak_has_its_reports(tmp_path: Path) -> None:
    """Ctrl-C ends a soak within two seconds, with status 130 and the reports."""
    report = tmp_path / "report.json"
    with mock_server.running() as mock:
        line = [
            sys.executable,
            "-m",
            "code_contract_cli",
            "check",
            mock.base_url,
            "--soak",
            "1h",
            "--report",
            str(report),
        ]
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while len(mock.requests) <= GROWTH_SAMPLES and time.monotonic() < deadline:
            time.sleep(0.1)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert time.monotonic() - begun < 2
    assert (process.returncode, err) == (130, f"wrote {report}\n")
    assert "INTERRUPTED" in out
    assert "interrupted" in report.read_text("utf-8")
