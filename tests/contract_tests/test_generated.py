"""The generated requests: deterministic, bounded, and without a trace in the directory or in Hypothesis."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from hypothesis import configuration

from code_contract import Contract
from contract_tests.generated import cases
from contract_tests.generated import run as generated
from contract_tests.generated.cases import SCHEMATHESIS_CHECKS
from contract_tests.generated.result import TITLES
from contract_tests.http.exchange import Exchange, Request
from contract_tests.message import translate
from contract_tests.settings import Settings
from tests.conftest import checked


def send(request: Request, label: str, operation: str, index: int) -> Exchange:
    """Answer 404 without a network."""
    return Exchange(request, label, operation, index, 0.0, 404)


def home() -> Path:
    """The storage directory of Hypothesis."""
    storage = configuration.storage_directory(intent_to_write=False)
    return Path(getattr(storage, "home_directory", storage))


def test_the_same_requests_are_generated_every_time(contract: Contract) -> None:
    """Two runs send equal requests, the source among their headers."""
    runs = [
        generated.run(contract, Settings("http://x"), send, time.monotonic() + 30, contract.operations)
        for _ in range(2)
    ]
    requests = [[each.request for each in result.exchanges] for result in runs]
    assert requests[0] == requests[1] != []
    assert all(("Source", "PC") in each.headers for each in requests[0])


def test_nothing_is_sent_after_the_deadline(contract: Contract) -> None:
    """An operation that is out of time is named in a note."""
    result = generated.run(contract, Settings("http://x"), send, time.monotonic() - 1, contract.operations)
    assert result.exchanges == []
    assert result.notes == ["no requests were generated for getCode: the deadline of the run has passed"]


def test_a_document_that_schemathesis_rejects_has_a_note(contract: Contract) -> None:
    """The run goes on without generated requests."""
    source = replace(contract.source, document={**contract.document, "openapi": []})
    rejected = replace(contract, source=source)
    result = generated.run(rejected, Settings("http://x"), send, time.monotonic() + 30, contract.operations)
    assert result.exchanges == []
    assert [each.partition(":")[0] for each in result.notes] == ["no requests were generated"]


def test_hypothesis_keeps_its_storage_directory(contract: Contract, tmp_path: Path) -> None:
    """The storage directory of the process is the same after a run."""
    before = home()
    configuration.set_hypothesis_home_dir(tmp_path / "own")
    try:
        generated.run(contract, Settings("http://x"), send, time.monotonic() + 30, contract.operations)
        assert home() == tmp_path / "own"
    finally:
        configuration.set_hypothesis_home_dir(before)


FREE_TEXT = """
openapi: 3.1.0
info: {title: Search, version: '1'}
paths:
  /find:
    get:
      operationId: find
      parameters: [{name: q, in: query, required: true, schema: {type: string, pattern: '^\\\\w+$'}, example: a}]
      responses: {'200': {description: OK}}
"""


def test_a_run_leaves_no_files(tmp_path: Path) -> None:
    """The working directory is empty after requests with free text were generated."""
    document = tmp_path / "openapi.yaml"
    document.write_text(FREE_TEXT, encoding="utf-8")
    folder = tmp_path / "empty"
    folder.mkdir()
    program = (
        "import sys, time; from pathlib import Path; from code_contract import load\n"
        "from contract_tests.generated import run; from contract_tests.http.exchange import Exchange\n"
        "from contract_tests.settings import Settings\n"
        "send = lambda request, *about: Exchange(request, *about, 0.0, 404)\n"
        "contract = load(Path(sys.argv[1]))\n"
        "made = run.run(contract, Settings('http://x'), send, time.monotonic() + 30, contract.operations)\n"
        "print(len(made.exchanges), made.notes)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(document)], cwd=folder, capture_output=True, text=True, timeout=60
    )
    # The number of different requests depends on the Unicode tables of the Python version.
    number, _, notes = done.stdout.partition(" ")
    assert (notes, int(number) > 5) == ("[]\n", True), done.stdout + done.stderr
    assert list(folder.iterdir()) == []


def test_the_target_can_tell_generated_requests(contract: Contract) -> None:
    """Each generated request has the header of schemathesis, with a consecutive value."""
    result = checked(contract, samples=1)
    values = [dict(each.request.headers)[generated.CASE_HEADER] for each in result.generated.exchanges]
    assert values == [f"getCode-{index}" for index in range(len(values))] != []


@pytest.mark.parametrize("served", [True, False], ids=["served", "not served"])
def test_only_responses_of_the_operation_are_counted(contract: Contract, served: bool) -> None:
    """A 404 in the envelope conforms to the schema and counts as checked nowhere."""
    result = checked(contract, *(() if served else ("not-served",)), samples=1)
    assert (result.generated.checked > 0) is served
    assert not result.generated.failures


def test_the_titles_of_schemathesis_are_translated() -> None:
    """Every failure of the checks that are run has a title in chinese.json; versions before 4.32 have other titles."""
    from schemathesis.core.failures import Failure
    from schemathesis.openapi import checks  # noqa: F401 - its import defines the subclasses that are counted below

    kinds = [each for each in _subclasses(Failure) if set(getattr(each, "checks", ())) & set(SCHEMATHESIS_CHECKS)]
    titles = {each.kind_title for each in kinds if "graphql" not in each.__module__}
    assert titles <= set(TITLES)
    assert titles or version("schemathesis") < "4.32"


def _subclasses(kind: type[Any]) -> Iterator[Any]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)


def test_a_failure_of_schemathesis_is_shown_in_chinese(contract: Contract) -> None:
    """Its title is translated, and the status that stands for an empty message."""
    result = checked(contract, "unknown-header-rejected")
    received = next(each for each in result.verdicts if each.failed).findings[0].violation.received
    assert received == "Server error: HTTP status 500"
    assert translate(received, "zh") == "服务器错误：HTTP 状态码 500"


def test_responses_are_kept_within_a_limit(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are needed until the end of the run: beyond the limit no more are requested."""
    monkeypatch.setattr(cases, "MAX_KEPT_BYTES", -1)
    result = generated.run(contract, Settings("http://x"), send, time.monotonic() + 30, contract.operations)
    assert not result.exchanges
    assert result.notes == [
        "no requests were generated for getCode: the responses before take too much memory",
    ]
