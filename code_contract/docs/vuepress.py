"""VuePress page in the house style of the source document.

Only the style is typed here: header labels and column headings. All content comes from the contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import yaml

from code_contract.docs.escaping import markdown
from code_contract.docs.examples import as_json, format_cell
from code_contract.docs.model import OperationSection, Page
from code_contract.docs.schemas import Field, LocalizedText

COLUMNS = ("参数名称", "属性名", "类型", "是否必填", "示例值")
NONE = "无"


def render_page(page: Page, lang: str, note: str) -> str:
    """Render the page; the style exists in Chinese only."""
    lines = ["---", _front_matter(page.front_matter), "---", "", f"<!-- {note} -->", ""]
    for section in page.sections:
        lines += _section(section)
    return "\n".join(lines)


def _section(section: OperationSection) -> Iterator[str]:
    yield from (f"### {_name(section.title)}", "", f"::: details 接口地址：{markdown(section.path)}")
    yield f"- 请求方式：{section.method}"
    if section.content_type:
        yield f"- 文本类型：{markdown(section.content_type)}"
    yield f"- 需要鉴权：{_badge(section.authentication)}"
    for header in section.headers:
        yield f"- 需要{_name(header.name)}：{_badge(header.is_required)}"
    first, *nested = section.request
    yield from ("", "**请求参数**", "")
    yield from _table([each for each in first.fields if each.location != "header"])
    for table in (*nested, *section.response):
        yield from (f"**{_name(table.title)}**", "")
        yield from _table(table.fields)
    yield from ("", "```json", "### 入参")
    yield NONE if section.request_sample is None else as_json(section.request_sample.value)
    yield "### 响应"
    yield as_json(section.samples[0].value) if section.samples else NONE
    yield from ("```", ":::", "")


def _table(fields: list[Field] | tuple[Field, ...]) -> Iterator[str]:
    yield _row(COLUMNS)
    yield _row(("---", *[":---:"] * (len(COLUMNS) - 1)))
    for each in fields:
        cells = (
            each.title.zh or each.name,
            each.name,
            "/".join(map(str.capitalize, each.types)),
            _yes(each.required),
            each.zh_example or format_cell(each.example),
        )
        yield _row([markdown(cell) for cell in cells])
    if not fields:
        yield _row(["-"] * len(COLUMNS))
    yield ""


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _name(text: LocalizedText) -> str:
    return markdown(text.zh or text.en)


def _yes(it_is: bool) -> str:
    return "是" if it_is else "否"


def _badge(it_is: bool) -> str:
    return f'<Badge text="{_yes(it_is)}" type="tip" vertical="middle"/>'


class _Dumper(yaml.SafeDumper):
    """Writes a timestamp without quotes, so that VuePress reads a timestamp."""


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text):
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return dumper.represent_str(text)
        return dumper.represent_scalar("tag:yaml.org,2002:timestamp", text)
    return dumper.represent_str(text)


_Dumper.add_representer(str, _string)


def _front_matter(matter: Any) -> str:
    text: str = yaml.dump(matter, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
    return text.rstrip("\n")
