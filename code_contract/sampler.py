"""Sampler: values that conform to a schema, the same for the same seed.

Constants, examples, defaults and enumerations come first. All documented fields are filled to a number of levels, below
them only the required ones, so that a recursive schema ends. A value that does not conform is generated again, with
each of its parts checked.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from code_contract.errors import UnsatisfiableError
from code_contract.finite import Validators
from code_contract.generator import NOTHING, Generator, Rules
from code_contract.resolution import component_names
from code_contract.words import EPOCH, Source

__all__ = ["Sampler", "UnsatisfiableError", "component_names"]

MAX_ATTEMPTS = 6
"""Attempts at a sample."""


class Sampler:
    """Generates values. Safe to use from several threads.

    Args:
        names: Names of the schemas under components, by identity; discriminators need them (`component_names`).
        now: The time to which times are relative.
        is_request: True for values of requests, which have no `readOnly` fields; those of responses have no `writeOnly`
            ones.
        with_examples: False to generate values in place of examples and defaults.
    """

    def __init__(
        self, names: Mapping[int, str], now: datetime = EPOCH, *, is_request: bool = False, with_examples: bool = True
    ) -> None:
        self._now = now
        validators = Validators()
        self.conforms = validators.conforms
        self._rules = Rules(names, "readOnly" if is_request else "writeOnly", with_examples, validators)

    def sample(self, schema: Any, seed: str, name: str = "", given: Any = NOTHING) -> Any:
        """Return a value.

        Args:
            schema: A schema of the resolved document.
            seed: The same seed gives the same value.
            name: The name of the value, from which it takes its meaning.
            given: A value to complete: its fields take the place of generated ones, at any depth, if they conform.

        Returns:
            The value. It shares its examples with the document, so it is read-only.

        Raises:
            UnsatisfiableError: No value was found; `nearest` is the last that was tried.
        """
        problem = UnsatisfiableError("no value conforms to the schema")
        for attempt in range(MAX_ATTEMPTS):
            source = Source(random.Random(f"{seed}#{attempt}" if attempt else seed), self._now)
            run = Generator(self._rules, source, is_careful=attempt > 0)
            try:
                found = run.value(schema, name, given)
            except UnsatisfiableError as error:
                problem = UnsatisfiableError(str(error), problem.nearest)
                if run.is_exhausted:
                    break
                continue
            is_valid = self.conforms(schema, found)
            run.remove_hidden()
            if is_valid:
                return found
            problem = UnsatisfiableError("no value conforms to the schema", found)
        raise problem
