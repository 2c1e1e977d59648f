"""One self-contained page for reading: light and dark, printable, searchable, an anchor for every clause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from typing import TypeAlias

from code_contract.clauses import Clause
from code_contract.docs.escaping import single_line, split_code_spans
from code_contract.docs.examples import as_json, format_cell, image_data_uris, truncated
from code_contract.docs.labels import LABELS, label_text, localized, requirement_label
from code_contract.docs.model import ExampleMessage, OperationSection, Page
from code_contract.docs.schemas import Field, LocalizedText, Table
from code_contract.operations import FieldPath

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


PageSection: TypeAlias = "tuple[str, LocalizedText, list[Markup]]"
"""An anchor, a heading and what stands under it."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str | None, **attributes: str | None) -> Markup:
    """An element. Children are escaped unless they are Markup; None is left out, among the attributes too."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(single_line(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(c if isinstance(c, Markup) else escape(c, quote=False) for c in children if c is not None)
    return Markup(f"<{name}{given}>" if name in ("meta", "img", "input") else f"<{name}{given}>{inner}</{name}>")


def page(facts: Page, lang: str, note: str) -> str:
    """The page in both languages, or in one; sentences that the contract has in English only stay so."""
    seen: set[str] = set()
    sections = [(section, list(_chapters(section, lang, seen))) for section in facts.sections]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("title", single_line(label_text(facts.title, lang))),
        tag("style", _file("style.css")),
    )
    label = label_text("search", lang)
    aside = tag(
        "aside",
        tag("input", type="search", id="search", placeholder=label, aria_label=label, autocomplete="off"),
        tag("p", id="found", role="status", class_="quiet"),
        tag("nav", *(_links(section, chapters, lang) for section, chapters in sections)),
    )
    main = tag(
        "main",
        tag("h1", _text(facts.title, lang)),
        tag("p", _text("version", lang), f" {single_line(facts.version)}", class_="quiet"),
        tag("p", _prose(facts.description)) if lang != "zh" else None,
        *(_section(section, chapters, lang) for section, chapters in sections),
        tag("footer", note),
    )
    body = tag("body", aside, main, tag("script", _file("search.js")))
    return f"<!doctype html>\n{tag('html', head, body, lang='zh-CN' if lang == 'zh' else 'en')}\n"


def _file(name: str) -> Markup:
    return Markup(files("code_contract.docs").joinpath("templates", name).read_text(encoding="utf-8"))


def _chapters(section: OperationSection, lang: str, seen: set[str]) -> Iterator[PageSection]:
    """What stands under an operation; `seen` are the clauses that the page has already."""
    name = _anchor(section)
    first, *nested = section.request
    request = [_fields(first, lang) if first.fields else tag("p", _text("nothing", lang))]
    request += [_table(table, lang) for table in nested]
    if section.request_sample:
        request.append(_json(section.request_sample))
    yield f"{name}-request", LABELS["request"], request
    if section.response:
        yield f"{name}-response", LABELS["response"], [_table(table, lang) for table in section.response]
    if section.samples:
        yield f"{name}-answers", LABELS["answers"], [_sample(sample, lang) for sample in section.samples]
    for group in section.groups:
        title = LocalizedText(group.part.title, group.part.zh)
        clauses = [_clause(clause, place, lang, seen) for clause, place in group.clauses]
        yield f"{name}-clauses-{group.part.id}", title, clauses


def _anchor(section: OperationSection) -> str:
    return re.sub(r"\W+", "-", section.id)


def _links(section: OperationSection, chapters: list[PageSection], lang: str) -> Markup:
    links = [tag("a", _text(title, lang), href=f"#{anchor}") for anchor, title, _ in chapters]
    return tag("div", tag("a", _text(section.title, lang), href=f"#{_anchor(section)}"), tag("div", *links))


def _section(section: OperationSection, chapters: list[PageSection], lang: str) -> Markup:
    lines = [
        (_text("content_type", lang), tag("code", single_line(section.content_type or "-"))),
        (_text("authentication", lang), _yes_no(section.authentication, lang)),
        *((_text(requirement_label(need.name), lang), _yes_no(need.needed, lang)) for need in section.needs),
    ]
    return tag(
        "section",
        tag("h2", _text(section.title, lang)),
        tag("p", tag("b", section.method), " ", tag("code", single_line(section.path)), class_="address"),
        tag("p", _prose(section.description)) if section.description and lang != "zh" else None,
        tag("dl", *(tag("div", tag("dt", label), tag("dd", value)) for label, value in lines)),
        *(
            tag("div", tag("h3", _text(title, lang), id=anchor), *content, class_="group")
            for anchor, title, content in chapters
        ),
        id=_anchor(section),
    )


def _table(table: Table, lang: str) -> Markup:
    place = tag("code", single_line(".".join(table.place))) if table.place else None
    return tag("div", tag("h4", _text(table.title, lang), " ", place), _fields(table, lang), class_="group")


def _fields(table: Table, lang: str) -> Markup:
    located = any(each.location for each in table.fields)
    keys = ["field", *(["location"] if located else []), "type", "required", "example", "limits", "meaning"]
    head = tag("tr", *(tag("th", _text(key, lang), scope="col") for key in keys))
    rows = []
    for each in table.fields:
        cells = dict(_cells(each, lang))
        # On a telephone a row is a card, and each cell brings its heading.
        rows.append(tag("tr", *(tag("td", cells[key], data_label=label_text(key, lang)) for key in keys)))
    return tag("table", tag("thead", head), tag("tbody", *rows))


def _cells(each: Field, lang: str) -> Iterator[tuple[str, Markup]]:
    types = "/".join(map(str.capitalize, each.types))
    yield "field", tag("code", single_line(each.name))
    yield "location", tag("span", each.location or "body")
    yield "type", tag("span", types, *((" ", _text("or_null", lang)) if each.nullable else ()))
    yield "required", tag("span", _yes_no(each.required, lang))
    example = tag("code", single_line(format_cell(each.example))) if each.example is not None else None
    yield "example", tag("span", example or (_chinese(each.zh_example) if each.zh_example and lang != "en" else None))
    limits = [
        tag("span", f"{key} ", tag("code", single_line(format_cell(value))), class_="limit")
        for key, value in each.limits
    ]
    yield "limits", tag("span", *limits)
    note = tag("small", _text("assumed", lang), ": ", _prose(each.assumption)) if each.assumption else None
    yield "meaning", tag("span", _text(each.title, lang), note)


def _sample(sample: ExampleMessage, lang: str) -> Markup:
    found = [
        tag("figure", tag("img", src=uri, alt=label_text("picture", lang)), tag("figcaption", _text("picture", lang)))
        for uri in image_data_uris(sample.value)
    ]
    status = tag("b", str(sample.status), class_="status")
    return tag("div", tag("p", status, " ", _prose(sample.summary)), *found, _json(sample), class_="sample")


def _json(sample: ExampleMessage) -> Markup:
    return tag("pre", tag("code", as_json(truncated(sample.value))))


def _clause(clause: Clause, place: FieldPath | None, lang: str, seen: set[str]) -> Markup:
    # An id may stand once on a page, a clause that two operations share stands twice.
    anchor = None if clause.id in seen else f"clause-{clause.id}"
    seen.add(clause.id)
    quotes = [tag("q", _chinese(words)) for words in clause.quotes]
    return tag(
        "article",
        tag(
            "p",
            tag("a", clause.id, href=f"#clause-{clause.id}"),
            tag("b", clause.level, class_=f"level {clause.level}"),
            tag("span", clause.basis, class_="origin"),
            tag("code", single_line(".".join(place))) if place else None,
            class_="head",
        ),
        tag("p", _prose(clause.text)),
        tag("p", _text("document", lang), ": ", *_joined(quotes), class_="quiet") if quotes else None,
        tag("p", _text("source", lang), ": ", _prose(clause.source), class_="quiet") if clause.source else None,
        id=anchor,
    )


def _joined(pieces: Iterable[Markup]) -> Iterator[Markup]:
    for index, piece in enumerate(pieces):
        yield from (Markup(" "), piece) if index else (piece,)


def _text(text: LocalizedText | str, lang: str) -> Markup:
    en, zh = localized(LABELS[text] if isinstance(text, str) else text, lang)
    return Markup(" ".join(filter(None, (escape(single_line(en), quote=False), _chinese(zh) if zh else ""))))


def _chinese(text: str) -> Markup:
    return tag("span", single_line(text), lang="zh-CN")


def _prose(text: str) -> Markup:
    pieces = split_code_spans(single_line(text))
    return Markup("".join(tag("code", piece) if marked else escape(piece, quote=False) for marked, piece in pieces))


def _yes_no(it_is: bool, lang: str) -> Markup:
    return _text("yes" if it_is else "no", lang)
