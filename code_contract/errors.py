"""Errors of a contract: one sentence with a hint."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple


class ContractError(Exception):
    """The contract is unreadable, invalid or ambiguous. Raised by `load` and by everything that reads a document.

    Args:
        problem: The defect, without a full stop.
        hint: The change that fixes it, as an imperative.
        pointer: JSON pointer (RFC 6901) of the node, "" for the whole document.
        document: The file; `load` adds it.
    """

    def __init__(self, problem: str, hint: str, pointer: str = "", document: Path | None = None) -> None:
        self.problem = problem
        self.hint = hint
        self.pointer = pointer
        self.document = document
        super().__init__(problem, hint, pointer)

    def __str__(self) -> str:
        location = f"{self.pointer}: " if self.pointer else ""
        return f"{location}{self.problem}; {self.hint}"

    def with_document(self) -> str:
        """Return the message with the name of the file."""
        message = str(self)
        return message if self.document is None or str(self.document) in message else f"{self.document}: {message}"


class UnknownNameError(ContractError):
    """A clause, fault, example or scenario does not exist. The message suggests the nearest name.

    Args:
        kind: The kind of thing, as in "clause".
        name: The unknown name.
        known: All existing names.
        pointer: JSON pointer (RFC 6901) of the node that has the name, "" outside a document.

    Attributes:
        kind: The kind of thing.
        name: The unknown name.
        names: All existing names, joined by commas; "none" without one.
        nearest: The one that is suggested, "" if none is similar.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], pointer: str = "") -> None:
        names = sorted(known)
        self.kind, self.name, self.names = kind, name, ", ".join(names) or "none"
        self.nearest = next(iter(difflib.get_close_matches(name, names, n=1, cutoff=0.4)), "")
        hint = f"did you mean {self.nearest!r}?" if self.nearest else f"available: {self.names}"
        super().__init__(f"unknown {kind} {name!r}", hint, pointer)


class Problem(NamedTuple):
    """Something that a document violates.

    Attributes:
        pointer: JSON pointer of the value.
        text: The problem, and how the value is read.
        document: The file, None for the document itself.
    """

    pointer: str
    text: str
    document: Path | None = None

    def __str__(self) -> str:
        place = [str(self.document)] if self.document else []
        return ": ".join([*place, self.pointer, self.text])


Problems = list[Problem]


class UnsatisfiableError(ValueError):
    """No value conforms to a schema, or none was found.

    Attributes:
        nearest: The last value that was generated, None if there is none.
    """

    def __init__(self, problem: str, nearest: Any = None) -> None:
        super().__init__(problem)
        self.nearest = nearest
