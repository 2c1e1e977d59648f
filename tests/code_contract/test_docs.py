"""The reference pages: they state what the document and the contract state, nothing else, and are up to date."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from code_contract import Contract, load
from code_contract.docs import render
from tests.paths import ROOT

DOCUMENT = (ROOT / "docs" / "document.md").read_text(encoding="utf-8")
Edit = Callable[[str, str], Path]


def facts(page: str) -> Iterator[tuple[str, ...]]:
    """Every fact that a page in the house style states: front matter, headings, header lines, cells, samples."""
    _, matter, body = re.split(r"^---$", page, maxsplit=2, flags=re.MULTILINE)
    yield from ((("front matter", key, str(value))) for key, value in yaml.safe_load(matter).items())
    operation = table = ""
    columns: list[str] = []
    for line in re.sub(r"^```json$.*?^```$", "", body, flags=re.MULTILINE | re.DOTALL).splitlines():
        line = html.unescape(re.sub(r'<Badge text="([^"]*)" type="tip" vertical="middle"/>', r"\1", line)).strip()
        if line.startswith("### "):
            operation = line[4:]
            yield "operation", operation
        elif line.startswith(("- ", "::: details ")):
            yield operation, *line.removeprefix("- ").removeprefix("::: details ").split("：")
        elif line.startswith("**"):
            table, columns = line.strip("*"), []
            yield operation, "table", table
        elif (line.startswith("|") and not set(line) <= set("|:- ")) or line.replace(" ", "") == "|-|-|-|-|-|":
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if columns:
                yield from ((operation, table, cells[1], *pair) for pair in zip(columns, cells, strict=True))
            else:
                columns = cells
                yield operation, table, "columns", *columns
        elif line and not set(line) <= set("|:- ") and not line.startswith("<!--"):
            yield "not understood", line
    for sample in re.findall(r"^```json$(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL):
        request, response = sample.removeprefix("\n### 入参\n").split("\n### 响应\n")
        yield "sample", "request", request
        yield from (("sample", *leaf) for leaf in leaves(json.loads(response), "response"))


def leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every value of a sample by its path, and the names of every object in their order."""
    if isinstance(value, dict):
        yield path, " ".join(value)
        for key, below in value.items():
            yield from leaves(below, f"{path}.{key}")
    else:
        yield path, json.dumps(value)


STATED = list(facts(DOCUMENT))


@pytest.fixture(scope="module")
def page(contract: Contract) -> list[tuple[str, ...]]:
    return list(facts(render(contract, "vuepress")))


@pytest.mark.parametrize("fact", STATED, ids=lambda fact: "-".join(fact)[:60])
def test_the_page_states_every_fact_of_the_document(page: list[tuple[str, ...]], fact: tuple[str, ...]) -> None:
    """Each cell, header line, heading, entry of the front matter and field of the sample is printed."""
    assert fact in page


def test_the_page_states_nothing_else_and_in_the_documents_order(page: list[tuple[str, ...]]) -> None:
    """No fact is added, repeated or contradicted, and none is moved."""
    assert page == STATED


def test_the_document_was_read_whole() -> None:
    """The reader finds all: 6 entries, 5 header lines, 3 tables with their columns and 35 cells, 8 of the sample."""
    kinds = Counter("cell" if len(fact) == 5 else fact[0] for fact in STATED)
    assert kinds == {"front matter": 6, "operation": 1, "获取验证码": 5 + 3 + 3, "cell": 35, "sample": 8}


CHANGES = {
    "a Chinese name": ("name: 结果标识", "name: 标识"),
    "a type": ("type: integer\n", "type: number\n"),
    "a required field more": ("required: [succFlag, code]", "required: [succFlag, code, msg]"),
    "a required field less": ("required: [uuid, img]", "required: [uuid]"),
    "an example": ("examples: [200]", "examples: [201]"),
    "a cell without a value": ("example: base64格式图片", "example: 图片"),
    "the path": ("  /code:\n", "  /codes:\n"),
    "the method": ("    post:\n", "    put:\n"),
    "the content type": ("application/json;charset=UTF-8\n      x-success", "application/json\n      x-success"),
    "authentication": ("security: []", "security: [{key: []}]"),
    "the source": ("required: true\n      description: The source", "required: false\n      description: The source"),
    "the name of a header line": ("name: 来源", "name: 出处"),
    "a heading": ("name: data结构", "name: 数据"),
    "the operation's name": ("summary: 获取验证码", "summary: 验证码"),
    "the front matter": ("permalink: /pages/8b2de0e3/", "permalink: /pages/0/"),
    "the sample": ("uuid: 408e68e2157544328a6b46c862a1a081", "uuid: '0'"),
    "a field": ("        msg:\n          type: [string", "        message:\n          type: [string"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_fact_that_changes_in_the_contract_changes_on_the_page(edited: Edit, change: tuple[str, str]) -> None:
    """The comparison detects a changed fact."""
    changed = list(facts(render(load(edited(*change)), "vuepress")))
    assert set(STATED) - set(changed)
    assert set(changed) - set(STATED)


SECOND = """
  /code/{uuid}/check:
    post:
      operationId: checkCode
      summary: Check an answer
      x-i18n-zh: {summary: 校验验证码}
      security: [{bearer: []}]
      parameters:
        - {name: uuid, in: path, required: true, schema: {type: string}, example: '00', x-i18n-zh: {name: 验证识别码}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [answers]
              properties:
                answers:
                  type: array
                  x-i18n-zh: {name: 答案}
                  items:
                    title: 答案结构
                    type: object
                    properties: {text: {type: string, maxLength: 9, examples: [九]}}
            example: {answers: [{text: 九}]}
      responses:
        '200':
          description: Whether the answer is right.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Envelope'}
              example: {succFlag: false, code: 400}

components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
"""


def test_a_second_endpoint_gets_its_section_with_no_code_changed(edited: Edit) -> None:
    """A second endpoint in openapi.yaml is printed completely; the first is unchanged."""
    found = list(facts(render(load(edited("\ncomponents:\n", SECOND)), "vuepress")))
    assert [fact for fact in found if fact[0] not in ("校验验证码", "sample", "operation")] == [
        fact for fact in STATED if fact[0] not in ("sample", "operation")
    ]
    assert {
        ("operation", "校验验证码"),
        ("校验验证码", "接口地址", "/code/{uuid}/check"),
        ("校验验证码", "文本类型", "application/json"),
        ("校验验证码", "需要鉴权", "是"),
        ("校验验证码", "需要来源", "否"),
        ("校验验证码", "请求参数", "uuid", "示例值", "00"),
        ("校验验证码", "请求参数", "answers", "类型", "Array"),
        ("校验验证码", "请求参数", "answers", "是否必填", "是"),
        ("校验验证码", "答案结构", "text", "示例值", "九"),
        ("校验验证码", "响应结果", "succFlag", "参数名称", "结果标识"),
        ("sample", "response.code", "400"),
    } <= set(found)
