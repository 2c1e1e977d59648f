"""Example requests: one for each operation, with values for what it needs and variables for credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from code_contract.errors import UnsatisfiableError
from code_contract.loader import Contract
from code_contract.media_types import is_json, mime_essence
from code_contract.operations import Operation
from code_contract.parameters import Parameter
from code_contract.sampler import Sampler, component_names
from code_contract.styles import Parts
from code_contract.text import escape_unprintable

DEFAULT_ORIGIN = "http://127.0.0.1:4010"
"""The origin of the mock, for documents that name no host."""


@dataclass(frozen=True)
class Credential:
    """A credential of a request.

    Attributes:
        kind: "basic" and "bearer" are in Authorization; else the location of an API key: "header", "query" or "cookie".
        name: Name of the header, the query parameter or the cookie.
        variables: The variables that hold it: user name and password for "basic", one for the others.
    """

    kind: str
    name: str
    variables: tuple[str, ...]


@dataclass(frozen=True)
class ExampleBody:
    """The body of a request: its media type, and its value."""

    media_type: str
    value: Any

    @property
    def kind(self) -> str:
        """The format of the body: "json", "urlencoded", "formdata" or "text"."""
        essence = mime_essence(self.media_type)
        if isinstance(self.value, dict) and essence == "application/x-www-form-urlencoded":
            return "urlencoded"
        if isinstance(self.value, dict) and essence == "multipart/form-data":
            return "formdata"
        return "text" if isinstance(self.value, str) and not is_json(essence) else "json"


@dataclass(frozen=True)
class ExampleRequest:
    """An example request; the target is the path and the query, percent-encoded.

    Attributes:
        operation: The operation.
        title: Its summary, or its id.
        target: Path and query.
        headers: Names and values, without credentials.
        credentials: What the first alternative of the security requirements asks for.
        body: The body, None without one.
    """

    operation: Operation
    title: str
    target: str
    headers: tuple[tuple[str, str], ...]
    credentials: tuple[Credential, ...]
    body: ExampleBody | None


def example_requests(contract: Contract) -> Iterator[ExampleRequest]:
    """Yield the example requests of a contract, in the order of the document."""
    sampler = Sampler(component_names(contract.resolved), is_request=True)
    for operation in contract.operations.values():
        yield example_request(contract, operation, sampler)


def example_request(contract: Contract, operation: Operation, sampler: Sampler | None = None) -> ExampleRequest:
    """Return the example request of an operation.

    Args:
        contract: The contract.
        operation: The operation.
        sampler: Generates the values that have no example.
    """
    sampler = sampler or Sampler(component_names(contract.resolved), is_request=True)
    parts = Parts(operation.path)
    for parameter in operation.parameters:
        value = _value(operation, parameter, sampler)
        if value is not None:
            parts.add(parameter, value)
    body = _body(operation, sampler)
    media_type = operation.content_type or (body and body.media_type)
    return ExampleRequest(
        operation=operation,
        title=one_line(operation.summary or operation.id),
        target=parts.target(),
        headers=(*parts.all_headers(), *([("Content-Type", media_type)] if media_type else [])),
        credentials=tuple(_credentials(operation, contract.resolved)),
        body=body,
    )


def base_url(contract: Contract) -> str:
    """Return the URL of the first server, without a trailing slash; a path is one of the mock on this machine."""
    servers: Sequence[Mapping[str, Any]] = contract.resolved.get("servers", ())
    url = str(servers[0].get("url", "")) if servers else ""
    parts = urlsplit(url)
    is_complete = parts.scheme in ("http", "https") and parts.netloc and "{" not in parts.netloc
    return (f"{parts.scheme}://{parts.netloc}" if is_complete else DEFAULT_ORIGIN) + contract.base_path


def without_variables(text: str) -> str:
    """Return a text in which nothing reads as a variable: editors would insert secrets of the reader."""
    return text.replace("{{", "{ {")


def one_line(text: str) -> str:
    """Return a text as one line that is safe to print."""
    return without_variables(escape_unprintable(" ".join(text.split())))


def _value(operation: Operation, parameter: Parameter, sampler: Sampler) -> Any:
    """The value of a parameter; None for an optional one without an example."""
    if parameter.example is not None:
        return parameter.example
    return _sample(sampler, parameter.schema, operation, parameter.name) if parameter.required else None


def _body(operation: Operation, sampler: Sampler) -> ExampleBody | None:
    contents = sorted(operation.request_contents.items(), key=lambda item: not is_json(mime_essence(item[0])))
    for media_type, content in contents:
        named = [each["value"] for each in content.get("examples", {}).values() if "value" in each]
        known = [content["example"]] if "example" in content else named
        value = known[0] if known else _sample(sampler, content.get("schema", True), operation, "")
        if value is not None:
            return ExampleBody("application/json" if "*" in media_type else media_type, value)
    return None


def _sample(sampler: Sampler, schema: Any, operation: Operation, name: str) -> Any:
    try:
        return sampler.sample(schema, operation.id, name)
    except UnsatisfiableError as error:
        return error.nearest


def _credentials(operation: Operation, document: Mapping[str, Any]) -> Iterator[Credential]:
    for name, scheme in next(iter(operation.security(document)), {}).items():
        variable = re.sub(r"\W", "_", name, flags=re.ASCII)
        kind = scheme.get("type")
        if kind == "apiKey":
            yield Credential(str(scheme.get("in")), one_line(str(scheme.get("name"))), (variable,))
        elif kind == "http" and str(scheme.get("scheme")).lower() == "basic":
            yield Credential("basic", "Authorization", (f"{variable}_username", f"{variable}_password"))
        elif kind in ("http", "oauth2", "openIdConnect"):
            yield Credential("bearer", "Authorization", (variable,))


def variables(requests: list[ExampleRequest]) -> list[str]:
    """Return the names of the variables that hold credentials."""
    found = (name for request in requests for each in request.credentials for name in each.variables)
    return list(dict.fromkeys(found))


def with_query(request: ExampleRequest) -> str:
    """Return the target of a request with the API keys that its query carries as variables."""
    target = without_variables(request.target)
    for each in request.credentials:
        if each.kind == "query":
            target += f"{'&' if '?' in target else '?'}{quote(each.name, safe='')}={{{{{each.variables[0]}}}}}"
    return target
