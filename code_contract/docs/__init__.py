"""Prints the reference pages: every fact on them comes from the contract, the formats add only their own words.

The law of this folder: `facts` and `schemas` read the contract; a format sees only what they gathered; all text
goes through `escaping` (or through `html.tag`) on its way out; no page fetches anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from code_contract.docs import html, markdown, vuepress
from code_contract.docs.bundle import bundle
from code_contract.docs.model import Page, build_page
from code_contract.errors import UnknownNameError
from code_contract.loader import Contract

__all__ = ["FORMATS", "PageFormat", "read_generator_comment", "render"]


@dataclass(frozen=True)
class PageFormat:
    """A kind of page: how it is printed, the languages it speaks (the first unless asked), how its files end."""

    page: Callable[[Page, str, str], str] | None
    languages: tuple[str, ...]
    suffix: str


FORMATS = {
    "vuepress": PageFormat(vuepress.page, ("zh",), ".md"),
    "markdown": PageFormat(markdown.page, ("en", "zh", "both"), ".md"),
    "html": PageFormat(html.page, ("both", "en", "zh"), ".html"),
    "openapi": PageFormat(None, (), ".json"),
}

_NOTE = "Printed from the contract by code-contract docs: format {}, language {}. Edit the contract, not this page."
_RECIPE = re.compile(r"code-contract docs: format (\w+), language (\w+)\.")


def render(contract: Contract, form: str, lang: str | None = None) -> str:
    """The page of a format, in the first of its languages unless another is named; it ends with a newline.

    Raises UnknownNameError for a format that does not exist or a language that it does not speak.
    """
    if form not in FORMATS:
        raise UnknownNameError("format", form, FORMATS)
    languages = FORMATS[form].languages
    if lang is not None and lang not in languages:
        raise UnknownNameError(f"{form} language", lang, languages or ["none; omit --lang"])
    print_page = FORMATS[form].page
    if print_page is None:
        return bundle(contract)
    lang = lang or languages[0]
    return print_page(build_page(contract), lang, _NOTE.format(form, lang)).rstrip("\n") + "\n"


def read_generator_comment(text: str) -> tuple[str, str] | None:
    """The format and the language that a printed page says it is in; None where it says nothing."""
    found = _RECIPE.search(text)
    return (found[1], found[2]) if found and found[1] in FORMATS else None
