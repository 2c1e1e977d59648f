"""The examples for frontends, run as their users run them, and the table of faults in docs/guide/frontend.md."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from code_contract import load
from mock_server import MockServer, running
from tests import npm
from tests.browser import CHROMIUM, WITHOUT_CHROMIUM
from tests.npm import call, tool
from tests.paths import ROOT

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
EXAMPLES = ROOT / "examples"
GUIDE = ROOT / "docs" / "guide" / "frontend.md"
STRICT = ("--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom")
WRONG = {
    "playwright": 'import { Mock } from "./mock.js";\nnew Mock("").behaviour({ scenario: "nothing" });\n',
    "cypress": 'import "./commands.js";\ncy.mockBehaviour({ scenario: "nothing" });\n',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where npm has installed what the examples need, with the examples."""
    folder = npm.project(HERE / "consumers", tmp_path_factory)
    shutil.copytree(EXAMPLES, folder / "examples", ignore=shutil.ignore_patterns("node_modules", "admin.d.ts"))
    return folder


@pytest.fixture(scope="module")
def login(folder: Path) -> Iterator[MockServer]:
    """The mock of the contract with the login of examples/login-form, and the types of its admin API."""
    with running(contract=load(overlays=[EXAMPLES / "login-form" / "login.yaml"])) as mock:
        document = f"{mock.root_url}/__mock/openapi.json"
        example = folder / "examples" / "playwright"
        done = call(example, tool(folder, "openapi-typescript"), document, "-o", "admin.d.ts")
        assert done.returncode == 0, done.stdout + done.stderr
        shutil.copy(example / "admin.d.ts", folder / "examples" / "cypress")
        yield mock


@pytest.mark.usefixtures("login")
def test_the_helpers_have_the_types_of_the_admin_api(folder: Path) -> None:
    """The Playwright fixture and the Cypress commands compile, and a scenario that does not exist does not.

    The binary of Cypress is in no registry, so its commands do not run here.
    """
    sources = []
    for name, wrong in WRONG.items():
        example = folder / "examples" / name
        (example / "wrong.ts").write_text(wrong, encoding="utf-8")
        sources += [str(each.relative_to(folder)) for each in example.glob("*.ts")]
    done = call(folder, tool(folder, "tsc"), *STRICT, *sources)
    errors = [line.partition("(")[0] for line in done.stdout.splitlines() if "error TS" in line]
    assert sorted(errors) == ["examples/cypress/wrong.ts", "examples/playwright/wrong.ts"], done.stdout


def test_the_playwright_fixture_and_the_login_form(folder: Path, login: MockServer) -> None:
    """The captcha of the form is answered, wrong, used and expired."""
    if CHROMIUM is None:
        pytest.skip(WITHOUT_CHROMIUM)
    example = folder / "examples" / "playwright"
    env = {"MOCK": login.root_url, "CHROMIUM": CHROMIUM}
    done = call(example, tool(folder, "playwright"), "test", **env)
    assert done.returncode == 0, done.stdout + done.stderr
    tests = len(re.findall(r"^test\(", (example / "login.spec.ts").read_text("utf-8"), re.MULTILINE))
    assert f"{tests} passed" in done.stdout
    login.set_behaviour(fault="uuid-missing")
    done = call(example, tool(folder, "playwright"), "test", "-g", "the right answer", "--timeout", "5000", **env)
    login.reset()
    assert "1 failed" in done.stdout


def test_mock_service_worker_answers_by_the_contract(folder: Path, mock: MockServer) -> None:
    """The document is that of the mock, which does not run in the tests of the page."""
    example = folder / "examples" / "msw"
    document = requests.get(f"{mock.root_url}/openapi.json", timeout=10).content
    (example / "openapi.json").write_bytes(document)
    done = call(example, "node", "--test", "code.test.mjs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 2" in done.stdout
    assert mock.requests == []


def tables(text: str) -> list[dict[str, dict[str, str]]]:
    """The tables of the guide about faults: the cells of each fault by the client in the head of their column."""
    found = []
    for table in re.findall(r"^\| fault \|.*\n(?:\|.*\n)+", text, re.MULTILINE):
        head, _, *rows = (
            [cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table.splitlines()
        )
        found.append({row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows})
    return found


def test_the_table_of_faults_is_what_clients_see(folder: Path, mock: MockServer) -> None:
    """fetch and axios, in Chromium and in Node.js, direct and through the dev proxy of Vite."""
    if CHROMIUM is None:
        pytest.skip(WITHOUT_CHROMIUM)
    direct, proxied = tables(GUIDE.read_text("utf-8"))
    done = call(folder, "node", "faults.mjs", mock.root_url, CHROMIUM, *direct)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads(done.stdout)
    assert {fault: seen[fault]["direct"] for fault in direct} == direct
    differing = {fault: each["through Vite"] for fault, each in seen.items() if each["through Vite"] != each["direct"]}
    assert differing == proxied
