"""Text from the contract, made harmless: it may hold whatever a format takes for its own signs."""

from __future__ import annotations

import re

# Controls, the marks that turn the direction of writing, and halves of characters.
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile(r"[\\`*\[\]<>&|~$]|(?<![^\W_])_|_(?![^\W_])|^[#=]|^[+-](?=\s)|^:(?=::)|^\d+(?=[.)]\s)|\{(?=\{)")
_SPAN = re.compile(r"`([^`]+)`")


def single_line(text: object) -> str:
    """One line of printable characters."""
    return " ".join(_UNPRINTABLE.sub("\ufffd", str(text)).split())


def markdown(text: object) -> str:
    """Text that Markdown, its tables, HTML and Vue's {{ }} all leave as it is.

    Entities rather than backslashes: VuePress copies the title of a container without reading its Markdown.
    """
    return _SPECIAL.sub(lambda sign: "".join(map(_entity, sign[0])), single_line(text))


def code(text: object) -> str:
    """Text as code, for a line or a table cell of Markdown."""
    line = single_line(text)
    if not line:
        return ""
    # A backtick would end the span, a bar the cell: there the tag does, as GitHub allows.
    return f"<code>{markdown(line)}</code>" if re.search(r"[`|]|\{\{", line) else f"`{line}`"


def inline_markdown(text: object) -> str:
    """A sentence of the contract, which may mark `code` as CommonMark does."""
    return "".join(
        code(piece) if marked else markdown_inside(piece) for marked, piece in split_code_spans(single_line(text))
    )


def markdown_inside(text: str) -> str:
    """A piece of a line, its outer spaces kept."""
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{markdown(text)}{after}" if text.strip() else text


def split_code_spans(text: str) -> list[tuple[bool, str]]:
    """The pieces of a sentence, and whether each is marked as code."""
    return [(index % 2 == 1, piece) for index, piece in enumerate(_SPAN.split(text)) if piece]


def _entity(sign: str) -> str:
    # Vue would read entities first and braces then, so two braces are parted by a comment instead.
    return "{<!-- -->" if sign == "{" else f"&#{ord(sign)};"
