"""Loader: from a file to a Contract."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from code_contract import clauses, examples, operations, pictures, refs, scenarios, yaml_reader
from code_contract.clauses import Clause, Section
from code_contract.errors import ContractError, UnknownNameError
from code_contract.examples import Example
from code_contract.operations import Operation
from code_contract.pointers import FieldPath
from code_contract.scenarios import Scenario
from code_contract.yaml_reader import ParsedDocument

PACKAGED_DIGEST = "fc0e545b32e989a6947e6d92c0a1c6ba7fd37ee4a27f131d990a828bc38b5f03"
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
        document: The document as written.
        resolved: The document without `$ref`; read-only.
        text: Bytes of the file.
        lines: Line of each node by JSON pointer.
    """

    path: Path
    title: str
    version: str
    sections: Mapping[str, Section]
    clauses: Mapping[str, Clause]
    operations: Mapping[str, Operation]
    examples: Mapping[str, Example]
    scenarios: Mapping[str, Scenario]
    document: dict[str, Any] = field(repr=False)
    resolved: dict[str, Any] = field(repr=False)
    text: bytes = field(repr=False)
    lines: Mapping[str, int] = field(repr=False)

    @property
    def base_path(self) -> str:
        """Path of the first server without a trailing slash, variables at their defaults; "" if there is none.

        Raises:
            ContractError: The URL of the server is not valid.
        """
        server: dict[str, Any] = next(iter(self.document.get("servers", ())), {})
        url = str(server.get("url", "/"))
        for name, variable in server.get("variables", {}).items():
            url = url.replace("{" + name + "}", str(variable.get("default", "")))
        try:
            return urlsplit(url).path.rstrip("/")
        except ValueError as error:
            raise ContractError(f"the URL {url!r} is not valid: {error}", "correct it", "/servers/0/url") from None

    @cached_property
    def clause_locations(self) -> Mapping[str, Mapping[str, tuple[FieldPath | None, ...]]]:
        """Clause ids by operation id, each with the field paths in a response where the clause applies."""
        found: dict[str, dict[str, tuple[FieldPath | None, ...]]] = {}
        for clause in self.clauses.values():
            for site in clause.sites:
                of = found.setdefault(site.operation_id, {})
                of[clause.id] = (*of.get(clause.id, ()), site.place)
        return found

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


def load(path: Path | str | None = None) -> Contract:
    """Read, validate and resolve a contract.

    The packaged contract is validated by the tests and recognized by its digest; any other document is validated here.

    Args:
        path: An OpenAPI 3.1 document, YAML or JSON. Default: the packaged contract of `POST /code`.

    Returns:
        The contract. It is read-only: references to the same target share one node.

    Raises:
        ContractError: The file is unreadable, not valid OpenAPI 3.1, or ambiguous. The message names the JSON pointer
            and the fix.
    """
    path = Path(path) if path is not None else default_path()
    try:
        return _load(yaml_reader.read(path))
    except ContractError as error:
        error.document = path
        raise


def _load(source: ParsedDocument) -> Contract:
    document = source.document
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.1."):
        raise ContractError(f"openapi: {version!r} is not supported", "convert it to OpenAPI 3.1", "/openapi")
    refs.reject_unsupported(document)
    is_packaged = hashlib.sha256(source.text).hexdigest() == PACKAGED_DIGEST
    if not is_packaged:
        from code_contract import validation

        validation.validate_extensions(document)
        validation.validate_patterns(document)
        validation.validate_openapi(document)
    sections = clauses.parse_sections(document)
    found = clauses.parse_clauses(document, source.lines, sections)
    resolved = refs.resolve(document, source.path)
    by_id = operations.read(resolved)
    if not is_packaged and b"x-mock" in source.text:
        found, sections = _with_picture_clauses(source, by_id, found, sections)
    contract = Contract(
        path=source.path,
        title=document["info"]["title"],
        version=document["info"]["version"],
        sections=sections,
        clauses=found,
        operations=by_id,
        examples={
            name: examples.example(name, node)
            for name, node in resolved.get("components", {}).get("examples", {}).items()
            if "value" in node
        },
        scenarios=scenarios.read(document),
        document=document,
        resolved=resolved,
        text=source.text,
        lines=source.lines,
    )
    if not is_packaged:
        validation.validate_media_types(contract.operations.values())
        validation.validate_examples(contract.operations.values())
    return contract


def _with_picture_clauses(
    source: yaml_reader.ParsedDocument,
    by_id: Mapping[str, Operation],
    found: dict[str, Clause],
    sections: dict[str, Section],
) -> tuple[dict[str, Clause], dict[str, Section]]:
    """Add the clauses of marked pictures and their sections, unless the contract has such clauses of its own."""
    if any(entry["id"] in found for entry in pictures.entries()) or not any(each.pictures for each in by_id.values()):
        return found, sections
    packaged = load()
    added = pictures.clauses_of_pictures(by_id.values(), packaged.clauses, source.document, source.lines)
    sections = sections | {each.section: packaged.sections[each.section] for each in added.values()}
    order = list(sections)
    every = sorted((found | added).items(), key=lambda item: order.index(item[1].section))
    return dict(every), sections
