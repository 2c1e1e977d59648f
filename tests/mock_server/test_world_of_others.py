"""Coherence of the responses of the mock to requests of the documents of others."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from code_contract import load
from mock_server.core.mock import Mock
from tests.mock_server.documents import ask
from tests.paths import ROOT


@pytest.fixture(scope="module")
def mock() -> Mock:
    return Mock(load(ROOT / "tests/data/excerpts.yaml"), seed="1")


def call(mock: Mock, operation_id: str, target: str, body: Any = None, prefer: str = "") -> Any:
    """The body of a successful response, which conforms to its schema."""
    operation = mock.contract.operations[operation_id]
    headers = {"Content-Type": "application/json"} if body is not None else {}
    headers |= {"Prefer": prefer} if prefer else {}
    reply = ask(mock, operation.method, target, headers, b"" if body is None else json.dumps(body).encode())
    assert 200 <= reply.status < 300, (reply.status, reply.headers)
    found = json.loads(reply.body)
    Draft202012Validator(operation.success_response.schema).validate(found)
    return found


@pytest.mark.parametrize("prefer", ["", "dynamic=true"])
@pytest.mark.parametrize(
    ("operation_id", "target", "expected"),
    [
        ("getPetById", "/pet/42", {"id": 42}),
        ("getUserByName", "/user/ada", {"username": "ada"}),
        ("issues/get", "/repos/o/r/issues/7", {"number": 7}),
        ("repos/get", "/repos/o/r", {"name": "r"}),
    ],
)
def test_path_parameters(mock: Mock, operation_id: str, target: str, expected: dict[str, Any], prefer: str) -> None:
    """A parameter finds its property by its name, or by the name of its resource."""
    found = call(mock, operation_id, target, prefer=prefer)
    assert {name: found[name] for name in expected} == expected


def test_a_parameter_that_names_an_object_inside(mock: Mock) -> None:
    """The owner of a repository is an object, whose text property has the value."""
    found = call(mock, "repos/get", "/repos/ada/engine")
    assert found["owner"]["login"] == "ada"
    assert isinstance(found["owner"]["id"], int)


@pytest.mark.parametrize("prefer", ["", "dynamic=true"])
def test_lists_at_other_paths(mock: Mock, prefer: str) -> None:
    """A list anywhere has entities that their own path returns."""
    pets = call(mock, "findPetsByStatus", "/pet/findByStatus", prefer=prefer)
    assert len({each["id"] for each in pets}) == len(pets) >= 3
    assert all(call(mock, "getPetById", f"/pet/{each['id']}", prefer=prefer) == each for each in pets)
    for each in call(mock, "repos/mine", "/user/repos", prefer=prefer):
        path = f"/repos/{quote(each['owner']['login'])}/{quote(each['name'])}"
        assert call(mock, "repos/get", path, prefer=prefer) == each


def test_issues(mock: Mock) -> None:
    """Those of one repository are the same in list and detail, those of another differ; a created one has its title."""
    issues = call(mock, "issues/list", "/repos/o/r/issues")
    assert all(call(mock, "issues/get", f"/repos/o/r/issues/{each['number']}") == each for each in issues)
    assert call(mock, "issues/list", "/repos/o/other/issues") != issues
    created = call(mock, "issues/create", "/repos/o/r/issues", {"title": "Broken", "body": "x"})
    assert (created["title"], created["body"]) == ("Broken", "x")
    changed = call(mock, "repos/update", "/repos/o/r", {"description": "new"})
    assert changed == {**call(mock, "repos/get", "/repos/o/r"), "description": "new"}


def test_an_id_in_the_body(mock: Mock) -> None:
    """An update without an id in its path has the entity of the body."""
    sent = {"id": 42, "name": "Bo", "photoUrls": []}
    assert call(mock, "updatePet", "/pet", sent) == {**call(mock, "getPetById", "/pet/42"), **sent}
    assert call(mock, "addPet", "/pet", sent)["category"] == {"id": 1, "name": "Dogs"}


def test_collections_by_allof(mock: Mock) -> None:
    """An example is the whole list: it has pages, and its items are entities."""
    assert [each["id"] for each in call(mock, "stations", "/stations")["data"]] == ["a", "b", "c"]
    second = call(mock, "stations", "/stations?page=2")
    assert [each["id"] for each in second["data"]] == ["c"]
    assert call(mock, "station", "/stations/c") == {"id": "c", "name": "Rome"}
    assert call(mock, "stations", "/stations?limit=1")["links"]["next"].endswith("/stations?limit=1&page=2")
