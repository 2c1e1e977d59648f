"""Documents that the tests write."""

from __future__ import annotations

HEAD = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
OPERATION = """paths:
  /code:
    post:
      operationId: ID
      responses: {'200': {description: ok, content: {application/json: {schema: SCHEMA, example: 'aab'}}}}
"""


def document(schema: str = "{}", more: str = "", name: str = "a") -> str:
    return HEAD + OPERATION.replace("SCHEMA", schema).replace("ID", name) + more


def doubling(levels: int) -> str:
    """References that double at each level: a few KB that expand to 2**levels nodes."""
    schemas = ["components:", "  schemas:", "    S0: {type: string}"]
    for level in range(1, levels + 1):
        ref = f"{{$ref: '#/components/schemas/S{level - 1}'}}"
        schemas.append(f"    S{level}: {{allOf: [{ref}, {ref}]}}")
    return document(f"{{$ref: '#/components/schemas/S{levels}'}}", "\n".join(schemas) + "\n")


def aliases(levels: int) -> str:
    """Aliases that double at each level."""
    lines = ["x-0: &a0 [a]"] + [f"x-{each}: &a{each} [*a{each - 1}, *a{each - 1}]" for each in range(1, levels + 1)]
    return "\n".join(lines) + "\n"


def component(text: str) -> str:
    return f"components: {{schemas: {{A: {text}, B: {{$ref: '#/components/schemas/A'}}}}}}\n"


A = "{$ref: '#/components/schemas/A'}"
