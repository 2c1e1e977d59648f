"""The parts of a confidential value that a target may return alone."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

NEGOTIATION = re.compile(
    r"accept|accept-\w+|cache-control|connection|content-type|dnt|host|origin|pragma|prefer|te|user-agent|x-requested-with",
    re.IGNORECASE,
)
"""Request headers whose values consist of ordinary words, so that pieces of them are not redacted."""

_CONFIDENTIAL = re.compile(r"auth|cookie|credential|key|secret|session|signature|token", re.IGNORECASE)
_SCHEME = re.compile(r"(?:apikey|basic|bearer|digest|dpop|hawk|hmac|negotiate|ntlm|token) ", re.IGNORECASE)
_PARAMETER = re.compile(r"""([^\s,;="]+)=("(?:[^"\\]|\\.)*"|[^\s,;"=][^\s,;"]*)""")
_PUBLIC_PARAMETER = re.compile(
    r"algorithm|charset|domain|expires|headers|max-age|nc|path|qop|realm|signedheaders|stale|uri|userhash|version",
    re.IGNORECASE,
)
"""Parameters of credentials that are not secret (RFC 7616 §3.4)."""


def parts(name: str, value: str) -> Iterator[str]:
    """Yield the parts of a header value: token, user and password, cookies, parameters such as those of Digest.

    Args:
        name: The name of the header.
        value: Its value.
    """
    if not _CONFIDENTIAL.search(name) and not _SCHEME.match(value):
        return
    scheme, _, rest = value.partition(" ")
    if rest and "=" not in scheme:
        yield rest
    if scheme.lower() == "basic":
        yield from _user_and_password(rest.strip())
    for key, found in _PARAMETER.findall(value):
        if not _PUBLIC_PARAMETER.fullmatch(key):
            yield found.strip('"')


def basic(user_and_password: str) -> str:
    """Return the value of Authorization for a user and a password, separated by a colon (RFC 7617 §2).

    Without a colon, it is a user without a password: many APIs take a key so.
    """
    if ":" not in user_and_password:
        user_and_password += ":"
    return "Basic " + base64.b64encode(user_and_password.encode()).decode("ascii")


def _user_and_password(coded: str) -> Iterator[str]:
    """Yield the parts of Basic credentials (RFC 7617 §2)."""
    try:
        pair = base64.b64decode(coded, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return
    yield from (pair, *pair.split(":", 1))
