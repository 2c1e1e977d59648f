"""The shell steps of action.yml and templates/check.yml, run as GitHub and GitLab would run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.paths import ROOT

STEP_TIMEOUT = 120
"""Seconds."""


def clean_environment(**variables: str) -> dict[str, str]:
    """The environment of this process, without the variables of a CI system that runs it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI", "CODE_"))}
    # Few requests: the tests are about the steps around the check.
    return kept | {"CODE_CONTRACT_SAMPLES": "4", "CODE_CONTRACT_BUDGET": "0"} | variables


@dataclass
class Action:
    """The composite action in a runner without GitHub.

    Attributes:
        folder: The working directory; files of the runner are beside it.
        outputs: The outputs of the steps, by id.
        printed: The log.
    """

    folder: Path
    outputs: dict[str, dict[str, str]] = field(default_factory=lambda: {"python": {"python-path": sys.executable}})
    printed: str = ""
    definition: dict[str, Any] = field(default_factory=lambda: yaml.safe_load((ROOT / "action.yml").read_text("utf-8")))

    def step(self, name: str, **inputs: str) -> int:
        """Run the step with this id, and return its exit status."""
        (step,) = (each for each in self.definition["runs"]["steps"] if each.get("id") == name)
        assert "${{" not in step["run"], "an input that is interpolated into a script could run commands"
        given = {key: each.get("default", "") for key, each in self.definition["inputs"].items()}
        given |= {key.replace("_", "-"): value for key, value in inputs.items()}
        files = {key: self.folder.parent / key.lower() for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        environment = clean_environment(
            CI="true",
            GITHUB_ACTIONS="true",
            RUNNER_TEMP=str(self.folder.parent),
            **{key: str(file) for key, file in files.items()},
            **{key: self._evaluated(value, given) for key, value in step["env"].items()},
        )
        # https://docs.github.com/actions/reference/workflow-syntax-for-github-actions#jobsjob_idstepsshell
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=self.folder, env=environment,
            capture_output=True, text=True, timeout=STEP_TIMEOUT,
        )  # fmt: skip
        self.printed = done.stdout + done.stderr
        lines = files["GITHUB_OUTPUT"].read_text("utf-8").splitlines()
        self.outputs[name] = {key: value for key, _, value in (line.partition("=") for line in lines)}
        return done.returncode

    @property
    def summary(self) -> str:
        """The summary of the last step."""
        return (self.folder.parent / "github_step_summary").read_text("utf-8")

    def _evaluated(self, text: str, inputs: dict[str, str]) -> str:
        def value(found: re.Match[str]) -> str:
            context, _, name = found[1].partition(".")
            if context == "inputs":
                return inputs[name]
            if context == "github":
                return {"action_path": str(ROOT)}[name]
            step, _, output = name.partition(".outputs.")
            return self.outputs[step][output]

        return re.sub(r"\$\{\{ *(\S+) *\}\}", value, text)


def gitlab_job(**inputs: str) -> dict[str, Any]:
    """Return the job of the component with these inputs, as GitLab interpolates them into its strings."""
    header, content = yaml.safe_load_all((ROOT / "templates" / "check.yml").read_text("utf-8"))
    declared = header["spec"]["inputs"]
    given = {key.replace("_", "-"): value for key, value in inputs.items()}
    assert given.keys() <= declared.keys()
    values = {key: given.get(key, each.get("default")) for key, each in declared.items()}
    assert None not in values.values(), "an input without a default is required"

    def interpolated(node: Any) -> Any:
        if not isinstance(node, (dict, list, str)):
            return node
        if isinstance(node, dict):
            return {interpolated(key): interpolated(value) for key, value in node.items()}
        if isinstance(node, list):
            return [interpolated(each) for each in node]
        return (
            re.sub(r"\$\[\[ *inputs\.(\S+) *\]\]", lambda found: values[found[1]], node)
            if isinstance(node, str)
            else node
        )

    (job,) = interpolated(content).values()
    return job  # type: ignore[no-any-return]


def run_gitlab_job(job: dict[str, Any], folder: Path, commands: Path) -> subprocess.CompletedProcess[str]:
    """Run the script of a job with the programs of a virtual environment, which stands for its image."""
    path = f"{commands}{os.pathsep}{os.environ['PATH']}"
    environment = clean_environment(CI="true", GITLAB_CI="true", PATH=path, **job["variables"])
    script = "set -e\n" + "\n".join(job["script"])
    return subprocess.run(
        ["sh", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=STEP_TIMEOUT
    )
