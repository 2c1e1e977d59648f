"""Requests for the HTTP clients of JetBrains IDEs and of Visual Studio Code (REST Client)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from code_contract.docs import requests
from code_contract.docs.requests import Credential, ExampleBody, ExampleRequest
from code_contract.loader import Contract
from code_contract.text import printable_json

_BOUNDARY = "code-contract"
# A line of a body that the clients read as a comment, a further request, a file or a script.
_INSTRUCTION = re.compile(r"^\s*(###|//|#|<[\s@>]|>)", re.MULTILINE)


def render_http(contract: Contract, base_url: str | None = None) -> str:
    """Return a request of each operation with example values.

    Args:
        contract: The contract.
        base_url: The value of the variable `baseUrl`. Default: the first server, or the mock on this machine.
    """
    found = list(requests.example_requests(contract))
    head = [
        f"# {requests.one_line(f'{contract.title} {contract.version}')}",
        f"@baseUrl = {base_url or requests.base_url(contract)}",
        *(f"@{name} = change-me" for name in requests.variables(found)),
    ]
    blocks = ["\n".join(head), *("\n".join(_lines(each)) for each in found)]
    return "\n\n".join(block.rstrip("\n") for block in blocks) + "\n"


def _lines(request: ExampleRequest) -> Iterator[str]:
    yield f"### {request.title}"
    yield f"# @name {re.sub(r'[^A-Za-z0-9_]+', '_', request.operation.id).strip('_')}"
    yield f"{request.operation.method} {{{{baseUrl}}}}{requests.with_query(request)}"
    cookies = [f"{each.name}={{{{{each.variables[0]}}}}}" for each in request.credentials if each.kind == "cookie"]
    for name, value in request.headers:
        if name.lower() == "cookie" and cookies:
            cookies.insert(0, requests.one_line(value))
        elif name.lower() == "content-type" and request.body is not None and request.body.kind == "formdata":
            yield f"{name}: multipart/form-data; boundary={_BOUNDARY}"
        else:
            yield f"{requests.one_line(name)}: {requests.one_line(value)}"
    yield from (f"{each.name}: {_authorization(each)}" for each in request.credentials if each.kind not in _NOT_HEADERS)
    if cookies:
        yield f"Cookie: {'; '.join(cookies)}"
    if request.body is not None:
        text = _text(request.body)
        yield "\n# Its body is not printed: a line of it would be an instruction." if text is None else f"\n{text}"


_NOT_HEADERS = ("query", "cookie")


def _authorization(credential: Credential) -> str:
    values = " ".join(f"{{{{{name}}}}}" for name in credential.variables)
    return f"{credential.kind.capitalize()} {values}" if credential.kind in ("basic", "bearer") else values


def _text(body: ExampleBody) -> str | None:
    if body.kind == "json":
        # Two braces in a row are only in strings.
        return printable_json(body.value, 2).replace("{{", "{\\u007b")
    if body.kind == "urlencoded":
        return urlencode(fields(body))
    if body.kind == "formdata":
        parts = (
            f'--{_BOUNDARY}\nContent-Disposition: form-data; name="{name}"\n\n{requests.one_line(value)}'
            for name, value in ((requests.one_line(key).replace('"', "%22"), each) for key, each in fields(body))
        )
        return "\n".join([*parts, f"--{_BOUNDARY}--"])
    return None if _INSTRUCTION.search(body.value) else requests.without_variables(body.value)


def fields(body: ExampleBody) -> list[tuple[str, str]]:
    """Return the fields of a form; an array becomes repeated ones."""
    found: dict[str, Any] = body.value
    return [
        (name, each if isinstance(each, str) else printable_json(each))
        for name, value in found.items()
        for each in (value if isinstance(value, list) else [value])
    ]
