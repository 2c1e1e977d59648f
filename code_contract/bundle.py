"""A document in several files, as one document.

Each file is read once and kept under `x-files`; references to it become references into this document.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from code_contract import grammar, pointers, yaml_reader
from code_contract.errors import ContractError
from code_contract.yaml_reader import ParsedDocument

FILES = "x-files"
MAX_FILES = 1000

_EXTERNAL = re.compile(rb'"\$ref"\s*:\s*"(?!#)')


def bundle(source: ParsedDocument) -> ParsedDocument:
    """Return the document with the files that it refers to. Files of other folders and hosts are not read.

    Raises:
        ContractError: A file is not below the folder of the document, cannot be read, or there are too many.
    """
    is_json = source.text.lstrip().startswith(b"{")
    if is_json and not source.is_changed and not _EXTERNAL.search(source.text):
        return source
    files = _Files(source)
    files.add_all()
    if len(files.documents) == 1:
        return source
    found = {files.name(path): each.document for path, each in files.documents.items() if path != files.root}
    source.document[FILES] = found
    for path, each in files.documents.items():
        if path != files.root:
            source.origins.add(found, files.name(path), each, "")
    return replace(source, is_changed=True)


class _Files:
    """The files of a document, whose references are rewritten in place.

    Only the objects that are referred to are visited, each as an object of the kind that is expected there: elsewhere,
    `$ref` is data.
    """

    def __init__(self, source: ParsedDocument) -> None:
        self.root = source.path.resolve()
        self.documents: dict[Path, ParsedDocument] = {self.root: source}
        self._waiting: list[tuple[Path, str, str, Any]] = [(self.root, "", "document", source.document)]
        self._queued: set[tuple[int, str]] = set()
        self._followed: set[int] = set()

    def name(self, path: Path) -> str:
        return path.relative_to(self.root.parent).as_posix()

    def add_all(self) -> None:
        while self._waiting:
            path, start, first_kind, first = self._waiting.pop()
            for pointer, kind, node in grammar.objects(first, first_kind, start):
                if isinstance(node.get("$ref"), str) and id(node) not in self._followed:
                    self._followed.add(id(node))
                    self._follow(path, pointer, kind, node)

    def _follow(self, path: Path, pointer: str, kind: str, node: dict[str, Any]) -> None:
        """Rewrite a reference, and visit its target as an object of that kind."""
        name, _, fragment = node["$ref"].partition("#")
        target = self._file(name, path, pointer) if name else path
        if target != self.root:
            node["$ref"] = f"#{quote(pointers.join('', FILES, self.name(target)))}{fragment}"
        elif name:
            node["$ref"] = f"#{fragment}"
        at = unquote(fragment)
        try:
            below = pointers.find(self.documents[target].document, pointers.split(at))
        except LookupError:
            return  # reported where it is resolved
        if (id(below), kind) not in self._queued:
            self._queued.add((id(below), kind))
            self._waiting.append((target, at, kind, below))

    def _file(self, name: str, path: Path, pointer: str) -> Path:
        decoded = unquote(name)
        problem = f"$ref {name!r:.200} points outside the folder of this document"
        hint = "copy the target into components/ and refer to #/components/…"
        if ":" in decoded or decoded.startswith(("/", "\\")) or "\0" in decoded:
            raise ContractError(problem, hint, pointer)
        target = (path.parent / decoded).resolve()
        if not target.is_relative_to(self.root.parent):
            raise ContractError(problem, hint, pointer)
        if target not in self.documents:
            if len(self.documents) > MAX_FILES:
                raise ContractError(f"the document has more than {MAX_FILES} files", "bundle it", pointer)
            self.documents[target] = yaml_reader.read(target)
        return target
