"""A signal while modules are imported is neither an error nor a verdict."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from code_contract_cli.load import START

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="on Windows, os.kill ends a process without a signal")


@pytest.mark.parametrize("broken", ["code_contract_cli.clauses", "code_contract.text"])
@pytest.mark.parametrize(("number", "status"), SIGNALS)
def test_an_interrupted_import_is_no_error(number: int, status: int, broken: str) -> None:
    """A module that it leaves half imported raises AttributeError, as yaml does, also where errors are handled."""
    code = (
        "import importlib.abc, os, signal, sys\n"
        "class Interrupted(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == {broken!r}:\n"
        "            try: interrupts.exit_status() or "
        f"os.kill(os.getpid(), {int(number)})\n"
        "            except KeyboardInterrupt: pass\n"
        "            raise AttributeError('partially initialized module')\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from code_contract_cli import interrupts; interrupts.install()\n"
        "from code_contract_cli import __main__; __main__.main()"
    )
    line = [sys.executable, "-c", code, "clauses"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == status
    assert "Traceback" not in done.stderr


def test_a_signal_while_the_command_is_imported_prints_nothing() -> None:
    """The process ends by the signal, as shells expect."""
    code = (
        "import importlib.abc, os, signal, sys\n"
        "class Interrupted(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'click': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may start a job that ignores it\n"
        "from code_contract_cli import __main__; __main__.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


def test_an_interrupt_while_locust_is_imported_prints_nothing(tmp_path: Path) -> None:
    """And is no status 1, which would be a verdict."""
    (tmp_path / "locust").mkdir()
    (tmp_path / "locust/__init__.py").touch()
    interrupted = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nraise AttributeError"
    (tmp_path / "locust/__main__.py").write_text(interrupted, encoding="utf-8")
    line = [sys.executable, "-c", START]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")
