"""Paths of the project that the tests use."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
DATA = TESTS / "data"
SERVERS = TESTS / "servers"
