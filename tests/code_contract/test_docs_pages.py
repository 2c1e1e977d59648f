"""The pages for reading and the bundle: complete, self-contained, and safe from what the contract may hold."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from code_contract import Contract, ContractError, load
from code_contract.docs import FORMATS, render
from code_contract.docs.labels import label_text
from tests.browser import chromium
from tests.code_contract.test_docs import SECOND, Edit
from tests.code_contract.test_docs_any import printed
from tests.paths import ROOT


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_every_other_page_has_the_second_endpoint_too(edited: Edit, form: str) -> None:
    """The page has the second endpoint with its limits and the shared clauses."""
    printed = render(load(edited("\ncomponents:\n", SECOND)), form, "both")
    for words in ("Check an answer", "校验验证码", "/code/{uuid}/check", "answers", "maxLength"):
        assert words in printed
    assert printed.count("The result flag is present.") == 2
    anchors = re.findall(r'id="([^"]*)"', printed)
    assert len(anchors) == len(set(anchors))


@pytest.mark.parametrize("lang", ["en", "zh", "both"])
@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_page_for_reading_has_every_clause(contract: Contract, form: str, lang: str) -> None:
    """The page has id, anchor, level, origin, text and quotes of every clause."""
    printed = render(contract, form, lang)
    shown = html.unescape(re.sub(r"</?(?:code|span|q|a|b|p)\b[^>]*>|`", " ", printed))
    shown = " ".join(shown.split())
    for clause in contract.clauses.values():
        assert printed.count(f'id="clause-{clause.id}"') == 1
        texts = [*clause.quotes]
        texts += [clause.text, clause.source or ""] if lang != "zh" else []
        texts += [clause.zh, clause.source_zh] if lang != "en" else []
        for words in texts:
            assert " ".join(words.replace("`", " ").split()) in shown
        level, origin = (label_text(each, lang) for each in (f"level_{clause.level}", f"origin_{clause.basis}"))
        stated = rf"\b{clause.id}\b | {level} | {origin}"
        assert re.search(re.sub(r" [|·] ", r"[ |·]+", stated), shown), stated


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_html_page_fetches_nothing_and_its_links_lead_somewhere(contract: Contract) -> None:
    """Every picture is in the page, and is the sample's own; every link is to an anchor of the page."""
    elements = Elements(render(contract, "html")).found
    anchors = {attributes["id"] for _, attributes in elements if "id" in attributes}
    pictures = [attributes["src"] for _, attributes in elements if "src" in attributes]
    assert pictures == [contract.example("captcha").value["data"]["img"]]
    for _, attributes in elements:
        assert not {"srcset", "action", "style", "onclick"} & set(attributes)
        if "href" in attributes:
            assert str(attributes["href"]).removeprefix("#") in anchors
    assert not [tag for tag, _ in elements if tag in ("link", "iframe", "object")]


HOSTILE = "'</script><script>x()</script> | {{ x }} *b* _i_ `c` [l](javascript:x) <!-- ::: \\ & \"quoted\"'"


@pytest.mark.parametrize("form", ["vuepress", "markdown", "html"])
@pytest.mark.parametrize(
    "place",
    [
        "name: 结果标识",
        "summary: 获取验证码",
        "description: 'The result flag: true for a success, false for an error.'",
        "text: The body is encoded in UTF-8.",
    ],
)
def test_text_of_the_contract_stays_text(contract: Contract, edited: Edit, form: str, place: str) -> None:
    """HTML, Markdown, table and Vue syntax in the contract stays text."""
    hostile = load(edited(place, f"{place.split(':')[0]}: {HOSTILE}"))
    before, after = (render(each, form, None if form == "vuepress" else "both") for each in (contract, hostile))
    if form == "html":
        plain, turned = ([tag for tag, _ in Elements(text).found] for text in (before, after))
        # One element may be new: the code that the sentence marks with backticks.
        assert Counter(turned) - Counter(plain) in (Counter(), Counter(code=turned.count("code") - plain.count("code")))
        return
    outside = re.sub(r"^```json$.*?^```$", "", after, flags=re.MULTILINE | re.DOTALL)
    assert "<script" not in outside
    assert "{{" not in outside
    assert "[l]" not in outside
    bars = [line.count("|") for line in before.splitlines() if line.startswith("|")]
    assert [line.count("|") for line in after.splitlines() if line.startswith("|")] == bars


def test_the_json_is_openapi(contract: Contract) -> None:
    """The JSON is valid OpenAPI 3.1, and holds what the contract holds."""
    from openapi_spec_validator import OpenAPIV31SpecValidator

    document = json.loads(render(contract, "openapi"))
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert list(document["paths"]) == list(contract.document["paths"])


def test_no_fact_is_typed_in_the_printer(contract: Contract) -> None:
    """The code of the pages contains no Chinese name and no clause text of the contract."""
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "code_contract" / "docs").rglob("*.*")
        if path.suffix != ".pyc"
    )
    names = re.findall("(?:name|summary|title): ([\u4e00-\u9fff]+)", contract.path.read_text(encoding="utf-8"))
    assert len(names) > 8
    for words in (*names, "succFlag", "uuid", *(clause.text for clause in contract.clauses.values())):
        assert words not in code


def test_a_format_that_does_not_exist_is_refused(contract: Contract) -> None:
    """The nearest is named."""
    with pytest.raises(ContractError, match="did you mean 'markdown'"):
        render(contract, "markdwon")
    assert sorted(FORMATS) == ["html", "markdown", "openapi", "vuepress"]


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_column_without_content_is_left_out(tmp_path: Path, form: str) -> None:
    """A table has a column only if a row has something in it; also that of credentials."""
    parameter = {"name": "q", "in": "query", "schema": {"type": "string"}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/pet": {"get": {"parameters": [parameter], "responses": {}}}},
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "K"}}},
    }
    heads = ["Name", "Type", "Details", "Field", "In", "Type", "Required"]
    assert _heads(printed(tmp_path, document, form, "en")) == heads
    parameter |= {"description": "A word.", "schema": {"type": "string", "maxLength": 9}, "example": "x"}
    assert _heads(printed(tmp_path, document, form, "en")) == [*heads, "Example", "Limits", "Meaning"]


def _heads(page: str) -> list[str]:
    rows = re.findall(r"^(\|.*)\n\| ---", page, re.M)
    return re.findall(r'<th scope="col">([^<]*)<', page) or [
        cell.strip() for row in rows for cell in row[1:-1].split("|")
    ]


LINES = """cells => cells.map(cell => {
  const range = document.createRange();
  range.selectNodeContents(document.createTreeWalker(cell, NodeFilter.SHOW_TEXT).nextNode());
  return [cell.textContent, range.getClientRects().length];
})"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [900, 1280])
def test_chinese_heads_and_short_cells_are_on_one_line(contract: Contract, width: int) -> None:
    """The browser does not break them after a character, however narrow the columns are."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.set_content(render(contract, "html", "zh"))
        cells = page.locator("main th, main td[data-label='位置'], main td[data-label='是否必填']")
        shown = cells.evaluate_all(LINES)
    assert {"是否必填", "示例值", "请求头"} <= {text for text, _ in shown}
    assert [text for text, lines in shown if lines > 1] == []
