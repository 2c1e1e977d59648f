"""--overlay in every command, in the settings of a project and in pytest; a mock reloads with its overlays."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

import mock_server
from code_contract import load
from code_contract_cli.main import run
from contract_tests import Settings
from contract_tests.load import handover
from tests.code_contract.test_overlay import PET, SECTIONS, clause, overlaid, write
from tests.code_contract_cli.test_cli import mock_process

EXAMPLE = {"content": {"application/json": {"schema": {"type": "string", "minLength": 1}, "example": "Rex"}}}


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A document, and an overlay that adds a body with a clause to one of its responses."""
    body = json.loads(json.dumps(EXAMPLE))
    body["content"]["application/json"]["schema"]["x-clauses"] = [
        {**clause("name-has-text"), "keywords": ["minLength"]}
    ]
    spec = write(tmp_path / "pets.json", PET)
    path = overlaid(
        tmp_path,
        {"target": "$", "update": {"x-sections": SECTIONS}},
        {"target": "$.paths['/pets'].get.responses['200']", "update": body},
    )
    return str(spec), str(path)


def test_every_command_applies_overlays(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The clause is listed with its file and line; the docs print what the overlay adds."""
    spec, path = files
    assert run(["clauses", "--json", "--spec", spec, "--overlay", path]) == 0
    (row,) = [each for each in json.loads(capsys.readouterr().out) if each["id"] == "name-has-text"]
    line = int(row["where"].removeprefix("overlay.yaml:"))
    assert "id: name-has-text" in Path(path).read_text("utf-8").splitlines()[line - 1]
    assert run(["docs", "--format", "openapi", "--spec", spec, "--overlay", path]) == 0
    assert "name-has-text" in capsys.readouterr().out


def test_a_diff_compares_both_contracts_with_the_overlay(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A part that the overlay removes is no change; a target that is in neither contract is reported for each."""
    spec, _ = files
    new = json.loads(json.dumps(PET))
    new["paths"]["/pets"]["get"]["parameters"][0]["required"] = True
    other = write(tmp_path / "new.json", new)
    assert run(["diff", spec, str(other)]) == 1
    path = overlaid(tmp_path, {"target": "$..parameters[?@.name == 'limit']", "remove": True}, {"target": "$.cats"})
    capsys.readouterr()
    assert run(["diff", spec, str(other), "--overlay", str(path)]) == 0
    output = capsys.readouterr()
    assert output.out == "no changes\n"
    assert output.err.count("the target '$.cats' selects nothing") == 2


@pytest.mark.parametrize("command", ["clauses", "docs", "mock", "check", "load"])
def test_a_wrong_overlay_is_one_sentence(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """Status 2, and the sentence names the overlay and the pointer; --strict-spec refuses a target without a match."""
    spec, _ = files
    path = str(overlaid(tmp_path, {"target": "$.info", "updates": {}}))
    target = ["http://127.0.0.1:9"] if command in ("check", "load") else []
    assert run([command, *target, "--spec", spec, "--overlay", path]) == 2
    expected = f"code-contract: {path}: /actions/0: unknown action key 'updates'; did you mean 'update'?\n"
    assert capsys.readouterr().err == expected
    path = str(overlaid(tmp_path, {"target": "$.cats", "remove": True}))
    assert run([command, *target, "--spec", spec, "--overlay", path, "--strict-spec"]) == 2
    assert (
        capsys.readouterr().err
        == f"code-contract: {path}: /actions/0/target: the target '$.cats' selects nothing; correct it\n"
    )


def test_a_check_finds_what_a_clause_of_an_overlay_requires(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings of the project name document and overlay, from their folder; the report names the overlay's line."""
    spec, path = files
    report = tmp_path / "report.json"
    (tmp_path / "pyproject.toml").write_text(
        '[tool.code-contract]\nspec = "pets.json"\noverlay = ["overlay.yaml"]\n', encoding="utf-8"
    )
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    with mock_server.running(contract=load(spec, overlays=[path])) as mock:
        assert (
            run(["check", mock.base_url, "--samples", "2", "--report", str(report), "--report", "../report.html"]) == 0
        )
    found = {each["testId"]: each for each in json.loads(report.read_text("utf-8"))["results"]["tests"]}
    assert found["name-has-text"]["status"] == "passed"
    assert found["name-has-text"]["filePath"] == "overlay.yaml"
    assert f"overlay.yaml:{found['name-has-text']['line']}<" in (tmp_path / "report.html").read_text("utf-8")


def test_settings_that_name_no_files_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for setting, message in (
        ("overlay = 'a.yaml'", "overlay is 'a.yaml'; use an array of file names"),
        ("overlay = [1]", "overlay is 1; use the name of a file"),
        ("spec = ['a.yaml']", "spec is ['a.yaml']; use the name of a file"),
    ):
        config = tmp_path / "settings.toml"
        config.write_text(setting, encoding="utf-8")
        assert run(["check", "http://127.0.0.1:9", "--config", str(config)]) == 2
        assert capsys.readouterr().err == f"code-contract: settings.toml: {message}\n"


def test_load_hands_overlays_over(files: tuple[str, str]) -> None:
    """The processes of Locust read the same document."""
    spec, path = files
    text = handover.dump(Settings("http://x"), Path(spec), [Path(path)])
    assert "name-has-text" in handover.parse(text, "http://x")[0].clauses


def test_pytest_applies_overlays(files: tuple[str, str], tmp_path: Path) -> None:
    """`--contract-overlay` is repeatable, and an error names the overlay."""
    spec, path = files
    command = f"{sys.executable} -m pytest --pyargs contract_tests -p no:cacheprovider --collect-only -q".split()
    command += ["--base-url", "http://127.0.0.1:9", "--contract-spec", spec, "--contract-overlay"]
    done = subprocess.run([*command, path], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "test_clause[name-has-text]" in done.stdout, done.stdout + done.stderr
    done = subprocess.run([*command, spec], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode
    assert f"{spec}: /overlay: overlay: None is not supported" in done.stdout


def test_a_mock_serves_and_reloads_its_overlays(files: tuple[str, str]) -> None:
    """The example of the overlay is served, then that of the edited overlay, and both served contracts have it."""
    spec, path = files
    text = Path(path).read_text("utf-8")
    with mock_process("--reload", "--spec", spec, "--overlay", path) as (_, url):
        assert requests.get(f"{url}/pets", timeout=5).json() == "Rex"
        for served in ("openapi.yaml", "openapi.json"):
            document = requests.get(f"{url}/{served}", timeout=5).json()
            assert document["paths"]["/pets"]["get"]["responses"]["200"]["content"], served
        time.sleep(1)  # until the files are watched
        Path(path).write_text(text.replace("Rex", "Tom"), "utf-8")
        end = time.monotonic() + 20
        while requests.get(f"{url}/pets", timeout=5).json() != "Tom":
            assert time.monotonic() < end
            time.sleep(0.1)
        Path(path).write_text(text.replace("target", "targets"), "utf-8")
        while not (problem := requests.get(f"{url}/__mock/health", timeout=5).json()["problem"]):
            assert time.monotonic() < end
            time.sleep(0.1)
        assert "unknown action key 'targets'" in problem
        assert requests.get(f"{url}/pets", timeout=5).json() == "Tom"
