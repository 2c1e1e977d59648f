"""The page admin-api.md: the admin API of the mock, read from its OpenAPI document."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from code_contract.docs.escaping import code, markdown
from mock_server.admin.document import read_document

Node = Mapping[str, Any]
ROOT_URL = "http://127.0.0.1:4010"


def admin_page() -> str:
    """One section for each operation, then the fields of each schema."""
    document = read_document()
    prefix = document["servers"][0]["url"]
    operations = [
        (f"{method.upper()} {prefix}{path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    lines = ["# Admin API", "", f"{document['info']['description']} The mock serves it under `{prefix}`.", ""]
    lines += [f"The document itself is at `{prefix}/openapi.json`, and Swagger UI at `{prefix}/docs/`.", ""]
    rows = ((f"[{code(name)}](#{_slug(name)})", operation["summary"]) for name, operation in operations)
    lines += _table(("operation", "summary"), rows)
    for name, operation in operations:
        lines += _operation(document, name, operation)
    lines += ["## Schemas", ""]
    for name, schema in document["components"]["schemas"].items():
        lines += _schema(name, schema)
    return "\n".join(lines)


def _operation(document: Node, name: str, operation: Node) -> Iterator[str]:
    yield from (f"## {name}", "", operation["summary"], "")
    if "description" in operation:
        yield from (operation["description"], "")
    parameters = [_resolve(document, each) for each in operation.get("parameters", ())]
    if parameters:
        rows = ((code(p["name"]), p["in"], _type(p["schema"]), markdown(p["description"])) for p in parameters)
        yield from _table(("parameter", "in", "type", "description"), rows)
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if body:
        yield from (f"The body is a JSON object of the schema {_type(body['schema'])}.", "")
    yield from ("```sh", _curl(name, parameters, body), "```", "")
    responses = {status: _resolve(document, each) for status, each in operation["responses"].items()}
    yield from _table(
        ("status", "description", "media type", "schema"),
        (
            (code(status), markdown(each["description"]), code(media_type), _type(content["schema"]) if content else "")
            for status, each in responses.items()
            for media_type, content in (each.get("content") or {"": {}}).items()
        ),
    )
    success = next((each for status, each in responses.items() if status.startswith("2")), {})
    for media_type, content in success.get("content", {}).items():
        example, is_json = content["example"], media_type == "application/json"
        text = json.dumps(example, ensure_ascii=False, indent=2) if is_json else example
        yield from ("```json" if is_json else "```text", text, "```", "")


def _curl(name: str, parameters: Sequence[Node], body: Node) -> str:
    method, path = name.split()
    values = {each["name"]: each["example"] for each in parameters if each["in"] == "path"}
    words = ["curl", *(() if method == "GET" else ("-X", method)), ROOT_URL + path.format(**values)]
    if body:
        example = next(iter(body["examples"].values()))["value"]
        words += ["-H", "Content-Type: application/json", "-d", json.dumps(example)]
    return shlex.join(words)


def _schema(name: str, schema: Node) -> Iterator[str]:
    yield from (f"### {name}", "")
    if "description" in schema:
        yield from (markdown(schema["description"]), "")
    if "oneOf" in schema and all("title" in each for each in schema["oneOf"]):
        yield from ("One of:", "")
        for each in schema["oneOf"]:
            yield from (f"- {each['title']}: {', '.join(_field(each, field) for field in each['properties'])}",)
        yield ""
    elif "properties" in schema:
        yield from _table(("field", "type", "required", "description"), _rows(schema, ""))
    else:
        yield from (_type(schema), "")


def _rows(schema: Node, prefix: str) -> Iterator[Sequence[str]]:
    for name, each in schema["properties"].items():
        required = name in schema.get("required", ())
        yield (code(prefix + name), _type(each), "yes" if required else "no", markdown(each.get("description", "")))
        items = each.get("items", {})
        if "properties" in items:
            yield from _rows(items, f"{prefix}{name}[].")


def _field(schema: Node, name: str) -> str:
    required = name in schema.get("required", ())
    return code(name) if required else f"{code(name)} (optional)"


def _type(schema: Node) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return code(json.dumps(schema["const"]))
    alternatives = schema.get("oneOf") or schema.get("anyOf")
    if alternatives and "type" not in schema:
        return " or ".join(_type(each) for each in alternatives)
    types = schema.get("type", "any")
    text = " or ".join([types] if isinstance(types, str) else types)
    if "items" in schema and "properties" not in schema["items"]:
        text = text.replace("array", f"array of {_type(schema['items'])}")
    limits = [f"{name} {schema[name]}" for name in ("minimum", "maximum", "maxLength", "maxItems") if name in schema]
    return f"{text} ({', '.join(limits)})" if limits else text


def _resolve(document: Node, node: Node) -> Node:
    found = document
    for name in node["$ref"].split("/")[1:] if "$ref" in node else ():
        found = found[name]
    return found if "$ref" in node else node


def _slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"
    yield ""
