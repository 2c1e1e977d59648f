"""A document in several files, as one document.

Each file is read once and kept under `x-files`; references to it become references into this document.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from code_contract import pointers, yaml_reader
from code_contract.errors import ContractError
from code_contract.yaml_reader import ParsedDocument

FILES = "x-files"
MAX_FILES = 1000

# The values of these keys are data, in which "$ref" has no meaning.
_DATA_KEYWORDS = {"example", "value", "default", "const", "enum"}


def bundle(source: ParsedDocument) -> ParsedDocument:
    """Return the document with the files that it refers to. Files of other folders and hosts are not read.

    Raises:
        ContractError: A file is not below the folder of the document, cannot be read, or there are too many.
    """
    files = _Files(source.path.resolve())
    document = files.rewritten(source.document, files.root, "")
    while files.waiting:
        path = files.waiting.pop()
        files.read[path] = {}
        read = yaml_reader.read(path)
        files.read[path] = files.rewritten(read.document, path, "")
    if not files.read:
        return source
    return replace(source, document={**document, FILES: {files.name(path): each for path, each in files.read.items()}})


class _Files:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.read: dict[Path, Any] = {}
        self.waiting: list[Path] = []

    def name(self, path: Path) -> str:
        return path.relative_to(self.root.parent).as_posix()

    def rewritten(self, node: Any, path: Path, pointer: str) -> Any:
        """Return a copy of a node of a file, with references into the bundle."""
        if isinstance(node, list):
            return [self.rewritten(each, path, pointers.join(pointer, index)) for index, each in enumerate(node)]
        if not isinstance(node, dict):
            return node
        found = {
            key: value if _is_data(key, value) else self.rewritten(value, path, pointers.join(pointer, key))
            for key, value in node.items()
        }
        if isinstance(node.get("$ref"), str):
            found["$ref"] = self._reference(node["$ref"], path, pointer)
        return found

    def _reference(self, reference: str, path: Path, pointer: str) -> str:
        name, _, fragment = reference.partition("#")
        target = path if not name else self._file(name, path, pointer)
        if target == self.root:
            return f"#{fragment}"
        return f"#{quote(pointers.join('', FILES, self.name(target)))}{fragment}"

    def _file(self, name: str, path: Path, pointer: str) -> Path:
        decoded = unquote(name)
        problem = f"$ref {name!r:.200} points outside the folder of this document"
        hint = "copy the target into components/ and refer to #/components/…"
        if ":" in decoded or decoded.startswith(("/", "\\")) or "\0" in decoded:
            raise ContractError(problem, hint, pointer)
        target = (path.parent / decoded).resolve()
        if not target.is_relative_to(self.root.parent):
            raise ContractError(problem, hint, pointer)
        if target != self.root and target not in self.read and target not in self.waiting:
            self.waiting.append(target)
            if len(self.read) + len(self.waiting) > MAX_FILES:
                raise ContractError(f"the document has more than {MAX_FILES} files", "bundle it", pointer)
        return target


def _is_data(key: str, value: Any) -> bool:
    return key in _DATA_KEYWORDS or (key == "examples" and isinstance(value, list))
