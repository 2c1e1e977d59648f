"""Leaks: what gives away an answer or a time, and what does not."""

from __future__ import annotations

import base64
import time
import uuid
import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from contract_tests.pictures import png, texts
from contract_tests.verdict import Outcome
from tests.contract_tests.png_samples import chunk
from tests.contract_tests.test_checks import SAMPLE, captcha, exchange, sample, verdicts_on
from tests.servers.pictures import annotated, drawn, saved

CLAUSES = ("answer-is-not-in-the-body", "img-carries-no-answer", "uuid-tells-no-time")
NOW = 1_790_000_000.5


def reported(bodies: list[Any], started: float = NOW) -> set[str]:
    """Return the leaks that are reported for these bodies."""
    made = [replace(exchange(body), index=index, started=started) for index, body in enumerate(bodies)]
    verdicts = verdicts_on(*made)
    return {name for name in CLAUSES if verdicts[name].status is Outcome.INFO}


@pytest.mark.parametrize(
    ("field", "values", "leaks"),
    [
        ("answer", [12, 7, 0], True),
        ("captchaCode", ["aX3k", "9zQw"], True),
        ("verify_code", ["1234", "5678"], True),
        ("验证码", ["12", "13"], True),
        ("hint", ["7+5=?", "3 × 4 ="], True),
        ("msg", ["7+5", "8-2"], True),
        ("answer", [12, 12, 12], False),
        ("answer", [None, True, False], False),
        ("result", ["a longer sentence", "another one"], False),
        ("code", [200, 200], False),
        ("expire", [60, 61], False),
        ("traceId", ["a1b2c3", "d4e5f6"], False),
        ("date", ["2026-11-26", "2026-11-27"], False),
    ],
)
def test_answers_in_the_body(field: str, values: list[Any], leaks: bool) -> None:
    """Undocumented fields with the name of an answer whose short values change, and calculations in any field."""
    bodies = [sample(**{field: value}) if field == "msg" else captcha(**{field: value}) for value in values]
    assert ("answer-is-not-in-the-body" in reported(bodies)) is leaks


def uri(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def with_chunk(kind: bytes, data: bytes) -> bytes:
    found = saved(drawn())
    return found[:33] + chunk(kind, data) + found[33:]


EXIF = Image.Exif()


def exif(text: str) -> bytes:
    EXIF[270] = text
    return EXIF.tobytes()[6:]


PNG_TEXTS: dict[str, Callable[[str], bytes]] = {
    "tEXt": lambda text: with_chunk(b"tEXt", b"Comment\0" + text.encode()),
    "zTXt": lambda text: with_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(text.encode())),
    "iTXt": lambda text: with_chunk(b"iTXt", b"Comment\0\0\0en\0\0" + text.encode()),
    "iTXt, compressed": lambda text: with_chunk(b"iTXt", b"Comment\0\1\0en\0\0" + zlib.compress(text.encode())),
    "eXIf": lambda text: with_chunk(b"eXIf", exif(text)),
}


@pytest.mark.parametrize("name", PNG_TEXTS)
def test_answers_in_a_png(name: str) -> None:
    """Each chunk with a text is read; a text that is always the same, or long, is not a leak."""
    make = PNG_TEXTS[name]
    assert reported([captcha(img=uri(make(text))) for text in ("12", "7", "9")]) == {"img-carries-no-answer"}
    assert reported([captcha(img=uri(make("7+5=?"))), captcha(img=uri(make("7-5=?")))]) == {"img-carries-no-answer"}
    assert reported([captcha(img=uri(make("captcha"))) for _ in range(3)]) == set()
    assert reported([captcha(img=uri(make(f"made at 10:00:{second}"))) for second in range(3)]) == set()
    assert reported([captcha(img=uri(annotated())) for _ in range(3)]) == set()


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("JPEG", {"comment": "12"}),
        ("JPEG", {"exif": EXIF}),
        ("GIF", {"comment": "12"}),
        ("WebP", {"exif": EXIF}),
        ("WebP", {"xmp": b"<x:xmpmeta><dc:title>12</dc:title></x:xmpmeta>"}),
    ],
)
def test_texts_of_other_formats(file_format: str, options: dict[str, Any]) -> None:
    """Comments, Exif and XMP are read; damaged files have no texts."""
    EXIF[270] = "12"
    out = BytesIO()
    drawn().save(out, file_format, **options)
    assert "12" in [text for _, text in texts.of_other(out.getvalue(), file_format)]
    for at in range(0, len(out.getvalue()), 97):
        texts.of_other(out.getvalue()[:at] + b"\xff\0" + out.getvalue()[at + 2 :], file_format)
    assert texts.of_other(b"", file_format) == []


def test_texts_are_limited() -> None:
    """A compressed text is inflated only as far as it is shown."""
    bomb = with_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(10_000_000)))
    assert [len(text) for _, text in texts.of_png(png.parse(bomb))] == [0]
    many = png.parse(with_chunk(b"tEXt", b"a\0b"))
    many = replace(many, chunks=tuple(each for each in many.chunks for _ in range(100)))
    assert len(list(texts.of_png(many))) == texts.MAX_TEXTS


def crockford(number: int) -> str:
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> 5 * place & 31] for place in reversed(range(26)))


MILLISECONDS = int(NOW * 1000)
TIMES: dict[str, Callable[[int], str]] = {
    "UUID version 1": lambda n: str(uuid.UUID(fields=version_1(n))),
    "UUID version 7": lambda n: str(uuid.UUID(int=MILLISECONDS + n << 80 | 7 << 76 | 2 << 62 | n)),
    "UUID version 7, without hyphens": lambda n: uuid.UUID(int=MILLISECONDS + n << 80 | 7 << 76 | 2 << 62 | n).hex,
    "ULID": lambda n: crockford(MILLISECONDS << 80 | n << 60),
    "ULID, lower case": lambda n: crockford(MILLISECONDS << 80 | n << 60).lower(),
    "seconds": lambda n: f"{int(NOW)}{n * 7919 % 1000:03}",
    "milliseconds": lambda n: f"captcha:{MILLISECONDS}:{n}",
    "snowflake": lambda n: str(MILLISECONDS - 1288834974657 << 22 | n * 4099 % 4096),
    "ObjectId": lambda n: f"{int(NOW):08x}{n * 0x9E3779B97F4A7C15 % 2**64:016x}",
}


def version_1(number: int) -> tuple[int, int, int, int, int, int]:
    ticks = int((NOW + 12_219_292_800) * 10_000_000) + number * 90_001
    return ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 | 0x1000, 0x80, 1, 0xAABBCCDDEEFF


@pytest.mark.parametrize("form", TIMES)
def test_ids_that_tell_the_time(form: str) -> None:
    """Every known form is reported, if it tells the present time; of fewer than five ids nothing is known."""
    ids = [captcha(uuid=TIMES[form](n)) for n in range(6)]
    assert reported(ids) == {"uuid-tells-no-time"}
    assert reported(ids, NOW + 10 * 86_400) == set()
    assert reported(ids[:4]) == set()


@pytest.mark.parametrize(
    "make",
    [
        lambda: uuid.uuid4().hex,
        lambda: str(uuid.uuid4()),
        lambda: base64.urlsafe_b64encode(uuid.uuid4().bytes).decode(),
        lambda: str(uuid.uuid4().int)[:19],
        lambda: uuid.uuid4().hex[:24],
        lambda: str(uuid.uuid5(uuid.NAMESPACE_DNS, str(time.perf_counter()))),
    ],
)
def test_random_ids_tell_no_time(make: Callable[[], str]) -> None:
    """Random ids of any length and alphabet are not reported."""
    assert reported([captcha(uuid=make()) for _ in range(20)], time.time()) == set()
    assert reported([SAMPLE] * 6) == set()
