"""The proxy of a run, as users type it. No message quotes its user information."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from contract_tests.base_url import masked
from contract_tests.credentials import basic
from contract_tests.options import SettingsError


class Proxy(NamedTuple):
    """An HTTP proxy; `credentials` is the value of Proxy-Authorization, "" for none."""

    host: str
    port: int
    credentials: str


def parse_proxy(text: str) -> Proxy:
    """Parse the URL of a proxy: `http://[USER:PASSWORD@]host[:port]`, with or without its scheme.

    Raises:
        SettingsError: It is not the URL of an HTTP proxy.
    """
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError:
        raise _error(text) from None
    if parts.scheme != "http" or not parts.hostname or port == 0 or parts.path.strip("/") or parts.query:
        raise _error(text)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    credentials = basic(f"{user}:{password}") if parts.username is not None else ""
    return Proxy(parts.hostname, port or 80, credentials)


def secrets(text: str) -> tuple[str, ...]:
    """Return the parts of a valid proxy URL that are secret, the longest first."""
    proxy = parse_proxy(text)
    if not proxy.credentials:
        return ()
    user_info = text.strip().partition("://")[2].rpartition("@")[0] or text.strip().rpartition("@")[0]
    password = user_info.partition(":")[2]
    return tuple(filter(None, (user_info, proxy.credentials, proxy.credentials.partition(" ")[2], unquote(password))))


def _error(text: str) -> SettingsError:
    return SettingsError(f"the proxy {masked(text)} is not the URL of an HTTP proxy; use http://host:port")
