"""Reference pages, types and requests. Every fact comes from the contract; a format adds only labels.

`model` and `schemas` read the contract; a format sees only their result. All text passes through `escaping` or Jinja2's
autoescape. A page loads nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from code_contract.docs.bundle import render_bundle
from code_contract.docs.http_file import render_http
from code_contract.docs.labels import label_text
from code_contract.docs.model import build_page
from code_contract.docs.pages import render_page
from code_contract.docs.postman import render_postman
from code_contract.docs.typescript import render_types
from code_contract.errors import UnknownNameError
from code_contract.loader import Contract

__all__ = ["FILE_FORMATS", "FORMATS", "FileFormat", "PageFormat", "read_generator_comment", "render"]


@dataclass(frozen=True)
class PageFormat:
    """A format: its template, its languages (the first is that of a document in both), and the suffix of its files."""

    template: str | None
    languages: tuple[str, ...]
    suffix: str


@dataclass(frozen=True)
class FileFormat:
    """A format for programs, which has no language: the function that renders it, and the suffix of its files."""

    render: Callable[[Contract], str]
    suffix: str


FORMATS = {
    "vuepress": PageFormat("page.md", ("zh", "en", "both"), ".md"),
    "markdown": PageFormat("page.md", ("en", "zh", "both"), ".md"),
    "html": PageFormat("page.html", ("both", "en", "zh"), ".html"),
    "openapi": PageFormat(None, (), ".json"),
}
FILE_FORMATS = {
    "typescript": FileFormat(render_types, ".ts"),
    "http": FileFormat(render_http, ".http"),
    "postman": FileFormat(render_postman, ".postman_collection.json"),
}

_GENERATOR = re.compile(r"code-contract docs: format[ =](\w+), language[ =](\w+)[.）]")


def render(contract: Contract, form: str, lang: str | None = None) -> str:
    """Render a page or another file.

    A document in the house style (`info.x-document`) is printed in it as VuePress; the style is Chinese.

    Args:
        contract: The contract.
        form: A key of FORMATS or of FILE_FORMATS.
        lang: A language of the format. Default: that of the document; its first for a document in both languages.

    Returns:
        The text of the page; it ends with a newline.

    Raises:
        UnknownNameError: The format does not exist, or does not have the language.
    """
    if form in FILE_FORMATS and lang is None:
        return FILE_FORMATS[form].render(contract)
    if form in FILE_FORMATS:
        raise UnknownNameError(f"{form} language", lang or "", ["none; omit --lang"])
    if form not in FORMATS:
        raise UnknownNameError("format", form, (*FORMATS, *FILE_FORMATS))
    chosen = FORMATS[form]
    is_house_style = form == "vuepress" and "x-document" in contract.resolved.get("info", {})
    languages = chosen.languages[:1] if is_house_style else chosen.languages
    if lang is not None and lang not in languages:
        raise UnknownNameError(f"{form} language", lang, languages or ["none; omit --lang"])
    if chosen.template is None:
        return render_bundle(contract)
    page = build_page(contract, successes_only=is_house_style)
    lang = lang or (languages[0] if page.is_translated or is_house_style else page.languages[0])
    template = "vuepress.md" if is_house_style else chosen.template
    front_matter = {"title": label_text(page.title, lang)} if form == "vuepress" else None
    note = label_text("generated", lang).format(form, lang)
    return render_page(template, page, lang, note, page.front_matter if is_house_style else front_matter)


def read_generator_comment(text: str) -> tuple[str, str] | None:
    """Return the format and the language in the generator comment of a page, None without a known one."""
    found = _GENERATOR.search(text)
    return (found[1], found[2]) if found and found[1] in FORMATS else None
