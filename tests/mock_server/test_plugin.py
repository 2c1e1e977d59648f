"""The fixture `code_mock` of the installed plugin, in the tests of another project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = """
import requests

def captcha(mock):
    return requests.post(f"{mock.base_url}/code", headers={"Source": "PC"}, timeout=5).json()

def test_the_answer_is_known(code_mock):
    data = captcha(code_mock)["data"]
    assert 0 <= code_mock.captcha_answer(data["uuid"]) <= 81
    assert [entry.uuid for entry in code_mock.requests] == [data["uuid"]]

def test_errors_on_demand(code_mock):
    assert code_mock.requests == [], "reset between tests"
    code_mock.set_behaviour("refused", times=1)
    assert captcha(code_mock)["succFlag"] is False
    assert captcha(code_mock)["succFlag"] is True
    code_mock.set_behaviour(fault="uuid-empty")

def test_a_captcha_expires(code_mock):
    first, second = (captcha(code_mock)["data"]["uuid"] for _ in range(2))
    assert code_mock.answer(first, code_mock.captcha_answer(first)) == "right"
    code_mock.advance(90)
    assert code_mock.answer(second, code_mock.captcha_answer(second)) == "expired"

def test_the_default_behaviour_is_back(code_mock):
    assert captcha(code_mock)["data"]["uuid"]
"""


def test_the_fixture_in_a_project_of_its_own(tmp_path: Path) -> None:
    """It needs no conftest.py; each test starts with the default behaviour and an empty journal."""
    (tmp_path / "test_page.py").write_text(TESTS, encoding="utf-8")
    option = "--code-mock-captcha-ttl=90s"
    command = [sys.executable, "-m", "pytest", option, "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
