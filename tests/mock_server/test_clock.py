"""The clock of the mock: tests move it, and times in responses follow."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pytest

from code_contract import load
from mock_server import Mock
from mock_server.core.clock import Clock, ClockError
from tests.mock_server.adapters import Adapter, admin, post
from tests.paths import ROOT


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        ("2030-01-31T09:30:00Z", 0.0),
        ("2030-01-31t09:30:00.25z", 0.25),
        ("2030-01-31T17:30:00.1234567+08:00", 0.123456),
    ],
)
def test_the_clock_is_set_to_a_time(target: Adapter, moment: str, seconds: float) -> None:
    """In any form of RFC 3339. It runs on from there; the Date header stays the real time."""
    status, clock = admin(target, "PUT", "/clock", f'{{"now": "{moment}"}}')
    expected = datetime(2030, 1, 31, 9, 30, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    assert status == 200
    assert timedelta() <= target.state.clock.now() - expected < timedelta(seconds=5)
    assert datetime.fromisoformat(clock["now"]).year == 2030
    if target.name == "uvicorn":
        date = parsedate_to_datetime(post(target).headers["Date"])
        assert abs(date - datetime.now(timezone.utc)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('{"now": "tomorrow"}', "now='tomorrow' is not a valid time (RFC 3339); use one such as 2026-01-31T09:30:00Z"),
        ('{"now": "2030-02-30T00:00:00Z"}', "is not a valid time"),
        ('{"now": "2030-01-31T09:30:00"}', "is not a valid time"),
        ('{"now": "1969-12-31T23:59:59Z"}', "the time is out of range; use one from 1970 to 9000"),
        ('{"advance": 250000000000}', "the time is out of range; use one from 1970 to 9000"),
        ('{"advance": 1e308}', "; see /__mock/docs/"),
        ('{"advance": "5"}', "; see /__mock/docs/"),
        ('{"advance": 1, "now": "2030-01-31T09:30:00Z"}', "; see /__mock/docs/"),
        ("{}", "; see /__mock/docs/"),
        ("", "the body is of no media type; send application/json"),
    ],
)
def test_an_invalid_time_is_rejected(target: Adapter, body: str, problem: str) -> None:
    """The sentence names it, and the clock stays."""
    status, found = admin(target, "PUT", "/clock", body)
    assert status == (409 if "out of range" in problem else 400 if body else 415)
    assert problem in found["error"]
    assert target.state.clock.offset == 0


def test_the_clock_of_python_has_the_same_range() -> None:
    """Also for numbers that the admin API never passes on."""
    for seconds in (float("inf"), float("nan"), -1e18):
        with pytest.raises(ClockError, match="out of range"):
            Clock().advance(seconds)


@pytest.mark.parametrize("seed", [None, "demo"])
def test_times_in_responses_are_relative_to_the_clock(seed: str | None) -> None:
    """A seed fixes the day until the clock is moved."""
    mock = Mock(load(ROOT / "tests" / "data" / "pets.yaml"), seed=seed)
    before = mock.state.clock.today()
    assert before.date() == (datetime(2026, 1, 1) if seed else datetime.now(timezone.utc)).date()
    mock.state.clock.set("2040-05-06T07:08:09Z")
    assert mock.state.clock.today() == datetime(2040, 5, 6, tzinfo=timezone.utc)
    assert mock.builder._generator()._now == datetime(2040, 5, 6, tzinfo=timezone.utc)
    mock.state.clock.reset()
    assert mock.builder._generator()._now == before
