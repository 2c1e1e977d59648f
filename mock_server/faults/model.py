"""What a fault is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from code_contract import Example, FieldPath, Operation
from mock_server.response import MockResponse

SCHEMA_CLAUSE = "answers-conform-to-the-contract"
"""The clause under which a third judge, schemathesis, sees what breaks the schema too."""


class Stage(Enum):
    """Where in the making of an answer a fault reaches in, in order."""

    REQUEST = "the request is judged"
    UUID = "the id is chosen"
    PNG = "the picture is drawn"
    URI = "the picture is written as text"
    DOCUMENT = "the answer is filled in"
    ANSWER = "the grant is written"
    REFUSAL = "the refusal is written"


@dataclass
class CallContext:
    """One call being answered. What a stage has made, a fault of that stage may change.

    `number` counts the calls of this mock from 0; `place` is where in the document the clause to be broken stands.
    """

    operation: Operation
    number: int
    request_headers: dict[str, str] = field(default_factory=dict)
    request_body: bytes = b""
    target_path: FieldPath = ()
    error_example: str | None = None
    """The name of the example to refuse with; None to grant."""
    forced_example: Example | None = None
    """The example that was asked for in place of what is due; None for what is due."""
    refresh_captcha: bool = False
    """Whether a captcha in the chosen example is to be made anew."""
    faults: tuple[Fault, ...] = ()
    """Those of this call alone, besides those of the mock."""
    applied_faults: list[str] = field(default_factory=list)
    """The names of the faults that have reached in."""
    violations: list[str] = field(default_factory=list)
    """What the request does against the contract."""
    warnings: list[str] = field(default_factory=list)
    """What the caller is told without being refused."""
    outcome: str = ""
    """What is answered and why, for people."""
    uuid: str = ""
    picture_uuid: str = ""
    """The id whose picture is drawn: that of the call, unless a fault says otherwise."""
    png: bytes = b""
    uri: str = ""
    answer: MockResponse = field(default_factory=lambda: MockResponse(200, None, ""))


@dataclass(frozen=True)
class Fault:
    """One way to break one clause: `breaks` and `also_breaks` are clause ids, `text` says what it does.

    `also_breaks` names what cannot but break with it.
    """

    name: str
    breaks: str
    stage: Stage
    apply: Callable[[CallContext], Any]
    text: str
    also_breaks: tuple[str, ...] = ()
