"""Clauses derived from the document, for operations for which it writes none.

Whatever an OpenAPI document states of an operation is a requirement: that it is served, its statuses, media types,
bodies, headers and credentials. The clauses at the root of the packaged contract, which are about HTTP and JSON in
general, apply too. What the document writes itself (`x-clauses`) is added, or changes the level of a derived clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from code_contract import pointers
from code_contract.clauses import Clause, Section
from code_contract.locations import ClauseLocation
from code_contract.operations import Operation
from code_contract.yaml_reader import ParsedDocument

CONFORMITY_CLAUSE = "answers-conform-to-the-contract"
"""The clause that all responses conform to the document. A document that writes it writes all its clauses itself."""


_MAX_LINES_BYTES = 1024 * 1024
"""A larger document is not parsed again for the lines of its nodes."""


class Requirement(Enum):
    """The kind of a derived clause; the value ends its id."""

    SERVED = "is-served"
    NO_SERVER_ERROR = "has-no-server-error"
    STATUS = "status-is-documented"
    MEDIA_TYPE = "media-type-is-documented"
    BODY = "body-is-as-documented"
    HEADERS = "headers-are-as-documented"
    CREDENTIALS = "requires-credentials"


_TEXTS = {
    Requirement.SERVED: (
        "{title} is served: no undocumented 404, 405 or 501.",
        "{title} 可以访问：不返回文档未规定的 404、405 或 501。",
    ),
    Requirement.NO_SERVER_ERROR: (
        "{title} does not respond with a server error (5xx).",
        "{title} 不返回服务器错误（5xx）。",
    ),
    Requirement.STATUS: (
        "The status of {title} is documented: {values}.",
        "{title} 的状态码是文档规定的：{values}。",
    ),
    Requirement.MEDIA_TYPE: (
        "The media type of a response {status} is documented: {values}.",
        "{status} 响应的媒体类型是文档规定的：{values}。",
    ),
    Requirement.BODY: (
        "The body of a response {status} conforms to its schema.",
        "{status} 响应的响应体符合其结构定义。",
    ),
    Requirement.HEADERS: (
        "A response {status} has the documented headers: {values}.",
        "{status} 响应带有文档规定的响应头：{values}。",
    ),
    Requirement.CREDENTIALS: (
        "{title} without credentials is rejected with 401 or 403.",
        "不带凭证的 {title} 请求会被拒绝，返回 401 或 403。",
    ),
}
"""The sentences of derived clauses in English and Chinese."""


@dataclass(frozen=True)
class DerivedClause(Clause):
    """A clause derived from a document.

    Attributes:
        requirement: The kind of the clause.
        operation: The operation.
        status: The documented response that it is about, as written; "" for the whole operation.
        credentials: Location and lower-case name of each API key of the document.
    """

    requirement: Requirement = field(kw_only=True)
    operation: Operation = field(kw_only=True, repr=False)
    status: str = ""
    credentials: frozenset[tuple[str, str]] = frozenset()


def api_keys(resolved: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Return the location and the lower-case name of each API key of a resolved document."""
    schemes = resolved.get("components", {}).get("securitySchemes", {}).values()
    return frozenset((str(each.get("in")), str(each["name"]).lower()) for each in schemes if "name" in each)


def derive(
    source: ParsedDocument, resolved: Mapping[str, Any], operations: Iterable[Operation]
) -> tuple[dict[str, DerivedClause], dict[str, Section]]:
    """Derive the clauses of operations, and a section for each operation.

    Args:
        source: The document.
        resolved: The resolved document.
        operations: The operations.
    """
    found: dict[str, DerivedClause] = {}
    sections: dict[str, Section] = {}
    operations = list(operations)
    names, keys = slugs(operations), api_keys(resolved)
    for operation in operations:
        slug, title = names[operation.id], f"{operation.method} {operation.path}"
        sections[slug] = Section(slug, title)
        found.update((each.id, each) for each in _clauses(source, resolved, operation, sections[slug], keys))
    return found, sections


def _clauses(
    source: ParsedDocument,
    resolved: Mapping[str, Any],
    operation: Operation,
    section: Section,
    keys: frozenset[tuple[str, str]],
) -> Iterator[DerivedClause]:
    def clause(requirement: Requirement, status: str = "", values: Iterable[str] = ()) -> DerivedClause:
        pointer = pointers.join(operation.pointer, "responses", status) if status else operation.pointer
        part = f"{status.lower()}-" if status else ""
        place = source.place(pointer) if len(source.text) < _MAX_LINES_BYTES else (source.path, 0)
        text, zh = (
            each.format(title=section.title, status=status, values=joint.join(values))
            for each, joint in zip(_TEXTS[requirement], (", ", "、"), strict=True)
        )
        return DerivedClause(
            id=f"{section.id}-{part}{requirement.value}",
            section=section.id,
            level="must",
            basis="document",
            text=text,
            source=f"#{pointer}",
            pointer=pointer,
            line=place[1],
            file=place[0].name,
            zh=zh,
            sites=(ClauseLocation(operation.id),),
            requirement=requirement,
            operation=operation,
            status=status,
            credentials=keys,
        )

    yield clause(Requirement.SERVED)
    yield clause(Requirement.NO_SERVER_ERROR)
    if "default" not in operation.responses:
        yield clause(Requirement.STATUS, values=operation.responses)
    for status, response in operation.responses.items():
        if response.content:
            yield clause(Requirement.MEDIA_TYPE, status, response.content)
        if response.schema is not None:
            yield clause(Requirement.BODY, status)
        if response.headers:
            yield clause(Requirement.HEADERS, status, response.headers)
    if operation.is_secured(resolved):
        yield clause(Requirement.CREDENTIALS)


def slugs(operations: Iterable[Operation]) -> dict[str, str]:
    """Return the names of operations in ids of clauses and of faults, by operation id; each is unique."""
    found: dict[str, str] = {}
    counts: dict[str, int] = {}
    for operation in operations:
        slug = _slug(operation.id)
        counts[slug] = counts.get(slug, 0) + 1
        found[operation.id] = slug if counts[slug] == 1 else f"{slug}-{counts[slug]}"
    return found


def _slug(operation_id: str) -> str:
    """An operation id as words in lower case: getPet becomes get-pet."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", operation_id)
    slug = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "operation"
    return slug if "-" in slug else f"{slug}-operation"
