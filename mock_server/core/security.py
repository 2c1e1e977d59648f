"""Checks that a request has the credentials that its operation needs. Any credentials of the right form are enough."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

from code_contract.examples import HEADER_NAME
from mock_server.core.parameter_styles import RequestTexts
from mock_server.reasons import Reason

_DIGEST_FIELDS = ("username=", "nonce=", "uri=", "response=")

Alternatives = Sequence[Mapping[str, Mapping[str, Any]]]
"""Security Scheme Objects by name; the schemes of one element are needed together."""


def refusal(alternatives: Alternatives, given: RequestTexts) -> tuple[Reason, str] | None:
    """Return the reason to refuse a request and the challenge for WWW-Authenticate, None if it has credentials.

    Args:
        alternatives: The security schemes; an empty alternative needs no credentials.
        given: The request.
    """
    if not alternatives or any(all(_is_satisfied(each, given) for each in every.values()) for every in alternatives):
        return None
    needed = " or ".join(
        " and ".join(f"{name} ({_description(scheme)})" for name, scheme in every.items()) for every in alternatives
    )
    challenges = dict.fromkeys(_challenge(scheme) for every in alternatives for scheme in every.values())
    return Reason("credentials-missing", schemes=needed), ", ".join(filter(None, challenges))


def _is_satisfied(scheme: Mapping[str, Any], given: RequestTexts) -> bool:
    if scheme.get("type") == "apiKey":
        name = str(scheme.get("name", ""))
        if scheme.get("in") == "header":
            return bool(given.headers.get(name.lower()))
        return any((given.query if scheme.get("in") == "query" else given.cookies).get(name, ()))
    expected = _authentication(scheme)
    if not expected:
        return True  # TLS, or a type that is not known
    # Schemes that are needed together have a header each; repeated ones are joined by ", ".
    pattern = rf"(?:^|, ?){re.escape(expected)} +([^\s,][^,]*)(.*)"
    found = re.search(pattern, given.headers.get("authorization", ""), re.IGNORECASE | re.DOTALL)
    if found is None:
        return False
    if expected == "Basic":
        return _is_basic(found[1])
    return expected != "Digest" or all(name in found[1] + found[2] for name in _DIGEST_FIELDS)


def _is_basic(token: str) -> bool:
    try:
        return b":" in base64.b64decode(token.strip(), validate=True)
    except binascii.Error:
        return False


def _authentication(scheme: Mapping[str, Any]) -> str:
    """The scheme of Authorization, "" if the credentials are not there."""
    kind = scheme.get("type")
    if kind in ("oauth2", "openIdConnect"):
        return "Bearer"
    name = str(scheme.get("scheme", "")) if kind == "http" else ""
    if not HEADER_NAME.fullmatch(name):
        return ""
    return name.title() if name.lower() in ("basic", "bearer", "digest") else name


def _description(scheme: Mapping[str, Any]) -> str:
    if scheme.get("type") == "apiKey":
        return f"{scheme.get('in')} {scheme.get('name')}"
    return f"Authorization: {_authentication(scheme)}" if _authentication(scheme) else str(scheme.get("type"))


def _challenge(scheme: Mapping[str, Any]) -> str:
    """A challenge (RFC 9110 §11.6.1), "" if no header carries the credentials. API keys have no registered one."""
    if scheme.get("type") == "apiKey":
        return f'ApiKey realm="*", in={_quoted(scheme.get("in"))}, name={_quoted(scheme.get("name"))}'
    name = _authentication(scheme)
    return name and f'{name} realm="*"' + (', nonce="mock", qop="auth"' if name == "Digest" else "")


def _quoted(value: Any) -> str:
    text = str(value).encode("ascii", "replace").decode()
    return '"' + re.sub(r'[\\"]|[^ -~]', "_", text) + '"'
