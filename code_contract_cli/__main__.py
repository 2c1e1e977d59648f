"""Runs the command as `python -m code_contract_cli`, for environments where `code-contract` is not on the PATH."""

from code_contract_cli.main import main

main()
