"""The requests of a document as a collection of Postman (format v2.1.0)."""

from __future__ import annotations

from typing import Any

from code_contract.docs import requests
from code_contract.docs.http_file import fields
from code_contract.docs.requests import Credential, ExampleBody, ExampleRequest
from code_contract.loader import Contract
from code_contract.text import printable_json

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def render_postman(contract: Contract, base_url: str | None = None) -> str:
    """Return a request of each operation with example values, in a folder for each tag.

    Args:
        contract: The contract.
        base_url: The value of the variable `baseUrl`. Default: the first server, or the mock on this machine.
    """
    found = list(requests.example_requests(contract))
    folders: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        tag = next(iter(each.operation.node.get("tags", ())), "")
        folders.setdefault(requests.one_line(str(tag)), []).append(_item(each))
    variables = [
        ("baseUrl", base_url or requests.base_url(contract)),
        *((name, "") for name in requests.variables(found)),
    ]
    collection = {
        "info": {"name": requests.one_line(contract.title), "schema": SCHEMA},
        "item": [
            *({"name": tag, "item": items} for tag, items in folders.items() if tag),
            *folders.get("", ()),
        ],
        "variable": [{"key": key, "value": value} for key, value in variables],
    }
    return printable_json(collection, 2) + "\n"


def _item(request: ExampleRequest) -> dict[str, Any]:
    path, _, query = requests.without_variables(request.target).partition("?")
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    native, *others = request.credentials or (None,)
    if native is not None and native.kind == "cookie":
        native, others = None, list(request.credentials)
    # Postman adds the boundary of a form to the media type.
    is_form = request.body is not None and request.body.kind == "formdata"
    kept = (pair for pair in request.headers if not (is_form and pair[0].lower() == "content-type"))
    headers = [(requests.one_line(name), requests.one_line(value)) for name, value in kept]
    for each in others:
        value = f"{{{{{each.variables[0]}}}}}"
        if each.kind == "query":
            pairs.append((each.name, value))
        elif each.kind == "cookie":
            headers.append(("Cookie", f"{each.name}={value}"))
        else:
            headers.append((each.name, f"Bearer {value}" if each.kind == "bearer" else value))
    raw = "{{baseUrl}}" + path + ("?" + "&".join("=".join(pair) for pair in pairs) if pairs else "")
    found: dict[str, Any] = {
        "method": request.operation.method,
        "header": [{"key": name, "value": value} for name, value in headers],
        "url": {
            "raw": raw,
            "host": ["{{baseUrl}}"],
            "path": path.lstrip("/").split("/"),
            "query": [{"key": key, "value": value} for key, value in pairs],
        },
        "auth": {"type": "noauth"} if native is None else _auth(native),
    }
    if request.body is not None:
        found["body"] = _body(request.body)
    return {"name": request.title, "request": found}


def _auth(credential: Credential) -> dict[str, Any]:
    first, *more = (f"{{{{{name}}}}}" for name in credential.variables)
    match credential.kind:
        case "basic":
            kind, values = "basic", {"username": first, "password": more[0]}
        case "bearer":
            kind, values = "bearer", {"token": first}
        case location:
            kind, values = "apikey", {"key": credential.name, "value": first, "in": location}
    return {"type": kind, kind: [{"key": key, "value": value, "type": "string"} for key, value in values.items()]}


def _body(body: ExampleBody) -> dict[str, Any]:
    if body.kind in ("urlencoded", "formdata"):
        found = ((requests.without_variables(key), requests.without_variables(value)) for key, value in fields(body))
        return {"mode": body.kind, body.kind: [{"key": key, "value": value, "type": "text"} for key, value in found]}
    if body.kind == "json":
        text = printable_json(body.value, 2).replace("{{", "{\\u007b")
        return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}
    return {"mode": "raw", "raw": requests.without_variables(body.value)}
