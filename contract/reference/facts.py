"""What the pages print, gathered once from a contract; no format knows where OpenAPI keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract.clauses import Clause, Part
from contract.loading import Contract
from contract.operations import Operation, Place
from contract.reference import schemas
from contract.reference.schemas import Field, Table, Text


@dataclass(frozen=True)
class Sample:
    """An example message: `status` is the HTTP status it goes with, None for a request."""

    summary: str
    status: int | None
    value: Any


@dataclass(frozen=True)
class Need:
    """Something that the platform's pages tell of every operation: whether a call must bring this header."""

    name: Text
    needed: bool


@dataclass(frozen=True)
class Group:
    """The clauses of one part that an operation must keep, each with where in the answer it looks, None for no body."""

    part: Part
    clauses: tuple[tuple[Clause, Place | None], ...]


@dataclass(frozen=True)
class Section:
    """One operation. `request` has one table at least, of no fields where a call brings nothing."""

    id: str
    title: Text
    description: str
    method: str
    path: str
    content_type: str | None
    authentication: bool
    needs: tuple[Need, ...]
    request: tuple[Table, ...]
    request_sample: Sample | None
    response: tuple[Table, ...]
    samples: tuple[Sample, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Page:
    """The whole reference. `front_matter` is the document's own (`info.x-document`)."""

    title: Text
    version: str
    description: str
    front_matter: Mapping[str, Any]
    sections: tuple[Section, ...]


def gather(contract: Contract) -> Page:
    """Everything there is to print."""
    info = contract.resolved["info"]
    title = schemas.name(info, "title")
    return Page(
        title=title,
        version=contract.version,
        description=info.get("description", info.get("summary", "")),
        front_matter=info.get("x-document", {"title": title.zh or title.en}),
        sections=tuple(_section(contract, operation) for operation in contract.operations.values()),
    )


def _section(contract: Contract, operation: Operation) -> Section:
    security = operation.node.get("security", contract.resolved.get("security", []))
    request = tuple(_request(operation))
    return Section(
        id=operation.id,
        title=schemas.name(operation.node, "summary", otherwise=operation.id),
        description=operation.node.get("description", ""),
        method=operation.method,
        path=operation.path,
        content_type=operation.content_type or operation.granted.media_type,
        authentication=bool(security) and {} not in security,
        needs=tuple(_needs(contract, operation)),
        request=request,
        request_sample=_request_sample(operation, request[0]),
        response=tuple(schemas.tables([operation.granted.schema or {}], ())),
        samples=tuple(_samples(operation)),
        groups=tuple(_groups(contract, operation)),
    )


def _needs(contract: Contract, operation: Operation) -> Iterator[Need]:
    """The headers of the operation; then those that operations share and this one does not take."""
    taken = [parameter.node for parameter in operation.parameters if parameter.location == "header"]
    names = {node["name"] for node in taken}
    shared = contract.resolved.get("components", {}).get("parameters", {}).values()
    left = [node for node in shared if node["in"] == "header" and node["name"] not in names]
    for node in taken + left:
        title = Text(node["name"], schemas.name(node, "name").zh)
        yield Need(title, node in taken and bool(node.get("required", False)))


def _request(operation: Operation) -> Iterator[Table]:
    """First what stands in the call itself, parameters and the body's own fields, then what nests below them."""
    parameters = [
        schemas.described(
            parameter.name,
            [{**parameter.schema, **_printed(parameter.node)}],
            required=parameter.required,
            location=parameter.location,
            example=parameter.example,
        )
        for parameter in operation.parameters
    ]
    below = list(schemas.tables([(operation.body or {}).get("schema", {})], ()))
    top = [table for table in below if not table.place]
    yield Table((), Text("", ""), (*parameters, *(each for table in top for each in table.fields)))
    yield from (table for table in below if table.place)


def _printed(node: Mapping[str, Any]) -> dict[str, Any]:
    """What a Parameter Object says of itself rather than in its schema."""
    return {key: node[key] for key in ("description", "x-zh", "x-assumption") if key in node}


def _request_sample(operation: Operation, table: Table) -> Sample | None:
    body = operation.body or {}
    for example in body.get("examples", {}).values():
        if "value" in example:
            return Sample(example.get("summary", ""), None, example["value"])
    if "example" in body:
        return Sample("", None, body["example"])
    fields: list[Field] = [each for each in table.fields if each.location != "header"]
    return Sample("", None, {each.name: each.example for each in fields}) if fields else None


def _samples(operation: Operation) -> Iterator[Sample]:
    """Of the answer that grants first, and each once though several responses show it."""
    seen: set[str] = set()
    for response in (operation.granted, *operation.responses.values()):
        for example in response.examples.values():
            if example.name not in seen:
                seen.add(example.name)
                yield Sample(example.summary, example.status, example.value)


def _groups(contract: Contract, operation: Operation) -> Iterator[Group]:
    for part in contract.parts.values():
        found = []
        for name, places in contract.places.get(operation.id, {}).items():
            clause = contract.clauses[name]
            if clause.part == part.id:
                found.append((clause, next((place for place in places if place), places[0])))
        if found:
            yield Group(part, tuple(found))
