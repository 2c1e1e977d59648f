"""Changes of the credentials that a request needs, and of the schemes that they follow.

A request fulfils one of several alternatives, each a set of schemes with scopes. An alternative that needs nothing more
than another one covers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from code_contract.diff.comparison import (
    ABSENT,
    BREAKS_BOTH,
    BREAKS_CONSUMERS,
    BREAKS_NOBODY,
    BREAKS_PROVIDERS,
    Found,
    NodePair,
    Rule,
)
from code_contract.diff.rules import added_or_removed, cosmetic, per_keyword, per_name
from code_contract.diff.values import format_value

Alternative = frozenset[tuple[str, str | None]]
"""Schemes, each once without a scope, and once with each scope; empty if no credentials are needed."""

_NOTHING: Alternative = frozenset()


def security(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of `security`; an operation without its own inherits that of the document."""
    old, new = (
        _alternatives(contract.resolved.get("security") if value is ABSENT else value)
        for contract, value in ((pair.run.old, pair.old), (pair.run.new, pair.new))
    )
    changes = list(_changes(pair, old, new))
    yield from changes or cosmetic(pair)


def _alternatives(value: Any) -> dict[Alternative, None]:
    nodes = [each for each in value or () if isinstance(each, dict)]
    found = (
        frozenset({(name, None) for name in node} | {(name, str(s)) for name in node for s in _list(node[name])})
        for node in nodes
    )
    return dict.fromkeys(found) or {_NOTHING: None}


def _changes(pair: NodePair, old: Iterable[Alternative], new: Iterable[Alternative]) -> Iterator[Found]:
    added = [each for each in new if each not in old]
    if _NOTHING in added:
        yield pair.change(BREAKS_PROVIDERS, "requests without credentials are allowed")
    for alternative in old:
        if any(each <= alternative for each in new):
            continue
        more = next((each - alternative for each in added if alternative and each >= alternative), None)
        if more is not None:
            yield pair.change(BREAKS_BOTH, f"security {_text(alternative)} now needs {_text(more)} besides")
        elif alternative:
            yield pair.change(BREAKS_BOTH, f"the security alternative {_text(alternative)} removed")
        else:
            needed = " or ".join(map(_text, new))
            yield pair.change(BREAKS_BOTH, f"requests without credentials are no longer allowed; needed: {needed}")
    for alternative in added:
        if alternative and not any(each and (each <= alternative or each >= alternative) for each in old):
            if _NOTHING in new or _NOTHING not in old:
                yield pair.change(BREAKS_NOBODY, f"the security alternative {_text(alternative)} added")
        elif alternative and any(each > alternative for each in old):
            yield pair.change(BREAKS_PROVIDERS, f"security {_text(alternative)} is enough")


def _text(alternative: Alternative) -> str:
    names = dict.fromkeys(name for name, _ in sorted(alternative, key=str))
    scopes = {name: sorted(scope for each, scope in alternative if each == name and scope) for name in names}
    return " and ".join(
        format_value(name) + (f" ({', '.join(scopes[name])})" if scopes[name] else "") for name in names
    )


def schemes(annotations: dict[str, Rule]) -> Rule:
    """Return the rule of `components/securitySchemes`."""
    scopes = per_name(added_or_removed(BREAKS_NOBODY, BREAKS_CONSUMERS, "the scope {}", cosmetic))
    flow = added_or_removed(BREAKS_NOBODY, BREAKS_BOTH, "the flow {}", per_keyword({"scopes": scopes}))
    rule = per_keyword({**annotations, "bearerFormat": cosmetic, "flows": per_name(flow)})
    return per_name(added_or_removed(BREAKS_NOBODY, BREAKS_BOTH, "the security scheme {}", rule))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
