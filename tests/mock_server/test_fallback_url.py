"""The URL of a fallback: what cannot be used is rejected before the mock starts."""

from __future__ import annotations

import socket

import pytest

import mock_server
from code_contract import Contract
from code_contract_cli.main import run
from mock_server import MockServer
from mock_server.server.fallback_url import FallbackError


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("localhost:8080", "'localhost:8080' is not a valid URL; use one such as http://127.0.0.1:8080"),
        ("ftp://a", "'ftp://a' is not a valid URL"),
        ("http://", "'http://' is not a valid URL"),
        ("http://a b/", "is not a valid URL"),
        ("http://a\r\nX: 1", "is not a valid URL"),
        ("http://[::1", "--fallback is not a valid URL"),
        ("http://a:99999", "--fallback is not a valid URL"),
        ("http://li:s3cret@a", "--fallback contains credentials; omit them"),
        ("http://a/?key=s3cret", "--fallback contains a query or a fragment"),
    ],
)
def test_a_url_that_cannot_be_used_is_rejected(url: str, problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With exit status 2 and one sentence, without secrets."""
    assert run(["mock", "--port", "0", "--fallback", url]) == 2
    error = capsys.readouterr().err
    assert problem in error
    assert "s3cret" not in error


def test_the_mock_is_not_its_own_fallback(contract: Contract) -> None:
    """By any name of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(FallbackError, match="is the address of the mock itself"):
            MockServer(mock_server.Mock(contract), port=port, fallback=f"http://{host}:{port}")
