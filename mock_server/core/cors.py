"""Cross-origin resource sharing (Fetch standard §3.3): pages of every origin may read the mock's responses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mock_server.core.headers import ANSWER_HEADER, APPLIED_HEADER, REASON_CODE_HEADER, REASON_HEADER, WARNING_HEADER
from mock_server.response import Headers

_EXPOSED = (
    *("Allow", "Content-Length", "Date", "ETag", "Location"),
    *(APPLIED_HEADER, "Retry-After", ANSWER_HEADER, REASON_HEADER, REASON_CODE_HEADER, WARNING_HEADER),
)
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_MAX_AGE = 600
"""Seconds for which a browser may cache the response to a preflight."""


def cors_headers(method: str, headers: Mapping[str, str]) -> Headers:
    """Return the response headers that let a page of another origin read the response.

    Args:
        method: The method of the request.
        headers: The headers of the request, names in lower case.
    """
    origin = headers.get("origin")
    if not origin:
        return ()
    found = [
        # The origin itself, since `*` does not allow credentials (Fetch standard §3.3.5).
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Expose-Headers", ", ".join(_EXPOSED)),
        ("Access-Control-Allow-Credentials", "true"),
    ]
    if method == "OPTIONS" and headers.get("access-control-request-method", "").upper() in _METHODS:
        wanted = sorted(name.strip() for name in headers.get("access-control-request-headers", "").split(","))
        if any(wanted):
            found.append(("Access-Control-Allow-Headers", ", ".join(wanted)))
        found.append(("Access-Control-Allow-Methods", ", ".join(_METHODS)))
        found.append(("Access-Control-Max-Age", str(_MAX_AGE)))
        # A page of the internet asks for leave to reach this machine; the specification has had two names for it.
        for network in ("Private-Network", "Local-Network"):
            if headers.get(f"access-control-request-{network.lower()}") == "true":
                found.append((f"Access-Control-Allow-{network}", "true"))
    return (*found, ("Vary", "Origin"))


def exposing(headers: Headers, names: Iterable[str]) -> Headers:
    """Return headers of `cors_headers` that also let a page read response headers of these names."""
    exposed = ", ".join(dict.fromkeys((*_EXPOSED, *names)))
    return tuple((name, exposed if name == "Access-Control-Expose-Headers" else value) for name, value in headers)
