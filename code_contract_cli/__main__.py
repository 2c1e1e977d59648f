"""Runs the command, also as `python -m code_contract_cli`, for environments where `code-contract` is not on the PATH."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command. Until it handles signals, Ctrl-C ends the process without the traceback of an import."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from code_contract_cli.main import main as run

    run()


if __name__ == "__main__":
    main()
