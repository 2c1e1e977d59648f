"""The model of a fault: the stage at which it is applied, what it reads, and what it may change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from code_contract import Carrier, Contract, FieldPath, Operation
from mock_server.response import ResponseDraft

SCHEMA_CLAUSE = "answers-conform-to-the-contract"
"""The clause under which schemathesis, a second and independent check, reports violations of the schema."""

NO_OPERATION = -1
"""The number of a request that reached no operation."""


class Stage(Enum):
    """The stages of building a response, in order. A fault is applied at the end of its stage."""

    REQUEST = "the request is validated"
    UUID = "the id is chosen"
    PICTURE = "the picture is drawn"
    ENCODED = "the picture is encoded"
    DOCUMENT = "the document is filled in"
    SUCCESS = "the success response is built"
    ERROR = "the error response is built"


class RequestContext(NamedTuple):
    """The request that a response is built for.

    Attributes:
        operation: The operation it reached; the first of the contract if it reached none.
        number: The number of requests to operations before this one, since a behaviour for all clients was last set or
            reset; or NO_OPERATION.
        headers: The request headers, names in lower case.
        body: The request body.
        captcha_id: The id of the captcha that the request chooses, "" if the mock chooses it.
        target: The path and the query of the request, on which generated values depend.
        target_path: The field of the response that the fault being applied is to change.
        path: The values of the path parameters by name.
        is_counted: False if the request must not change later responses, since it is the page's.
    """

    operation: Operation
    number: int
    headers: Mapping[str, str]
    body: bytes
    captcha_id: str = ""
    target: str = ""
    target_path: FieldPath = ()
    path: tuple[tuple[str, str], ...] = ()
    is_counted: bool = True


Effect = Callable[[RequestContext, ResponseDraft], None]
"""Changes the draft of a response."""


def after(count: int, effect: Effect) -> Effect:
    """Return the effect for every request after the first `count`."""

    def late(context: RequestContext, draft: ResponseDraft) -> None:
        if context.number >= count:
            effect(context, draft)

    return late


@dataclass(frozen=True)
class Fault:
    """One way to violate one clause.

    Attributes:
        name: The id of the fault.
        breaks: The id of the clause it violates.
        stage: The stage at which it is applied.
        apply: Changes the draft of the response.
        text: One sentence without a subject, such as "sends a wrong CRC".
        zh: The same in Chinese.
        general: The id of the clause it violates in a contract without the clause `breaks`.
        carriers: The carriers of the pictures that it applies to; empty for all responses.
        formats: The formats of these pictures; empty for all.
        besides: The ids of further clauses that it necessarily violates.
    """

    name: str
    breaks: str
    stage: Stage
    apply: Effect
    text: str
    zh: str
    general: str = ""
    carriers: frozenset[Carrier] = frozenset()
    formats: frozenset[str] = frozenset()
    besides: tuple[str, ...] = ()

    def applies_to_contract(self, contract: Contract) -> bool:
        """Return True if the fault can change responses of the contract: it has the field, or the picture."""
        has_field = self.stage is not Stage.DOCUMENT or self.breaks in contract.clauses
        return has_field and any(map(self.applies_to, contract.operations.values()))

    def applies_to(self, operation: Operation) -> bool:
        """Return True if the fault can change responses of the operation."""
        pictures = operation.pictures.values()
        return not self.carriers or any(
            each.carrier in self.carriers and each.format in (self.formats or {each.format}) for each in pictures
        )
