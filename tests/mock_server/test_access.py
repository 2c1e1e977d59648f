"""Foreign hosts and origins: they use the operations, and nothing else that the mock serves."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.datastructures import Headers

import mock_server
from code_contract import Contract
from mock_server.admin.access import AccessPolicy, InvalidNameError
from tests.conftest import GRANTED
from tests.mock_server.adapters import Adapter
from tests.mock_server.authorities import (
    FOREIGN,
    FOREIGN_HOSTS,
    FOREIGN_ORIGINS,
    LOOPBACK_HOSTS,
    LOOPBACK_ORIGINS,
    RESOURCES,
)
from tests.mock_server.test_cors import PREFLIGHT
from tests.mock_server.test_mock import Serve


def test_every_resource_but_the_operations_is_refused_to_foreign_origins_and_hosts(target: Adapter) -> None:
    """The response is 403 with one sentence that names the value and the option, and no header of CORS."""
    host, origin = {"Host": "evil.example:4010"}, {"Origin": FOREIGN}
    for path in RESOURCES:
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST"):
            for headers, value, option in (
                (host, "'evil.example:4010'", "--allow-host evil.example "),
                (host | {"Origin": "http://evil.example:4010"}, "'evil.example:4010'", "--allow-host evil.example "),
                (origin, f"'{FOREIGN}'", f"--allow-origin {FOREIGN} "),
                (origin | PREFLIGHT, f"'{FOREIGN}'", f"--allow-origin {FOREIGN} "),
            ):
                reply = target.send(method, path, headers)
                assert reply.status == 403, (method, path, headers)
                assert not [name for name in reply.headers if name.lower().startswith("access-control")]
                assert "location" not in reply.headers
                if method != "HEAD":
                    assert value in reply.json()["error"]
                    assert option in reply.json()["error"]


@pytest.mark.parametrize("path", ["/code", "/nowhere"])
def test_the_operations_are_open_to_every_host_and_origin(target: Adapter, path: str) -> None:
    """A foreign page reads their responses, and those of paths that do not exist."""
    foreign = {"Host": "evil.example", "Origin": FOREIGN}
    reply = target.send("POST", path, GRANTED | foreign)
    assert reply.status == (200 if path == "/code" else 404)
    assert reply.headers["Access-Control-Allow-Origin"] == FOREIGN
    assert target.send("OPTIONS", path, foreign | PREFLIGHT).headers["Access-Control-Allow-Credentials"] == "true"


def test_a_refused_request_changes_nothing(target: Adapter) -> None:
    """The behaviour and the journal stay as they were."""
    target.send("POST", "/code", GRANTED)
    body = json.dumps({"scenario": "refused"}).encode()
    for headers in ({"Origin": FOREIGN}, {"Host": "evil.example"}, {"Referer": f"{FOREIGN}/page"}):
        assert (
            target.send("PUT", "/__mock/behaviour", headers | {"Content-Type": "application/json"}, body).status == 403
        )
        assert target.send("DELETE", "/__mock/requests", headers).status == 403
    assert target.send("GET", "/__mock/behaviour").json()["behaviour"] == {}
    assert len(target.state.journal.entries()) == 1


@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
def test_loopback_hosts_are_served(target: Adapter, host: str) -> None:
    """RFC 6761 §6.3 reserves the names for this machine; upper case, a trailing dot and the port do not matter."""
    assert target.send("GET", "/__mock/requests", {"Host": host}).status == 200


@pytest.mark.parametrize("host", FOREIGN_HOSTS, ids=ascii)
def test_other_hosts_are_refused(target: Adapter, host: str) -> None:
    """Anything that is not exactly a loopback name or address is refused, also if it begins or ends like one."""
    reply = target.send("GET", "/__mock/requests", {"Host": host})
    if target.name == "uvicorn" and reply.status == 400:
        # The server itself rejects a Host that is not valid (RFC 9112 §3.2).
        assert not re.fullmatch(r"[a-z0-9.-]*(:[0-9]*)?", host, re.IGNORECASE)
        return
    assert reply.status == 403
    assert "is neither a loopback name nor the address of the mock" in reply.json()["error"]
    assert len(reply.body) < 500


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host"])
def test_headers_of_proxies_do_not_replace_host(target: Adapter, name: str) -> None:
    """They are the client's own words."""
    value = {"Forwarded": "host=localhost"}.get(name, "localhost")
    assert target.send("GET", "/__mock/requests", {"Host": "evil.example", name: value}).status == 403


@pytest.mark.parametrize("origin", LOOPBACK_ORIGINS)
def test_pages_of_this_machine_use_the_admin_api(target: Adapter, origin: str) -> None:
    """They read it and change it; CORS allows both, with credentials."""
    headers = {"Origin": origin}
    for reply in (
        target.send("GET", "/__mock/requests", headers),
        target.send("OPTIONS", "/__mock/behaviour", headers | PREFLIGHT),
        target.send("DELETE", "/__mock/behaviour", headers),
    ):
        assert reply.status in (200, 204)
        assert reply.headers["Access-Control-Allow-Origin"] == origin
        assert reply.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS, ids=ascii)
def test_other_origins_are_refused(target: Adapter, origin: str) -> None:
    """Opaque origins, other schemes and values that only resemble a loopback origin are foreign."""
    assert target.send("GET", "/__mock/requests", {"Origin": origin}).status == 403


FETCH = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (FETCH, 403),
        (FETCH | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403),
        (FETCH | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200),
        (FETCH | {"Sec-Fetch-Site": "same-origin"}, 200),
        (FETCH | {"Sec-Fetch-Site": "none"}, 200),
        (FETCH | {"Origin": "http://localhost:5173", "Sec-Fetch-Mode": "cors"}, 200),
        ({"Referer": f"{FOREIGN}/link"}, 200),
    ],
    ids=["script", "frame", "link", "same-origin", "address-bar", "fetch", "old-browser"],
)
def test_another_site_may_link_but_not_embed(target: Adapter, headers: Mapping[str, str], status: int) -> None:
    """Without Origin the response cannot be read, but a script or a frame of it has no use but an attack."""
    assert target.send("GET", "/__mock/requests", headers).status == status


@pytest.mark.parametrize("referer", ["http://localhost:4010/__mock/", "", "http://app.localhost/a?b#c"])
def test_an_old_browser_without_origin_needs_an_allowed_referer(target: Adapter, referer: str) -> None:
    """A method that changes something needs an allowed Referer, if there is one."""
    assert target.send("DELETE", "/__mock/requests", {"Referer": referer}).status == 204


def test_allowed_hosts_and_origins(serve: Serve, contract: Contract) -> None:
    """Those of the settings are served, in any spelling; a page of an allowed host is of the same origin."""
    target = serve(
        contract,
        allowed_hosts=["Mock.Test:4010", "10.0.0.7", "fd00::7"],
        allowed_origins=["HTTP://App.test:80/", "https://app.test:3000", "capacitor://localhost"],
    )

    def status(**headers: str) -> int:
        return target.send("DELETE", "/__mock/requests", headers).status

    for host in ("mock.test", "MOCK.test.:9", "10.0.0.7:4010", "[fd00:0::7]"):
        assert status(Host=host) == 204
    for host in ("other.test", "mock.test.evil.example", "10.0.0.8", "[fd00::8]"):
        assert status(Host=host) == 403
    for origin in ("http://app.test", "http://app.test:80", "https://APP.test:3000", "capacitor://localhost"):
        assert status(Origin=origin) == 204
    for origin in ("https://app.test", "http://app.test:3000", "http://mock.test:4010", "null", FOREIGN):
        assert status(Origin=origin) == 403
    assert status(Host="mock.test:4010", Origin="http://mock.test:4010") == 204
    assert status(Host="mock.test", Origin="https://mock.test") == 204
    assert status(Host="mock.test:4010", Origin="http://mock.test:3000") == 403
    assert status(Host="evil.example", Origin="http://evil.example") == 403


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        ({"allowed_hosts": ["http://mock"]}, "'http://mock' is not a valid host"),
        ({"allowed_hosts": [""]}, "'' is not a valid host"),
        ({"allowed_hosts": ["*"]}, "'*' is not a valid host"),
        ({"allowed_origins": ["app.test"]}, "'app.test' is not a valid origin"),
        ({"allowed_origins": ["null"]}, "'null' is not a valid origin"),
        ({"allowed_origins": ["*"]}, "'*' is not a valid origin"),
        ({"allowed_origins": ["http://user@app.test"]}, "'http://user@app.test' is not a valid origin"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_invalid_name_is_refused_at_the_start(settings: Any, value: str) -> None:
    """The message names it."""
    with pytest.raises(InvalidNameError, match=r".") as caught:
        mock_server.create_app(**settings)
    assert str(caught.value).startswith(value)


@pytest.mark.parametrize(
    ("bound", "served", "refused"),
    [
        (("mock.lan", "10.0.0.7"), ["mock.lan:1", "10.0.0.7", "localhost"], ["10.0.0.8", "other.lan"]),
        (
            ("0.0.0.0", "0.0.0.0"),
            ["10.0.0.8:4010", "[fd00::1]", "0.0.0.0:4010", "localhost"],
            ["other.lan", "2130706433"],
        ),
        (("::", "::"), ["10.0.0.8:4010", "[fd00::1]", "[::]:4010"], ["other.lan", "[::1%1]"]),
    ],
    ids=["name", "all-ipv4", "all-ipv6"],
)
def test_the_bound_name_and_address_are_served(bound: tuple[str, str], served: list[str], refused: list[str]) -> None:
    """On all addresses, every IP address is: a name can be rebound to this machine, an address cannot."""
    policy = AccessPolicy.new().bound_to(*bound)
    assert [host for host in served if policy.refusal("GET", _headers(host))] == []
    assert [host for host in refused if not policy.refusal("GET", _headers(host))] == []
    assert policy.refusal("PUT", _headers("10.0.0.9", Origin="http://10.0.0.66:4010"))


def _headers(host: str, **more: str) -> Headers:
    return Headers({"Host": host, **more})


def test_a_redirect_does_not_repeat_the_host(target: Adapter) -> None:
    """Its Location is relative, whatever scheme, port and path the client sees: a proxy may remove a prefix."""
    for path, location in (
        ("/__mock/docs", "docs/"),
        ("/__mock/docs?a=//evil.example", "docs/?a=//evil.example"),
        ("/__mock//health", "/__mock/health"),
        ("/", "__mock/"),
    ):
        reply = target.send("GET", path, {"Host": "app.localhost:99"})
        assert (reply.status // 100, reply.headers["Location"]) == (3, location)


def test_the_page_needs_no_slash_at_its_end(target: Adapter) -> None:
    """Its addresses are relative, and then have a base: some proxies remove the slash."""
    for path, base in (("/__mock/", b""), ("/__mock", b'<base href="__mock/">')):
        reply = target.send("GET", path)
        assert reply.status == 200
        assert (b"<base" in reply.body, base in reply.body) == (bool(base), True)
