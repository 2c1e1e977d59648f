"""action.yml, templates/check.yml and .pre-commit-hooks.yaml: valid by their schemas, and their shell steps run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import mock_server
from mock_server import fault
from tests.paths import ROOT
from tests.ports import free_port
from tests.project.ci_jobs import Action, clean_environment, gitlab_job, run_gitlab_job
from tests.project.conftest import once

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the steps are for a POSIX shell")
HOSTILE = """$(touch ran) `touch ran` "; touch ran; ' #"""


@pytest.fixture(scope="module")
def conforming() -> Iterator[str]:
    with mock_server.running() as mock:
        yield mock.base_url


@pytest.fixture(scope="module")
def failing() -> Iterator[str]:
    with mock_server.running(faults=[fault("img-crc"), fault("charset-missing")]) as mock:
        yield mock.base_url


def validate(schema: str, path: Path, *options: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *options, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_is_valid_by_the_public_schema() -> None:
    """The JSON schema of action.yml accepts it; every output and expression names a step that exists."""
    validate("vendor.github-actions", ROOT / "action.yml")
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    assert set(action["inputs"]) >= {"url", "headers", "fail-on"}
    assert set(action["outputs"]) == {"verdict", "failed"}
    steps = action["runs"]["steps"]
    named = {step["id"] for step in steps if "id" in step}
    assert {each["value"].split(".")[1] for each in action["outputs"].values()} <= named
    assert [step["uses"] for step in steps if "uses" in step] == [
        "actions/setup-python@v5",
        "actions/upload-artifact@v4",
    ]


def test_the_component_is_valid_by_the_public_schema(tmp_path: Path) -> None:
    """The JSON schema of GitLab CI accepts the specification of the inputs, and the job."""
    header, content = yaml.safe_load_all((ROOT / "templates" / "check.yml").read_text("utf-8"))
    for name, document in (("header", header), ("content", content)):
        path = tmp_path / f"{name}.yml"
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        validate("vendor.gitlab-ci", path, "--data-transform", "gitlab-ci")
    job = gitlab_job(url="http://x")
    assert job["allow_failure"] == {"exit_codes": [3]}
    assert job["artifacts"]["expose_as"]
    assert set(job["artifacts"]["reports"]) == {"junit", "codequality"}
    assert "$[[" not in str(gitlab_job(url="http://x"))
    assert not any("$[[" in line for line in next(iter(content.values()))["script"])


@pytest.mark.slow
def test_the_hooks_are_valid() -> None:
    """pre-commit itself accepts the manifest."""
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> Action:
    """The action, installed."""

    def install(folder: Path) -> Action:
        (folder / "work").mkdir()
        action = Action(folder / "work")
        assert action.step("install") == 0, action.printed
        return action

    action = once(tmp_path_factory, "action", install)
    # Each process has its own runner; only the installation is shared.
    action.folder = tmp_path_factory.mktemp("runner") / "work"
    action.folder.mkdir()
    return action


ACTION_RUNS: dict[str, tuple[str, dict[str, str], tuple[int, str, bool]]] = {
    "failing": ("failing", {}, (1, "failed", True)),
    "failing, reported only": ("failing", {"fail_on": "never"}, (0, "failed", True)),
    "failing, and warnings": ("failing", {"fail_on": "should"}, (1, "failed", True)),
    "nothing there": ("nothing", {}, (3, "not-checked", False)),
    "hostile URL": ("hostile", {}, (2, "error", False)),
    "conforming, hostile header": ("conforming", {"headers": f"Source: PC\n\nX-Note: {HOSTILE}"}, (0, "passed", False)),
    "option as URL": ("option", {}, (2, "error", False)),
}


@pytest.mark.slow
@pytest.mark.parametrize(("target", "inputs", "expected"), ACTION_RUNS.values(), ids=ACTION_RUNS)
def test_the_action_checks(
    action: Action, conforming: str, failing: str,
    target: str, inputs: dict[str, str], expected: tuple[int, str, bool],
) -> None:  # fmt: skip
    """The step fails as `fail-on` says; verdict, number of failed clauses and reports are there; no input is run."""
    nothing = f"http://127.0.0.1:{free_port()}"
    urls = {"conforming": conforming, "failing": failing, "nothing": nothing, "hostile": HOSTILE, "option": "--help"}
    reports = action.folder.parent / "code-contract-reports"
    shutil.rmtree(reports, ignore_errors=True)
    status, verdict, has_failed = expected
    assert action.step("check", url=urls[target], **inputs) == status, action.printed
    outputs = action.outputs["check"]
    assert outputs["verdict"] == verdict
    assert (int(outputs["failed"]) > 0) is has_failed
    assert ("::error file=openapi.yaml,line=" in action.printed) is (status in (1, 3) or has_failed)
    assert bool(action.summary) is (verdict != "error")
    if has_failed:
        report = json.loads((reports / "contract.json").read_text("utf-8"))
        failed = [test["name"] for test in report["results"]["tests"] if test["status"] == "failed"]
        assert int(outputs["failed"]) == len(failed) == (2 if inputs.get("fail_on") == "should" else 1)
        assert "png-crcs-are-correct" in (reports / "contract.html").read_text("utf-8")
    assert not list(action.folder.parent.rglob("ran"))


@pytest.mark.slow
@pytest.mark.parametrize("inputs", [{"url": "http://x", "fail_on": "maybe"}, {"url": ""}], ids=["fail-on", "url"])
def test_the_action_refuses_wrong_inputs(action: Action, inputs: dict[str, str]) -> None:
    """The step fails with an annotation that names the input."""
    assert action.step("check", **inputs) == 2
    assert action.printed.startswith("::error::")


GITLAB_RUNS: dict[str, tuple[str, dict[str, str], int]] = {
    "conforming": ("conforming", {"headers": "Source: PC\nX-Note: a b"}, 0),
    "failing, and warnings": ("failing", {"fail_on": "should"}, 1),
    "nothing there": ("nothing", {}, 3),
    "hostile": ("hostile", {"headers": f"X-Note: {HOSTILE}"}, 2),
    "no URL": ("empty", {}, 2),
}


@pytest.mark.slow
@pytest.mark.parametrize(("target", "inputs", "status"), GITLAB_RUNS.values(), ids=GITLAB_RUNS)
def test_the_component_checks(
    installed: Path, tmp_path: Path, conforming: str, failing: str, target: str, inputs: dict[str, str], status: int
) -> None:
    """The script exits as `check` does, and writes every report that the job declares; no input is run."""
    nothing = f"http://127.0.0.1:{free_port()}"
    urls = {"conforming": conforming, "failing": failing, "nothing": nothing, "hostile": HOSTILE, "empty": ""}
    job = gitlab_job(url=urls[target], **inputs)
    done = run_gitlab_job(job, tmp_path, installed)
    assert done.returncode == status, done.stdout + done.stderr
    assert not (tmp_path / "ran").exists()
    artifacts: dict[str, Any] = job["artifacts"]
    written = [tmp_path / name for name in [*artifacts["paths"], *artifacts["reports"].values()]]
    assert all(path.exists() is (status != 2) for path in written)
    if status == 1:
        failures = len(ET.parse(tmp_path / artifacts["reports"]["junit"]).findall(".//failure"))
        assert failures == (2 if inputs.get("fail_on") == "should" else 1)
        issues = json.loads((tmp_path / artifacts["reports"]["codequality"]).read_text("utf-8"))
        assert "png-crcs-are-correct" in {issue["check_name"] for issue in issues}


@pytest.mark.slow
@pytest.mark.parametrize("outdated", [False, True], ids=["current", "outdated"])
def test_the_hooks_run(installed: Path, tmp_path: Path, outdated: bool) -> None:
    """`docs --check` fails for a page that is out of date, `diff` for a breaking change."""
    released = (ROOT / "openapi.yaml").read_text("utf-8")
    (tmp_path / "released.yaml").write_text(released, encoding="utf-8")
    changed = released.replace("  /code:\n", "  /captcha:\n") if outdated else released
    (tmp_path / "openapi.yaml").write_text(changed, encoding="utf-8")
    shutil.copy(ROOT / "docs" / "reference" / "vuepress.md", tmp_path / "page.md")
    arguments = {
        "code-contract-docs": ["page.md", "--spec", "openapi.yaml"],
        "code-contract-diff": ["released.yaml", "openapi.yaml"],
    }
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {hook["id"] for hook in hooks} == set(arguments)
    for hook in hooks:
        assert hook["pass_filenames"] is False
        command = [*hook["entry"].split(), *arguments[hook["id"]]]
        done = subprocess.run(
            [installed / command[0], *command[1:]], cwd=tmp_path, env=clean_environment(),
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == int(outdated), done.stdout + done.stderr
