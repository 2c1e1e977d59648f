"""The values of a run: given in the settings, learned from earlier responses, or generated from schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from code_contract import Contract, Parameter
from code_contract.sampler import Sampler, UnsatisfiableError, component_names
from contract_tests.settings import Settings


class Values:
    """The values that requests need beside the examples of the contract.

    Args:
        document: The resolved document, empty for none.
        given: Values by the name of a parameter or of a field of the body, or by operation id and name, as in
            `getPet.petId`.
        sampler: Generates values; without it, only those that are known are used.
    """

    def __init__(self, document: Mapping[str, Any], given: Mapping[str, str], sampler: Sampler | None = None) -> None:
        self.document = document
        self._given = given
        self._sampler = sampler
        self._learned: dict[tuple[str, str], Any] = {}

    @classmethod
    def of(cls, contract: Contract, settings: Settings) -> Values:
        """Return the values of a run."""
        sampler = Sampler(component_names(contract.resolved), is_request=True)
        return cls(contract.resolved, dict(settings.values), sampler)

    def known(self, operation_id: str, name: str) -> Any:
        """Return the given or the learned value of a parameter or a field, None if there is none."""
        given = self._given.get(f"{operation_id}.{name}", self._given.get(name))
        return self._learned.get((operation_id, name)) if given is None else given

    def learn(self, operation_id: str, name: str, value: Any) -> None:
        """Keep a value for the requests to an operation."""
        self._learned[operation_id, name] = value

    def generated(self, operation_id: str, parameter: Parameter) -> Any:
        """Return a value of the schema of a parameter, None if there is none."""
        found = self.sample(parameter.schema, f"{operation_id} {parameter.name}", parameter.name)
        if found == "" and parameter.location == "path":
            # Without it, the path would be that of another operation, or of none.
            return next((each for each in parameter.schema.get("enum", ()) if each), None)
        return found

    def conforms(self, schema: Any, value: Any) -> bool:
        """Return True if a value conforms to a schema, or is not checked."""
        return self._sampler is None or self._sampler.conforms(schema, value)

    def sample(self, schema: Any, seed: str, name: str = "") -> Any:
        """Return a value of a schema, the same for the same seed; None if there is none."""
        if self._sampler is None:
            return None
        try:
            return self._sampler.sample(schema, seed, name)
        except UnsatisfiableError:
            return None


EXAMPLES_ONLY = Values({}, {})
"""The values of requests that consist of examples alone."""
