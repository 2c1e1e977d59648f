"""What a target sends cannot act in a report, break it, or show a secret."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from contract_tests.http.exchange import Request, TransportError, TransportErrorKind
from contract_tests.reports import html, markdown
from contract_tests.reports import writers as files
from contract_tests.result import Result
from tests.contract_tests.reports.results import (
    CONTRACT,
    MARKDOWN,
    SAMPLE,
    Page,
    captcha,
    exchange,
    hostile,
    page,
    result_of,
    with_text,
)


def test_every_report_is_well_formed_whatever_the_target_sent(result: Result) -> None:
    """HTML closes what it opens, JSON and XML parse, and all of them are UTF-8."""
    written = {suffix: write(result).decode("utf-8") for suffix, write in files.FORMATS.items()}
    Page(written[".html"])
    json.loads(written[".json"])
    ElementTree.fromstring(written[".xml"])
    Page(MARKDOWN.render(written[".md"]))


@pytest.mark.parametrize("suffix", [".html", ".md", ".json"])
def test_what_hides_or_commands_is_shown_escaped(suffix: str) -> None:
    """Control characters, terminal escapes, bidi overrides and lone surrogates are in no report; their escapes are."""
    written = files.FORMATS[suffix](hostile()).decode("utf-8")
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\ud800-\udfff\ufffe]", written) == []
    for escaped in ("x1b", "u202e", "ud800"):
        assert escaped in written


def test_no_markup_of_a_target_comes_alive_in_html() -> None:
    """The page has the elements of an honest one's, no handler, no address, and shows the script as text."""
    found = page(hostile())
    trouble = exchange(status=None, trouble=TransportError(TransportErrorKind.RESET, "closed"))
    tame = page(result_of(exchange(), exchange(captcha(img=1)), exchange(captcha(img="/"), status=201), trouble))
    assert {tag for tag, _ in found.elements} <= {tag for tag, _ in tame.elements}
    for _, attributes in found.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert str(attributes.get("src", "data:image/png;base64,")).startswith("data:image/png;base64,")
        assert str(attributes.get("href", "#")).startswith("#")
    assert "<script>alert(1)</script>" in found.text


def test_no_markup_of_a_target_comes_alive_in_markdown() -> None:
    """Rendered, what a target sent stands in code blocks only: no link, no picture, no element of its own."""
    found = Page(MARKDOWN.render(markdown.write(hostile()).decode("utf-8")))
    assert {tag for tag, _ in found.elements} <= {
        *("h3", "p", "code", "pre", "details", "summary", "table", "thead", "tbody", "tr", "th", "td")
    }
    outside = found.text
    for block in found.texts["pre"]:
        outside = outside.replace(block, "")
    assert "alert" in found.text
    assert not [word for word in ("alert", "evil", "everyone", "bold") if word in outside]


def test_a_target_cannot_end_a_block_of_markdown() -> None:
    """A fence is longer than any run of backticks between it and the next."""
    trouble = TransportError(TransportErrorKind.NOT_HTTP, "```````")
    found = Page(MARKDOWN.render(markdown.write(result_of(exchange(b"", status=None, trouble=trouble))).decode()))
    assert "`" * 7 in found.texts["pre"][0]
    assert len(found.texts["pre"]) == 1


def test_a_row_of_the_markdown_table_has_its_five_cells() -> None:
    """A pipe in the contract's own words ends no cell."""
    clause = replace(CONTRACT.clause("body-is-json"), text="one | two \\| three <b>")
    broken = result_of(exchange(b"{"))
    verdicts = [replace(v, clause=clause) if v.clause.id == clause.id else v for v in broken.verdicts]
    rendered = (
        MarkdownIt("commonmark")
        .enable("table")
        .render(markdown.write(replace(broken, verdicts=tuple(verdicts))).decode())
    )
    assert "<td>one | two \\| three &lt;b&gt;</td>" in rendered


def test_no_report_shows_a_secret() -> None:
    """A target that sends back the headers it was sent, wherever it can, gets them into no report."""
    canary, source = "canary-f3a9c1", "source-7d20be"
    headers = (("Authorization", canary), ("Source", source))
    both = f"{canary} {source}"
    request = Request("POST", "http://x/code", headers)
    img = with_text(SAMPLE["data"]["img"], both.encode())
    sent = [
        exchange(captcha(uuid=both, img=img), request=request),
        exchange(captcha(uuid="x" * 75 + both, img=both), request=request),
        exchange(captcha(uuid=[both], img={both: both}, **{both: both}), request=request),
        exchange(b"no json: " + both.encode(), ("Content-Type", both), request=request, reason=both),
        exchange(both, request=request, status=500, reason=both),
    ]
    unheard = exchange(
        b"", request=request, status=None, trouble=TransportError(TransportErrorKind.NOT_HTTP, f"no HTTP: {both}")
    )
    for result in (
        result_of(*sent, unheard, headers=headers[:1], source=source),
        result_of(unheard, headers=headers[:1], source=source),
    ):
        for suffix in (".html", ".md", ".json"):
            written = files.FORMATS[suffix](result).decode("utf-8")
            assert not re.search("canary-f3|source-7d", written), suffix
            assert "$CODE_" in written
        for each in page(result).all("img"):
            assert canary.encode() not in base64.b64decode(str(each["src"]).partition(",")[2])


def test_the_page_needs_no_network_and_runs_no_script(result: Result) -> None:
    """It links nothing, loads nothing, and its policy forbids both."""
    found = page(result)
    assert not {tag for tag, _ in found.elements} & {"script", "link", "iframe", "object", "form", "base"}
    assert "url(" not in html.STYLE.read_text(encoding="utf-8")
    assert any("default-src 'none'" in str(each.get("content")) for each in found.all("meta"))
