"""Examples, methods and event fields of OpenAPI 3.2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from code_contract.diff import changes
from tests.mock_server.documents import ask, mock_of

OK: dict[str, Any] = {"200": {"description": "ok"}}


@pytest.mark.parametrize(
    ("media_type", "example", "body"),
    [
        ("application/json", {"dataValue": {"a": 1}}, b'{"a":1}'),
        ("application/json", {"dataValue": {"a": 1}, "serializedValue": "{ }"}, b'{"a":1}'),
        ("application/json", {"serializedValue": '{ "a": 2 }'}, b'{"a":2}'),
        ("application/xml", {"serializedValue": "<a>3</a>"}, b"<a>3</a>"),
        ("text/plain", {"serializedValue": "NaN"}, b"NaN"),
    ],
    ids=["data", "both", "serialized JSON", "serialized XML", "a text"],
)
def test_an_example_has_a_data_value_or_a_serialized_one(
    tmp_path: Path, media_type: str, example: Any, body: bytes
) -> None:
    """`dataValue` and `serializedValue` take the place of `value`."""
    content = {media_type: {"examples": {"one": example}}}
    mock = mock_of(tmp_path, {"/a": {"get": {"responses": {"200": {"description": "ok", "content": content}}}}})
    assert ask(mock, "GET", "/a").body == body
    assert ask(mock, "GET", "/a?__example=one").body == body


def test_other_methods_are_served(tmp_path: Path) -> None:
    """`additionalOperations` has operations of other methods, with clauses of their own."""
    further = {"operationId": "copyPet", "responses": {"200": {"description": "ok", "content": {"text/plain": {}}}}}
    mock = mock_of(tmp_path, {"/a": {"get": {"responses": OK}, "additionalOperations": {"COPY": further}}})
    assert (ask(mock, "COPY", "/a").status, ask(mock, "MOVE", "/a").status) == (200, 405)
    assert ask(mock, "MOVE", "/a").headers["Allow"] == "COPY, GET, HEAD"
    clause = mock.contract.clauses["copy-pet-200-media-type-is-documented"]
    assert clause.pointer == "/paths/~1a/additionalOperations/COPY/responses/200"


def test_a_change_of_another_method_is_compared(tmp_path: Path) -> None:
    """The operation is reported by its method, like any other."""
    folders = [tmp_path / "old", tmp_path / "new"]
    further = [{"COPY": {"responses": OK}}, {"COPY": {"responses": OK}, "MOVE": {"responses": OK}}]
    contracts = []
    for folder, each in zip(folders, further, strict=True):
        folder.mkdir()
        contracts.append(mock_of(folder, {"/a": {"additionalOperations": each}}).contract)
    assert [(each.message, each.operations) for each in changes(*contracts)] == [
        ("the operation MOVE added", ("MOVE /a",))
    ]


def test_events_have_their_fields(tmp_path: Path) -> None:
    """An item of `itemSchema` is an event: its fields are lines, and a text of several lines has a `data` for each."""
    fields = {
        "event": {"const": "added"},
        "data": {"const": "one\ntwo"},
        "retry": {"const": 5},
    }
    schema = {"type": "object", "required": ["data"], "properties": fields}
    content = {"text/event-stream": {"itemSchema": schema}}
    mock = mock_of(tmp_path, {"/a": {"get": {"responses": {"200": {"description": "ok", "content": content}}}}})
    event = b"event: added\ndata: one\ndata: two\nretry: 5\n\n"
    assert ask(mock, "GET", "/a").body == event * 2
