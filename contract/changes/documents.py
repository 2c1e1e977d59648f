"""Changes of a whole document: its paths, what is said of all of them, and what no operation uses."""

from __future__ import annotations

from collections.abc import Iterator

from contract.changes.clauses import clauses
from contract.changes.operations import PATH, SERVERS, WORDS, comes_and_goes, security
from contract.changes.pairs import (
    BREAKS_BOTH,
    BREAKS_NOBODY,
    LOOKS_ONLY,
    Change,
    Pair,
    Rule,
    always,
    by_name,
    by_table,
    compare,
    cosmetic,
    keys,
    unlisted,
)

_DOCUMENT: dict[str, Rule] = {
    **WORDS,
    "openapi": cosmetic,
    "info": by_table(dict.fromkeys(("version", "contact", "license", "termsOfService"), cosmetic) | WORDS),
    "servers": SERVERS,
    "security": security,
    "paths": by_name(by_table(PATH)),
    "x-clauses": clauses,
    "x-parts": cosmetic,
}
_SCHEMES = by_name(comes_and_goes(BREAKS_NOBODY, BREAKS_BOTH, "the security scheme {}", always(BREAKS_BOTH)))


def document(pair: Pair) -> Iterator[Change]:
    """The rule of a whole document."""
    for key in keys(pair):
        if key != "components":
            yield from compare(pair.below(key), _DOCUMENT.get(key) or unlisted(key))
    # Last: by now, what operations use of the components has been compared where they use it.
    yield from _components(pair.below("components"))


def _components(pair: Pair) -> Iterator[Change]:
    for kind in keys(pair):
        section = pair.below(kind)
        if kind == "securitySchemes":
            yield from compare(section, _SCHEMES)
        elif kind.startswith("x-"):
            yield from compare(section, cosmetic)
        else:
            for each in map(section.below, keys(section)):
                if (each.old_at, each.new_at) not in pair.run.seen:
                    yield from compare(each, always(LOOKS_ONLY, "what operations use of it is told where they do"))
