"""The base URL of a target as users type it. No message quotes its user information."""

from __future__ import annotations

import re
from base64 import b64encode
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit, urlunsplit

from code_contract import Contract
from contract_tests.options import SettingsError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_ADDRESS = re.compile(r"(?:[^\s/@]*@)?([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?(?:/\S*)?")
"""A host, with a port or a path, without a scheme."""
_LOCAL = re.compile(r"localhost|[0-9.]+|\[.*\]|[^.]+", re.IGNORECASE)
"""A host that rarely has https: an IP address, or a name without a domain."""
_UNSAFE = re.compile("[\x00-\x20\x7f\ud800-\udfff]")


def parse_base_url(text: str, contract: Contract) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Parse a base URL as users type it; the path of an operation at its end is removed.

    Returns:
        The URL without user information, query and trailing slash, and the headers that the user information implies.

    Raises:
        SettingsError: It is not an absolute http(s) URL, or it has a query or a fragment.
    """
    if found := _ADDRESS.fullmatch(text.strip()):
        is_local = _LOCAL.fullmatch(found[1]) is not None
        offered = f"{'http' if is_local else 'https'}://{text.strip()}"
        raise SettingsError(f"{masked(text)} has no scheme; did you mean {masked(offered)}?")
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        # The error of urllib quotes what may be a part of a password.
        raise SettingsError(f"{masked(text)} is not a valid URL; use https://host[:port][/path]{_cure(text)}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{masked(text)} is not a valid http(s) URL; use https://host[:port][/path]")
    if port == 0:
        raise SettingsError(f"{masked(text)} has port 0, to which nothing can connect; use 1 to 65535")
    if parts.query or parts.fragment:
        raise SettingsError(f"{masked(text)} has a query or a fragment; remove it{_cure(text)}")
    if "@" in parts.path:
        raise SettingsError(f"{masked(text)} has an @ after its host; write it as %40{_cure(text)}")
    if _UNSAFE.search(text.strip()):
        raise SettingsError("the base URL contains a space or a control character; percent-encode it")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    try:
        host.encode("ascii") if ":" in parts.hostname else host.encode("idna")
    except UnicodeError:
        raise SettingsError(f"{masked(text)} has an invalid host name; check its labels") from None
    path = parts.path.rstrip("/")
    for operation in contract.operations.values():
        # The base path of the contract may end like an operation.
        if path.endswith(operation.path.rstrip("/")) and path != contract.base_path:
            path = path.removesuffix(operation.path.rstrip("/"))
            break
    base = urlunsplit(SplitResult(parts.scheme, host + (f":{port}" if port else ""), path, "", ""))
    return base, _basic_auth(parts.username, parts.password)


def _basic_auth(username: str | None, password: str | None) -> tuple[tuple[str, str], ...]:
    if username is None:
        return ()
    pair = unquote_to_bytes(username) + b":" + unquote_to_bytes(password or "")
    return (("Authorization", "Basic " + b64encode(pair).decode("ascii")),)


def masked(text: str) -> str:
    """Return a URL for a message: no user information, which may contain any character, no query, no fragment."""
    text = text.strip()
    scheme = _SCHEME.match(text)
    _, at, rest = text.rpartition("@")
    shown = (scheme[0] if scheme else "") + "***@" + rest if at else text
    return repr(re.sub(r"([?#]).*", r"\1***", shown, flags=re.DOTALL)[:200])


def _cure(text: str) -> str:
    return "; in a password, write / as %2F, # as %23, ? as %3F and @ as %40" if "@" in text else ""
