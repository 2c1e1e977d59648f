"""The baseline request of an operation: the one that the contract documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from code_contract import Operation, Parameter
from contract_tests.http.exchange import Request
from contract_tests.settings import Settings


def baseline_request(operation: Operation, settings: Settings) -> Request | None:
    """Build the documented request of an operation, with the example of each parameter and of the body.

    Returns:
        The request, or None if the contract has no example of something required.
    """
    path, query, headers = operation.path, [], []
    cookies = []
    for parameter in operation.parameters:
        value = _value(parameter, settings)
        if value is None:
            if parameter.required and parameter.location != "header":
                return None
            continue
        match parameter.location:
            case "path":
                path = path.replace("{" + parameter.name + "}", quote(value, safe=""))
            case "query":
                query.append((parameter.name, value))
            case "header":
                headers.append((parameter.name, value))
            case _:
                cookies.append(f"{parameter.name}={value}")
    body = None
    if operation.request_body_content is not None:
        example = _body_example(operation.request_body_content)
        if example is None and operation.request_body_required:
            return None
        body = None if example is None else json.dumps(example).encode()
    if operation.content_type:
        headers.append(("Content-Type", operation.content_type))
    elif body is not None:
        headers.append(("Content-Type", "application/json"))
    if cookies:
        headers.append(("Cookie", "; ".join(cookies)))
    given = {name.lower() for name, _ in settings.headers}
    kept = [pair for pair in headers if pair[0].lower() not in given]
    url = settings.base_url + path + (f"?{urlencode(query)}" if query else "")
    return Request(operation.method, url, (*kept, *settings.headers), body)


def _value(parameter: Parameter, settings: Settings) -> str | None:
    value = parameter.example
    if settings.source is not None and parameter.is_source:
        value = settings.source or None
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _body_example(content: Mapping[str, Any]) -> Any:
    """Return the first example of a body: its own, a named one or one of its schema, or None."""
    named = [each["value"] for each in content.get("examples", {}).values() if "value" in each]
    of_schema = content.get("schema", {}).get("examples", ())
    own = [content["example"]] if "example" in content else []
    return next(iter((*own, *named, *of_schema)), None)
