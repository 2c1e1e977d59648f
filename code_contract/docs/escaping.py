"""Escaping of contract text, which may contain the syntax of the target format."""

from __future__ import annotations

import re

from code_contract.text import escape_unprintable

_SPECIAL = re.compile(r"[\\`*\[\]<>&|~$]|(?<![^\W_])_|_(?![^\W_])|^[#=]|^[+-](?=\s)|^:(?=::)|^\d+(?=[.)]\s)|\{(?=\{)")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_QUOTE = re.compile(r"^ {0,3}> ?")
_BLOCK = re.compile(r" {0,3}(?:(?P<heading>#{1,6}\s|\[![A-Z]+\]\s*$)|(?P<row>\|)|(?P<item>[-*+]\s|\d+[.)]\s))")
# Bounded, because a text with many openings would be read as often.
_INLINE = re.compile(
    r"(?P<code>`[^`]+`)"
    r"|!?\[(?P<label>[^\[\]]{0,200})\]\((?P<url>[^\s()]{1,1000})(?:\s[^()]{0,200})?\)"
    r"|\*\*(?=\S)(?P<strong>.{1,500}?)\*\*"
)
_SPAN = re.compile(r"`([^`]+)`")


def single_line(text: object) -> str:
    """Return the text as one line of printable characters."""
    return escape_unprintable(" ".join(str(text).split()))


def blocks(text: object) -> list[tuple[str, str]]:
    """Return the blocks of a text in CommonMark, one line each, with their kind: heading, item, row, code, text."""
    found: list[tuple[str, list[str]]] = []
    kind, is_code = "", False
    for raw in str(text).splitlines():
        line = raw if is_code else _QUOTE.sub("", raw)
        if _FENCE.match(line):
            kind, is_code = "", not is_code
        elif is_code:
            found.append(("code", [line]))
        elif block := _BLOCK.match(line):
            kind = str(block.lastgroup)
            found.append((kind, [line.strip(" #[!]") if kind == "heading" else line]))
        elif not line.strip():
            kind = ""
        elif kind in ("item", "text"):
            found[-1][1].append(line)
        else:
            kind = "text"
            found.append((kind, [line]))
    lines = ((kind, " ".join(lines)) for kind, lines in found)
    return [(kind, line if kind == "code" else plain(line)) for kind, line in lines if line.strip()]


def plain(text: object) -> str:
    """Return a text in CommonMark as one line; links and strong emphasis become text, code spans stay."""
    return _INLINE.sub(_as_text, single_line(text))


def markdown(text: object) -> str:
    """Return the text escaped for Markdown, its tables, HTML and Vue's {{ }}.

    Entities, not backslashes: VuePress copies the title of a container without parsing it as Markdown.
    """
    return _SPECIAL.sub(lambda sign: "".join(map(_entity, sign[0])), single_line(text))


def code(text: object) -> str:
    """Return the text as a code span for a line or a table cell of Markdown."""
    line = single_line(text)
    if not line:
        return ""
    # A backtick ends the span, a bar ends the cell; GitHub accepts the tag instead.
    return f"<code>{markdown(line)}</code>" if re.search(r"[`|]|\{\{", line) else f"`{line}`"


def inline_markdown(text: object) -> str:
    """Return a sentence with `code` spans (CommonMark) escaped for Markdown."""
    return "".join(
        code(piece) if marked else markdown_inside(piece) for marked, piece in split_code_spans(single_line(text))
    )


def markdown_inside(text: str) -> str:
    """Return an escaped piece of a line, outer spaces kept."""
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{markdown(text)}{after}" if text.strip() else text


def split_code_spans(text: str) -> list[tuple[bool, str]]:
    """Return the pieces of a sentence, each with True for a code span."""
    return [(index % 2 == 1, piece) for index, piece in enumerate(_SPAN.split(text)) if piece]


def _as_text(found: re.Match[str]) -> str:
    if found["url"]:
        label, url = found["label"], found["url"]
        return f"{label} ({url})" if label and label != url else url
    return found["code"] or found["strong"]


def _entity(sign: str) -> str:
    # Vue decodes entities before it looks for braces, so a comment separates two braces.
    return "{<!-- -->" if sign == "{" else f"&#{ord(sign)};"
