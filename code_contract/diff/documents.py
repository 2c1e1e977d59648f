"""Changes of a whole document: paths, document-wide keys, and unused components."""

from __future__ import annotations

from collections.abc import Iterator

from code_contract.diff.clauses import clauses
from code_contract.diff.comparison import (
    BREAKS_BOTH,
    BREAKS_NOBODY,
    COSMETIC_FOR_BOTH,
    Change,
    NodePair,
    Rule,
    compare,
    cosmetic,
    fixed_impact,
    keys,
    per_keyword,
    per_name,
    unknown_keyword,
)
from code_contract.diff.operations import ANNOTATIONS, PATH, SERVERS, added_or_removed, security

_DOCUMENT: dict[str, Rule] = {
    **ANNOTATIONS,
    "openapi": cosmetic,
    "info": per_keyword(dict.fromkeys(("version", "contact", "license", "termsOfService"), cosmetic) | ANNOTATIONS),
    "servers": SERVERS,
    "security": security,
    "paths": per_name(per_keyword(PATH)),
    "x-clauses": clauses,
    "x-sections": cosmetic,
}
_SCHEMES = per_name(added_or_removed(BREAKS_NOBODY, BREAKS_BOTH, "the security scheme {}", fixed_impact(BREAKS_BOTH)))


def document(pair: NodePair) -> Iterator[Change]:
    """Apply the rule of a whole document."""
    for key in keys(pair):
        if key != "components":
            yield from compare(pair.child(key), _DOCUMENT.get(key) or unknown_keyword(key))
    # Last: used components have been compared where operations use them.
    yield from _components(pair.child("components"))


def _components(pair: NodePair) -> Iterator[Change]:
    for kind in keys(pair):
        section = pair.child(kind)
        if kind == "securitySchemes":
            yield from compare(section, _SCHEMES)
        elif kind.startswith("x-"):
            yield from compare(section, cosmetic)
        else:
            for each in map(section.child, keys(section)):
                if (each.old_at, each.new_at) not in pair.run.seen:
                    yield from compare(each, fixed_impact(COSMETIC_FOR_BOTH, "its use in operations is reported there"))
