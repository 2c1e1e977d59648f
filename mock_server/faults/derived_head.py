"""Derived faults of status, media type, headers and credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from code_contract import Requirement
from code_contract.media_types import content_of
from code_contract.parameters import schema_of
from mock_server.faults.derivation import Derivation, DerivedFault, segment
from mock_server.faults.model import Effect, RequestContext, Stage
from mock_server.response import ResponseDraft

_STATUSES = (203, 299, 306, 418)
_NOT_SERVED = (501, 405, 404)
_SERVER_ERRORS = (500, 503, 599)
_MEDIA_TYPES = ("text/x-undocumented", "application/x-undocumented", "image/x-undocumented")
_HEADER_VALUES = ("~undocumented~", "-1", "1.5", "")
_OWN_HEADERS = ("content-type", "content-length")


def faults(derivation: Derivation) -> Iterator[DerivedFault]:
    """Yield the derived faults of the head of the success response."""
    operation, response = derivation.operation, derivation.response
    not_served = [each for each in _NOT_SERVED if str(each) not in operation.responses]
    for kind, statuses, requirement in (
        ("not-served", not_served or _NOT_SERVED, Requirement.SERVED),
        ("server-error", _SERVER_ERRORS, Requirement.NO_SERVER_ERROR),
        ("undocumented", _STATUSES, Requirement.STATUS),
    ):
        unused = [each for each in statuses if operation.response(each) is None]
        # Without an unused one, a client error is sent, whose body need not be that of a success.
        status = unused[0] if unused else statuses[-1 if kind == "undocumented" else 0]
        clause = derivation.clause(requirement) if not_served or kind != "not-served" else ""
        effect = _status(status) if kind == "undocumented" and unused else _error(status)
        yield derivation.fault("status", kind, clause, effect, f"responds {status}", f"返回 {status}")
    if operation.is_secured(derivation.contract.resolved):
        clause, texts = (
            derivation.clause(Requirement.CREDENTIALS),
            ("accepts requests without credentials", "接受不带凭证的请求"),
        )
        yield derivation.fault("credentials", "ignored", clause, _accept, *texts, stage=Stage.REQUEST)
    if response.content:
        free = [each for each in _MEDIA_TYPES if content_of(response.content, each) is None]
        media_type, clause = (free or _MEDIA_TYPES)[0], derivation.clause(Requirement.MEDIA_TYPE) if free else ""
        texts = f"sends the media type {media_type}", f"发送媒体类型 {media_type}"
        yield derivation.fault("media-type", "undocumented", clause, _content_type(media_type), *texts)
    for name, node in response.headers.items():
        if name.lower() not in _OWN_HEADERS and "content" not in node:
            yield from _of_header(derivation, name, node)


def _of_header(derivation: Derivation, name: str, node: Any) -> Iterator[DerivedFault]:
    place, schema, clause = f"headers.{segment(name.lower())}", schema_of(node), derivation.clause(Requirement.HEADERS)
    breaks = clause if node.get("required") is True else ""
    texts = f"omits the header {name}", f"省略响应头 {name}"
    yield derivation.fault(place, "missing", breaks, _header(name), *texts, field_name=name)
    wrong = (
        each for each in _HEADER_VALUES if not any(derivation.conforms(schema, reading) for reading in _readings(each))
    )
    value = next(wrong, None)
    effect = _header(name, value if value is not None else _HEADER_VALUES[0])
    texts = f"sends another header {name}", f"发送其他值的响应头 {name}"
    yield derivation.fault(place, "invalid", "" if value is None else clause, effect, *texts, field_name=name)


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


def _error(status: int) -> Effect:
    """Responds without a body: that of the success would violate the schema of an error."""

    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.status, draft.content_type, draft.body = status, "", b""

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
