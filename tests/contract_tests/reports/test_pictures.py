"""The sheet of pictures and the chart of times."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest

from contract_tests.engine.collector import CollectedExchanges
from contract_tests.http.exchange import TransportError, TransportErrorKind
from contract_tests.reports import gallery as sheet
from contract_tests.reports import latency_chart as svg
from contract_tests.result import Result
from tests.contract_tests.png_samples import chunk
from tests.contract_tests.reports.results import CONTRACT, SAMPLE, captcha, exchange, page, result_of, with_text


def test_pictures_stand_where_the_contract_marks_them() -> None:
    """Their places come from x-mock, below allOf, then and items too; a schema may be true."""
    assert CONTRACT.operations["getCode"].mock_fields == {
        ("data", "uuid"): "challenge-uuid",
        ("data", "img"): "challenge-picture",
    }
    operation = CONTRACT.operations["getCode"]
    schema = {"properties": {"a": True, "b": {"items": {"then": {"properties": {"c": {"x-mock": "challenge-uuid"}}}}}}}
    other = replace(operation, responses={"200": replace(operation.success_response, schema=schema)})
    assert other.mock_fields == {("b", "*", "c"): "challenge-uuid"}


def test_the_sheet_shows_the_pictures_with_their_ids(honest: Result) -> None:
    """Each answer's picture, the same pixels, with its id under it."""
    found = page(honest)
    answers = [json.loads(e.body) for e in honest.collection.all() if e.status == 200]
    assert [each["src"] for each in found.all("img")] == [answer["data"]["img"] for answer in answers]
    for answer, card in zip(answers, found.texts["figure"], strict=True):
        assert answer["data"]["uuid"] in card
    order = [tag for tag, _ in found.elements if tag in ("figure", "img", "code", "figcaption")]
    first = order.index("figure")
    assert order[first : first + 4] == ["figure", "img", "code", "figcaption"]
    assert "again" not in "".join(found.texts["figure"])


def test_the_sheet_is_capped() -> None:
    """Of 60 answers the first 48 are shown, and the page says so."""
    found = page(result_of(*(exchange(captcha(uuid=str(n))) for n in range(60))))
    assert len(found.all("figure")) == sheet.MAX_SHOWN == 48
    assert "The first 48 answers." in found.text


def wide(width: int, height: int) -> str:
    """A grey picture of that size."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode()


def spoilt(by: int) -> str:
    """The sample's picture with one byte of its pixels changed."""
    png = bytearray(base64.b64decode(SAMPLE["data"]["img"].partition(",")[2]))
    png[500] ^= by
    return "data:image/png;base64," + base64.b64encode(png).decode()


@pytest.mark.parametrize(
    ("img", "why"),
    [
        ("/captcha.png", "no data URI in base64"),
        (SAMPLE["data"]["img"].replace("png;", "svg+xml;")[:-8], "no PNG: byte"),
        ("data:image/svg+xml;base64,PHN2Zz4=", "no PNG: byte 0"),
        (spoilt(1), "chunk 2 (IDAT) at byte 33: CRC"),
        (wide(1000, 400), ""),
        (wide(2000, 1500), "too large for this page"),
        ({"a": 1}, ""),
        (None, ""),
    ],
    ids=["address", "cut", "svg", "crc", "wide", "too-large", "object", "null"],
)
def test_only_a_sound_small_picture_is_shown_as_one(img: Any, why: str) -> None:
    """Anything else is shown as text, and why it is no picture."""
    found = page(result_of(exchange(captcha(img=img))))
    shown = img == wide(1000, 400)
    assert len(found.all("img")) == shown
    assert why in found.texts["figure"][0]


def test_what_comes_again_is_marked_and_nothing_else_is() -> None:
    """An id, and a picture, that an earlier answer carried; two broken pictures of one length are two."""
    cards = page(
        result_of(
            exchange(),
            exchange(captcha(uuid="other", img=with_text(SAMPLE["data"]["img"], b"a\0b"))),
            exchange(captcha(uuid=SAMPLE["data"]["uuid"], img=wide(9, 9))),
            exchange(captcha(uuid="one", img=spoilt(1))),
            exchange(captcha(uuid="two", img=spoilt(2))),
        )
    ).texts["figure"]
    assert [card.count("call 1 again") for card in cards] == [0, 1, 1, 0, 0]


def test_the_chart_has_one_mark_for_every_call(honest: Result) -> None:
    """In their groups: one after another, at the same time, probes, generated; each says which call it was."""
    titles = page(honest).texts["title"][1:]
    assert len(titles) == honest.calls
    chart = svg.latency_chart(honest)
    for kind in ("serial", "together", "probe", "generated"):
        assert chart.count(f'<g class="{kind}">') == 1
    assert sum("other-method" in title for title in titles) == 1


def test_calls_made_at_the_same_time_are_told_apart() -> None:
    """Those that overlap another one stand in a group of their own."""
    times = [(0.0, 0.1), (0.2, 0.1), (1.0, 0.5), (1.1, 0.1), (1.3, 0.1)]
    chart = svg.latency_chart(result_of(*(exchange(started=started, elapsed=took) for started, took in times)))
    assert "one after another (2)" in chart
    assert "at the same time (3)" in chart


def test_a_call_in_trouble_is_marked_by_its_form() -> None:
    """A cross for trouble, a ring for a status that is not 2xx, and both are told in the legend."""
    trouble = TransportError(TransportErrorKind.NO_ANSWER, "no answer within 1 s")
    chart = svg.latency_chart(result_of(exchange(), exchange(status=None, trouble=trouble), exchange(status=503)))
    assert (chart.count("<use"), chart.count('class="other"'), chart.count("<circle")) == (1, 1, 2)
    assert "no answer, 10 ms" in chart
    assert "trouble (1)" in chart


def test_the_chart_of_many_calls_shows_the_slowest_of_several() -> None:
    """Of 5,000 calls no more than 600 marks are drawn, the slowest call and the one in trouble among them."""
    calls = [exchange(elapsed=0.01) for _ in range(5_000)]
    calls[777] = exchange(elapsed=3.0)
    calls[1234] = exchange(elapsed=0.001, status=None, trouble=TransportError(TransportErrorKind.RESET, "closed"))
    made = [replace(each, index=index, started=float(index)) for index, each in enumerate(calls)]
    chart = svg.latency_chart(replace(result_of(exchange()), collection=CollectedExchanges({"getCode": made})))
    assert svg.MOST - 100 < chart.count("<title>") <= svg.MOST
    assert "call 778: HTTP 200, 3 s" in chart
    assert "call 1235: connection lost" in chart
    assert "each mark is the slowest of 9 calls" in chart
