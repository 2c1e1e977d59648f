"""`python -m contract_cli`, where the command is not on the path."""

from contract_cli import main

main()
