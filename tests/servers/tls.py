"""TLS servers with certificates of a private authority."""

from __future__ import annotations

import ssl
from contextlib import AbstractContextManager

import trustme

from tests.servers.hostile import ANSWER, raw_server


def tls_server(authority: trustme.CA, clients: trustme.CA | None = None) -> AbstractContextManager[int]:
    """A TLS server; with `clients`, for clients with a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if clients is not None:
        clients.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return raw_server(ANSWER, lambda connection: context.wrap_socket(connection, server_side=True))
