"""The rate of requests, and proxies."""

from __future__ import annotations

import base64
import threading
import time
from pathlib import Path

import pytest
import trustme

import mock_server
from code_contract import Contract
from code_contract_cli.main import run
from contract_tests.http.client import Client
from contract_tests.http.exchange import Exchange, Request, TransportErrorKind
from contract_tests.http.rate import RateLimit
from contract_tests.proxy import parse_proxy
from contract_tests.reports import curl
from contract_tests.run import check
from contract_tests.settings import Settings, SettingsError
from tests.servers.forward_proxy import proxy
from tests.servers.hostile import ANSWER, BODY, raw_server, send
from tests.servers.tls import tls_server

BASIC = "Basic " + base64.b64encode(b"anna:pa ss").decode()


def call(url: str, **options: object) -> Exchange:
    return Client(timeout=3, **options).send(Request("POST", url))


def test_a_rate_limits_all_requests_of_a_run(contract: Contract) -> None:
    """Sequential, concurrent, probing and generated requests are as far apart as the rate says."""
    rate = 120.0
    with mock_server.running() as mock:
        result = check(contract, Settings(mock.base_url, samples=8, rate=rate, budget=0))
    starts = sorted(each.started for each in (*result.collection.all(), *result.generated.exchanges))
    assert result.exit_status == 0
    assert len(starts) > 20
    assert max(each.index for each in result.collection.exchanges["getCode"]) > 8
    assert starts[-1] - starts[0] >= (len(starts) - 1) / rate * 0.95


def test_threads_share_the_rate() -> None:
    """Ten turns at 100 a second, taken by five threads, end after 0.09 s, and each is apart from the others."""
    limit, turns = RateLimit(100), list[float]()

    def take() -> None:
        for _ in range(2):
            limit.wait()
            turns.append(time.monotonic())

    threads = [threading.Thread(target=take) for _ in range(5)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(turns) - begun >= 0.089
    assert len(turns) == 10


def test_a_rate_does_not_outlast_the_deadline(contract: Contract) -> None:
    """A run with a low rate ends at its deadline, with what was checked until then."""
    begun = time.monotonic()
    with mock_server.running() as mock:
        result = check(contract, Settings(mock.base_url, rate=2, deadline=1.0))
    assert time.monotonic() - begun < 3
    assert 1 <= result.calls <= 4


def test_a_low_rate_extends_the_default_deadline(contract: Contract) -> None:
    """By the time for about 100 requests of each operation."""
    assert Settings.from_options(contract, "http://x", {}).deadline == 45
    assert Settings.from_options(contract, "http://x", {"rate": 2.0}).deadline == 95
    assert Settings.from_options(contract, "http://x", {}, {"rate": 0.5}).deadline == 245
    assert Settings.from_options(contract, "http://x", {"rate": 2.0, "deadline": 5.0}).deadline == 5


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "1e9"])
def test_an_impossible_rate_is_an_error(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The error names the limits."""
    assert run(["check", "http://127.0.0.1:9", "--rate", rate]) == 2
    assert "use 0.01 to 10000" in capsys.readouterr().err


def test_http_goes_through_the_proxy(contract: Contract) -> None:
    """The proxy receives whole URLs and its credentials, which the target does not get."""
    with mock_server.running() as mock, proxy(BASIC) as server:
        through = server.url.replace("//", "//anna:pa%20ss@")
        result = check(contract, Settings(mock.base_url, samples=4, proxy=through, budget=0))
        assert all(each.startswith(f"{mock.base_url}/") for each in server.targets)
        assert f"{mock.base_url}/code" in server.targets
        assert set(server.credentials) == {BASIC}
    assert result.was_reachable
    assert len(server.targets) == result.calls
    verdicts = {each.clause.id: each for each in result.verdicts}
    assert verdicts["img-is-a-png"].checked >= 4
    first = next(result.collection.all())
    command = curl.command(first.request, result.settings)
    assert '-x "http://${CODE_PROXY:?set CODE_PROXY}@127.0.0.1:' in command
    assert "pa%20ss" not in command


def test_https_goes_through_a_tunnel(tmp_path: Path) -> None:
    """The proxy sees host and port only; the certificate is that of the target."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with tls_server(authority) as port, proxy(BASIC) as server:
        through = server.url.replace("//", "//anna:pa%20ss@")
        options = {"ca_bundle": str(tmp_path / "ca.pem"), "proxy": through}
        found = call(f"https://127.0.0.1:{port}/code", **options)
        assert (found.error, found.status, found.body) == (None, 200, BODY)
        assert server.targets == [f"127.0.0.1:{port}"]
        assert b"Connection established" not in found.lines
        refused = call(f"https://127.0.0.1:{port}/code", **options | {"proxy": server.url})
    assert refused.error is not None
    assert refused.error.kind is TransportErrorKind.NO_CONNECTION
    assert refused.error.detail == f"the proxy responded 407 to CONNECT 127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (send(b"SSH-2.0-x\r\n\r\n"), "the response of the proxy is not HTTP"),
        (send(), "the proxy opened no tunnel"),
        (send(b"x" * 70_000), "the proxy opened no tunnel"),
        (send(then="hold"), "no response within 0.5 s"),
    ],
    ids=["not HTTP", "closed", "endless", "silent"],
)
def test_a_broken_proxy_ends_in_time(answer: object, detail: str) -> None:
    """Whatever it sends is a transport error, within the time limit."""
    with raw_server(answer) as port:  # type: ignore[arg-type]
        found = Client(timeout=0.5, proxy=f"http://127.0.0.1:{port}").send(
            Request("POST", "https://target.invalid/code")
        )
    assert found.error is not None
    assert detail in found.error.detail
    assert found.elapsed < 2


@pytest.mark.parametrize(
    ("host", "detail"),
    [
        ("127.0.0.1", "the connection was refused: nothing listens there"),
        ("proxy.invalid", "the host name could not be resolved: "),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_is_named(scheme: str, host: str, detail: str) -> None:
    """The target is not to blame."""
    found = Client(timeout=5, proxy=f"http://{host}:9").send(Request("POST", f"{scheme}://target.invalid/code"))
    assert found.error is not None
    assert found.error.detail.startswith(f"no proxy at {host}:9: {detail}")


def test_the_environment_has_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY and the like are ignored: a check names its proxy."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with raw_server(ANSWER) as port:
        assert call(f"http://127.0.0.1:{port}/").error is None


@pytest.mark.parametrize(
    "text", ["socks5://h:1", "https://h:1", "http://", "http://h:0", "http://h:x", "http://h/p", ""]
)
def test_another_proxy_is_an_error(text: str) -> None:
    """Only HTTP proxies are supported; the error names the form."""
    with pytest.raises(SettingsError, match="use http://host:port"):
        parse_proxy(text)


def test_the_scheme_of_a_proxy_may_be_left_out() -> None:
    """Host and port suffice, as in other tools."""
    assert parse_proxy("proxy.example.com:3128") == ("proxy.example.com", 3128, "")
    assert parse_proxy("http://anna:pa%20ss@p") == ("p", 80, BASIC)


def test_the_credentials_of_a_proxy_are_secret(capsys: pytest.CaptureFixture[str]) -> None:
    """No message quotes them, and every spelling of them is redacted."""
    settings = Settings("http://x", proxy="http://anna:s3cr3t%20pw@p:1")
    for text in ("s3cr3t pw", "s3cr3t%20pw", "anna:s3cr3t%20pw", base64.b64encode(b"anna:s3cr3t pw").decode()):
        assert "$CODE_PROXY" in settings.redact(f"x {text} y"), text
    assert "s3cr3t" not in repr(settings)
    assert run(["check", "--proxy", "socks5://anna:s3cr3t@p:1"]) == 2
    assert "s3cr3t" not in capsys.readouterr().err
