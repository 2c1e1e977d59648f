"""Loader: from a file to a Contract."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from code_contract import (
    clauses,
    derived,
    examples,
    extensions,
    grammar,
    inherited,
    operations,
    overlay,
    resolution,
    scenarios,
    servers,
    yaml_reader,
)
from code_contract.bundle import bundle
from code_contract.clauses import Clause, Section
from code_contract.derived import DerivedClause
from code_contract.errors import ContractError, Problem, Problems, UnknownNameError
from code_contract.examples import Example
from code_contract.inherited import Packaged
from code_contract.operations import Operation
from code_contract.pointers import FieldPath
from code_contract.scenarios import Scenario
from code_contract.yaml_reader import ParsedDocument

PACKAGED_DIGEST = "8ea69e3f674b1dc5a1e69914f47470472921da6b89d839b704edf5c457e722ab"
"""SHA-256 of the packaged openapi.yaml, which the tests validate; a test prints the new value after an edit."""


@dataclass(frozen=True)
class Contract:
    """A loaded contract.

    Attributes:
        path: The file.
        title: `info.title`.
        version: `info.version`.
        sections: Sections of the document by id, in order (`x-sections`).
        clauses: Clauses by id, in the order of sections, then of the document.
        operations: Operations by id, in the order of the document.
        examples: Examples under `components/examples` by name.
        scenarios: Scenarios by name.
        resolved: The document in terms of OpenAPI 3.1, with every `$ref` replaced by its target. Read-only: references
            to a target share one node, and a recursive schema contains itself.
        source: The document as written.
        problems: Violations of OpenAPI by the document, and how each is read.
    """

    path: Path
    title: str
    version: str
    sections: Mapping[str, Section]
    clauses: Mapping[str, Clause]
    operations: Mapping[str, Operation]
    examples: Mapping[str, Example]
    scenarios: Mapping[str, Scenario]
    resolved: dict[str, Any] = field(repr=False)
    source: ParsedDocument = field(repr=False)
    problems: tuple[Problem, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """The document as written, with `$ref`."""
        return self.source.document

    @property
    def base_path(self) -> str:
        """Path of the first server without a trailing slash, variables at their defaults; "" if there is none.

        Raises:
            ContractError: The URL of the server is not valid.
        """
        return self.base_paths[0]

    @cached_property
    def base_paths(self) -> tuple[str, ...]:
        """The different paths of all servers, that of the first one first.

        Raises:
            ContractError: The URL of a server is not valid.
        """
        found = self.resolved.get("servers") or [{"url": "/"}]
        return tuple(dict.fromkeys(servers.path_of(each, position) for position, each in enumerate(found)))

    def base_paths_of(self, operation: Operation) -> tuple[str, ...]:
        """Return the paths of the servers of an operation: those of the document, its path and its own.

        Raises:
            ContractError: The URL of a server is not valid.
        """
        holders = (self.resolved.get("paths", {}).get(operation.path, {}), operation.node)
        lists = [holder["servers"] for holder in holders if isinstance(holder.get("servers"), list)]
        found = [each for servers_ in lists for each in servers_ if isinstance(each, dict)]
        own = (servers.path_of(each, position) for position, each in enumerate(found))
        return tuple(dict.fromkeys((*self.base_paths, *own)))

    @cached_property
    def clause_locations(self) -> Mapping[str, Mapping[str, tuple[FieldPath | None, ...]]]:
        """Clause ids by operation id, each with the field paths in a response where the clause applies."""
        found: dict[str, dict[str, tuple[FieldPath | None, ...]]] = {}
        for clause in self.clauses.values():
            for site in clause.sites:
                of = found.setdefault(site.operation_id, {})
                of[clause.id] = (*of.get(clause.id, ()), site.place)
        return found

    @cached_property
    def derived_clauses(self) -> Mapping[str, Sequence[DerivedClause]]:
        """The derived clauses by operation id."""
        found: dict[str, list[DerivedClause]] = {}
        for clause in self.clauses.values():
            if isinstance(clause, DerivedClause):
                found.setdefault(clause.operation.id, []).append(clause)
        return found

    @cached_property
    def slugs(self) -> Mapping[str, str]:
        """The words by which ids of clauses and faults begin, by operation id."""
        return derived.slugs(self.operations.values())

    def place(self, clause: Clause) -> str:
        """Return the file and the line of a clause, as in "openapi.yaml:12"."""
        file = clause.file or self.path.name
        return f"{file}:{clause.line}" if clause.line else file

    def clause(self, name: str) -> Clause:
        """Return a clause by id.

        Raises:
            UnknownNameError: No clause has this id.
        """
        if name not in self.clauses:
            raise UnknownNameError("clause", name, self.clauses)
        return self.clauses[name]

    def example(self, name: str) -> Example:
        """Return an example under `components/examples` by name.

        Raises:
            UnknownNameError: No example has this name.
        """
        if name not in self.examples:
            raise UnknownNameError("example", name, self.examples)
        return self.examples[name]


def default_path() -> Path:
    """Return the path of the packaged contract: at the root of a checkout, inside this package in a wheel."""
    here = Path(__file__).resolve().parent
    inside = here / "openapi.yaml"
    return inside if inside.exists() else here.parent / "openapi.yaml"


def load(path: Path | str | None = None, *, overlays: Sequence[Path | str] = (), strict: bool = False) -> Contract:
    """Read and resolve a contract.

    What a document violates of OpenAPI is left out or read as it was meant, and listed in `Contract.problems`. The
    packaged contract is validated by the tests and recognized by its digest.

    Args:
        path: A document of OpenAPI 3.0, 3.1 or 3.2, YAML or JSON. Default: the one that the first overlay `extends`,
            else the packaged contract of `POST /code`.
        overlays: Files that change the document, in order (OpenAPI Overlay Specification 1.0).
        strict: Reject a document that violates OpenAPI, an example that violates its schema, and an overlay whose
            target selects nothing.

    Returns:
        The contract. It is read-only: references to the same target share one node.

    Raises:
        ContractError: The file is unreadable, not OpenAPI 3, or ambiguous. The message names the JSON pointer and the
            fix.
    """
    changes = [overlay.read(Path(each)) for each in overlays]
    path = Path(path) if path is not None else overlay.base(changes) or default_path()
    source = None
    was_enabled = gc.isenabled()
    gc.disable()  # a document is many objects, all of which stay
    try:
        source = overlay.apply(changes, yaml_reader.read(path))
        return _load(bundle(source), strict)
    except ContractError as error:
        if error.document is None:
            found, error.pointer = source.origin(error.pointer) if source else (None, error.pointer)
            error.document = found.path if found else path
        raise
    finally:
        if was_enabled:
            gc.enable()


def _load(source: ParsedDocument, strict: bool) -> Contract:
    document = source.document
    problems: Problems = [*source.problems]
    grammar.require_supported_version(document, problems)
    is_packaged = not source.is_changed and hashlib.sha256(source.text).hexdigest() == PACKAGED_DIGEST
    used = frozenset() if is_packaged else extensions.validate(source)
    resolved = resolution.resolve(document, problems)
    by_id = operations.read(resolved, problems, is_marked=is_packaged or "x-mock" in used)
    sections = clauses.parse_sections(document)
    implied, own = ({}, {}) if is_packaged else derived.derive(source, resolved, by_id.values())
    found = clauses.parse_clauses(source, sections, implied)
    packaged = Packaged({}, {}) if is_packaged else _packaged()
    if "x-mock" in used:
        found, sections = inherited.with_picture_clauses(packaged, source, by_id, found, sections)
    if not is_packaged:
        if "x-clauses" in used:
            implied |= clauses.changed_clauses(source, implied)
        found, sections = inherited.with_derived_clauses(packaged, by_id, implied, own, found, sections)
        from code_contract import validation

        by_id = validation.checked_examples(by_id, problems, source.is_changed or b"writeOnly" in source.text)
        if strict:
            validation.require_valid(document, problems)
    info = resolved.get("info", {})
    return Contract(
        path=source.path,
        title=info.get("title", source.path.stem),
        version=info.get("version", ""),
        sections=sections,
        clauses=found,
        operations=by_id,
        examples={
            name: examples.example(name, node)
            for name, node in resolved.get("components", {}).get("examples", {}).items()
            if "value" in node
        },
        scenarios=scenarios.read(resolved),
        resolved=resolved,
        source=source,
        problems=tuple(map(source.located, problems)),
    )


def _packaged() -> Packaged:
    contract = load()
    return Packaged(contract.clauses, contract.sections)
