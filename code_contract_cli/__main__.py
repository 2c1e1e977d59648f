"""`python -m code_contract_cli`, where the command is not on the path."""

from code_contract_cli import main

main()
