"""The credentials of a request, where the security schemes of the document carry them (OpenAPI 3.1 §4.8.27)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from code_contract import Operation
from code_contract.derived import api_keys
from code_contract.styles import Parts
from contract_tests import credentials
from contract_tests.http.exchange import Request
from contract_tests.settings import CREDENTIALS, Settings


def add(operation: Operation, document: Mapping[str, Any], settings: Settings, parts: Parts) -> bool:
    """Add the credentials of the first alternative for which the settings have all.

    Args:
        operation: The operation.
        document: The resolved document.
        settings: The settings, with `auth` by the name of a scheme, "" for any.
        parts: The parts of the request.

    Returns:
        False if the operation needs credentials and the settings have none for it.
    """
    alternatives = operation.security(document)
    if not operation.is_secured(document):
        return True
    given = dict(settings.auth)
    for schemes in alternatives:
        found = {name: given.get(name, given.get("")) for name in schemes}
        if all(found.values()):
            for name, scheme in schemes.items():
                _add(scheme, str(found[name]), parts)
            return True
    names = credential_headers(document)
    return any(name.lower() in names for name, _ in settings.headers)


def with_credentials(
    request: Request, operation: Operation, document: Mapping[str, Any], settings: Settings
) -> Request:
    """Return a request with the API keys that its query or its cookies carry."""
    parts = Parts("")
    add(operation, document, settings, parts)
    query, cookies = parts.target().lstrip("?"), dict(parts.all_headers()).get("Cookie", "")
    url = request.url + ("&" if "?" in request.url else "?") + query if query else request.url
    if not cookies:
        return replace(request, url=url)
    own = [value for name, value in request.headers if name.lower() == "cookie"]
    kept = tuple(pair for pair in request.headers if pair[0].lower() != "cookie")
    return replace(request, url=url, headers=(*kept, ("Cookie", "; ".join((*own, cookies)))))


def credential_headers(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the lower-case names of the headers that carry credentials in a resolved document."""
    return CREDENTIALS | {name for location, name in api_keys(document) if location == "header"}


def _add(scheme: Mapping[str, Any], value: str, parts: Parts) -> None:
    kind, name = scheme.get("type"), str(scheme.get("name", ""))
    if kind == "apiKey" and scheme.get("in") == "query":
        parts.add_query(name, value)
    elif kind == "apiKey" and scheme.get("in") == "cookie":
        parts.add_cookie(name, value)
    elif kind == "apiKey":
        parts.headers.append((name, value))
    elif kind == "http" and str(scheme.get("scheme")).lower() == "basic":
        parts.headers.append(("Authorization", credentials.basic(value)))
    elif kind == "http" and str(scheme.get("scheme")).lower() != "bearer":
        parts.headers.append(("Authorization", f"{scheme.get('scheme')} {value}"))
    elif kind != "mutualTLS":
        parts.headers.append(("Authorization", f"Bearer {value}"))
