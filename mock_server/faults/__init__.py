"""The catalogue of faults: the ways in which this mock can break a clause, by name.

Each is one callable that reaches into an answer at one stage; any number can be switched on together.
"""

from __future__ import annotations

from code_contract import UnknownNameError
from mock_server.faults import body as documents
from mock_server.faults import http
from mock_server.faults import picture as pictures
from mock_server.faults.model import CallContext, Fault

FAULTS: dict[str, Fault] = {each.name: each for each in (*http.FAULTS, *documents.FAULTS, *pictures.FAULTS)}


def fault(name: str) -> Fault:
    """The fault of that name. Raises UnknownNameError, which suggests the nearest."""
    if name not in FAULTS:
        raise UnknownNameError("fault", name, FAULTS)
    return FAULTS[name]


__all__ = ["FAULTS", "CallContext", "Fault", "fault"]
