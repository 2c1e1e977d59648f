"""Plain GitHub-flavoured Markdown, with the clauses under each operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from code_contract.clauses import Clause
from code_contract.docs.escaping import code, inline_markdown, markdown
from code_contract.docs.examples import as_json, format_cell, truncated
from code_contract.docs.labels import label_text, requirement_label
from code_contract.docs.model import OperationSection, Page
from code_contract.docs.schemas import Field, LocalizedText, Table


def page(facts: Page, lang: str, note: str) -> str:
    """The page in English, in Chinese or in both; sentences that the contract has in English only stay so."""
    lines = [f"<!-- {note} -->", "", f"# {markdown(label_text(facts.title, lang))}", ""]
    lines += [f"{label_text('version', lang)} {markdown(facts.version)}", ""]
    if facts.description and lang != "zh":
        lines += [inline_markdown(facts.description), ""]
    seen: set[str] = set()
    for section in facts.sections:
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
            (markdown(label_text(requirement_label(need.name), lang)), _yes(need.needed, lang))
            for need in section.needs
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
        yield from (f"### {label_text('answers', lang)}", "")
    for sample in section.samples:
        yield from (f"{sample.status}: {inline_markdown(sample.summary)}", "")
        yield from _json(sample.value)
    if section.groups:
        yield from (f"### {label_text('clauses', lang)}", "")
    for group in section.groups:
        yield from (f"#### {markdown(label_text(LocalizedText(group.part.title, group.part.zh), lang))}", "")
        yield from _row(
            [label_text(key, lang) for key in ("clause", "level", "origin", "sentence", "source")], head=True
        )
        for clause, _ in group.clauses:
            yield from _row(_clause(clause, seen))
        yield ""


def _clause(clause: Clause, seen: set[str]) -> list[str]:
    # An anchor may stand once on a page, a clause that two operations share stands twice.
    anchor = "" if clause.id in seen else f'<a id="clause-{clause.id}"></a>'
    seen.add(clause.id)
    source = [*(code(words) for words in clause.quotes), inline_markdown(clause.source or "")]
    return [
        anchor + code(clause.id),
        clause.level,
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
