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
    """Return the faults that violate a clause of the contract.

    Those of the catalogue need its fields, and pictures of its formats; those derived from it follow, up to a number.
    """
    found = [each for each in FAULTS.values() if each.applies_to_contract(contract)]
    if contract.derived_clauses:
        from mock_server.faults import derived  # generates values, for which only derived faults wait

        found += derived.listed(contract)
    return found


def fault(name: str, contract: Contract | None = None) -> Fault:
    """Return the fault of that name.

    Args:
        name: A name of the catalogue, or that of a fault derived from the contract, as in "get-pet.body.name.missing".
        contract: The contract; without one, only the catalogue is searched.

    Raises:
        UnknownNameError: There is none; the message suggests the most similar name.
    """
    if name in FAULTS:
        return FAULTS[name]
    similar: list[str] = []
    if contract is not None:
        from mock_server.faults import derived

        found = derived.find(contract, name)
        if found is not None:
            return found
        similar = derived.similar_names(contract, name)
    raise UnknownNameError("fault", name, [*FAULTS, *similar])


__all__ = ["FAULTS", "Fault", "applicable", "fault"]
