"""HTML page for readers: self-contained, searchable, printable, light and dark, an anchor for every clause."""

from __future__ import annotations

import re
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined

from code_contract.docs.escaping import single_line, split_code_spans
from code_contract.docs.examples import as_json, format_cell, image_data_uris, truncated
from code_contract.docs.labels import label_text, lookup, requirement_label
from code_contract.docs.model import Page

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def render_page(page: Page, lang: str, note: str) -> str:
    """Render the page.

    Args:
        page: The content.
        lang: "en", "zh" or "both". Text that exists in English only is printed in English.
        note: Generator comment for the footer.

    Returns:
        An HTML document that loads nothing.
    """
    environment = Environment(
        loader=PackageLoader("code_contract.docs"), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )
    environment.filters |= {
        "anchor": lambda name: re.sub(r"\W+", "-", str(name)),
        "cell": format_cell,
        "code_spans": lambda text: split_code_spans(single_line(text)),
        "image_data_uris": image_data_uris,
        "json_text": lambda value: as_json(truncated(value)),
        "requirement": requirement_label,
        "single_line": single_line,
    }
    environment.globals |= {"localized": partial(lookup, lang=lang), "label": partial(label_text, lang=lang)}
    # The style and the script are our own files; everything else passes through autoescape.
    return environment.get_template("page.html").render(page=page, lang=lang, note=note, policy=POLICY) + "\n"
