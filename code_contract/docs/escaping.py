"""Escaping of contract text, which may contain the syntax of the target format."""

from __future__ import annotations

import re

from code_contract.text import escape_unprintable

_SPECIAL = re.compile(r"[\\`*\[\]<>&|~$]|(?<![^\W_])_|_(?![^\W_])|^[#=]|^[+-](?=\s)|^:(?=::)|^\d+(?=[.)]\s)|\{(?=\{)")
_SPAN = re.compile(r"`([^`]+)`")


def single_line(text: object) -> str:
    """Return the text as one line of printable characters."""
    return escape_unprintable(" ".join(str(text).split()))


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


def _entity(sign: str) -> str:
    # Vue decodes entities before it looks for braces, so a comment separates two braces.
    return "{<!-- -->" if sign == "{" else f"&#{ord(sign)};"
