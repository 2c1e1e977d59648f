"""The admin API under /__mock/, described by openapi.yaml in this folder, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from code_contract import ContractError, pointers

if TYPE_CHECKING:
    from mock_server.core.mock import Mock

ADMIN_PREFIX = "/__mock"
CONTRACT_PATHS = ("/openapi.yaml", "/openapi.json")


def require_no_collision(mock: Mock, admin: bool) -> None:
    """Reject operations at paths of the admin API, if it is served.

    Raises:
        ContractError: There is one.
    """
    for operation in mock.contract.operations.values() if admin else ():
        path = mock.base_path + operation.path
        if path == ADMIN_PREFIX or path.startswith(f"{ADMIN_PREFIX}/"):
            at = pointers.join("/paths", operation.path)
            raise ContractError(f"the path {path!r} is reserved for the admin API", "use --base-path or --no-admin", at)


def is_flask_path(mock: Mock, path: str, admin: bool, has_home: bool = True) -> bool:
    """Return True if the Flask application responds at a path, not the mock.

    Args:
        mock: The mock. At a path of its contract it responds itself, except below the prefix of the admin API.
        path: The decoded path of the request.
        admin: True if the admin API is served.
        has_home: False if "/" is the home page of another server.
    """
    if admin and (path == ADMIN_PREFIX or path.startswith(f"{ADMIN_PREFIX}/")):
        return True
    return (path in CONTRACT_PATHS or (admin and has_home and path == "/")) and not mock.serves(path)
