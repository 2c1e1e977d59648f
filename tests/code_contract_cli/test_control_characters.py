"""Control characters of a configuration file reach no output."""

from __future__ import annotations

import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

import mock_server
from code_contract_cli.main import run
from contract_tests import config
from contract_tests.settings import Waiver

CONTROL = "a\x00b\x1b[31m\x07\x85\u202e\ud800\ufffe]]>"


def test_the_reason_of_a_waiver_may_contain_control_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No report and no terminal gets them; the JUnit report is valid XML."""
    waiver = Waiver("png-crcs-are-correct", CONTROL, datetime.date(2999, 1, 1))
    monkeypatch.setattr(config, "read", lambda *_: {"waivers": (waiver,)})
    (tmp_path / "x.toml").touch()
    reports = [part for each in ("x.html", "x.md", "x.json", "x.xml") for part in ("--report", str(tmp_path / each))]
    with mock_server.running(faults=[mock_server.fault("img-crc")]) as mock:
        assert run(["check", mock.base_url, "--samples", "2", "--config", str(tmp_path / "x.toml"), *reports]) == 0
    written = [each.read_text("utf-8") for each in tmp_path.iterdir()] + [capsys.readouterr().out]
    assert sum("1 waived" in each or "waived: a" in each for each in written) >= 3
    for text in written:
        assert not set(CONTROL) & set(text) - set("ab[31m]>")
    ElementTree.parse(tmp_path / "x.xml")
