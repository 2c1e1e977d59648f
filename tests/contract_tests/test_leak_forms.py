"""The forms in which an id tells a time, and the places of texts in a body."""

from __future__ import annotations

import pytest

from contract_tests.checks.leaks import _scalars, _times
from tests.contract_tests.test_checks import captcha
from tests.contract_tests.test_leaks import reported

TIME = 1_790_000_000.123
MILLIS = 1_790_000_000_123
TICKS = (1_790_000_000 + 12_219_292_800) * 10**7 + 1_230_000


def version_1() -> str:
    low, middle, high = TICKS & 0xFFFFFFFF, TICKS >> 32 & 0xFFFF, TICKS >> 48
    return f"{low:08x}-{middle:04x}-1{high:03x}-8000-0123456789ab"


def version_6() -> str:
    return f"{TICKS >> 28:08x}-{TICKS >> 12 & 0xFFFF:04x}-6{TICKS & 0xFFF:03x}-8000-0123456789ab"


def ulid() -> str:
    digits, number = "", MILLIS
    for _ in range(10):
        digits, number = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number % 32] + digits, number // 32
    return digits + "0" * 16


@pytest.mark.parametrize(
    ("form", "text", "precision"),
    [
        ("a UUID of version 1", version_1(), 1e-6),
        ("a UUID of version 6", version_6(), 1e-6),
        ("a UUID of version 7", f"{MILLIS:012x}70008000" + "0" * 12, 1e-3),
        ("a UUID of version 7", f"no-{MILLIS:012x}70008000" + "0" * 12, 1e-3),
        ("a ULID", ulid(), 1e-3),
        ("a ULID", ulid().lower(), 1e-3),
        ("an ObjectId", f"{int(TIME):08x}" + "0" * 16, 1),
        ("a timestamp in seconds", str(int(TIME)), 1),
        ("a timestamp in milliseconds", f"x{MILLIS}", 1e-3),
        ("a timestamp in milliseconds", f"{MILLIS}4567", 1e-3),
        ("a snowflake id", str((MILLIS - 1_000_000_000_000) << 22 | 12345), 1e-3),
    ],
)
def test_the_time_in_an_id(form: str, text: str, precision: float) -> None:
    """Each known form gives the time at which the id was made."""
    times = dict(_times(text, [1_000_000_000_000]))
    assert times[form] == pytest.approx(TIME, rel=0, abs=precision)


@pytest.mark.parametrize("text", ["", "4", "408e68e2157544328a6b46c862a1a081", "0" * 8, "z" * 26, "1" * 14 + "x"])
def test_an_id_that_is_no_snowflake_and_has_no_version(text: str) -> None:
    """A random UUID, a short number and other letters tell no time of these forms."""
    assert not {"a snowflake id", "a UUID of version 1", "a UUID of version 7", "an ObjectId"} & {
        form for form, _ in _times(text, [0])
    }


@pytest.mark.parametrize(("length", "is_one"), [(14, False), (15, True), (19, True), (20, False)])
def test_the_length_of_a_snowflake_id(length: int, is_one: bool) -> None:
    """From 15 to 19 digits."""
    assert ("a snowflake id" in dict(_times("1" * length, [0]))) is is_one


def test_the_places_of_a_body() -> None:
    """JSON path and field path of every scalar in an object, items of arrays included."""
    body = {"a": {"b": 1}, "c": [{"d": "x"}, "y"], "e": None}
    assert sorted(_scalars(body), key=str) == [
        ("$.a.b", ("a", "b"), 1),
        ("$.c[*]", ("c", "*"), "y"),
        ("$.c[*].d", ("c", "*", "d"), "x"),
        ("$.e", ("e",), None),
    ]
    assert list(_scalars("x")) == []


def test_a_calculation_that_never_changes_is_no_leak() -> None:
    """A text that is the same beside all ids answers none, if the server chooses the ids."""
    assert reported([captcha(uuid=f"{n * 7919}x", hint="7+5=?") for n in range(3)]) == set()
    assert reported([captcha(uuid=f"{n * 7919}x", hint=f"7+{n}=?") for n in range(3)]) == {"answer-is-not-in-the-body"}
