"""The snippets of docs/guide/ci.md are valid."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from code_contract import Contract
from code_contract_cli.check import command
from contract_tests import config
from tests.paths import ROOT

TEXT = (ROOT / "docs" / "guide" / "ci.md").read_text(encoding="utf-8")


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize(
    ("number", "schema"),
    [
        (0, "vendor.github-workflows"),
        (1, "vendor.gitlab-ci"),
        (2, "vendor.gitlab-ci"),
    ],
)
def test_a_snippet_is_valid_by_the_public_schema(tmp_path: Path, number: int, schema: str) -> None:
    """The JSON schemas of GitHub and GitLab, as check-jsonschema includes them, accept the jobs."""
    path = tmp_path / "ci.yml"
    path.write_text(snippets("yaml")[number], encoding="utf-8")
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    if schema == "vendor.gitlab-ci":
        checker += ["--data-transform", "gitlab-ci"]
    done = subprocess.run([*checker, str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_in_the_snippets_is_valid() -> None:
    """Each `code-contract check …` parses."""
    commands = re.findall(r"code-contract (check[^\n]*)", "".join(snippets("yaml") + snippets("sh")))
    assert len(commands) == 5
    for line in commands:
        _, *arguments = shlex.split(line)
        command.make_parser(click.Context(command)).parse_args(arguments)


def test_the_inputs_and_hooks_exist() -> None:
    """The snippets use inputs of the action and of the component, its outputs, and hooks that there are."""
    workflow, pipeline, _, config = (yaml.safe_load(text) for text in snippets("yaml"))
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    (step,) = (each for each in workflow["jobs"]["staging"]["steps"] if each.get("id") == "contract")
    assert step["with"].keys() <= action["inputs"].keys()
    assert set(re.findall(r"outputs\.(\w+)", str(workflow))) == action["outputs"].keys()
    header = next(yaml.safe_load_all((ROOT / "templates" / "check.yml").read_text("utf-8")))
    assert pipeline["include"][0]["inputs"].keys() <= header["spec"]["inputs"].keys()
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {each["id"] for each in config["repos"][0]["hooks"]} == {hook["id"] for hook in hooks}


def test_the_settings_are_read(tmp_path: Path, contract: Contract) -> None:
    """The pyproject.toml of the page has valid settings."""
    path = tmp_path / "pyproject.toml"
    path.write_text(snippets("toml")[0], encoding="utf-8")
    found = config.read(path, contract, {"STAGING_TOKEN": "x"})
    assert found["headers"] == (("Authorization", "Bearer x"),)
    assert found["waivers"][0].clause == "charset-is-stated"
    assert yaml.safe_load(snippets("yaml")[2])["contract"]["artifacts"]["reports"]["junit"] == "contract.xml"
