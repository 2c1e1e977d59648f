"""Security schemes, and what a request needs of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from code_contract.docs.fields import LocalizedText, name

Requirement = tuple[tuple[str, tuple[str, ...]], ...]
"""Schemes that a request needs together, each with its scopes; empty if a request needs none."""


@dataclass(frozen=True)
class SecurityScheme:
    """A security scheme.

    Attributes:
        name: Name in the document.
        kind: The type, such as "apiKey in header" or "http bearer".
        description: Description.
        details: Keywords and their values: name, format, URLs.
        scopes: Scopes of OAuth 2 with their descriptions.
    """

    name: str
    kind: str
    description: LocalizedText
    details: tuple[tuple[str, str], ...]
    scopes: tuple[tuple[str, str], ...]


def schemes(nodes: Mapping[str, Mapping[str, Any]]) -> Iterator[SecurityScheme]:
    """Yield the schemes of `components/securitySchemes`."""
    for key, node in nodes.items():
        flows = {flow_name: flow for flow_name, flow in _mapping(node.get("flows")).items() if isinstance(flow, dict)}
        details = [(each, str(node[each])) for each in ("name", "bearerFormat", "openIdConnectUrl") if each in node]
        details += [
            (f"{flow_name}.{each}", str(flow[each]))
            for flow_name, flow in flows.items()
            for each in ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")
            if each in flow
        ]
        scopes = {scope: str(text) for flow in flows.values() for scope, text in _mapping(flow.get("scopes")).items()}
        kind = " ".join(str(each) for each in (node.get("type"), node.get("scheme")) if each)
        where = f" in {node['in']}" if "in" in node else ""
        yield SecurityScheme(key, kind + where, name(node, "description"), tuple(details), tuple(scopes.items()))


def requirements(node: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[Requirement, ...]:
    """Return the alternatives of an operation, of which a request fulfils one; none if it needs no credentials."""
    alternatives = node.get("security", document.get("security", ()))
    found = (
        tuple((key, tuple(map(str, scopes)) if isinstance(scopes, list) else ()) for key, scopes in each.items())
        for each in alternatives
        if isinstance(each, dict)
    )
    return tuple(dict.fromkeys(found))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
