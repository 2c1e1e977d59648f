"""`code-contract mock` as a process: options, access log, and reload of the contract."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
import requests

from code_contract import default_path
from code_contract_cli.main import run
from tests.code_contract_cli.test_cli import mock_process
from tests.conftest import GRANTED


def test_once_sends_one_response_and_exits() -> None:
    """Requests of the page and to the admin API do not count; the response is complete, and the exit status is 0."""
    with mock_process("--once") as (process, url):
        assert requests.get(f"{url}/__mock/options", timeout=5).json()["check"] is True
        assert requests.post(f"{url}/code", headers=GRANTED | {"X-Mock-Source": "page"}, timeout=5).status_code == 200
        assert requests.post(f"{url}/code", headers=GRANTED, timeout=5).json()["succFlag"] is True
        assert process.wait(timeout=10) == 0


def test_the_log_has_one_line_for_each_request() -> None:
    """Text and JSON lines have request, status and outcome; clients cannot forge lines, and secrets are masked."""
    for form in ("text", "json"):
        with mock_process("--log-format", form, "--once") as (process, url):
            hostile = "/code?a=%0d%0aforged%1b[31m&token=s3cret"
            requests.post(url + hostile, headers={"Authorization": "s3cret"}, timeout=5)
            process.wait(timeout=10)
            assert process.stderr is not None
            lines = [line for line in process.stderr.read().splitlines() if "/code" in line]
        assert len(lines) == 1
        assert "s3cret" not in lines[0]
        assert "\x1b" not in lines[0]
        if form == "json":
            entry = json.loads(lines[0])
            assert (entry["status"], entry["outcome"]) == (200, "success")
        else:
            assert re.match(r"\d\d:\d\d:\d\d\.\d{3} POST /code\?a=.* -> 200 in \d+\.\d ms: success; violates", lines[0])


def test_a_log_that_is_not_read_delays_nothing() -> None:
    """A full pipe delays neither responses nor the exit."""
    longest = dict.fromkeys("abcd", "x" * 500)
    with mock_process() as (process, url):
        for _ in range(60):
            assert requests.post(f"{url}/code", params=longest, headers=GRANTED, timeout=5).status_code == 200
        assert requests.post(f"{url}/code", headers=GRANTED, timeout=5).status_code == 200
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_hosts_and_origins_are_allowed_by_options() -> None:
    """Both options are repeatable; what they do not name gets 403 with the option in the sentence."""
    options = ("--allow-host", "mock", "--allow-host", "mock.test", "--allow-origin", "http://app.test:3000")
    with mock_process(*options) as (_, url):
        for headers, status in (
            ({"Host": "mock:4010"}, 200),
            ({"Host": "mock.test", "Origin": "http://app.test:3000"}, 200),
            ({"Host": "other:4010"}, 403),
            ({"Origin": "http://app.test"}, 403),
        ):
            assert requests.get(f"{url}/__mock/requests", headers=headers, timeout=5).status_code == status
        error = requests.get(f"{url}/__mock/requests", headers={"Host": "other:4010"}, timeout=5).json()["error"]
        assert "--allow-host other " in error


@pytest.mark.parametrize("option", ["--allow-host", "--allow-origin"])
def test_an_invalid_host_or_origin_is_wrong_usage(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence on stderr names the value; the exit status is 2."""
    assert run(["mock", option, "http://a/b", "--port", "0"]) == 2
    assert capsys.readouterr().err.startswith("code-contract: 'http://a/b' is not a valid ")


def test_a_base_path_and_no_admin() -> None:
    """The printed URL includes the base path; with --no-admin there is no page."""
    with mock_process("--base-path", "/api/v1/", "--no-admin") as (_, url):
        assert url.endswith("/api/v1")
        assert requests.post(f"{url}/code", headers=GRANTED, timeout=5).status_code == 200
        assert requests.get(f"{url.removesuffix('/api/v1')}/__mock/", timeout=5).status_code == 404


def test_a_valid_edit_is_served_and_an_invalid_one_is_not(tmp_path: Path) -> None:
    """--reload replaces the contract of a running mock; an invalid edit keeps the old one, and health has the error."""
    path = tmp_path / "openapi.yaml"
    text = default_path().read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")

    with mock_process("--reload", "--spec", str(path), "--seed", "s") as (_, url):

        def health() -> dict[str, str]:
            found: dict[str, str] = requests.get(f"{url}/__mock/health", timeout=5).json()
            return found

        def until(key: str, wanted: str) -> None:
            end = time.monotonic() + 20
            while wanted not in health()[key]:
                assert time.monotonic() < end, health()
                time.sleep(0.1)

        def replaced(written: str) -> None:
            """Replace the file by a new one, as editors do."""
            other = tmp_path / "new"
            other.write_text(written, encoding="utf-8")
            other.replace(path)

        time.sleep(1)  # until the file is watched
        requests.post(f"{url}/code", headers=GRANTED, timeout=5)
        replaced(text.replace("version: 1.0.0", "version: 2.0.0"))
        until("version", "2.0.0")
        assert len(requests.get(f"{url}/__mock/requests", timeout=5).json()["requests"]) == 1, "the journal stays"
        replaced("openapi: 3.1.0\n: broken")
        until("problem", "is not YAML")
        assert requests.post(f"{url}/code", headers=GRANTED, timeout=5).json()["succFlag"] is True
        replaced(text.replace("  /code:\n", "  /captcha:\n"))
        until("problem", "")
        end = time.monotonic() + 20
        while requests.post(f"{url}/captcha", headers=GRANTED, timeout=5).status_code != 200:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert requests.post(f"{url}/code", headers=GRANTED, timeout=5).status_code == 404
