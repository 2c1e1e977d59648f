"""The catalogue of faults: the ways in which the mock can violate a clause, by name.

Each fault changes the draft of a response at one stage. Any number of them can be applied together.
"""

from __future__ import annotations

from code_contract import Contract, UnknownNameError
from mock_server.faults import body, clients, http, leaks, picture, png, transport
from mock_server.faults.model import Fault

FAULTS: dict[str, Fault] = {
    each.name: each for module in (transport, http, clients, body, picture, png, leaks) for each in module.FAULTS
}


def applicable(contract: Contract) -> list[Fault]:
    """Return the faults that can change a response of the contract: fields that it has, pictures of its formats."""
    return [each for each in FAULTS.values() if each.applies_to_contract(contract)]


def fault(name: str) -> Fault:
    """Return the fault of that name.

    Raises:
        UnknownNameError: There is none; the message suggests the most similar name.
    """
    if name not in FAULTS:
        raise UnknownNameError("fault", name, FAULTS)
    return FAULTS[name]


__all__ = ["FAULTS", "Fault", "applicable", "fault"]
