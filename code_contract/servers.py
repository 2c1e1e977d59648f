"""Servers: the path of the URL below which operations are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from code_contract.errors import ContractError


def path_of(server: Mapping[str, Any], position: int) -> str:
    """Return the path of a server without a trailing slash, variables at their defaults.

    Args:
        server: The Server Object.
        position: Its position among the servers.

    Raises:
        ContractError: The URL is not valid.
    """
    url, variables = str(server.get("url", "/")), server.get("variables")
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        default = variable.get("default", "") if isinstance(variable, dict) else ""
        url = url.replace("{" + str(name) + "}", str(default))
    try:
        path = urlsplit(urljoin("http://localhost/", url)).path.strip("/")
    except ValueError as error:
        at = f"/servers/{position}/url"
        raise ContractError(f"the URL {url!r} is not valid: {error}", "correct it", at) from None
    return f"/{path}" if path else ""
