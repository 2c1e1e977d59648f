"""Reads an OpenAPI document: operations, schemas, examples, scenarios and clauses.

This package never checks a message and imports nothing of the mock, the checks or the command line. A fact about the
API enters Python here and nowhere else.
"""

from code_contract.clauses import Clause, Section
from code_contract.derived import DerivedClause, Requirement
from code_contract.errors import ContractError, UnknownNameError
from code_contract.examples import Example
from code_contract.loader import Contract, default_path, load
from code_contract.locations import ClauseLocation
from code_contract.marks import Carrier, PictureMark
from code_contract.operations import Operation
from code_contract.parameters import Parameter
from code_contract.pointers import FieldPath
from code_contract.responses import Response
from code_contract.scenarios import Scenario

__all__ = [
    "Carrier",
    "Clause",
    "ClauseLocation",
    "Contract",
    "ContractError",
    "DerivedClause",
    "Example",
    "FieldPath",
    "Operation",
    "Parameter",
    "PictureMark",
    "Requirement",
    "Response",
    "Scenario",
    "Section",
    "UnknownNameError",
    "default_path",
    "load",
]
