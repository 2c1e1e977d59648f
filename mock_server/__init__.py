"""A mock server of every operation in an OpenAPI document.

This package validates requests, never responses. It does not import contract_tests and shares no checks with it. It
contains no fact about the API: routes, fields, examples and statuses come from the contract. Inside, imports go down:
response → captcha, faults, observability → core → admin → app, server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.app import create_app
    from mock_server.core.mock import Mock
    from mock_server.core.request_validation import ValidationMode
    from mock_server.faults import FAULTS, Fault, fault
    from mock_server.server.server import MockServer, running

__all__ = ["FAULTS", "Fault", "Mock", "MockServer", "ValidationMode", "create_app", "fault", "running"]

_MODULES = {
    "FAULTS": "faults",
    "Fault": "faults",
    "Mock": "core.mock",
    "MockServer": "server.server",
    "ValidationMode": "core.request_validation",
    "create_app": "app",
    "fault": "faults",
    "running": "server.server",
}


def __getattr__(name: str) -> Any:
    """Import a name on first use (PEP 562): pytest loads the plugin of this package where Flask may be missing."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
