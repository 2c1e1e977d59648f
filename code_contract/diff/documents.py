"""Changes of a whole document: paths, document-wide keys, and unused components."""

from __future__ import annotations

from collections.abc import Iterator

from code_contract import bundle, pointers
from code_contract.diff.clauses import clauses
from code_contract.diff.comparison import (
    ABSENT,
    COSMETIC_FOR_BOTH,
    Found,
    NodePair,
    Rule,
    compare,
    keys,
)
from code_contract.diff.messages import ANNOTATIONS
from code_contract.diff.operations import SERVERS, path, webhook
from code_contract.diff.rules import cosmetic, nothing, per_keyword, per_name, unknown_keyword
from code_contract.diff.security import schemes, security
from code_contract.diff.values import json_equal

_DOCUMENT: dict[str, Rule] = {
    **ANNOTATIONS,
    "openapi": cosmetic,
    "info": per_keyword(dict.fromkeys(("version", "contact", "license", "termsOfService"), cosmetic) | ANNOTATIONS),
    "servers": SERVERS,
    "security": security,
    "paths": per_name(path),
    "webhooks": per_name(webhook),
    "x-clauses": clauses,
    "x-sections": cosmetic,
    bundle.FILES: nothing,  # the files are compared where the document refers to them
}
_SCHEMES = schemes(ANNOTATIONS)


def document(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of a whole document."""
    for key in keys(pair):
        if key != "components":
            yield from compare(pair.child(key), _DOCUMENT.get(key) or unknown_keyword(key))
    # Last: used components have been compared where operations use them.
    yield from _components(pair.child("components"))


def _components(pair: NodePair) -> Iterator[Found]:
    for kind in keys(pair):
        section = pair.child(kind)
        if kind == "securitySchemes":
            yield from compare(section, _SCHEMES)
        elif kind.startswith("x-"):
            yield from compare(section, cosmetic)
        else:
            for each in map(section.child, keys(section)):
                if (each.old_at, each.new_at) not in pair.run.seen:
                    yield from _unused(each)


def _unused(pair: NodePair) -> Iterator[Found]:
    """Yield the change of a component that no operation uses, or only one contract has, as it is written."""
    old, new = (
        pointers.find(contract.document, pointers.split(at)) if value is not ABSENT else ABSENT
        for contract, value, at in ((pair.run.old, pair.old, pair.old_at), (pair.run.new, pair.new, pair.new_at))
    )
    if not json_equal(old, new) and not json_equal(pair.old, pair.new):
        yield pair.described(COSMETIC_FOR_BOTH, "its use in operations is reported there")
