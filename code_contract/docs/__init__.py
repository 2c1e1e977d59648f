"""Reference pages. Every fact comes from the contract; a format adds only labels.

`model` and `schemas` read the contract; a format sees only their result. All text passes through `escaping` or Jinja2's
autoescape. A page loads nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from code_contract.docs.bundle import render_bundle
from code_contract.docs.model import build_page
from code_contract.docs.pages import render_page
from code_contract.errors import UnknownNameError
from code_contract.loader import Contract

__all__ = ["FORMATS", "PageFormat", "read_generator_comment", "render"]


@dataclass(frozen=True)
class PageFormat:
    """A format: its template, its languages (the first is the default), and the suffix of its files."""

    template: str | None
    languages: tuple[str, ...]
    suffix: str


FORMATS = {
    "vuepress": PageFormat("vuepress.md", ("zh",), ".md"),
    "markdown": PageFormat("page.md", ("en", "zh", "both"), ".md"),
    "html": PageFormat("page.html", ("both", "en", "zh"), ".html"),
    "openapi": PageFormat(None, (), ".json"),
}

_COMMENT = (
    "Generated from the contract by code-contract docs: format {}, language {}. Edit the contract, not this page."
)
_GENERATOR = re.compile(r"code-contract docs: format (\w+), language (\w+)\.")


def render(contract: Contract, form: str, lang: str | None = None) -> str:
    """Render a page.

    Args:
        contract: The contract.
        form: A key of FORMATS.
        lang: A language of the format. Default: its first.

    Returns:
        The text of the page; it ends with a newline.

    Raises:
        UnknownNameError: The format does not exist, or does not have the language.
    """
    if form not in FORMATS:
        raise UnknownNameError("format", form, FORMATS)
    languages = FORMATS[form].languages
    if lang is not None and lang not in languages:
        raise UnknownNameError(f"{form} language", lang, languages or ["none; omit --lang"])
    template = FORMATS[form].template
    if template is None:
        return render_bundle(contract)
    lang = lang or languages[0]
    return render_page(template, build_page(contract), lang, _COMMENT.format(form, lang)).rstrip("\n") + "\n"


def read_generator_comment(text: str) -> tuple[str, str] | None:
    """Return the format and the language in the generator comment of a page, None without a known one."""
    found = _GENERATOR.search(text)
    return (found[1], found[2]) if found and found[1] in FORMATS else None
