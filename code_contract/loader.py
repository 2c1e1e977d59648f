"""From a file to a Contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from code_contract import clauses, operations, refs, scenarios
from code_contract import yaml_reader as yaml_source
from code_contract.clauses import Clause, Section
from code_contract.errors import ContractError, UnknownNameError
from code_contract.garbage import collection_paused
from code_contract.operations import Example, FieldPath, Operation
from code_contract.scenarios import Scenario


@dataclass(frozen=True)
class Contract:
    """What openapi.yaml says. `document` is as written, `resolved` has no `$ref`, `text` is the file; `lines` are
    by JSON pointer."""

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
        """The path of the first server, without a slash at the end, its variables at their defaults; "" where none."""
        server: dict[str, Any] = next(iter(self.document.get("servers", ())), {})
        url = str(server.get("url", "/"))
        for name, variable in server.get("variables", {}).items():
            url = url.replace("{" + name + "}", str(variable.get("default", "")))
        return urlsplit(url).path.rstrip("/")

    @cached_property
    def clause_locations(self) -> Mapping[str, Mapping[str, tuple[FieldPath | None, ...]]]:
        """By operation id, the clauses that it comes by, in their order, and where in its answers each stands."""
        found: dict[str, dict[str, tuple[FieldPath | None, ...]]] = {}
        for clause in self.clauses.values():
            for site in clause.sites:
                of = found.setdefault(site.operation_id, {})
                of[clause.id] = (*of.get(clause.id, ()), site.place)
        return found

    def clause(self, name: str) -> Clause:
        """The clause of that id. Raises UnknownNameError, which suggests the nearest."""
        if name not in self.clauses:
            raise UnknownNameError("clause", name, self.clauses)
        return self.clauses[name]

    def example(self, name: str) -> Example:
        """The example of that name under components. Raises UnknownNameError, which suggests the nearest."""
        if name not in self.examples:
            raise UnknownNameError("example", name, self.examples)
        return self.examples[name]


def default_path() -> Path:
    """The contract this project is about: beside the packages in a checkout, inside this one in a wheel."""
    here = Path(__file__).resolve().parent
    inside = here / "openapi.yaml"
    return inside if inside.exists() else here.parent / "openapi.yaml"


@collection_paused()
def load(path: Path | str | None = None) -> Contract:
    """Read, check and resolve the contract at `path` (the project's own by default).

    Raises ContractError, which names the JSON pointer at fault and the cure, for a file that cannot be read, is not
    OpenAPI 3.1, or would be read wrongly (see yaml_source, refs, clauses).
    """
    source = yaml_source.read(Path(path) if path is not None else default_path())
    document = source.document
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.1."):
        raise ContractError(f"it says openapi: {version!r}", "write it as OpenAPI 3.1 (openapi: 3.1.0)", "/openapi")
    refs.reject_unsupported(document)
    # Imported here: it costs a quarter of a second, and only a load needs it.
    from code_contract import validation as validating

    validating.validate_openapi(document)
    parts = clauses.parse_sections(document)
    found = clauses.parse_clauses(document, source.lines, parts)
    resolved = refs.resolve(document, source.path)
    contract = Contract(
        path=source.path,
        title=document["info"]["title"],
        version=document["info"]["version"],
        sections=parts,
        clauses=found,
        operations=operations.read(resolved),
        examples={
            name: operations.example(name, node)
            for name, node in resolved.get("components", {}).get("examples", {}).items()
            if "value" in node
        },
        scenarios=scenarios.read(document),
        document=document,
        resolved=resolved,
        text=source.text,
        lines=source.lines,
    )
    validating.validate_examples(contract.operations.values())
    return contract
