"""The body of a baseline request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from urllib3.filepost import encode_multipart_formdata

from code_contract import Operation
from code_contract.media_types import is_json, mime_essence
from contract_tests.inputs.values import Values

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_BOUNDARY = "c0de" * 8


class Body(NamedTuple):
    """A body: the bytes, and the value of Content-Type."""

    data: bytes
    media_type: str


def body(operation: Operation, values: Values) -> Body | None:
    """Return the body of an operation, None without one.

    The first of: an example in JSON, another example, a required body that is generated from its schema.
    """
    contents = sorted(operation.request_contents.items(), key=lambda item: not is_json(mime_essence(item[0])))
    for media_type, content in contents:
        found = _example(content)
        # An example that violates its schema is a defect of the document.
        if found is not None and values.conforms(content.get("schema", True), found):
            return _encoded(media_type, found, operation, values)
    if operation.request_body_required:
        for media_type, content in contents:
            found = values.sample(content.get("schema", True), f"{operation.id} body")
            encoded = None if found is None else _encoded(media_type, found, operation, values)
            if encoded is not None:
                return encoded
    return None


def example(operation: Operation) -> Any:
    """Return the first example of the body of an operation, None if there is none."""
    return next(filter(lambda each: each is not None, map(_example, operation.request_contents.values())), None)


def _example(content: Mapping[str, Any]) -> Any:
    """The first example of a body: its own, a named one, or one of its schema."""
    schema = content.get("schema", {})
    own = [content["example"]] if "example" in content else []
    named = [each["value"] for each in content.get("examples", {}).values() if "value" in each]
    of_schema = schema.get("examples", ()) if isinstance(schema, Mapping) else ()
    return next(iter((*own, *named, *of_schema)), None)


def _encoded(media_type: str, value: Any, operation: Operation, values: Values) -> Body | None:
    if isinstance(value, dict):
        known = {name: values.known(operation.id, name) for name in value}
        value = value | {name: each for name, each in known.items() if each is not None}
    essence = mime_essence(media_type)
    if is_json(essence) or essence in ("*/*", "application/*"):
        return Body(json.dumps(value).encode(), media_type if "*" not in media_type else "application/json")
    if essence == FORM and isinstance(value, dict):
        return Body(urlencode(_fields(value)).encode(), media_type)
    if essence == MULTIPART and isinstance(value, dict):
        data, content_type = encode_multipart_formdata(_fields(value), boundary=_BOUNDARY)
        return Body(data, content_type)
    if isinstance(value, str):
        return Body(value.encode("utf-8", "replace"), media_type if "*" not in media_type else "text/plain")
    return None


def _fields(value: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields of a form; an array becomes repeated ones."""
    return [
        (name, each if isinstance(each, str) else json.dumps(each))
        for name, found in value.items()
        for each in (found if isinstance(found, list) else [found])
    ]
