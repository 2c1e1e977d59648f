"""Sections of the pages: one operation each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from code_contract.clauses import Clause, Section
from code_contract.derived import DerivedClause
from code_contract.docs import security
from code_contract.docs.bodies import Bodies, ExampleMessage, RequestBody, ResponseSection
from code_contract.docs.fields import Anchors, Field, LocalizedText, name
from code_contract.docs.schemas import Schemas
from code_contract.docs.security import Requirement
from code_contract.loader import Contract
from code_contract.operations import Operation
from code_contract.pointers import FieldPath


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
    """One operation.

    Attributes:
        anchor: Anchor of the section.
        kind: Label of a webhook or callback, "" for an operation of a path.
        title: Summary, else the id, else method and path.
        description: Description.
        method: Method.
        path: Path as templated.
        deprecated: True if it is deprecated.
        content_type: The content type line of the document (`x-content-type`), else the media type of a success.
        is_secured: True if a request needs credentials.
        security: Alternatives of credentials.
        sources: The headers that state the source of a request (`x-source`), and True if a request must send them.
        parameters: Parameters.
        body: Request body, None without one.
        responses: Responses.
        groups: Clauses by section.
    """

    anchor: str
    kind: str
    title: LocalizedText
    description: LocalizedText
    method: str
    path: str
    deprecated: bool
    content_type: str | None
    is_secured: bool
    security: tuple[Requirement, ...]
    sources: tuple[tuple[LocalizedText, bool], ...]
    parameters: tuple[Field, ...]
    body: RequestBody | None
    responses: tuple[ResponseSection, ...]
    groups: tuple[ClauseGroup, ...]

    @property
    def samples(self) -> tuple[ExampleMessage, ...]:
        """The examples of the responses, each once."""
        every = (each for response in self.responses for content in response.contents for each in content.samples)
        return tuple({(each.summary, repr(each.value)): each for each in every}.values())


class Sections:
    """Makes the sections of the operations of a contract.

    Args:
        contract: The contract.
        schemas: The schemas of the page.
        anchors: The anchors of the page.
        successes_only: True to leave out all responses of an operation but that of a success.
    """

    def __init__(self, contract: Contract, schemas: Schemas, anchors: Anchors, successes_only: bool) -> None:
        self._contract = contract
        self._bodies = Bodies(schemas)
        self._anchors = anchors
        self._successes_only = successes_only

    def section(self, operation: Operation, kind: str) -> OperationSection:
        """Return the section of an operation."""
        node, document, anchor = operation.node, self._contract.resolved, self._anchors.add(operation.id)
        alternatives = security.requirements(node, document)
        return OperationSection(
            anchor=anchor,
            kind=kind,
            title=name(node, "summary", otherwise=node.get("operationId") or f"{operation.method} {operation.path}"),
            description=name(node, "description"),
            method=operation.method,
            path=operation.path,
            deprecated=node.get("deprecated") is True,
            content_type=operation.content_type or operation.success_response.media_type,
            is_secured=bool(alternatives) and () not in alternatives,
            security=alternatives,
            sources=tuple(self._sources(operation)),
            parameters=tuple(map(self._bodies.parameter, operation.parameters)),
            body=self._bodies.request(node.get("requestBody")),
            responses=tuple(self._bodies.responses(operation, anchor, self._successes_only)),
            groups=tuple(self._groups(operation)) if not kind else (),
        )

    def _sources(self, operation: Operation) -> Iterator[tuple[LocalizedText, bool]]:
        """Yield the source headers of the operation, then those of the document that it does not take."""
        own = [each.raw for each in operation.parameters if each.is_source]
        shared = self._contract.resolved.get("components", {}).get("parameters", {}).values()
        names = {node["name"] for node in own}
        others = [node for node in shared if node.get("x-source") is True and node["name"] not in names]
        for node in own + others:
            yield LocalizedText(node["name"], name(node, "name").zh), node in own and node.get("required") is True

    def _groups(self, operation: Operation) -> Iterator[ClauseGroup]:
        """Yield the clauses that the document writes; derived ones only repeat what the page states."""
        found: dict[str, list[tuple[Clause, FieldPath | None]]] = {}
        for key, places in self._contract.clause_locations.get(operation.id, {}).items():
            clause = self._contract.clauses[key]
            is_derived = isinstance(clause, DerivedClause) and "/x-clauses/" not in clause.pointer
            if clause.pointer and not is_derived:
                place = next((place for place in places if place), places[0])
                found.setdefault(clause.section, []).append((clause, place))
        for section in self._contract.sections.values() if found else ():
            if section.id in found:
                yield ClauseGroup(section, tuple(found[section.id]))
