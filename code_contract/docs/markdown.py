"""GitHub-flavoured Markdown, with the clauses below each operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from code_contract.clauses import Clause
from code_contract.docs.escaping import code, inline_markdown, markdown
from code_contract.docs.examples import as_json, format_cell, truncated
from code_contract.docs.labels import label_text, requirement_label
from code_contract.docs.model import OperationSection, Page
from code_contract.docs.schemas import Field, Table


def render_page(page: Page, lang: str, note: str) -> str:
    """Render the page in English ("en"), Chinese ("zh") or both. Text without a translation stays English."""
    lines = [f"<!-- {note} -->", "", f"# {markdown(label_text(page.title, lang))}", ""]
    lines += [f"{label_text('version', lang)} {markdown(page.version)}", ""]
    if page.description and lang != "zh":
        lines += [inline_markdown(page.description), ""]
    seen: set[str] = set()
    for section in page.sections:
        lines += _section(section, lang, seen)
    return "\n".join(lines)


def _section(section: OperationSection, lang: str, seen: set[str]) -> Iterator[str]:
    yield from (f"## {markdown(label_text(section.title, lang))}", "")
    if section.description and lang != "zh":
        yield from (inline_markdown(section.description), "")
    lines = [
        (label_text("address", lang), code(f"{section.method} {section.path}")),
        (label_text("content_type", lang), code(section.content_type or "")),
        (label_text("authentication", lang), _yes(section.authentication, lang)),
        *(
            (markdown(label_text(requirement_label(header.name), lang)), _yes(header.is_required, lang))
            for header in section.headers
        ),
    ]
    yield from (f"- {label}: {value}" for label, value in lines if value)
    yield ""
    first, *nested = section.request
    yield from (f"### {label_text('request', lang)}", "")
    yield from _fields(first.fields, lang) if first.fields else (label_text("nothing", lang), "")
    yield from _tables(nested, lang)
    if section.request_sample is not None:
        yield from _json(section.request_sample.value)
    yield from (f"### {label_text('response', lang)}", "")
    yield from _tables(section.response, lang)
    if section.samples:
        yield from (f"### {label_text('examples', lang)}", "")
    for sample in section.samples:
        yield from (f"{sample.status}: {inline_markdown(sample.summary)}", "")
        yield from _json(sample.value)
    if section.groups:
        yield from (f"### {label_text('clauses', lang)}", "")
    for group in section.groups:
        yield from (f"#### {markdown(label_text(group.title, lang))}", "")
        yield from _row(
            [label_text(key, lang) for key in ("clause", "level", "origin", "requirement", "source")], head=True
        )
        for clause, _ in group.clauses:
            yield from _row(_clause(clause, seen))
        yield ""


def _clause(clause: Clause, seen: set[str]) -> list[str]:
    # An id is unique on a page; a clause of two operations is printed twice.
    anchor = "" if clause.id in seen else f'<a id="clause-{clause.id}"></a>'
    seen.add(clause.id)
    source = [*(code(quote) for quote in clause.quotes), inline_markdown(clause.source or "")]
    return [
        anchor + code(clause.id),
        clause.level.upper(),
        clause.basis,
        inline_markdown(clause.text),
        " ".join(filter(None, source)),
    ]


def _tables(tables: Iterable[Table], lang: str) -> Iterator[str]:
    for table in tables:
        place = f" {code('.'.join(table.place))}" if table.place else ""
        yield from (f"**{markdown(label_text(table.title, lang))}**{place}", "")
        yield from _fields(table.fields, lang)


def _fields(fields: Iterable[Field], lang: str) -> Iterator[str]:
    fields = list(fields)
    located = any(each.location for each in fields)
    keys = ["field", *(["location"] if located else []), "type", "required", "example", "limits", "meaning"]
    yield from _row([label_text(key, lang) for key in keys], head=True)
    for each in fields:
        types = "/".join(map(str.capitalize, each.types))
        meaning = inline_markdown(label_text(each.title, lang))
        if each.assumption:
            meaning += f" *{label_text('assumed', lang)}: {inline_markdown(each.assumption)}*"
        yield from _row(
            [
                code(each.name),
                *([each.location or "body"] if located else []),
                f"{types} {label_text('or_null', lang)}" if each.nullable else types,
                _yes(each.required, lang),
                markdown(each.zh_example) if lang == "zh" and each.zh_example else code(format_cell(each.example)),
                ", ".join(f"{key} {code(format_cell(value))}" for key, value in each.limits),
                meaning,
            ]
        )
    yield ""


def _row(cells: list[str], head: bool = False) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"
    if head:
        yield "| --- " * len(cells) + "|"


def _json(value: object) -> Iterator[str]:
    yield from ("```json", as_json(truncated(value)), "```", "")


def _yes(it_is: bool, lang: str) -> str:
    return label_text("yes" if it_is else "no", lang)
