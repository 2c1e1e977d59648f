"""The formats of pages: Jinja2 templates, with the filters that escape contract text for each of them.

HTML is escaped by Jinja2's autoescape. Markdown has no autoescape: every value passes through a filter of `escaping`.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from code_contract.docs import escaping
from code_contract.docs.examples import format_cell, image_data_uris, truncated
from code_contract.docs.fields import LocalizedText
from code_contract.docs.labels import label_text, localized, requirement_label
from code_contract.docs.model import Page
from code_contract.text import escape_lines, printable_json

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{}'"


def render_page(template: str, page: Page, lang: str, note: str, matter: Any = None) -> str:
    """Render a page that loads nothing.

    Args:
        template: The file name of the template.
        page: The content.
        lang: "en", "zh" or "both". Text that exists in one language only is printed in that one.
        note: The generator comment.
        matter: The front matter, None for none.

    Returns:
        The text of the page; it ends with a newline.
    """
    is_markdown = template.endswith(".md")  # where every line break counts
    environment = Environment(
        loader=PackageLoader("code_contract.docs"),
        autoescape=not is_markdown,  # noqa: S701 - on for HTML; filters escape in Markdown
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=is_markdown,
        lstrip_blocks=is_markdown,
        extensions=["jinja2.ext.do"],
    )
    environment.filters |= {
        "blocks": escaping.blocks,
        "cell": format_cell,
        "code": escaping.code,
        "code_spans": lambda text: escaping.split_code_spans(escaping.single_line(text)),
        "filled_columns": filled_columns,
        "front_matter": front_matter,
        "image_data_uris": image_data_uris,
        "inline_markdown": escaping.inline_markdown,
        "json_text": partial(printable_json, indent=4),
        "lines": escape_lines,
        "markdown": escaping.markdown,
        "markdown_inside": escaping.markdown_inside,
        "plain": escaping.plain,
        "requirement": requirement_label,
        "requirement_text": lambda clause: LocalizedText(clause.text, clause.zh),
        "single_line": escaping.single_line,
        "source_text": lambda clause: LocalizedText(clause.source or "", clause.source_zh),
        "truncated": truncated,
    }
    environment.filters["label"] = environment.globals["label"] = partial(label_text, lang=lang)
    environment.globals["localized"] = partial(localized, lang=lang)
    environment.globals["colon"] = "：" if lang == "zh" else ": "
    environment.globals["brackets"] = "（{}）" if lang == "zh" else " ({})"
    # The only script that runs is our own file.
    script = sha256(environment.get_template("page.js").render().encode()).digest()
    policy = POLICY.format(b64encode(script).decode())
    text = environment.get_template(template).render(page=page, lang=lang, note=note, policy=policy, matter=matter)
    return text.rstrip("\n") + "\n"


def filled_columns(keys: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Return the columns of a table that have content in some row: their keys, and their cells by row."""
    filled = [index for index in range(len(keys)) if any(row[index].strip() for row in rows)]
    return [keys[index] for index in filled], [[row[index] for index in filled] for row in rows]


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


def front_matter(matter: Any) -> str:
    """Return the front matter of a page as YAML."""
    text: str = yaml.dump(matter, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
    return escape_lines(text.rstrip("\n"))
