"""Results for the tests of reports, and a parser of HTML reports."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from jsonschema import Draft7Validator
from markdown_it import MarkdownIt

from code_contract import load
from contract_tests.engine.collection import CollectedExchanges
from contract_tests.engine.session import evaluate
from contract_tests.http.exchange import Exchange, Request, TransportError, TransportErrorKind
from contract_tests.reports import html
from contract_tests.result import Result
from contract_tests.settings import Settings
from tests.contract_tests.png_samples import chunk
from tests.paths import DATA

CONTRACT = load()
SAMPLE = CONTRACT.example("captcha").value
JSON_TYPE = ("Content-Type", "application/json;charset=UTF-8")
REQUEST = Request("POST", "http://x/code", (("Source", "PC"),))
CTRF = Draft7Validator(json.loads((DATA / "ctrf.schema.json").read_text(encoding="utf-8")))
MARKDOWN = MarkdownIt("commonmark").enable("table")
VOID = {"meta", "input", "img", "circle", "line", "path", "use"}

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
HIDDEN = "\x00\x1b[31mred\x1b[0m\u202edlrow\u200b\ud800\ufffe\x85"
MARKUP = "`` ``` ```` | \\| </code></details> **bold** [link](http://evil) ![i](http://evil) @everyone\n# head"
HOSTILE = SCRIPT + HIDDEN + MARKUP


def exchange(body: Any = SAMPLE, *headers: tuple[str, str], **changes: Any) -> Exchange:
    """A baseline request with the response 200 and `body` as JSON; bytes are sent unchanged."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    made = Exchange(REQUEST, "plain", "getCode", 0, 0.0, 200, "OK", "1.1", headers or (JSON_TYPE,), raw, 0.01, 0.01)
    return replace(made, **changes)


def captcha(**changes: Any) -> dict[str, Any]:
    """The example of the document with other fields in `data`."""
    return SAMPLE | {"data": SAMPLE["data"] | changes}


def result_of(*exchanges: Exchange, notes: tuple[str, ...] = (), **settings: Any) -> Result:
    """The result of a run with these exchanges."""
    made = [replace(each, index=index) for index, each in enumerate(exchanges)]
    chosen = Settings(**{"base_url": "http://x", **settings})
    verdicts = evaluate(CONTRACT, chosen, {"getCode": made})
    collection = CollectedExchanges({"getCode": made}, list(notes), 0, 1_700_000_000.5)
    return Result(CONTRACT, chosen, tuple(verdicts), collection, elapsed=1.5)


def hostile() -> Result:
    """A result with hostile text in every value that a target controls."""
    fields = {"succFlag": HOSTILE, "code": HOSTILE, "msg": [HOSTILE], "data": HOSTILE, HOSTILE: 1}
    return result_of(
        exchange(),
        exchange(captcha(uuid=HOSTILE, img=HOSTILE)),
        exchange(captcha(uuid=[HOSTILE], img={HOSTILE: HOSTILE}, **{HOSTILE: HOSTILE})),
        exchange(captcha(img="data:image/png;base64," + HOSTILE)),
        exchange(fields),
        exchange(HOSTILE.encode("utf-8", "surrogatepass"), ("Content-Type", HOSTILE), reason=HOSTILE),
        exchange(b"", ("Location", HOSTILE), status=302, reason=HOSTILE),
        exchange(HOSTILE, status=500, reason=HOSTILE),
        exchange(
            b"", status=None, error=TransportError(TransportErrorKind.NOT_HTTP, f"what came is not HTTP: {HOSTILE}")
        ),
        strict=True,
    )


class Page(HTMLParser):
    """The elements and the text of a page; fails if tags are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def all(self, tag: str, kind: str = "") -> list[dict[str, str | None]]:
        """The attributes of every element with this tag and class."""
        found = (attributes for name, attributes in self.elements if name == tag)
        return [each for each in found if kind in (each.get("class") or "")]


def shown(result: Result, lang: str = "en") -> str:
    """The HTML report as a reader sees it who has chosen a language."""
    hidden, kept = ("zh-CN", "en") if lang == "en" else ("en", "zh-CN")
    text = re.sub(f'<span lang="{hidden}">.*?</span>', "", html.write(result).decode("utf-8"), flags=re.DOTALL)
    return re.sub(f'<span lang="{kept}">(.*?)</span>', r"\1", text, flags=re.DOTALL)


def page(result: Result) -> Page:
    return Page(shown(result))


def chart(result: Result) -> str:
    """The section of response times of an HTML report."""
    return shown(result).partition('<section id="times">')[2].partition("</section>")[0]


def with_text(uri: str, data: bytes) -> str:
    """A picture with a tEXt chunk after its header."""
    png = base64.b64decode(uri.partition(",")[2])
    return "data:image/png;base64," + base64.b64encode(png[:33] + chunk(b"tEXt", data) + png[33:]).decode()
