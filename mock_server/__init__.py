"""A mock server of every operation in an OpenAPI document.

This package validates requests, never responses. It does not import contract_tests and shares no checks with it. It
contains no fact about the API: routes, fields, examples and statuses come from the contract. Inside, imports go down:
response → captcha, faults, observability → core → admin → app, server.
"""

from mock_server.app import create_app
from mock_server.core.mock import Mock
from mock_server.core.violations import ValidationMode
from mock_server.faults import FAULTS, Fault, fault
from mock_server.server.server import MockServer, running

__all__ = ["FAULTS", "Fault", "Mock", "MockServer", "ValidationMode", "create_app", "fault", "running"]
