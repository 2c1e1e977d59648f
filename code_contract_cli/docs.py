"""`code-contract docs`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

import click

from code_contract.docs import FILE_FORMATS, FORMATS, read_generator_comment, render
from code_contract_cli import interrupts
from code_contract_cli import output as files
from code_contract_cli.options import FILE, Spec, spec_option

MAX_LINES = 20
MAX_WIDTH = 160
MAX_COMPARED = 500


@click.command("docs")
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS, *FILE_FORMATS]),
    help="Output format.  [default: by the suffix of PATH, or vuepress]",
)
@click.option(
    "--lang", type=click.Choice(["zh", "en", "both"]), help="Language of a page.  [default: that of the document]"
)
@click.option("-o", "output", type=FILE, metavar="PATH", help="Output file.  [default: stdout]")
@click.option(
    "--check",
    "printed",
    type=FILE,
    metavar="PATH",
    help="Check that this generated file is up to date.",
)
@spec_option
def command(form: str | None, lang: str | None, output: Path | None, printed: Path | None, spec: Spec) -> int:
    """Generate the API documentation: a VuePress, Markdown or HTML page, or OpenAPI in one file.

    Or what developers need of it: TypeScript types, an .http file, or a Postman collection.

    \b
    Exit status with --check: 0 the file is up to date;
    1 it is out of date; 2 it cannot be read.
    """
    if output is not None and printed is not None:
        raise click.UsageError("-o and --check cannot be combined")
    files.check_writable([output] if output else [])
    if printed is not None:
        return _check(printed, form, lang, spec)
    text = render(spec.load(), form or _format_of(output), lang)
    # UTF-8 whatever the terminal uses, because the output is often a file. Lone surrogates become JSON escapes.
    data = text.encode("utf-8", "backslashreplace")
    if output is None:
        click.echo(data, nl=False)
        return 0
    with interrupts.deferred():
        files.save_all([(output, lambda: data)])
    return interrupts.exit_status()


def _check(printed: Path, form: str | None, lang: str | None, spec: Spec) -> int:
    try:
        found = printed.read_text(encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{printed} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{printed} cannot be read: it is not UTF-8") from None
    # A page records the format and language with which it was generated.
    own_form, own_lang = read_generator_comment(found) or (None, None)
    form = form or own_form or _format_of(printed)
    lang = lang or (own_lang if form == own_form else None)
    wanted = render(spec.load(), form, lang)
    if found == wanted.encode("utf-8", "backslashreplace").decode("utf-8"):
        return 0
    click.echo("\n".join(_difference(found, wanted, printed.name)))
    again = " ".join(["code-contract docs --format", form, *(["--lang", lang] if lang else []), "-o", str(printed)])
    click.echo(f"{printed} is out of date; run: {again}", err=True)
    return 1


def _difference(found: str, wanted: str, name: str) -> Iterator[str]:
    """Yield the first differences; a comparison of all lines of a large page would take minutes."""
    old, new = found.splitlines(), wanted.splitlines()
    pairs = enumerate(zip(old, new, strict=False))
    start = max(0, next((index for index, pair in pairs if pair[0] != pair[1]), min(len(old), len(new))) - 1)
    old, new = (lines[start : start + MAX_COMPARED] for lines in (old, new))
    lines = list(difflib.unified_diff(old, new, name, "the contract", n=1, lineterm=""))
    for line in lines[:MAX_LINES]:
        if line.startswith("@@"):
            line = re.sub(r"([-+])(\d+)", lambda sign: f"{sign[1]}{int(sign[2]) + start}", line)
        yield line if len(line) <= MAX_WIDTH else f"{line[:MAX_WIDTH]}…"
    if len(lines) > MAX_LINES:
        yield "… and more lines"


def _format_of(path: Path | None) -> str:
    """Return the format with the longest suffix of a path: the first one, if several share it or there is no suffix."""
    suffixes = {name: form.suffix for name, form in (FORMATS | FILE_FORMATS).items()}
    name = path.name.lower() if path is not None and path.suffix else ".md"
    found = [each for each, suffix in suffixes.items() if name.endswith(suffix)]
    if not found:
        known = ", ".join(dict.fromkeys(suffixes.values()))
        raise click.UsageError(
            f"{str(path)!r} has no known suffix; use one of {known}, or name the format with --format"
        )
    return max(found, key=lambda each: len(suffixes[each]))
