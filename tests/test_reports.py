"""The reports: made from one result, whole whatever the target sent, and silent about secrets."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft7Validator
from markdown_it import MarkdownIt

from contract import Contract, load
from contract_tests import judging
from contract_tests.collect import Collection
from contract_tests.exchange import Exchange, Request, Trouble, TroubleKind
from contract_tests.reports import ctrf, files, html, markdown, saying, sheet, svg
from contract_tests.result import Result
from contract_tests.run import check
from contract_tests.settings import Settings, SettingsError
from tests.conftest import checked

CONTRACT = load()
SAMPLE = CONTRACT.example("captcha").value
JSON_TYPE = ("Content-Type", "application/json;charset=UTF-8")
REQUEST = Request("POST", "http://x/code", (("Source", "PC"),))
CTRF = Draft7Validator(json.loads((Path(__file__).parent / "data" / "ctrf.schema.json").read_text(encoding="utf-8")))
MARKDOWN = MarkdownIt("commonmark").enable("table")
VOID = {"meta", "img", "circle", "line", "path", "use"}

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
HIDDEN = "\x00\x1b[31mred\x1b[0m\u202edlrow\u200b\ud800\ufffe\x85"
MARKUP = "`` ``` ```` | \\| </code></details> **bold** [link](http://evil) ![i](http://evil) @everyone\n# head"
HOSTILE = SCRIPT + HIDDEN + MARKUP


def exchange(body: Any = SAMPLE, *headers: tuple[str, str], **changes: Any) -> Exchange:
    """A plain call, answered 200 with `body` as JSON (bytes are sent as they are)."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    made = Exchange(REQUEST, "plain", "getCode", 0, 0.0, 200, "OK", "1.1", headers or (JSON_TYPE,), raw, 0.01, 0.01)
    return replace(made, **changes)


def captcha(**changes: Any) -> dict[str, Any]:
    """The document's sample with fields of its data changed."""
    return SAMPLE | {"data": SAMPLE["data"] | changes}


def result_of(*exchanges: Exchange, notes: tuple[str, ...] = (), **settings: Any) -> Result:
    """The result of a run in which those exchanges were made."""
    made = [replace(each, index=index) for index, each in enumerate(exchanges)]
    told = Settings(**{"base_url": "http://x", **settings})
    verdicts = judging.judge(CONTRACT, told, {"getCode": made})
    return Result(
        CONTRACT, told, tuple(verdicts), Collection({"getCode": made}, list(notes), 0, 1_700_000_000.5), (), 1.5
    )


def hostile() -> Result:
    """Every place that a target fills, filled with what it should not be filled with."""
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
        exchange(b"", status=None, trouble=Trouble(TroubleKind.NOT_HTTP, f"what came is not HTTP: {HOSTILE}")),
        strict=True,
    )


@pytest.fixture(scope="module")
def honest(contract: Contract) -> Result:
    return checked(contract)


@pytest.fixture(scope="module")
def faulty(contract: Contract) -> Result:
    return checked(contract, "flaky-refusals", "uuid-repeats", "succ-flag-missing", "envelope-extra", "charset-missing")


@pytest.fixture(scope="module")
def unreachable() -> Result:
    return check(CONTRACT, Settings("http://127.0.0.1:9", timeout=1))


@pytest.fixture(params=["honest", "faulty", "unreachable", "hostile"])
def result(request: pytest.FixtureRequest) -> Result:
    return hostile() if request.param == "hostile" else request.getfixturevalue(request.param)


class Page(HTMLParser):
    """A page as a browser reads it: its elements, its text; fails where a tag is not closed in turn."""

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
        """The attributes of every element of a tag, and of a class."""
        found = (attributes for name, attributes in self.elements if name == tag)
        return [each for each in found if kind in (each.get("class") or "")]


def page(result: Result) -> Page:
    return Page(html.write(result).decode("utf-8"))


def test_every_report_is_well_formed_whatever_the_target_sent(result: Result) -> None:
    """HTML closes what it opens, JSON and XML parse, and all of them are UTF-8."""
    written = {suffix: write(result).decode("utf-8") for suffix, write in files.FORMATS.items()}
    Page(written[".html"])
    json.loads(written[".json"])
    ElementTree.fromstring(written[".xml"])
    Page(MARKDOWN.render(written[".md"]))


@pytest.mark.parametrize("suffix", [".html", ".md", ".json"])
def test_what_hides_or_commands_is_shown_escaped(suffix: str) -> None:
    """Control characters, terminal escapes, bidi overrides and lone surrogates are in no report; their escapes are."""
    written = files.FORMATS[suffix](hostile()).decode("utf-8")
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\ud800-\udfff\ufffe]", written) == []
    for escaped in ("x1b", "u202e", "ud800"):
        assert escaped in written


def test_no_markup_of_a_target_comes_alive_in_html() -> None:
    """The page has the elements of an honest one's, no handler, no address, and shows the script as text."""
    found = page(hostile())
    trouble = exchange(status=None, trouble=Trouble(TroubleKind.RESET, "closed"))
    tame = page(result_of(exchange(), exchange(captcha(img=1)), exchange(captcha(img="/"), status=201), trouble))
    assert {tag for tag, _ in found.elements} <= {tag for tag, _ in tame.elements}
    for _, attributes in found.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert str(attributes.get("src", "data:image/png;base64,")).startswith("data:image/png;base64,")
        assert str(attributes.get("href", "#")).startswith("#")
    assert "<script>alert(1)</script>" in found.text


def test_no_markup_of_a_target_comes_alive_in_markdown() -> None:
    """Rendered, what a target sent stands in code blocks only: no link, no picture, no element of its own."""
    found = Page(MARKDOWN.render(markdown.write(hostile()).decode("utf-8")))
    assert {tag for tag, _ in found.elements} <= {
        *("h3", "p", "code", "pre", "details", "summary", "table", "thead", "tbody", "tr", "th", "td")
    }
    outside = found.text
    for block in found.texts["pre"]:
        outside = outside.replace(block, "")
    assert "alert" in found.text
    assert not [word for word in ("alert", "evil", "everyone", "bold") if word in outside]


def test_a_target_cannot_end_a_block_of_markdown() -> None:
    """A fence is longer than any run of backticks between it and the next."""
    trouble = Trouble(TroubleKind.NOT_HTTP, "```````")
    found = Page(MARKDOWN.render(markdown.write(result_of(exchange(b"", status=None, trouble=trouble))).decode()))
    assert "`" * 7 in found.texts["pre"][0]
    assert len(found.texts["pre"]) == 1


def test_a_row_of_the_markdown_table_has_its_five_cells() -> None:
    """A pipe in the contract's own words ends no cell."""
    clause = replace(CONTRACT.clause("body-is-json"), text="one | two \\| three <b>")
    broken = result_of(exchange(b"{"))
    verdicts = [replace(v, clause=clause) if v.clause.id == clause.id else v for v in broken.verdicts]
    rendered = (
        MarkdownIt("commonmark")
        .enable("table")
        .render(markdown.write(replace(broken, verdicts=tuple(verdicts))).decode())
    )
    assert "<td>one | two \\| three &lt;b&gt;</td>" in rendered


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def with_text(uri: str, data: bytes) -> str:
    """A picture with a tEXt chunk behind its header."""
    png = base64.b64decode(uri.partition(",")[2])
    return "data:image/png;base64," + base64.b64encode(png[:33] + chunk(b"tEXt", data) + png[33:]).decode()


def test_no_report_shows_a_secret() -> None:
    """A target that sends back the headers it was sent, wherever it can, gets them into no report."""
    canary, source = "canary-f3a9c1", "source-7d20be"
    headers = (("Authorization", canary), ("Source", source))
    both = f"{canary} {source}"
    request = Request("POST", "http://x/code", headers)
    img = with_text(SAMPLE["data"]["img"], both.encode())
    sent = [
        exchange(captcha(uuid=both, img=img), request=request),
        exchange(captcha(uuid="x" * 75 + both, img=both), request=request),
        exchange(captcha(uuid=[both], img={both: both}, **{both: both}), request=request),
        exchange(b"no json: " + both.encode(), ("Content-Type", both), request=request, reason=both),
        exchange(both, request=request, status=500, reason=both),
    ]
    unheard = exchange(b"", request=request, status=None, trouble=Trouble(TroubleKind.NOT_HTTP, f"no HTTP: {both}"))
    for result in (
        result_of(*sent, unheard, headers=headers[:1], source=source),
        result_of(unheard, headers=headers[:1], source=source),
    ):
        for suffix in (".html", ".md", ".json"):
            written = files.FORMATS[suffix](result).decode("utf-8")
            assert not re.search("canary-f3|source-7d", written), suffix
            assert "$CODE_" in written
        for each in page(result).all("img"):
            assert canary.encode() not in base64.b64decode(str(each["src"]).partition(",")[2])


def test_the_page_needs_no_network_and_runs_no_script(result: Result) -> None:
    """It links nothing, loads nothing, and its policy forbids both."""
    found = page(result)
    assert not {tag for tag, _ in found.elements} & {"script", "link", "iframe", "object", "form", "base"}
    assert "url(" not in html.STYLE.read_text(encoding="utf-8")
    assert any("default-src 'none'" in str(each.get("content")) for each in found.all("meta"))


@pytest.mark.parametrize(
    ("name", "said", "kind"),
    [
        ("honest", "Conforms", "holds"),
        ("faulty", "Does not conform", "broken"),
        ("unreachable", "Could not be judged", "unjudged"),
    ],
)
def test_the_verdict_comes_first(name: str, said: str, kind: str, request: pytest.FixtureRequest) -> None:
    """The first heading is the verdict, the target beside it."""
    result = request.getfixturevalue(name)
    found = page(result)
    assert found.texts["h1"] == [said]
    assert found.all("header", kind)
    assert result.settings.base_url in found.texts["header"][0]


def test_why_nothing_could_be_judged_is_said_in_every_report(unreachable: Result) -> None:
    """The connection was refused: HTML, Markdown and CTRF say so, and list no clause as broken."""
    for suffix in (".html", ".md", ".json"):
        assert "nothing listens there" in files.FORMATS[suffix](unreachable).decode()
    assert page(unreachable).all("details") == []


def test_clauses_stand_as_the_document_does_each_with_its_words(faulty: Result) -> None:
    """Every clause once, in the contract's order under its part, with the document's words or where else it is from."""
    found = page(faulty)
    assert [each["id"] for each in found.all("details")] == [verdict.clause.id for verdict in faulty.verdicts]
    headings = "".join(found.texts["h2"])
    places = [headings.index(part.title) for part in CONTRACT.parts.values()]
    assert places == sorted(places)
    for verdict, shown in zip(faulty.verdicts, found.texts["details"], strict=True):
        clause = verdict.clause
        assert clause.text in shown
        for word in clause.words if clause.origin == "document" else [clause.source or "purpose"]:
            assert word in shown


def test_a_broken_clause_shows_expected_received_how_often_and_curl(faulty: Result) -> None:
    """Its evidence is open to be read, and the list on top leads to it."""
    found = page(faulty)
    broken = [verdict for verdict in faulty.verdicts if verdict.broken]
    assert {verdict.status.name for verdict in broken} == {"BROKEN", "WARNED", "NOTED"}
    shown = dict(zip((str(each["id"]) for each in found.all("details")), found.texts["details"], strict=True))
    for verdict in broken:
        first = verdict.findings[0].problem
        evidence = (
            first.where,
            first.expected,
            first.received,
            f"{verdict.broken} of {verdict.judged} call",
            "curl -i",
        )
        for part in evidence:
            assert part in shown[verdict.clause.id]
    assert {each["id"] for each in found.all("details") if "open" in each} == {v.clause.id for v in broken}
    assert {f"#{v.clause.id}" for v in broken} <= {each["href"] for each in found.all("a")}


def test_pictures_stand_where_the_contract_marks_them() -> None:
    """Their places come from x-mock, below allOf, then and items too; a schema may be true."""
    assert sheet.marks(CONTRACT.operations["getCode"]) == {
        ("data", "uuid"): "challenge-uuid",
        ("data", "img"): "challenge-picture",
    }
    operation = CONTRACT.operations["getCode"]
    schema = {"properties": {"a": True, "b": {"items": {"then": {"properties": {"c": {"x-mock": "challenge-uuid"}}}}}}}
    other = replace(operation, responses={"200": replace(operation.granted, schema=schema)})
    assert sheet.marks(other) == {("b", "*", "c"): "challenge-uuid"}


def test_the_sheet_shows_the_pictures_with_their_ids(honest: Result) -> None:
    """Each answer's picture, the same pixels, with its id under it."""
    found = page(honest)
    answers = [json.loads(e.body) for e in honest.collection.all() if e.status == 200]
    assert [each["src"] for each in found.all("img")] == [answer["data"]["img"] for answer in answers]
    for answer, card in zip(answers, found.texts["figure"], strict=True):
        assert answer["data"]["uuid"] in card
    order = [tag for tag, _ in found.elements if tag in ("figure", "img", "code", "figcaption")]
    first = order.index("figure")
    assert order[first : first + 4] == ["figure", "img", "code", "figcaption"]
    assert "again" not in "".join(found.texts["figure"])


def test_the_sheet_is_capped() -> None:
    """Of 60 answers the first 48 are shown, and the page says so."""
    found = page(result_of(*(exchange(captcha(uuid=str(n))) for n in range(60))))
    assert len(found.all("figure")) == sheet.MOST == 48
    assert "The first 48 answers." in found.text


def wide(width: int, height: int) -> str:
    """A grey picture of that size."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode()


def spoilt(by: int) -> str:
    """The sample's picture with one byte of its pixels changed."""
    png = bytearray(base64.b64decode(SAMPLE["data"]["img"].partition(",")[2]))
    png[500] ^= by
    return "data:image/png;base64," + base64.b64encode(png).decode()


@pytest.mark.parametrize(
    ("img", "why"),
    [
        ("/captcha.png", "no data URI in base64"),
        (SAMPLE["data"]["img"].replace("png;", "svg+xml;")[:-8], "no PNG: byte"),
        ("data:image/svg+xml;base64,PHN2Zz4=", "no PNG: byte 0"),
        (spoilt(1), "chunk 2 (IDAT) at byte 33: CRC"),
        (wide(1000, 400), ""),
        (wide(2000, 1500), "too large for this page"),
        ({"a": 1}, ""),
        (None, ""),
    ],
    ids=["address", "cut", "svg", "crc", "wide", "too-large", "object", "null"],
)
def test_only_a_sound_small_picture_is_shown_as_one(img: Any, why: str) -> None:
    """Anything else is shown as text, and why it is no picture."""
    found = page(result_of(exchange(captcha(img=img))))
    shown = img == wide(1000, 400)
    assert len(found.all("img")) == shown
    assert why in found.texts["figure"][0]


def test_what_comes_again_is_marked_and_nothing_else_is() -> None:
    """An id, and a picture, that an earlier answer carried; two broken pictures of one length are two."""
    cards = page(
        result_of(
            exchange(),
            exchange(captcha(uuid="other", img=with_text(SAMPLE["data"]["img"], b"a\0b"))),
            exchange(captcha(uuid=SAMPLE["data"]["uuid"], img=wide(9, 9))),
            exchange(captcha(uuid="one", img=spoilt(1))),
            exchange(captcha(uuid="two", img=spoilt(2))),
        )
    ).texts["figure"]
    assert [card.count("call 1 again") for card in cards] == [0, 1, 1, 0, 0]


def test_the_chart_has_one_mark_for_every_call(honest: Result) -> None:
    """In their groups: one after another, at the same time, probes, generated; each says which call it was."""
    titles = page(honest).texts["title"][1:]
    assert len(titles) == honest.calls
    chart = svg.chart(honest)
    for kind in ("serial", "together", "probe", "generated"):
        assert chart.count(f'<g class="{kind}">') == 1
    assert sum("other-method" in title for title in titles) == 1


def test_calls_made_at_the_same_time_are_told_apart() -> None:
    """Those that overlap another one stand in a group of their own."""
    times = [(0.0, 0.1), (0.2, 0.1), (1.0, 0.5), (1.1, 0.1), (1.3, 0.1)]
    chart = svg.chart(result_of(*(exchange(started=started, elapsed=took) for started, took in times)))
    assert "one after another (2)" in chart
    assert "at the same time (3)" in chart


def test_a_call_in_trouble_is_marked_by_its_form() -> None:
    """A cross for trouble, a ring for a status that is not 2xx, and both are told in the legend."""
    trouble = Trouble(TroubleKind.NO_ANSWER, "no answer within 1 s")
    chart = svg.chart(result_of(exchange(), exchange(status=None, trouble=trouble), exchange(status=503)))
    assert (chart.count("<use"), chart.count('class="other"'), chart.count("<circle")) == (1, 1, 2)
    assert "no answer, 10 ms" in chart
    assert "trouble (1)" in chart


def test_the_chart_of_many_calls_shows_the_slowest_of_several() -> None:
    """Of 5,000 calls no more than 600 marks are drawn, the slowest call and the one in trouble among them."""
    calls = [exchange(elapsed=0.01) for _ in range(5_000)]
    calls[777] = exchange(elapsed=3.0)
    calls[1234] = exchange(elapsed=0.001, status=None, trouble=Trouble(TroubleKind.RESET, "closed"))
    made = [replace(each, index=index, started=float(index)) for index, each in enumerate(calls)]
    chart = svg.chart(replace(result_of(exchange()), collection=Collection({"getCode": made})))
    assert svg.MOST - 100 < chart.count("<title>") <= svg.MOST
    assert "call 778: HTTP 200, 3 s" in chart
    assert "call 1235: connection lost" in chart
    assert "each mark is the slowest of 9 calls" in chart


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.00324, "3.24 ms"), (0.14, "140 ms"), (0.9996, "1 s"), (2.5, "2.5 s"), (0.0, "0 ms")],
)
def test_a_time_is_said_as_people_do(seconds: float, said: str) -> None:
    """In milliseconds below a second."""
    assert saying.milliseconds(seconds) == said


def test_open_questions_and_the_readings_chosen_are_listed(honest: Result) -> None:
    """Every x-assumption of the contract, and every clause of that origin with its source."""
    text = CONTRACT.path.read_text(encoding="utf-8")
    questions = saying.assumptions(CONTRACT)
    assert len(questions) == len(re.findall(r"^ +x-assumption:", text, re.MULTILINE)) == 3
    listed = page(honest).texts["dl"][-1]
    for question in questions:
        assert question.name in listed
        assert question.reading in listed
    assert {
        v.clause.id for v in honest.verdicts if v.clause.origin == "assumption" and v.clause.id not in listed
    } == set()


def test_ctrf_is_valid_against_its_schema(result: Result) -> None:
    """And its summary counts its tests."""
    report = json.loads(ctrf.write(result))
    assert list(CTRF.iter_errors(report)) == []
    summary, tests = report["results"]["summary"], report["results"]["tests"]
    counts = Counter(test["status"] for test in tests)
    assert summary["tests"] == len(tests) == len(result.verdicts)
    assert {name: summary[name] for name in ("passed", "failed", "skipped", "pending", "other")} == {
        name: counts[name] for name in ("passed", "failed", "skipped", "pending", "other")
    }
    assert summary["stop"] - summary["start"] == summary["duration"]
    assert report["results"]["environment"]["healthy"] is (result.exit_status == 0)


def test_ctrf_fails_what_fails_the_run(faulty: Result) -> None:
    """A warning and a note are `other`; in a strict run a warning fails."""
    for strict in (False, True):
        told = replace(faulty, settings=replace(faulty.settings, strict=strict))
        tests = {test["name"]: test for test in ctrf.report(told)["results"]["tests"]}
        assert {name for name, test in tests.items() if test["status"] == "failed"} == {
            v.clause.id for v in told.failed
        }
        assert tests["charset-is-stated"]["status"] == ("failed" if strict else "other")
        assert tests["envelope-adds-nothing"]["status"] == "other"
        assert tests["source-is-required"]["status"] == "skipped"
        assert "received" in tests["uuid-is-unique"]["message"]


def test_ctrf_of_a_target_that_could_not_be_judged_accuses_nobody(unreachable: Result) -> None:
    """No test of it failed, none passed, and it is not healthy."""
    summary = ctrf.report(unreachable)["results"]["summary"]
    assert summary["other"] == summary["tests"] == len(CONTRACT.clauses)


def test_markdown_is_short_enough_for_a_comment() -> None:
    """Fewer than the 65,536 characters of a GitHub comment, with everything broken that can be."""
    written = markdown.write(hostile()).decode()
    assert len(written) < 40_000
    assert written.count("<details") == markdown.MOST
    assert "more is in the other reports" in written


def test_markdown_names_what_is_broken_what_fails_first(faulty: Result) -> None:
    """One row a clause, and its evidence below."""
    written = markdown.write(faulty).decode()
    rows = re.findall(r"^\| \S \| <code>(.+?)</code> \| (\w+) \| (\d+ of \d+) ", written, re.MULTILINE)
    broken = sorted((v for v in faulty.verdicts if v.broken), key=lambda v: v not in faulty.failed)
    assert rows == [(v.clause.id, v.clause.level, f"{v.broken} of {v.judged}") for v in broken]
    assert written.count("<details open>") == len(faulty.failed)


@pytest.mark.parametrize("suffix", [".html", ".HTML", ".md", ".json", ".xml"])
def test_the_suffix_of_a_file_says_the_format(suffix: str, honest: Result, tmp_path: Path) -> None:
    """In small letters or capitals."""
    path = tmp_path / f"report{suffix}"
    files.refuse(path)
    assert not path.exists()
    files.write(path, honest)
    assert path.read_bytes() == files.FORMATS[suffix.lower()](honest)


@pytest.mark.parametrize("name", ["report.pdf", "report", ".html"])
def test_an_unknown_suffix_is_refused_with_those_there_are(name: str, tmp_path: Path) -> None:
    """Before the run, by name."""
    with pytest.raises(SettingsError, match=re.escape(".html, .json, .md, .xml")):
        files.refuse(tmp_path / name)


def test_a_file_that_cannot_be_written_is_refused(honest: Result, tmp_path: Path) -> None:
    """In a folder that is not there, and in place of a folder; an old report is kept until there is a new one."""
    (tmp_path / "folder.md").mkdir()
    for path in (tmp_path / "none" / "r.html", tmp_path / "folder.md"):
        with pytest.raises(SettingsError, match="cannot be written"):
            files.refuse(path)
        with pytest.raises(SettingsError, match="cannot be written"):
            files.write(path, honest)
    old = tmp_path / "old.md"
    old.write_text("old", encoding="utf-8")
    files.refuse(old)
    assert old.read_text(encoding="utf-8") == "old"
