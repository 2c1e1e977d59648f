"""Answers what the contract describes: a Flask mock of every operation in openapi.yaml.

The law of this folder: it judges requests, never answers, and shares no judging code with contract_tests, which it does
not import. It types no fact about the API: routes, fields, examples and statuses come from the contract.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.app import create_app
    from mock_server.core.calls import ValidationMode
    from mock_server.faults import FAULTS, Fault, fault
    from mock_server.server.server import MockServer, running

__all__ = ["FAULTS", "Fault", "MockServer", "ValidationMode", "create_app", "fault", "running"]

_HOMES = {
    "FAULTS": "faults",
    "Fault": "faults",
    "MockServer": "server.server",
    "ValidationMode": "core.calls",
    "create_app": "app",
    "fault": "faults",
    "running": "server.server",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is used (PEP 562): pytest loads the plugin beside this where Flask may be missing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
