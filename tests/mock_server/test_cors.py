"""Cross-origin requests of the operations, the same by Flask and by the server."""

from __future__ import annotations

import pytest

from tests.mock_server.adapters import Adapter

ORIGIN = {"Origin": "http://page.example"}
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "prefer,source,x-mock-client"}


@pytest.mark.parametrize("path", ["/code", "/nowhere"])
def test_a_preflight_of_the_operations_is_allowed(target: Adapter, path: str) -> None:
    """The origin is echoed, with credentials, for ten minutes, so a page can read every error."""
    reply = target.send("OPTIONS", path, ORIGIN | PREFLIGHT)
    assert reply.status in (200, 204)
    assert reply.headers["Access-Control-Allow-Origin"] == "http://page.example"
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"
    assert reply.headers["Access-Control-Allow-Headers"] == "prefer, source, x-mock-client"
    assert {"POST", "PUT", "DELETE"} <= set(reply.headers["Access-Control-Allow-Methods"].split(", "))
    assert reply.headers["Access-Control-Max-Age"] == "600"


@pytest.mark.parametrize("network", ["Private-Network", "Local-Network"])
def test_a_page_of_the_internet_reaches_the_mock(target: Adapter, network: str) -> None:
    """A preflight that asks for access to this network is granted ; no other mentions it."""
    name = f"Access-Control-Allow-{network}"
    asked = ORIGIN | PREFLIGHT | {f"Access-Control-Request-{network}": "true"}
    assert target.send("OPTIONS", "/code", asked).headers[name] == "true"
    assert name not in target.send("OPTIONS", "/code", ORIGIN | PREFLIGHT).headers


@pytest.mark.parametrize("path", ["/code", "/nowhere"])
def test_a_page_of_another_origin_may_read_a_response(target: Adapter, path: str) -> None:
    """The mock's own headers are exposed to it; without Origin there is no header of CORS."""
    reply = target.send("POST", path, ORIGIN)
    assert reply.headers["Access-Control-Allow-Origin"] == "http://page.example"
    assert reply.headers["Vary"] == "Origin"
    exposed = set(reply.headers["Access-Control-Expose-Headers"].split(", "))
    assert {"X-Mock-Reason", "Preference-Applied", "Retry-After"} <= exposed
    assert not [name for name in target.send("POST", path).headers if name.lower().startswith("access-control")]
