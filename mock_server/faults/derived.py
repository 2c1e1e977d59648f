"""Derived faults: what follows from a document for the responses of its operations, found by name when it is needed.

The names are `<operation>.<part>.<field path>.<kind>`, such as `get-pet.body.tags[].wrong-type`. A fault that the
document admits, such as an optional field that is missing, breaks no clause.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator
from typing import Any

from code_contract import Contract, Requirement
from code_contract.derived import CONFORMITY_CLAUSE
from code_contract.media_types import is_json, mime_essence
from code_contract.sampler import UnsatisfiableError
from mock_server.faults import derived_head
from mock_server.faults.derivation import Derivation, DerivedFault, segment
from mock_server.faults.model import Effect, RequestContext, Stage
from mock_server.faults.mutations import Mutation, mutations
from mock_server.response import ResponseDraft

MAX_FAULTS = 200
"""Faults of the body of one operation; those of outer values come first."""
MAX_LISTED = 1000
"""Faults of a contract that are listed; every other one is found by its name."""
JSON_CLAUSE = "body-is-json"
"""The general clause that a body is JSON."""

_TEXTS = {
    "missing": ("omits {}", "省略 {}"),
    "null": ("sends null as {}", "{} 为 null"),
    "wrong-type": ("sends {} with another type", "{} 为其他类型"),
    "out-of-enum": ("sends {} with a value that is not documented", "{} 为文档未规定的值"),
    "extra-field": ("adds an undocumented field to {}", "在 {} 中添加文档未规定的属性"),
    "too-short": ("sends {} shorter than its minLength", "发送的 {} 短于 minLength"),
    "too-long": ("sends {} longer than its maxLength", "发送的 {} 长于 maxLength"),
    "no-pattern-match": ("sends {} that does not match its pattern", "发送的 {} 不匹配 pattern"),
    "invalid-format": ("sends {} in another format", "发送的 {} 不符合 format"),
    "any-text": ("sends {} with another text", "{} 为其他文本"),
    "empty-text": ("sends {} with an empty text", "{} 为空文本"),
    "below-minimum": ("sends {} below its minimum", "发送的 {} 小于 minimum"),
    "above-maximum": ("sends {} above its maximum", "发送的 {} 大于 maximum"),
    "at-exclusive-minimum": ("sends {} equal to its exclusiveMinimum", "发送的 {} 等于 exclusiveMinimum"),
    "at-exclusive-maximum": ("sends {} equal to its exclusiveMaximum", "发送的 {} 等于 exclusiveMaximum"),
    "not-a-multiple": ("sends {} that is not a multipleOf", "发送的 {} 不是 multipleOf 的倍数"),
    "negative": ("sends a negative {}", "{} 为负数"),
    "too-few-items": ("sends {} with fewer items than minItems", "发送的 {} 项数少于 minItems"),
    "too-many-items": ("sends {} with more items than maxItems", "发送的 {} 项数多于 maxItems"),
    "repeated-item": ("sends {} with a repeated item", "发送的 {} 有重复的项"),
    "no-contained-item": ("sends {} without the item of contains", "发送的 {} 缺少 contains 要求的项"),
    "too-few-fields": ("sends {} with fewer fields than minProperties", "发送的 {} 属性少于 minProperties"),
    "too-many-fields": ("sends {} with more fields than maxProperties", "发送的 {} 属性多于 maxProperties"),
    "invalid-field-name": (
        "sends {} with a name that propertyNames excludes",
        "发送的 {} 含有 propertyNames 不允许的属性名",
    ),
}
"""The sentences of the kinds of mutations, in English and Chinese."""


def find(contract: Contract, name: str) -> DerivedFault | None:
    """Return the derived fault of that name, None if there is none."""
    operation_id = _by_slug(contract).get(name.partition(".")[0])
    return None if operation_id is None else faults_of(contract, operation_id).get(name)


def similar_names(contract: Contract, name: str) -> list[str]:
    """Return the names of the faults of the operation that an unknown name most probably means."""
    by_slug = _by_slug(contract)
    nearest = difflib.get_close_matches(name.partition(".")[0], by_slug, n=1) if "." in name else []
    return [fault for slug in nearest for fault in faults_of(contract, by_slug[slug])]


def listed(contract: Contract) -> list[DerivedFault]:
    """Return the first MAX_LISTED derived faults that break a clause."""
    operations = (name for name in contract.operations if name in contract.derived_clauses)
    every = (each for name in operations for each in faults_of(contract, name).values() if each.breaks)
    return list(itertools.islice(every, MAX_LISTED))


def faults_of(contract: Contract, operation_id: str) -> dict[str, DerivedFault]:
    """Return the derived faults of the success response of an operation, by name."""
    derivation = Derivation(contract, contract.operations[operation_id])
    found: dict[str, DerivedFault] = {}
    for each in itertools.chain(derived_head.faults(derivation), _of_body(derivation)):
        found.setdefault(each.name, each)
    return found


def _by_slug(contract: Contract) -> dict[str, str]:
    return {slug: operation_id for operation_id, slug in contract.slugs.items()}


def _of_body(derivation: Derivation) -> Iterator[DerivedFault]:
    schema = derivation.response.schema
    if schema is None or not is_json(mime_essence(derivation.response.media_type or "")):
        return
    breaks = JSON_CLAUSE if JSON_CLAUSE in derivation.contract.clauses else ""
    yield derivation.fault(
        "body", "not-json", breaks, _not_json, "sends a body that is not JSON", "发送不是 JSON 的响应体"
    )
    try:
        value = _conforming(derivation, schema)
    except UnsatisfiableError:
        return
    clause = derivation.clause(Requirement.BODY, CONFORMITY_CLAUSE)
    for each in itertools.islice(mutations(schema, value, derivation.conforms), MAX_FAULTS):
        place = "body" + "".join(map(_step, each.place))
        broken = each.apply(value)
        admits = derivation.conforms(schema, broken)
        yield derivation.fault(
            place,
            each.kind,
            "" if admits else clause,
            _mutation(derivation, each, broken, admits),
            *(text.format(place) for text in _TEXTS[each.kind]),
            stage=Stage.DOCUMENT,
            field_name=next((step for step in reversed(each.place) if isinstance(step, str)), ""),
        )


def _step(step: str | int | frozenset[str]) -> str:
    return "[]" if isinstance(step, int) else f".{segment(step)}" if isinstance(step, str) else ".*"


def _conforming(derivation: Derivation, schema: Any) -> Any:
    """The first example that conforms, else a generated value. Raises UnsatisfiableError."""
    for each in derivation.response.examples.values():
        if derivation.conforms(schema, each.value):
            return each.value
    return derivation.sampler.sample(schema, derivation.operation.id)


def _mutation(derivation: Derivation, mutation: Mutation, broken: Any, admits: bool) -> Effect:
    """Changes the document, or replaces it by a changed one if it lacks the place or conforms nevertheless."""
    schema = derivation.response.schema

    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        try:
            changed = mutation.apply(draft.document)
        except LookupError:
            changed = broken
        draft.document = changed if admits or not derivation.conforms(schema, changed) else broken

    return effect


def _not_json(context: RequestContext, draft: ResponseDraft) -> None:
    draft.body = b"{" + draft.body_bytes()
