"""Reports in Chinese: `check --lang zh`, and the switch of an HTML report."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest

from contract_tests.engine.comparison import Baseline
from contract_tests.message import Message, translate
from contract_tests.reports import ctrf, html, junit, markdown, terminal, wording
from contract_tests.result import Result
from tests.chinese import english_in_chinese
from tests.contract_tests.png_samples import chunk
from tests.contract_tests.reports.results import SAMPLE, captcha, exchange, result_of, shown


@pytest.mark.parametrize("name", ["correct", "faulty", "unreachable"])
def test_a_chinese_report_has_no_english_sentence(name: str, request: pytest.FixtureRequest) -> None:
    """Clause texts, verdicts, titles, notes, hints and reasons are Chinese; data and commands stay as they are."""
    assert english_in_chinese(request.getfixturevalue(name)) == []


def test_the_terminal_and_markdown_are_in_the_language_of_the_run(faulty: Result) -> None:
    """Labels, verdicts and requirements are those of the language; ids and values are the same."""
    for lang, words in (("en", ("requirement", "FAILED", "MUST")), ("zh", ("要求", "失败", "（必须）"))):
        result = replace(faulty, lang=lang)
        written = "\n".join(terminal.render(result)), markdown.write(result).decode()
        assert all(word in written[0] for word in words)
        for text in written:
            assert "valid-request-succeeds" in text
            assert ("A valid request always succeeds" in text) == (lang == "en")
            assert ("有效请求总是成功" in text) == (lang == "zh")


def test_an_html_report_is_in_both_languages(faulty: Result) -> None:
    """One is shown, by a switch that needs no script; the language of the run is chosen at first."""
    for lang in ("en", "zh"):
        written = html.write(replace(faulty, lang=lang)).decode()
        assert f'id="lang-{lang}" checked>' in written
        assert written.count(" checked>") == 1
    clause = faulty.failed[0].clause
    assert clause.text in shown(faulty, "en")
    assert clause.text not in shown(faulty, "zh")
    assert clause.zh in shown(faulty, "zh")


def test_programs_read_english(faulty: Result) -> None:
    """CTRF and JUnit do not depend on the language."""
    chinese = replace(faulty, lang="zh")
    assert ctrf.write(chinese) == ctrf.write(faulty)
    assert junit.write(chinese) == junit.write(faulty)


def test_data_that_reads_like_a_sentence_stays_data() -> None:
    """A value of the target is not translated, and ids in attributes are the same in both languages."""
    written = html.write(result_of(exchange())).decode()
    assert 'id="section-body"' in written
    assert translate(Message("a string that matches {}", "none"), "zh") == "匹配 none 的字符串"


def test_a_place_in_a_picture_is_chinese() -> None:
    """A place of one word is a sentence, and bytes are counted as bytes."""
    data = base64.b64decode(SAMPLE["data"]["img"].partition(",")[2])
    for changed, place, received in (
        (data + b"rest", "$.data.img，结尾", "4 字节"),
        (data[:33] + chunk(b"IHDR", data[16:29]) + data[33:], "$.data.img，数据块", "2 个"),
        (data[:60], "$.data.img，第 33 字节", "27 字节"),
    ):
        img = "data:image/png;base64," + base64.b64encode(changed).decode()
        result = replace(result_of(exchange(captcha(img=img))), lang="zh")
        lines = "\n".join(line for verdict in result.failed for line in terminal.evidence(verdict, result))
        assert re.search(f"位置 +{re.escape(place)}", lines)
        assert re.search(f"实际 +{received}", lines)


def test_lists_and_quotes_have_chinese_punctuation() -> None:
    """Names are listed with an enumeration comma, quotes of the document with a semicolon, without spaces."""
    result = replace(result_of(exchange(b"", status=404)), lang="zh")
    written = markdown.write(result).decode()
    assert "<code>Source</code>、<code>msg</code>" in written
    assert "文档：接口地址：/code；请求方式：POST" in "\n".join(terminal.render(result))
    assert re.findall(r"[，。：；、] [^ |]", written) == []


def test_a_comparison_is_chinese(faulty: Result) -> None:
    """Numbers follow their nouns, and names are listed with the Chinese comma."""
    failed = frozenset({"valid-request-succeeds", "img-is-a-png", "uuid-is-a-string"})
    result = replace(faulty, lang="zh", baseline=Baseline("yesterday.json", "2026-11-25T06:00:00+00:00", failed))
    lines = [translate(line, "zh") for line in wording.comparison(result)]
    assert re.fullmatch("与 yesterday.json，2026-11-25T\\S+ 比较：新失败 \\d 个，新通过 2 个，仍失败 1 个", lines[0])
    assert "  新通过：uuid-is-a-string、img-is-a-png" in lines
