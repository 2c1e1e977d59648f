"""Requests to the operations of a document, and the parts of a response that its schema asks for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import jsonschema_rs
from urllib3.filepost import encode_multipart_formdata

from code_contract import Contract, Operation
from code_contract.errors import UnsatisfiableError
from code_contract.finite import finite
from code_contract.media_types import is_json, mime_essence
from code_contract.merging import merged
from code_contract.parameters import schema_of
from code_contract.sampler import Sampler, component_names

_OWN_HEADERS = ("accept", "authorization", "content-type")  # OpenAPI 3.1 §4.8.12.1
MAX_LEVELS = 3
"""Levels of objects whose fields are counted."""


class Call(NamedTuple):
    """A valid request, as far as the document states what is valid."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Requests:
    """Requests to the operations of a contract: the required parts, from examples or generated."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._sampler = Sampler(component_names(contract.resolved), is_request=True)

    def call(self, operation: Operation) -> Call:
        """Return a request to an operation."""
        path, query = operation.path.replace("#", "%23"), list[tuple[str, str]]()
        headers = {"Accept": operation.success_response.media_type or "*/*"}
        for each in operation.parameters:
            if not each.required or (each.location == "header" and each.name.lower() in _OWN_HEADERS):
                continue
            value = each.example if each.example is not None else self._value(each.schema, each.name)
            items = value if isinstance(value, list) else [value]
            if each.location == "path":
                path = path.replace(f"{{{each.name}}}", quote(",".join(map(_text, items)) or "1", safe=","))
            elif each.location == "query":
                query += [(each.name, _text(item)) for item in items]
            elif each.location == "header":
                headers[each.name] = ",".join(map(_text, items)).encode("ascii", "replace").decode() or "1"
        for scheme in next(iter(operation.security(self._contract.resolved)), {}).values():
            self._authorize(scheme, headers, query)
        body = b""
        contents = sorted(operation.request_contents.items(), key=lambda item: not is_json(mime_essence(item[0])))
        for media_type, content in contents[:1]:
            headers["Content-Type"], body = self._body(media_type, schema_of(content))
        return Call(operation.method, f"{path}?{urlencode(query)}" if query else path, headers, body)

    def _body(self, media_type: str, schema: Any) -> tuple[str, bytes]:
        essence = mime_essence(media_type)
        value = self._value(schema, "")
        required = schema.get("required", ())
        items = value.items() if isinstance(value, dict) else ()
        # Arrays and objects in forms are left out where they may be: each server has styles of its own.
        fields = {n: _text(each) for n, each in items if n in required or not isinstance(each, (dict, list))}
        if essence == "multipart/form-data":
            encoded, content_type = encode_multipart_formdata(fields)
            return content_type, encoded
        if essence == "application/x-www-form-urlencoded":
            return media_type, urlencode(fields).encode()
        is_text = isinstance(value, str) and not is_json(essence) and "*" not in essence
        text = value if is_text else json.dumps(value)
        return "application/json" if "*" in essence else media_type, text.encode()

    @staticmethod
    def _authorize(scheme: Mapping[str, Any], headers: dict[str, str], query: list[tuple[str, str]]) -> None:
        if scheme.get("type") == "apiKey" and scheme.get("in") == "query":
            query.append((scheme["name"], "key"))
        elif scheme.get("type") == "apiKey":
            name, value = scheme["name"], "key"
            headers.update({"Cookie": f"{name}={value}"} if scheme.get("in") == "cookie" else {name: value})
        elif str(scheme.get("scheme", "")).lower() == "basic":
            headers["Authorization"] = f"Basic {base64.b64encode(b'user:secret').decode()}"
        else:
            headers["Authorization"] = "Bearer token"

    def _value(self, schema: Any, name: str) -> Any:
        try:
            return self._sampler.sample(schema, "1", name)
        except UnsatisfiableError as error:
            return error.nearest


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def success_schema(operation: Operation) -> Any:
    """Return the schema of the success response of an operation, None if it has no JSON body."""
    response = operation.success_response
    is_wanted = (response.status.startswith("2") and response.status != "204") or response.status == "default"
    return response.schema if is_wanted and is_json(mime_essence(response.media_type or "")) else None


def is_valid(schema: Any, value: Any) -> bool:
    """Return True if a value conforms to a schema by jsonschema-rs, without formats."""
    try:
        return jsonschema_rs.Draft202012Validator(finite(schema)).is_valid(value)
    except ValueError:
        return True


def is_filled(schema: Any, value: Any) -> bool:
    """Return True if a value has at least half of the fields that its schema names."""
    found = list(_fields(schema, value, 0))
    return 2 * sum(found) >= len(found)


def _fields(schema: Any, value: Any, level: int) -> Iterator[bool]:
    """Yield for each field that the schema names whether the value has it."""
    flat = _flat(schema)
    if isinstance(value, list):
        for each in value[:3] if value else [{}] if _flat(flat.get("items")).get("properties") else []:
            yield from _fields(flat.get("items"), each, level)
    elif flat.get("properties") and level < MAX_LEVELS:
        holder = value if isinstance(value, dict) else {}
        for name, below in flat["properties"].items():
            if _flat(below).get("writeOnly") is True:
                continue
            yield name in holder
            if name in holder:
                yield from _fields(below, holder[name], level + 1)


def _flat(schema: Any) -> Mapping[str, Any]:
    try:
        return merged(schema) if isinstance(schema, dict) else {}
    except UnsatisfiableError:
        return {}
