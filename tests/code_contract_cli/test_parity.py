"""`check --mock-parity`: what a target does otherwise than the built-in mock where the contract leaves it open."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import mock_server
from code_contract_cli.main import run
from contract_tests.engine.collection import CollectedExchanges
from contract_tests.engine.parity import MAX_DIFFERENCES, Difference, differences
from contract_tests.http.exchange import Exchange
from contract_tests.reports import html, markdown
from tests.contract_tests.reports.results import CONTRACT, HOSTILE, SAMPLE, captcha, exchange, result_of
from tests.servers.correct import Server, serving


def compared(target: list[Exchange], mock: list[Exchange]) -> list[Difference]:
    """The differences of two runs with these exchanges."""
    runs = [result_of(*each) for each in (target, mock)]
    return [*differences(CONTRACT, *((each.collection, each.verdicts) for each in runs))]


def test_the_mock_equals_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """Fresh ids and pictures are no difference."""
    with mock_server.running() as mock:
        assert run(["check", mock.base_url, "--samples", "6", "--mock-parity"]) == 0
    assert "mock parity: 0 differences from the built-in mock" in " ".join(capsys.readouterr().out.split())


def test_differences_are_in_every_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A server without CORS and without a charset differs, and conforms all the same."""
    reports = [tmp_path / name for name in ("x.html", "x.md", "x.json")]
    options = [part for each in reports for part in ("--report", str(each))]
    with serving(Server()) as base_url:
        assert run(["check", base_url, "--samples", "6", "--mock-parity", *options]) == 0
    out = " ".join(capsys.readouterr().out.split())
    expected = "POST /code (other-origin), header access-control-allow-origin: absent here, present in the mock"
    assert expected in out
    for path in reports[:2]:
        assert expected in path.read_text("utf-8"), path
    found = json.loads(reports[2].read_text("utf-8"))["results"]["extra"]["mockParity"]
    assert {"where": expected.partition(": ")[0], "target": "absent", "mock": "present"} in found


def test_a_difference_is_a_chinese_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """The probe has its Chinese name."""
    with serving(Server()) as base_url:
        assert run(["check", base_url, "--samples", "4", "--mock-parity", "--lang", "zh"]) == 0
    out = "".join(capsys.readouterr().out.split())
    assert "POST/code（其他源），响应头access-control-allow-origin：此处不存在，模拟服务中存在" in out


def test_open_values_differ() -> None:
    """Types, forms, constants and undocumented fields, each once; ids of one form do not."""
    ids = ["0123456789abcdef0123456789abcdef"[::step] * abs(step) for step in (1, -1)]
    ours = [
        exchange(SAMPLE | {"msg": None, "extra": 1}),
        exchange(captcha(uuid="00000000-0000-4000-8000-00000000000a")),
    ]
    theirs = [exchange(captcha(uuid=each) | {"msg": "ok"}) for each in ids]
    found = {each.where: (each.target, each.mock) for each in compared(ours, theirs)}
    assert found["POST /code, $.msg"] == ("null", '"ok"')
    assert found["POST /code, $.extra"] == ("absent or 1", "absent")
    assert "POST /code, $.data.img" not in found
    assert found["POST /code, $.data.uuid"][1] == "32 lower-case hexadecimal digits"
    assert compared(theirs, theirs[::-1]) == []


def test_violations_are_no_differences() -> None:
    """They have verdicts."""
    ours = [exchange(SAMPLE | {"succFlag": "true"})]
    assert not [each for each in compared(ours, [exchange()]) if "succFlag" in each.where]


def test_recommendations_differ() -> None:
    """A SHOULD clause with another outcome is a difference, a MUST clause a failure."""
    plain = exchange(SAMPLE, ("Content-Type", "application/json"))
    found = {each.where: each for each in compared([plain], [exchange()])}
    assert found["charset-is-stated"][1:] == ("warning", "passed")


def test_a_difference_is_reported_once_for_all_probes() -> None:
    """Those that an operation has are not repeated for its probes."""
    ours, theirs = [exchange(SAMPLE | {"msg": "x"})], [exchange()]
    both = [[*each, replace(each[0], label="empty-object")] for each in (ours, theirs)]
    assert [each.where for each in compared(*both)].count("POST /code, $.msg") == 1
    assert not [each for each in compared(*both) if "empty-object" in each.where]


def test_a_hostile_target_is_bounded_and_escaped() -> None:
    """Depth, number of fields and text of a target are limited."""
    deep: object = HOSTILE
    for _ in range(50):
        deep = {"a": deep}
    wide = {f"{HOSTILE}{number}": HOSTILE for number in range(1_000)}
    hostile = [exchange(body) for body in (deep, wide, [wide], HOSTILE, 1e300, wide)]
    found = compared(hostile, [exchange()])
    assert len(found) <= MAX_DIFFERENCES
    assert all(text.isprintable() and len(text) < 1_000 for each in found for text in each)
    result = replace(result_of(exchange()), parity=tuple(found))
    assert b"<script>" not in html.write(result)
    assert "<script>" not in markdown.write(result).decode().partition("```")[0]


def test_an_unreachable_target_is_not_compared(capsys: pytest.CaptureFixture[str]) -> None:
    """The mock is not started for it."""
    assert run(["check", "http://127.0.0.1:9", "--mock-parity"]) == 3
    assert "mock parity" not in capsys.readouterr().out


def test_a_soak_is_not_compared(capsys: pytest.CaptureFixture[str]) -> None:
    """It does not keep the responses."""
    assert run(["check", "http://127.0.0.1:9", "--mock-parity", "--soak", "10s"]) == 2
    assert "--mock-parity keeps every response" in capsys.readouterr().err


def test_exchanges_without_a_body_are_left_out() -> None:
    """Nothing is known of a response that was not kept."""
    assert differences(CONTRACT, (CollectedExchanges(), ()), (CollectedExchanges(), ())) == ()


def test_an_interrupted_comparison_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reports of the target are written, without a comparison."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("code_contract_cli.parity.differences", interrupt)
    path = tmp_path / "x.md"
    assert run(["check", "--samples", "2", "--only", "answer-arrives", "--mock-parity", "--report", str(path)]) == 0
    assert "mock parity" not in capsys.readouterr().out
    assert path.exists()
