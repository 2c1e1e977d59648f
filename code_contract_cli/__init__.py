"""The command line and the pytest plugin: one file for each subcommand of `code-contract`.

This package turns arguments into calls of the other packages and their results into exit statuses. It decides nothing
itself. Nothing is imported here, because every pytest session loads `pytest_plugin`.
"""
