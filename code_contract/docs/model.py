"""Content of the pages, read from a contract once. The formats know nothing of OpenAPI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from code_contract import operations
from code_contract.docs import security
from code_contract.docs.bodies import schemas_of
from code_contract.docs.fields import Anchors, LocalizedText, SchemaSection, name
from code_contract.docs.language import languages
from code_contract.docs.schemas import Schemas
from code_contract.docs.sections import OperationSection, Sections
from code_contract.docs.security import SecurityScheme
from code_contract.loader import Contract
from code_contract.operations import Operation


@dataclass(frozen=True)
class Server:
    """A server: its URL, its description, and its variables, each with its default value and its description."""

    url: str
    description: LocalizedText
    variables: tuple[tuple[str, str, LocalizedText], ...]


@dataclass(frozen=True)
class Page:
    """The whole reference.

    Attributes:
        title: Title.
        version: Version, "" if the document has none.
        description: Description.
        languages: Languages of the document.
        front_matter: Front matter of the source document (`info.x-document`), None if there is no source document.
        servers: Servers, except one that says nothing: `/` without a description.
        schemes: Security schemes.
        groups: The operations by their first tag, in the order of the tags; the tag is empty for operations without.
        schemas: The schemas that types lead to.
    """

    title: LocalizedText
    version: str
    description: LocalizedText
    languages: tuple[str, ...]
    front_matter: Mapping[str, Any] | None
    servers: tuple[Server, ...]
    schemes: tuple[SecurityScheme, ...]
    groups: tuple[tuple[LocalizedText, tuple[OperationSection, ...]], ...]
    schemas: tuple[SchemaSection, ...]

    @property
    def sections(self) -> tuple[OperationSection, ...]:
        """The operations of all groups."""
        return tuple(section for _, sections in self.groups for section in sections)

    @property
    def is_translated(self) -> bool:
        """True if the document has Chinese names beside its texts."""
        return len(self.languages) > 1


def build_page(contract: Contract, *, successes_only: bool = False) -> Page:
    """Return the content of the pages.

    Args:
        contract: The contract.
        successes_only: True to leave out all responses of an operation but that of a success.
    """
    info = contract.resolved.get("info", {})
    components = contract.resolved.get("components", {})
    anchors = Anchors(["search", "found", *(f"clause-{each}" for each in contract.clauses)])
    found = list(_operations(contract))
    schemas = Schemas(
        components.get("schemas", {}),
        [schema for _, operation in found for schema in schemas_of(operation, successes_only)],
        anchors,
    )
    sections = Sections(contract, schemas, anchors, successes_only)
    groups = tuple(_grouped(contract.resolved, [(each, sections.section(each, kind)) for kind, each in found]))
    return Page(
        title=name(info, "title", otherwise=contract.title),
        version=contract.version,
        description=name({"description": info.get("summary"), **info}, "description"),
        languages=languages(contract.document),
        front_matter=info.get("x-document"),
        servers=tuple(_servers(contract.resolved.get("servers", ()))),
        schemes=tuple(security.schemes(components.get("securitySchemes", {}))),
        groups=groups,
        schemas=tuple(schemas.sections()),
    )


def _operations(contract: Contract) -> Iterator[tuple[str, Operation]]:
    """Yield the operations, each followed by its callbacks, then the webhooks; with the label of their kind."""
    for operation in contract.operations.values():
        yield "", operation
        for callback in operation.node.get("callbacks", {}).values():
            paths = {path: item for path, item in callback.items() if not path.startswith("x-")}
            yield from (("callback", each) for each in operations.read({"paths": paths}, []).values())
    webhooks = operations.read({"paths": contract.resolved.get("webhooks", {})}, [])
    yield from (("webhook", each) for each in webhooks.values())


def _grouped(
    document: Mapping[str, Any], sections: Iterable[tuple[Operation, OperationSection]]
) -> Iterator[tuple[LocalizedText, tuple[OperationSection, ...]]]:
    tags = [name(tag, "name") for tag in document.get("tags", ()) if isinstance(tag, dict) and "name" in tag]
    groups: dict[str, list[OperationSection]] = {tag.en: [] for tag in tags}
    for operation, section in sections:
        groups.setdefault(next(iter(operation.node.get("tags", ())), ""), []).append(section)
    for tag, found in groups.items():
        if found:
            yield next((each for each in tags if each.en == tag), LocalizedText(tag)), tuple(found)


def _servers(nodes: Iterable[Mapping[str, Any]]) -> Iterator[Server]:
    for node in nodes:
        variables = tuple(
            (key, str(each.get("default", "")), name(each, "description"))
            for key, each in node.get("variables", {}).items()
        )
        server = Server(node["url"], name(node, "description"), variables)
        if server != Server("/", LocalizedText(""), ()):
            yield server
