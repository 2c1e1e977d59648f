"""TypeScript types of a document, in the shape of openapi-typescript: `paths`, `operations` and `components`.

Every named schema is a type alias besides, so that recursive schemas compile. Keywords that no type can express, such
as `minLength`, `not` and `if`, are left out.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from code_contract.loader import Contract
from code_contract.operations import Operation
from code_contract.parameters import Parameter
from code_contract.text import escape_lines, printable_json

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*|0|[1-9][0-9]{0,14}")
_WORDS = (
    "any as async await bigint boolean break case catch class const continue debugger declare default delete do else"
    " enum export extends false finally for from function get if implements import in infer instanceof interface"
    " intrinsic is keyof let module namespace never new null number object of package private protected public"
    " readonly require return set static string super switch symbol this throw true try type typeof undefined unique"
    " unknown var void while with yield"
)
_RESERVED = frozenset((*_WORDS.split(), "components", "operations", "paths"))
_SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_HEADERS = "headers: { [name: string]: unknown };"
_LOCATIONS = ("query", "header", "path", "cookie")


def render_types(contract: Contract) -> str:
    """Return the TypeScript types of the schemas and the operations of a contract."""
    types = _Types(contract.resolved.get("components", {}).get("schemas", {}))
    operations = list(contract.operations.values())
    paths: dict[str, list[str]] = {}
    for each in operations:
        paths.setdefault(each.path, []).append(f"{_key(each.method.lower())}: operations[{printable_json(each.id)}];")
    blocks = [
        f"// {escape_lines(contract.title)} {contract.version}".replace("\n", " "),
        "// Generated from the contract by code-contract docs. Edit the contract, not this file.",
        *types.aliases(),
        f"export interface components {{\n  schemas: {_indented(_block(types.names()))};\n}}",
        "export interface operations " + _block(types.operation(each) for each in operations),
        "export interface paths " + _block(f"{_key(path)}: {_block(each)};" for path, each in paths.items()),
    ]
    return "\n\n".join(blocks) + "\n"


class _Types:
    """The types of the schemas of a resolved document, where a named schema stands for itself."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._aliases: dict[str, str] = {}
        self._by_node: dict[int, str] = {}
        self._open: set[int] = set()
        taken = set(_RESERVED)
        for name, node in schemas.items():
            first = re.sub(r"^(?=\d)|[^A-Za-z0-9_$]", "_", name) or "_"
            alias = next(each for each in (f"{first}{'_' * n}" for n in count()) if each not in taken)
            taken.add(alias)
            self._aliases[name] = alias
            if isinstance(node, dict):
                self._by_node.setdefault(id(node), alias)

    def aliases(self) -> Iterator[str]:
        """Yield the declaration of every named schema."""
        for name, node in self._schemas.items():
            alias = self._aliases[name]
            is_own = self._by_node.get(id(node)) == alias
            yield f"{_comment(node)}export type {alias} = {self._type(node, is_own=is_own)};"

    def names(self) -> Iterator[str]:
        """Yield the named schemas as members of `components`."""
        yield from (f"{_key(name)}: {alias};" for name, alias in self._aliases.items())

    def operation(self, operation: Operation) -> str:
        """Return an operation as a member of `operations`."""
        body = operation.node.get("requestBody")
        members = [f"parameters: {_block(self._parameters(operation.parameters))};"]
        if isinstance(body, dict):
            optional = "" if operation.request_body_required else "?"
            members.append(f"requestBody{optional}: {_block([self._content(body.get('content', {}))])};")
        else:
            members.append("requestBody?: never;")
        responses = (
            f"{_comment({'description': each.description})}{_key(status)}: "
            f"{_block([_HEADERS, self._content(each.content)])};"
            for status, each in operation.responses.items()
        )
        members.append(f"responses: {_block(responses)};")
        comment = _comment({"description": operation.summary, **_annotations(operation.node)})
        return f"{comment}{_key(operation.id)}: {_block(members)};"

    def _parameters(self, parameters: Iterable[Parameter]) -> Iterator[str]:
        for location in _LOCATIONS:
            found = [each for each in parameters if each.location == location]
            if found:
                members = (self._member(each.name, each.schema, each.required, each.raw) for each in found)
                optional = "" if any(each.required for each in found) else "?"
                yield f"{location}{optional}: {_block(members)};"
            else:
                yield f"{location}?: never;"

    def _content(self, content: Mapping[str, Any]) -> str:
        if not content:
            return "content?: never;"
        members = (f"{_key(name)}: {self._type(each.get('schema', True))};" for name, each in content.items())
        return f"content: {_block(members)};"

    def _type(self, schema: Any, *, is_own: bool = False) -> str:
        if not isinstance(schema, dict):
            return "never" if schema is False else "unknown"
        if id(schema) in self._by_node and not is_own:
            return self._by_node[id(schema)]
        if id(schema) in self._open:
            # A schema without a name that contains itself.
            return "unknown"
        self._open.add(id(schema))
        found = self._written(schema)
        self._open.discard(id(schema))
        return found

    def _written(self, schema: Mapping[str, Any]) -> str:
        types = schema.get("type", _implied_types(schema))
        types = [types] if isinstance(types, str) else list(types)
        parts = [self._type(each) for each in schema.get("allOf", ())]
        parts += [_union(map(self._type, schema[key])) for key in ("oneOf", "anyOf") if schema.get(key)]
        if "const" in schema or "enum" in schema:
            return _union(map(_literal, [schema["const"]] if "const" in schema else schema["enum"]))
        own = [self._of_type(each, schema, is_alone=not parts) for each in types if each != "null"]
        parts = [*([_union(own)] if all(own) and own else []), *parts]
        if not parts:
            return "null" if types == ["null"] else "unknown"
        return _union([_intersection(parts), *(["null"] if "null" in types else [])])

    def _of_type(self, name: str, schema: Mapping[str, Any], *, is_alone: bool) -> str:
        """Return the values of one type, "" if they are all and schemas beside describe them."""
        if name == "array":
            return self._array(schema)
        if name != "object":
            return _SCALARS.get(name, "unknown")
        required = schema.get("required", ())
        properties = schema.get("properties", {})
        members = [self._member(key, each, key in required, each) for key, each in properties.items()]
        # A field that another schema describes is not optional here; {} has every value but null and undefined.
        members += [f"{_key(key)}: {{}} | null;" for key in dict.fromkeys(required) if key not in properties]
        more = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties", False)]
        values = [self._type(each) for each in more if each is not False]
        if not members and not values and is_alone and schema.get("additionalProperties") is not False:
            values = ["unknown"]
        index = f"{{ [key: string]: {_union(values)} }}" if values else ""
        return _intersection(filter(None, [_block(members) if members or (is_alone and not index) else "", index]))

    def _array(self, schema: Mapping[str, Any]) -> str:
        rest = self._type(schema.get("items", True))
        if "prefixItems" not in schema:
            return f"{_atom(rest)}[]"
        least = schema.get("minItems", 0)
        first = [
            f"{_atom(self._type(each))}{'' if place < least else '?'}"
            for place, each in enumerate(schema["prefixItems"])
        ]
        return f"[{', '.join([*first, *([] if rest == 'never' else [f'...{_atom(rest)}[]'])])}]"

    def _member(self, name: str, schema: Any, is_required: bool, annotated: Any) -> str:
        return f"{_comment(annotated)}{_key(name)}{'' if is_required else '?'}: {self._type(schema)};"


def _implied_types(schema: Mapping[str, Any]) -> list[str]:
    if any(key in schema for key in ("properties", "additionalProperties", "patternProperties", "required")):
        return ["object"]
    return ["array"] if "items" in schema or "prefixItems" in schema else []


def _union(types: Iterable[str]) -> str:
    found = list(dict.fromkeys(types))
    if "unknown" in found:
        return "unknown"
    return " | ".join(found) or "never"


def _intersection(types: Iterable[str]) -> str:
    found = [each for each in dict.fromkeys(types) if each != "unknown"]
    return " & ".join(found if len(found) == 1 else map(_atom, found)) or "unknown"


def _atom(text: str) -> str:
    is_block = text.startswith("{\n") and text.index("\n}") == len(text) - 2
    return f"({text})" if (" | " in text or " & " in text) and not is_block else text


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + " ".join(f"{_key(key)}: {_literal(each)};" for key, each in value.items()) + " }"
    return f"[{', '.join(map(_literal, value))}]" if isinstance(value, list) else printable_json(value)


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else printable_json(name)


def _block(members: Iterable[str]) -> str:
    found = "\n".join(members)
    return f"{{\n{textwrap.indent(found, '  ')}\n}}" if found else "{}"


def _indented(text: str) -> str:
    return textwrap.indent(text, "  ").lstrip()


def _annotations(node: Mapping[str, Any]) -> dict[str, Any]:
    return {key: node[key] for key in ("description", "deprecated") if node.get(key)}


def _comment(node: Any) -> str:
    """Return the description of a node as a comment with a line break after it, "" without one."""
    if not isinstance(node, dict):
        return ""
    found = _annotations(node)
    lines = escape_lines(str(found.get("description", "")).replace("*/", "*\\/")).strip().split("\n")
    lines += ["@deprecated"] if found.get("deprecated") is True else []
    lines = [line.rstrip() for line in lines if line.strip()]
    if len(lines) < 2:
        return "".join(f"/** {line} */\n" for line in lines)
    return "/**\n" + "".join(f" * {line}\n" for line in lines) + " */\n"
