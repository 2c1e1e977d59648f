"""Reads openapi.yaml and says what it says: its operations, its schemas, its examples, its clauses.

The law of this folder: it never judges a message, and it knows nothing of the mock, the suite or the command line.
A fact about the API enters Python here and nowhere else.
"""

from code_contract.clauses import LEVELS, ORIGINS, Clause, ClauseLocation, Section
from code_contract.errors import ContractError, UnknownNameError
from code_contract.loader import Contract, default_path, load
from code_contract.operations import Example, FieldPath, Operation, Parameter, Response
from code_contract.scenarios import Scenario

__all__ = [
    "LEVELS",
    "ORIGINS",
    "Clause",
    "ClauseLocation",
    "Contract",
    "ContractError",
    "Example",
    "FieldPath",
    "Operation",
    "Parameter",
    "Response",
    "Scenario",
    "Section",
    "UnknownNameError",
    "default_path",
    "load",
]
