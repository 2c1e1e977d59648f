"""The gallery and the chart of response times."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest

from contract_tests.engine.collection import CollectedExchanges
from contract_tests.http.exchange import TransportError, TransportErrorKind
from contract_tests.reports import gallery, latency_chart
from contract_tests.result import Result
from tests.contract_tests.png_samples import chunk
from tests.contract_tests.reports.results import CONTRACT, SAMPLE, captcha, chart, exchange, page, result_of, with_text


def test_the_contract_marks_the_fields_of_the_gallery() -> None:
    """`x-mock` is found below allOf, then and items too; a schema may be true."""
    assert CONTRACT.operations["getCode"].mock_fields == {
        ("data", "uuid"): "challenge-uuid",
        ("data", "img"): "challenge-picture",
    }
    operation = CONTRACT.operations["getCode"]
    schema = {"properties": {"a": True, "b": {"items": {"then": {"properties": {"c": {"x-mock": "challenge-uuid"}}}}}}}
    other = replace(operation, responses={"200": replace(operation.success_response, schema=schema)})
    assert other.mock_fields == {("b", "*", "c"): "challenge-uuid"}


def test_the_gallery_shows_pictures_with_their_ids(correct: Result) -> None:
    """The picture of every response is shown with its id below it."""
    found = page(correct)
    answers = [json.loads(e.body) for e in correct.collection.all() if e.status == 200]
    assert [each["src"] for each in found.all("img")] == [answer["data"]["img"] for answer in answers]
    for answer, card in zip(answers, found.texts["figure"], strict=True):
        assert answer["data"]["uuid"] in card
    order = [tag for tag, _ in found.elements if tag in ("figure", "img", "code", "figcaption")]
    first = order.index("figure")
    assert order[first : first + 4] == ["figure", "img", "code", "figcaption"]
    assert "repeats" not in "".join(found.texts["figure"])


def test_the_gallery_is_limited() -> None:
    """Of 60 responses the first 48 are shown, with a note."""
    found = page(result_of(*(exchange(captcha(uuid=str(n))) for n in range(60))))
    assert len(found.all("figure")) == gallery.MAX_SHOWN == 48
    assert "The first 48 responses." in found.text


def wide(width: int, height: int) -> str:
    """A grey picture of this size."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode()


def damaged(by: int) -> str:
    """The picture of the example with one byte of its pixels changed."""
    png = bytearray(base64.b64decode(SAMPLE["data"]["img"].partition(",")[2]))
    png[500] ^= by
    return "data:image/png;base64," + base64.b64encode(png).decode()


@pytest.mark.parametrize(
    ("img", "why"),
    [
        ("/captcha.png", "not a base64 data URI"),
        (SAMPLE["data"]["img"].replace("png;", "svg+xml;")[:-8], "not a PNG: byte"),
        ("data:image/svg+xml;base64,PHN2Zz4=", "not a PNG"),
        (damaged(1), "chunk 2 (IDAT) at byte 33: CRC"),
        (wide(1000, 400), ""),
        (wide(2000, 1500), "too large for this report"),
        ({"a": 1}, ""),
        (None, ""),
    ],
    ids=["address", "cut", "svg", "crc", "wide", "too-large", "object", "null"],
)
def test_only_a_valid_small_png_is_shown_as_a_picture(img: Any, why: str) -> None:
    """Anything else is shown as text, with the reason."""
    found = page(result_of(exchange(captcha(img=img))))
    shown = img == wide(1000, 400)
    assert len(found.all("img")) == shown
    assert why in found.texts["figure"][0]


def test_repeated_values_are_marked() -> None:
    """A repeated id and a repeated picture are marked; two damaged pictures of equal length are different."""
    cards = page(
        result_of(
            exchange(),
            exchange(captcha(uuid="other", img=with_text(SAMPLE["data"]["img"], b"a\0b"))),
            exchange(captcha(uuid=SAMPLE["data"]["uuid"], img=wide(9, 9))),
            exchange(captcha(uuid="one", img=damaged(1))),
            exchange(captcha(uuid="two", img=damaged(2))),
        )
    ).texts["figure"]
    assert [card.count("repeats request 1") for card in cards] == [0, 1, 1, 0, 0]


def test_the_chart_has_one_mark_per_request(correct: Result) -> None:
    """Marks are grouped by the kind of request, and each has a label."""
    titles = page(correct).texts["title"][1:]
    assert len(titles) == correct.calls
    drawn = chart(correct)
    for kind in ("sequential", "concurrent", "probes", "generated"):
        assert drawn.count(f'<g class="{kind}">') == 1
    assert sum("other-method" in title for title in titles) == 1


def test_concurrent_requests_are_a_group() -> None:
    """Requests that overlap another one are concurrent."""
    times = [(0.0, 0.1), (0.2, 0.1), (1.0, 0.5), (1.1, 0.1), (1.3, 0.1)]
    drawn = chart(result_of(*(exchange(started=started, elapsed=took) for started, took in times)))
    assert "sequential (2)" in drawn
    assert "concurrent (3)" in drawn


def test_the_form_of_a_mark_shows_the_response() -> None:
    """A transport error is a cross, a status other than 2xx a ring; the legend explains both."""
    error = TransportError(TransportErrorKind.NO_RESPONSE, "no response within 1 s")
    drawn = chart(result_of(exchange(), exchange(status=None, error=error), exchange(status=503)))
    assert (drawn.count("<use"), drawn.count('class="other"'), drawn.count("<circle")) == (1, 1, 2)
    assert "no response, 10 ms" in drawn
    assert "transport error (1)" in drawn


def test_a_chart_of_many_requests_shows_the_slowest() -> None:
    """5,000 requests have at most 600 marks, the slowest request and the transport error among them."""
    calls = [exchange(elapsed=0.01) for _ in range(5_000)]
    calls[777] = exchange(elapsed=3.0)
    calls[1234] = exchange(elapsed=0.001, status=None, error=TransportError(TransportErrorKind.RESET, "closed"))
    made = [replace(each, index=index, started=float(index)) for index, each in enumerate(calls)]
    drawn = chart(replace(result_of(exchange()), collection=CollectedExchanges({"getCode": made})))
    assert latency_chart.MAX_MARKS - 100 < drawn.count("<title>") <= latency_chart.MAX_MARKS
    assert "request 778: HTTP 200, 3 s" in drawn
    assert "request 1235: connection lost" in drawn
    assert "each mark is the slowest of 9 requests" in drawn
