"""Validation of our extensions of OpenAPI by their JSON Schema, x-clauses.schema.json.

The schema is the only grammar of the extensions. Editors complete from it, and it holds the hints of errors
(`errorMessage`). docs/x-clauses.md specifies the extensions.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from code_contract import refs, schema_errors
from code_contract.yaml_reader import ParsedDocument

if TYPE_CHECKING:
    import jsonschema_rs


def validate(source: ParsedDocument) -> frozenset[str]:
    """Validate the extensions of an unresolved document.

    Returns:
        The keys of the extensions that the document has.

    Raises:
        ContractError: One violates the schema; the message names the JSON pointer, the value and the fix.
    """
    used: set[str] = set()
    if not source.may_extend(*(key for kind in schema()["$defs"] for key in _keys(kind))):
        return frozenset()
    for pointer, kind, node in refs.objects(source.document):
        keys = _keys(kind) & node.keys()
        if not keys:
            continue
        used |= keys
        schema_errors.require_valid(_validator(kind), schema(), {key: node[key] for key in keys}, pointer)
    return frozenset(used)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the extensions."""
    return schema_errors.read_schema("x-clauses.schema.json")


@lru_cache
def _keys(kind: str) -> frozenset[str]:
    """Return the keys of the extensions that an object of a kind may have."""
    definitions = schema()["$defs"]
    own = definitions.get(kind, {})
    parts = [own, *(definitions[each["$ref"].rpartition("/")[2]] for each in own.get("allOf", ()))]
    return frozenset(key for part in parts for key in part.get("properties", ()) if key.startswith("x-"))


@lru_cache
def _validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs  # only documents with extensions wait for this import

    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema()["$defs"]})
