"""Origins: the places where parts of a document are written, if in another file than the rest or moved since."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from code_contract import pointers

File = TypeVar("File")


class Origins(Generic[File]):
    """Files and JSON pointers in them, by the identity of nodes: a pointer changes when an array is edited."""

    def __init__(self) -> None:
        # Each container is kept, so that its id stays unique.
        self._found: dict[tuple[int, str], tuple[Any, File, str]] = {}

    def add(self, container: dict[str, Any] | list[Any], key: str | int, file: File, pointer: str) -> None:
        """Record where the value at a key is written. An item of an array is recorded if it is a container itself."""
        if isinstance(container, dict):
            self._found[id(container), str(key)] = container, file, pointer
        elif isinstance(container[int(key)], (dict, list)):
            self._found[id(container[int(key)]), ""] = container[int(key)], file, pointer

    def find(self, document: Any, pointer: str) -> tuple[File | None, str]:
        """Return the file of a node, None for that of the document, and its pointer there. The node need not exist."""
        node, file, at = document, None, ""
        for token in pointers.split(pointer):
            key = (id(node), token) if isinstance(node, dict) else None
            try:
                node = pointers.find(node, [token])
            except LookupError:
                node = None
            known = self._found.get(key or (id(node), ""))
            file, at = known[1:] if known else (file, pointers.join(at, token))
        return file, at
