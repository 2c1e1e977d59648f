"""A request that reaches no operation: the reason names the nearest ones."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.core.nearest import MAX_SHOWN, NearestOperations
from tests.mock_server.adapters import Adapter
from tests.mock_server.documents import ask, mock_of

PATHS = ["/users", "/users/{id}", "/orders", "/orders/{id}/items", "/captcha", "/health", "/metrics"]


def test_the_reason_of_a_404_names_the_operations_and_the_option(target: Adapter) -> None:
    """Also where the document has an example for the error."""
    reply = target.send("POST", "/cod")
    assert reply.status == 404
    assert reply.headers["X-Mock-Reason"] == (
        "no operation has the path /cod; the mock serves POST /code; --fallback URL passes on what it does not serve"
    )
    assert target.state.journal.entries()[-1].outcome == "not-found"


@pytest.mark.parametrize(
    ("method", "path", "first"),
    [
        ("GET", "/user", "GET /users"),
        ("POST", "/user", "POST /users"),
        ("GET", "/api/Captcha", "GET /captcha"),
        ("GET", "/orders/7/item", "GET /orders/{id}/items"),
        ("GET", "/" + 100_000 * "x", "GET /"),
    ],
)
def test_the_nearest_operations_come_first(method: str, path: str, first: str) -> None:
    """By path, then by method. At most five are named."""
    nearest = NearestOperations([(each, path) for each in ("GET", "POST") for path in PATHS])
    names = nearest.reason(method, path).values["names"].split(", ")
    assert names[0].startswith(first)
    assert len(names) == MAX_SHOWN
    assert names[-1].endswith(f" and {2 * len(PATHS) - MAX_SHOWN} more")


def test_the_reason_fits_into_a_header(tmp_path: Any) -> None:
    """Whatever the document names its paths; the option is named in any case."""
    responses = {"responses": {"200": {"description": "Ok."}}}
    mock = mock_of(tmp_path, {f"/{number}{'宠' * 100}": {"get": responses} for number in range(3)})
    reason = ask(mock, "GET", "/宠" + "b" * 5000).headers["X-Mock-Reason"]
    assert reason.endswith("; --fallback URL passes on what it does not serve")
    assert len(reason) < 500


def test_a_document_without_operations_is_served(tmp_path: Any) -> None:
    """The reason says that there are none."""
    assert "the mock serves none;" in ask(mock_of(tmp_path, {}), "GET", "/a").headers["X-Mock-Reason"]
