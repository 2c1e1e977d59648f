"""Content of the pages, read from a contract once. The formats know nothing of OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from code_contract.clauses import Clause, Section
from code_contract.docs import schemas
from code_contract.docs.schemas import Field, LocalizedText, Table
from code_contract.loader import Contract
from code_contract.operations import Operation
from code_contract.pointers import FieldPath


@dataclass(frozen=True)
class ExampleMessage:
    """An example message; `status` is its HTTP status, None for a request."""

    summary: str
    status: int | None
    value: Any


@dataclass(frozen=True)
class RequiredHeader:
    """A line that the house style prints for every operation: the header, and True if a request must send it."""

    name: LocalizedText
    is_required: bool


@dataclass(frozen=True)
class ClauseGroup:
    """The clauses of one section for an operation, each with its field path in the response, None outside a body."""

    section: Section
    clauses: tuple[tuple[Clause, FieldPath | None], ...]

    @property
    def title(self) -> LocalizedText:
        """Title of the section."""
        return LocalizedText(self.section.title, self.section.zh)


@dataclass(frozen=True)
class OperationSection:
    """One operation. `request` has at least one table; its first table is empty if a request takes nothing."""

    id: str
    title: LocalizedText
    description: str
    method: str
    path: str
    content_type: str | None
    authentication: bool
    headers: tuple[RequiredHeader, ...]
    request: tuple[Table, ...]
    request_sample: ExampleMessage | None
    response: tuple[Table, ...]
    samples: tuple[ExampleMessage, ...]
    groups: tuple[ClauseGroup, ...]


@dataclass(frozen=True)
class Page:
    """The whole reference; `front_matter` is that of the source document (`info.x-document`)."""

    title: LocalizedText
    version: str
    description: str
    front_matter: Mapping[str, Any]
    sections: tuple[OperationSection, ...]


def build_page(contract: Contract) -> Page:
    """Return the content of the pages."""
    info = contract.resolved["info"]
    title = schemas.name(info, "title")
    return Page(
        title=title,
        version=contract.version,
        description=info.get("description", info.get("summary", "")),
        front_matter=info.get("x-document", {"title": title.zh or title.en}),
        sections=tuple(_section(contract, operation) for operation in contract.operations.values()),
    )


def _section(contract: Contract, operation: Operation) -> OperationSection:
    security = operation.node.get("security", contract.resolved.get("security", []))
    request = tuple(_request(operation))
    return OperationSection(
        id=operation.id,
        title=schemas.name(operation.node, "summary", otherwise=operation.id),
        description=operation.node.get("description", ""),
        method=operation.method,
        path=operation.path,
        content_type=operation.content_type or operation.success_response.media_type,
        authentication=bool(security) and {} not in security,
        headers=tuple(_headers(contract, operation)),
        request=request,
        request_sample=_request_sample(operation, request[0]),
        response=tuple(schemas.tables([operation.success_response.schema or {}], ())),
        samples=tuple(_samples(operation)),
        groups=tuple(_groups(contract, operation)),
    )


def _headers(contract: Contract, operation: Operation) -> Iterator[RequiredHeader]:
    """Yield the headers of the operation, then the shared headers that it does not take."""
    own = [parameter.raw for parameter in operation.parameters if parameter.location == "header"]
    names = {node["name"] for node in own}
    shared = contract.resolved.get("components", {}).get("parameters", {}).values()
    others = [node for node in shared if node["in"] == "header" and node["name"] not in names]
    for node in own + others:
        title = LocalizedText(node["name"], schemas.name(node, "name").zh)
        yield RequiredHeader(title, node in own and bool(node.get("required", False)))


def _request(operation: Operation) -> Iterator[Table]:
    """Yield the table of parameters and top-level body fields, then the tables of nested objects."""
    parameters = [
        schemas.field_row(
            parameter.name,
            [{**parameter.schema, **_annotations(parameter.raw)}],
            required=parameter.required,
            location=parameter.location,
            example=parameter.example,
        )
        for parameter in operation.parameters
    ]
    below = list(schemas.tables([(operation.request_body_content or {}).get("schema", {})], ()))
    top = [table for table in below if not table.place]
    yield Table((), LocalizedText("", ""), (*parameters, *(each for table in top for each in table.fields)))
    yield from (table for table in below if table.place)


def _annotations(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the annotations of a Parameter Object that its schema lacks."""
    return {key: node[key] for key in ("description", "x-i18n-zh", "x-assumption") if key in node}


def _request_sample(operation: Operation, table: Table) -> ExampleMessage | None:
    body = operation.request_body_content or {}
    for example in body.get("examples", {}).values():
        if "value" in example:
            return ExampleMessage(example.get("summary", ""), None, example["value"])
    if "example" in body:
        return ExampleMessage("", None, body["example"])
    fields: list[Field] = [each for each in table.fields if each.location != "header"]
    return ExampleMessage("", None, {each.name: each.example for each in fields}) if fields else None


def _samples(operation: Operation) -> Iterator[ExampleMessage]:
    """Yield each response example once, those of the success response first."""
    seen: set[str] = set()
    for response in (operation.success_response, *operation.responses.values()):
        for example in response.examples.values():
            if example.name not in seen:
                seen.add(example.name)
                yield ExampleMessage(example.summary, example.status, example.value)


def _groups(contract: Contract, operation: Operation) -> Iterator[ClauseGroup]:
    for section in contract.sections.values():
        found = []
        for name, places in contract.clause_locations.get(operation.id, {}).items():
            clause = contract.clauses[name]
            if clause.section == section.id:
                found.append((clause, next((place for place in places if place), places[0])))
        if found:
            yield ClauseGroup(section, tuple(found))
