"""Work grows in proportion to the number of operations; a request costs the same. Calls are counted, not timed."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from code_contract import load
from code_contract.docs import render
from mock_server import create_app
from tests.conftest import GRANTED
from tests.paths import ROOT

FEW, MANY = 10, 100
EACH_MORE = MANY / FEW


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Return the path of a document with that number of operations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        import growth
    folder = tmp_path_factory.mktemp("grown")

    def path(size: int) -> Path:
        file = folder / f"{size}.yaml"
        if not file.exists():
            file.write_text(yaml.dump(growth.document(size), allow_unicode=True), encoding="utf-8")
        return file

    return path


def work(do: Callable[..., Any], *arguments: Any, **named: Any) -> int:
    """Return the number of function calls, C functions included."""
    found, before = 0, sys.getprofile()

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        do(*arguments, **named)
    finally:
        sys.setprofile(before)
    return found


def test_reading_takes_work_in_proportion(grown: Callable[[int], Path]) -> None:
    """Ten times the operations are read with ten times the work at most."""
    load(grown(FEW))  # what is done once in a process
    few, many = (work(load, path) for path in (grown(FEW), grown(MANY)))
    assert many <= EACH_MORE * few


def test_starting_takes_work_in_proportion(grown: Callable[[int], Path]) -> None:
    """Ten times the operations make an application with ten times the work at most."""
    few, many = (work(create_app, load(grown(size))) for size in (FEW, MANY))
    assert many <= EACH_MORE * few


def test_printing_takes_work_in_proportion(grown: Callable[[int], Path]) -> None:
    """Ten times the operations are printed with ten times the work at most."""
    few, many = (work(render, load(grown(size)), "markdown") for size in (FEW, MANY))
    assert many <= 1.1 * EACH_MORE * few


@pytest.mark.parametrize("offset", [1, 2], ids=["the last operation", "the last with a parameter in its path"])
def test_a_call_takes_the_same_work_among_many(grown: Callable[[int], Path], offset: int) -> None:
    """A call of the last operation of a hundred takes no more work than of the last of ten."""
    took = []
    for size in (FEW, MANY):
        made = load(grown(size))
        client = create_app(made, seed="same").test_client()
        path = list(made.operations.values())[-offset].path.replace("{place}", "here")
        assert client.post(path, headers=GRANTED).status_code == 200  # what is done at the first call
        took.append(work(client.post, path, headers=GRANTED))
    assert took[1] <= 1.05 * took[0]


def test_what_operations_share_is_there_once(grown: Callable[[int], Path]) -> None:
    """Operations that refer to the same schema have the same node."""
    operations = list(load(grown(FEW)).operations.values())
    assert operations[0].success_response.schema is operations[1].success_response.schema
    assert operations[0].success_response.schema is not operations[3].success_response.schema


def test_a_document_is_released(grown: Callable[[int], Path]) -> None:
    """No validator or cache holds a contract that nobody uses any more."""
    contract = weakref.ref(load(grown(FEW)))
    gc.collect()
    assert contract() is None
