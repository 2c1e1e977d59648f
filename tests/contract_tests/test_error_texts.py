"""Errors of the system, of name resolution and of OpenSSL, whose own texts are English only."""

from __future__ import annotations

import errno
import os
import socket

import pytest
import trustme

from contract_tests.http.client import Client
from contract_tests.http.errors import classify_error
from contract_tests.http.exchange import Request
from contract_tests.message import translate
from tests.servers.tls import tls_server


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "not known", "无法解析主机名：该名称不存在"),
        (OSError(errno.ENETUNREACH, "x"), "no connection: Network is unreachable", "无法连接：网络不可达"),
        (OSError(errno.EIO, "x"), "no connection: Input/output error", "无法连接：Input/output error"),
    ],
    ids=["name", "network", "another"],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has other error codes and texts")
def test_an_error_of_the_system_is_shown_in_chinese(error: OSError, english: str, chinese: str) -> None:
    """The English text is that of the system, which can be searched for; the Chinese one follows from its code."""
    found = classify_error(error, expired=False, limit=1, in_body=False)
    assert english in found.detail
    assert translate(found.detail, "zh") == chinese


def test_an_untrusted_certificate_is_explained_in_chinese() -> None:
    """By the code of OpenSSL."""
    with tls_server(trustme.CA()) as port:
        error = Client(timeout=5).send(Request("POST", f"https://127.0.0.1:{port}/code")).error
    assert error is not None
    assert error.detail.startswith("TLS failed: ")
    assert translate(error.detail, "zh") == "TLS 失败：证书的颁发者不受信任"
