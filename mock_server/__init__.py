"""Answers what the contract describes: a Flask mock of every operation in openapi.yaml.

The law of this folder: it judges requests, never answers, and shares no judging code with contract_tests, which it does
not import. It types no fact about the API: routes, fields, examples and statuses come from the contract.
"""

from mock_server.app import create_app
from mock_server.faults import FAULTS, Fault, fault
from mock_server.serving import MockServer, running

__all__ = ["FAULTS", "Fault", "MockServer", "create_app", "fault", "running"]
