"""Checks of one response or of a whole run: one module per section of the contract.

The law of this folder: a check is a pure function from responses to violations. It sends nothing, reads no clock, and
imports only code_contract, the pictures and http folders, and contract_tests' verdicts.

To add a check, write a function in the module of its section and register it under the id of its clause (registry.py).
"""
