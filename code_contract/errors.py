"""What can be wrong with a contract, said in one sentence with its cure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ContractError(Exception):
    """The contract cannot be used as it is: unreadable, invalid, or open to being read wrongly.

    `pointer` is the JSON pointer (RFC 6901) of the node at fault, "" for the document as a whole.
    """

    def __init__(self, problem: str, hint: str, pointer: str = "") -> None:
        self.problem = problem
        self.cure = hint
        self.pointer = pointer
        where = f"{pointer}: " if pointer else ""
        super().__init__(f"{where}{problem}; {hint}")


class UnknownNameError(ContractError):
    """A clause, a fault, an example or another named thing was asked for that does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
        cure = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}"
        super().__init__(f"there is no {kind} {name!r}", cure)
