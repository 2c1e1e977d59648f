"""The catalogue of faults: the ways in which the mock can violate a clause, by name.

Each fault changes the draft of a response at one stage. Any number of them can be applied together.
"""

from __future__ import annotations

from code_contract import UnknownNameError
from mock_server.faults import body, http, picture
from mock_server.faults.model import Fault

FAULTS: dict[str, Fault] = {each.name: each for each in (*http.FAULTS, *body.FAULTS, *picture.FAULTS)}


def fault(name: str) -> Fault:
    """Return the fault of that name.

    Raises:
        UnknownNameError: There is none; the message suggests the most similar name.
    """
    if name not in FAULTS:
        raise UnknownNameError("fault", name, FAULTS)
    return FAULTS[name]


__all__ = ["FAULTS", "Fault", "fault"]
