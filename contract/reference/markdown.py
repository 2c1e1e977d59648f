"""Plain GitHub-flavoured Markdown, with the clauses under each operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contract.clauses import Clause
from contract.reference.escaping import code, markdown, prose
from contract.reference.facts import Page, Section
from contract.reference.samples import as_json, shortened, word
from contract.reference.schemas import Field, Table, Text
from contract.reference.words import needed, say


def page(facts: Page, lang: str, note: str) -> str:
    """The page in English, in Chinese or in both; sentences that the contract has in English only stay so."""
    lines = [f"<!-- {note} -->", "", f"# {markdown(say(facts.title, lang))}", ""]
    lines += [f"{say('version', lang)} {markdown(facts.version)}", ""]
    if facts.description and lang != "zh":
        lines += [prose(facts.description), ""]
    seen: set[str] = set()
    for section in facts.sections:
        lines += _section(section, lang, seen)
    return "\n".join(lines)


def _section(section: Section, lang: str, seen: set[str]) -> Iterator[str]:
    yield from (f"## {markdown(say(section.title, lang))}", "")
    if section.description and lang != "zh":
        yield from (prose(section.description), "")
    lines = [
        (say("address", lang), code(f"{section.method} {section.path}")),
        (say("content_type", lang), code(section.content_type or "")),
        (say("authentication", lang), _yes(section.authentication, lang)),
        *((markdown(say(needed(need.name), lang)), _yes(need.needed, lang)) for need in section.needs),
    ]
    yield from (f"- {label}: {value}" for label, value in lines if value)
    yield ""
    first, *nested = section.request
    yield from (f"### {say('request', lang)}", "")
    yield from _fields(first.fields, lang) if first.fields else (say("nothing", lang), "")
    yield from _tables(nested, lang)
    if section.request_sample is not None:
        yield from _json(section.request_sample.value)
    yield from (f"### {say('response', lang)}", "")
    yield from _tables(section.response, lang)
    if section.samples:
        yield from (f"### {say('answers', lang)}", "")
    for sample in section.samples:
        yield from (f"{sample.status}: {prose(sample.summary)}", "")
        yield from _json(sample.value)
    if section.groups:
        yield from (f"### {say('clauses', lang)}", "")
    for group in section.groups:
        yield from (f"#### {markdown(say(Text(group.part.title, group.part.zh), lang))}", "")
        yield from _row([say(key, lang) for key in ("clause", "level", "origin", "sentence", "source")], head=True)
        for clause, _ in group.clauses:
            yield from _row(_clause(clause, seen))
        yield ""


def _clause(clause: Clause, seen: set[str]) -> list[str]:
    # An anchor may stand once on a page, a clause that two operations share stands twice.
    anchor = "" if clause.id in seen else f'<a id="clause-{clause.id}"></a>'
    seen.add(clause.id)
    source = [*(code(words) for words in clause.words), prose(clause.source or "")]
    return [anchor + code(clause.id), clause.level, clause.origin, prose(clause.text), " ".join(filter(None, source))]


def _tables(tables: Iterable[Table], lang: str) -> Iterator[str]:
    for table in tables:
        place = f" {code('.'.join(table.place))}" if table.place else ""
        yield from (f"**{markdown(say(table.title, lang))}**{place}", "")
        yield from _fields(table.fields, lang)


def _fields(fields: Iterable[Field], lang: str) -> Iterator[str]:
    fields = list(fields)
    located = any(each.location for each in fields)
    keys = ["field", *(["location"] if located else []), "type", "required", "example", "limits", "meaning"]
    yield from _row([say(key, lang) for key in keys], head=True)
    for each in fields:
        types = "/".join(map(str.capitalize, each.types))
        meaning = prose(say(each.title, lang))
        if each.assumption:
            meaning += f" *{say('assumed', lang)}: {prose(each.assumption)}*"
        yield from _row(
            [
                code(each.name),
                *([each.location or "body"] if located else []),
                f"{types} {say('or_null', lang)}" if each.nullable else types,
                _yes(each.required, lang),
                markdown(each.zh_example) if lang == "zh" and each.zh_example else code(word(each.example)),
                ", ".join(f"{key} {code(word(value))}" for key, value in each.limits),
                meaning,
            ]
        )
    yield ""


def _row(cells: list[str], head: bool = False) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"
    if head:
        yield "| --- " * len(cells) + "|"


def _json(value: object) -> Iterator[str]:
    yield from ("```json", as_json(shortened(value)), "```", "")


def _yes(it_is: bool, lang: str) -> str:
    return say("yes" if it_is else "no", lang)
