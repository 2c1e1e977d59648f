"""Text of a target cannot break a report, execute in it, or show a secret."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from contract_tests.http.exchange import Request, TransportError, TransportErrorKind
from contract_tests.reports import html, markdown, writers
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


def test_every_report_is_well_formed(result: Result) -> None:
    """HTML tags are closed in order, JSON and XML parse, and all reports are UTF-8, also for hostile text."""
    written = {suffix: write(result).decode("utf-8") for suffix, write in writers.FORMATS.items()}
    Page(written[".html"])
    json.loads(written[".json"])
    ElementTree.fromstring(written[".xml"])
    Page(MARKDOWN.render(written[".md"]))


@pytest.mark.parametrize("suffix", [".html", ".md", ".json"])
def test_unprintable_characters_are_escaped(suffix: str) -> None:
    """Control characters, terminal escapes, bidi overrides and lone surrogates are shown as escapes."""
    written = writers.FORMATS[suffix](hostile()).decode("utf-8")
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\ud800-\udfff\ufffe]", written) == []
    for escaped in ("x1b", "u202e", "ud800"):
        assert escaped in written


def test_markup_of_a_target_is_text_in_html() -> None:
    """The page has no other elements than that of a harmless target, no handlers and no addresses."""
    found = page(hostile())
    failed = exchange(status=None, error=TransportError(TransportErrorKind.RESET, "closed"))
    harmless = page(result_of(exchange(), exchange(captcha(img=1)), exchange(captcha(img="/"), status=201), failed))
    assert {tag for tag, _ in found.elements} <= {tag for tag, _ in harmless.elements}
    for _, attributes in found.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert str(attributes.get("src", "data:image/png;base64,")).startswith("data:image/png;base64,")
        assert str(attributes.get("href", "#")).startswith("#")
    assert "<script>alert(1)</script>" in found.text


def test_markup_of_a_target_is_text_in_markdown() -> None:
    """Rendered text of the target is in code blocks only: no link, no picture, no element."""
    found = Page(MARKDOWN.render(markdown.write(hostile()).decode("utf-8")))
    assert {tag for tag, _ in found.elements} <= {
        *("h3", "p", "code", "pre", "details", "summary", "table", "thead", "tbody", "tr", "th", "td")
    }
    outside = found.text
    for block in found.texts["pre"]:
        outside = outside.replace(block, "")
    assert "alert" in found.text
    assert not [word for word in ("alert", "evil", "everyone", "bold") if word in outside]


def test_a_target_cannot_end_a_fenced_block() -> None:
    """The fence is longer than any run of backticks in the block."""
    error = TransportError(TransportErrorKind.NOT_HTTP, "```````")
    found = Page(MARKDOWN.render(markdown.write(result_of(exchange(b"", status=None, error=error))).decode()))
    assert "`" * 7 in found.texts["pre"][0]
    assert len(found.texts["pre"]) == 1


def test_a_pipe_does_not_end_a_cell_of_markdown() -> None:
    """A pipe in the text of a clause is escaped."""
    clause = replace(CONTRACT.clause("body-is-json"), text="one | two \\| three <b>")
    invalid = result_of(exchange(b"{"))
    verdicts = [replace(v, clause=clause) if v.clause.id == clause.id else v for v in invalid.verdicts]
    rendered = (
        MarkdownIt("commonmark")
        .enable("table")
        .render(markdown.write(replace(invalid, verdicts=tuple(verdicts))).decode())
    )
    assert "<td>one | two \\| three &lt;b&gt;</td>" in rendered


def test_no_report_contains_a_secret() -> None:
    """Secrets that a target returns in any place are redacted."""
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
    unanswered = exchange(
        b"", request=request, status=None, error=TransportError(TransportErrorKind.NOT_HTTP, f"no HTTP: {both}")
    )
    for result in (
        result_of(*sent, unanswered, headers=headers[:1], source=source),
        result_of(unanswered, headers=headers[:1], source=source),
    ):
        for suffix in writers.FORMATS:
            written = writers.FORMATS[suffix](result).decode("utf-8")
            assert not re.search("canary-f3|source-7d", written), suffix
            assert "$CODE_" in written
        for each in page(result).all("img"):
            assert canary.encode() not in base64.b64decode(str(each["src"]).partition(",")[2])


def test_the_page_has_no_scripts_and_no_network_access(result: Result) -> None:
    """It has no links to resources, and its policy forbids scripts and network access."""
    found = page(result)
    assert not {tag for tag, _ in found.elements} & {"script", "link", "iframe", "object", "form", "base"}
    assert "url(" not in (html.TEMPLATES / "report.css").read_text(encoding="utf-8")
    assert any("default-src 'none'" in str(each.get("content")) for each in found.all("meta"))


def test_templates_escape_every_value() -> None:
    """No template switches escaping off. Declared safe are a base64 picture and, in Markdown, the sign of an outcome, a
    fenced block and escaped text."""
    for path in html.TEMPLATES.iterdir():
        assert not re.search(r"\|\s*safe|autoescape|xmlattr", path.read_text(encoding="utf-8")), path.name
    assert str(html._bilingual("<\x1b>")) == "<\\x1b>"
    reports = Path(html.__file__).parent
    marked = {p.name: p.read_text("utf-8").count("Markup(") for p in reports.glob("*.py")}
    assert {name: count for name, count in marked.items() if count} == {"gallery.py": 1, "html.py": 1, "markdown.py": 3}
