"""Derived faults of status, media type, headers and credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from code_contract import Requirement
from code_contract.operations import mime_essence
from code_contract.parameters import schema_of
from mock_server.faults.derivation import Derivation, DerivedFault, segment
from mock_server.faults.model import Effect, RequestContext, Stage
from mock_server.response import ResponseDraft

_STATUSES = (203, 299, 418, 306)
_MEDIA_TYPES = ("text/x-undocumented", "application/x-undocumented", "image/x-undocumented")
_HEADER_VALUES = ("~undocumented~", "-1", "1.5", "")
_OWN_HEADERS = ("content-type", "content-length")


def faults(derivation: Derivation) -> Iterator[DerivedFault]:
    """Yield the derived faults of the head of the success response."""
    operation, response = derivation.operation, derivation.response
    for kind, status, requirement in (
        ("not-found", 404, Requirement.SERVED),
        ("server-error", 500, Requirement.NO_SERVER_ERROR),
        ("undocumented", _undocumented_status(derivation), Requirement.STATUS),
    ):
        yield derivation.fault("status", kind, derivation.clause(requirement), _status(status), f"responds {status}")
    if operation.is_secured(derivation.contract.resolved):
        clause, text = derivation.clause(Requirement.CREDENTIALS), "accepts requests without credentials"
        yield derivation.fault("credentials", "ignored", clause, _accept, text, stage=Stage.REQUEST)
    if response.content:
        ranges = {mime_essence(each) for each in response.content}
        free = [each for each in _MEDIA_TYPES if f"{each.partition('/')[0]}/*" not in ranges and "*/*" not in ranges]
        media_type, clause = (free or _MEDIA_TYPES)[0], derivation.clause(Requirement.MEDIA_TYPE) if free else ""
        text = f"sends the media type {media_type}"
        yield derivation.fault("media-type", "undocumented", clause, _content_type(media_type), text)
    for name, node in response.headers.items():
        if name.lower() not in _OWN_HEADERS and "content" not in node:
            yield from _of_header(derivation, name, node)


def _of_header(derivation: Derivation, name: str, node: Any) -> Iterator[DerivedFault]:
    place, schema, clause = f"headers.{segment(name.lower())}", schema_of(node), derivation.clause(Requirement.HEADERS)
    breaks = clause if node.get("required") is True else ""
    yield derivation.fault(place, "missing", breaks, _header(name), f"omits the header {name}", field_name=name)
    wrong = (
        each for each in _HEADER_VALUES if not any(derivation.conforms(schema, reading) for reading in _readings(each))
    )
    value = next(wrong, None)
    effect, text = _header(name, value if value is not None else _HEADER_VALUES[0]), f"sends another header {name}"
    yield derivation.fault(place, "invalid", "" if value is None else clause, effect, text, field_name=name)


def _undocumented_status(derivation: Derivation) -> int:
    return next((each for each in _STATUSES if derivation.operation.response(each) is None), _STATUSES[0])


def _readings(text: str) -> Iterator[Any]:
    """The values that a header can stand for: text, number, list."""
    yield text
    yield [text]
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        number = float(text) if "." in text else int(text)
        yield number
        yield [number]


def _status(status: int) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.status = status

    return effect


def _accept(context: RequestContext, draft: ResponseDraft) -> None:
    if draft.error_example == "unauthorized":
        draft.error_example = None


def _content_type(value: str) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.content_type = value

    return effect


def _header(name: str, value: str | None = None) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.headers = [each for each in draft.headers if each[0].lower() != name.lower()]
        draft.headers += [] if value is None else [(name, value)]

    return effect
