"""The pages of other documents: complete, without empty titles, bounded, in the language of the document."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from code_contract import Contract, ContractError, load
from code_contract.docs import FORMATS, render
from tests.paths import ROOT

PAGES = sorted(set(FORMATS) - {"openapi"})
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "tests" / "data" / "pages.yaml").read_text(encoding="utf-8"))


def printed(folder: Path, document: dict[str, Any], form: str = "markdown", lang: str | None = None) -> str:
    path = folder / "api.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return render(load(path), form, lang)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return printed(tmp_path_factory.mktemp("page"), DOCUMENT)


FACTS = {
    "path parameter": "| `petId` | path | Integer | yes |  | minimum `1` |",
    "query parameter": "| `dry` | query | Boolean | no | `false` | default `false` |",
    "style": "| `filter` | query | Object | no |  | style `deepObject`, explode `true` |",
    "header parameter": "| `X-Trace` | header | String | no |  | format `uuid` |",
    "cookie parameter": '| `theme` | cookie | String | no |  | *deprecated*, enum `["a", "b"]` |',
    "title without a summary": "## PUT /pets/{petId}\n",
    "deprecated operation": "*deprecated*\n\n- Address: `PUT /pets/{petId}`",
    "alternatives": "required: no: `key` or `login` (`write:pets`) and `proxy` or no",
    "scheme": "| `key` | apiKey in query | name `api_key` |",
    "scopes": "| `login` | oauth2 | implicit.authorizationUrl `https://x.invalid/a` | `write:pets` Change pets |",
    "server": "- `https://{host}/v1`\n  - `host`: `api.invalid`",
    "required body": "Body (required)",
    "second media type of a body": "`multipart/form-data`: Object",
    "file": "| `photo` | String | no | format `binary` |",
    "request example": "`application/json`: A cat",
    "response header": "| `X-Rate` | Integer | no | Calls left. |",
    "second media type of a response": "`text/plain`: String",
    "other responses": "</a>404\n\nNot found.\n\n`application/problem+json`: [Problem](#schema-Problem)",
    "read-only": "| `id` | Integer | no | *read-only* |",
    "default": "| `name` | String | yes | default `Rex`, maxLength `20` |",
    "recursion": "| `mother` | [Pet](#schema-Pet) | no |",
    "array": "| `friends` | Array&#60;[Pet](#schema-Pet)&#62; | no | maxItems `9` |",
    "alternatives of a value": "| `home` | [House](#schema-House) &#124; [Cage](#schema-Cage) | no |",
    "limits of items": '| `tags` | Array&#60;String&#62; | no | items.enum `["x", "y"]` |',
    "map": "| `scores` | Map&#60;String, Number&#62; | no |",
    "callback": "- Callback: `POST {$request.query.url}`",
    "response without a body": "</a>204\n\nNo body.",
    "heading of a description": "**Overview**\n\nSee the site (https://x.invalid).\n\n&#45; one\n\n&#45; two\n",
    "shared schema": '### <a id="schema-Problem"></a>Problem\n\nType: Object\n\n**Problem**\n\n| Field |',
}  # fmt: skip


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_the_page_states(page: str, fact: str) -> None:
    """Each fact of the document is printed, where readers look for it."""
    assert fact in page, page


def test_alternatives_that_only_restrict_fields_are_not_printed(tmp_path: Path) -> None:
    """The fields of `allOf` beside them are one table; a schema or null is printed as the schema is."""
    owner, pet, *kinds = ({"$ref": f"#/components/schemas/{name}"} for name in ("Owner", "Pet", "Cat", "Dog"))
    components: dict[str, Any] = {
        "Pet": {"properties": {"kind": {"type": "string"}, "owner": {"anyOf": [owner, {"type": "null"}]}}},
        "Owner": {"type": "object", "properties": {"name": {"type": "string"}}},
        "Cat": {"title": "Cat", "required": ["owner"], "properties": {"kind": {"const": "cat"}}},
        "Dog": {"title": "Dog", "properties": {"kind": {"const": "dog"}}},
    }
    content = {"application/json": {"schema": {"allOf": [pet], "oneOf": kinds}}}
    responses = {"200": {"description": "A pet.", "content": content}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/pet": {"get": {"responses": responses}}},
        "components": {"schemas": components},
    }
    found = printed(tmp_path, document)
    assert "| `owner` | Object or null | no |" in found
    assert "**Owner** `owner`\n\n| Field" in found
    assert "Cat" not in found
    components["Dog"]["properties"]["bark"] = {"type": "string"}
    assert "[Cat](#schema-Cat) &#124; [Dog](#schema-Dog)" in printed(tmp_path, document)


def test_a_value_of_several_schemas_has_the_fields_of_all(page: str) -> None:
    """`allOf` is one table."""
    cage = page.partition('<a id="schema-Cage"></a>')[2].partition("| --- |")[2]
    assert [line.split("`")[1] for line in cage.split("\n\n")[0].splitlines()[1:]] == ["rooms", "bars"]


def test_header_parameters_are_parameters(page: str) -> None:
    """Only `x-source` makes a line of its own."""
    assert "X-Trace required" not in page


class Texts(HTMLParser):
    """The texts of the titles of a page, its anchors, and the targets of its links."""

    TITLES = ("title", "h1", "h2", "h3", "h4", "h5", "th", "dt")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.titles: list[str] = []
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.anchors += [str(found["id"])] if "id" in found else []
        self.links += [str(found["href"])] if "href" in found else []
        if tag in self.TITLES:
            self.titles.append("")
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.TITLES:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.titles[-1] += data


BARE = yaml.safe_load("""
openapi: 3.1.0
paths:
  /a-b:
    get: {}
    post: {requestBody: {content: {}}, responses: {'200': {content: {text/plain: {}}}}}
  /a/b:
    get:
      summary: ''
      responses:
        '200':
          content:
            application/json:
              schema: {type: array, items: {anyOf: [{properties: {'': {}}}, {type: 'null'}]}}
  /search:
    get: {operationId: search, tags: [''], responses: {'200': {content: {application/json: {schema: true}}}}}
webhooks:
  new pet: {post: {requestBody: {content: {application/json: {schema: {type: string}}}}}}
""")


@pytest.mark.parametrize("form", PAGES)
@pytest.mark.parametrize("document", [BARE, DOCUMENT], ids=["bare", "full"])
def test_no_title_is_empty_and_no_link_dangles(tmp_path: Path, document: dict[str, Any], form: str) -> None:
    """Titles that are missing in a document are replaced or left out; anchors are unique."""
    found = printed(tmp_path, document, form)
    if form == "html":
        texts = Texts(found)
        assert all(title.strip() for title in texts.titles), texts.titles
        assert len(set(texts.anchors)) == len(texts.anchors)
        assert {link.removeprefix("#") for link in texts.links} <= set(texts.anchors)
    else:
        assert not re.search(r"^(#+|\*\*\*\*.*)\s*$", found, re.MULTILINE)
        assert set(re.findall(r"\]\(#([^)]*)\)", found)) <= set(re.findall(r'<a id="([^"]*)"', found))


def test_derived_clauses_are_not_printed(page: str) -> None:
    """They only repeat what the page states."""
    assert "### Clauses" not in page


def test_webhooks_are_printed(tmp_path: Path) -> None:
    """A webhook has a section, with its body."""
    found = printed(tmp_path, BARE)
    assert "- Webhook: `POST new pet`" in found
    assert "`application/json`: String" in found


def test_a_document_without_operations_is_printed(tmp_path: Path) -> None:
    """One sentence instead of an empty page."""
    assert "The document has no operations." in printed(tmp_path, {"openapi": "3.1.0", "paths": {}})


@pytest.mark.parametrize("form", PAGES)
def test_schemas_that_contain_each_other_are_printed_once(tmp_path: Path, form: str) -> None:
    """A page grows with its document, not with the paths through its schemas."""

    def size(count: int) -> int:
        fields = {f"f{each}": {"$ref": f"#/components/schemas/S{each}"} for each in range(count)}
        schema = {"type": "object", "properties": {**fields, "own": {"type": "object", "properties": fields}}}
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}
        document = {
            "openapi": "3.0.0",
            "paths": {"/a": {"get": {"responses": {"200": {"description": "x", "content": content}}}}},
            "components": {"schemas": {f"S{each}": schema for each in range(count)}},
        }
        return len(printed(tmp_path, document, form))

    assert size(20) < 5 * size(10)


ZH = {"title": "宠物商店", "version": "1"}
JA = {"title": "ペットショップのサービス", "version": "1"}


@pytest.mark.parametrize("form", PAGES)
@pytest.mark.parametrize(
    ("info", "lang", "heading"),
    [
        (ZH, None, "请求参数"),
        (ZH, "en", "Request"),
        ({"title": "Pets", "version": "1"}, None, "Request"),
        ({"title": "Pets", "version": "1"}, "zh", "请求参数"),
        ({"title": "Pets", "version": "1"}, "both", "Request"),
        ({"title": "Pet API v2", "version": "1", "description": "管理宠物的接口,返回 JSON。"}, None, "请求参数"),
        (JA, None, "Request"),
    ],
)
def test_a_page_is_in_the_language_of_its_document(
    tmp_path: Path, form: str, info: dict[str, Any], lang: str | None, heading: str
) -> None:
    """Chinese characters in titles and descriptions decide, unless a language is chosen."""
    document = {"openapi": "3.1.0", "info": info, "paths": {"/a": {"get": {"responses": {"200": {"description": ""}}}}}}
    found = printed(tmp_path, document, form, lang)
    assert heading in found
    assert (("请求参数" in found) and ("Request" in found)) is (lang == "both")
    assert info["title"] in found


def test_the_house_style_is_chinese(contract: Contract) -> None:
    """A document in the house style has no English page in it."""
    with pytest.raises(ContractError, match="unknown vuepress language 'en'; available: zh"):
        render(contract, "vuepress", "en")
