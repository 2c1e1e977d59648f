"""Generation: bodies and headers of documented responses, from examples or from schemas.

Nothing is stored: the same request gets the same response from mocks with the same secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, NamedTuple

from code_contract import Contract, Example
from code_contract.examples import HEADER_NAME
from code_contract.operations import is_json, mime_essence
from code_contract.parameters import schema_of
from code_contract.sampler import Sampler, UnsatisfiableError, component_names
from mock_server.core import rendering
from mock_server.core.headers import escaped_header
from mock_server.core.representations import DEPRECATION_DATE, Representation
from mock_server.response import Headers

MAX_CACHED = 256
"""Responses that are kept; the same request finds its response again."""

_OWN_HEADERS = (
    *("connection", "content-encoding", "content-length", "content-type", "date", "keep-alive", "proxy-connection"),
    *("server", "te", "trailer", "transfer-encoding", "upgrade", "vary"),
)
"""Headers that the server sends, or that say something about the bytes; `access-control-*` besides."""
_DATES = ("expires", "last-modified", "sunset")
_TEXTS = {
    "cache-control": "no-store",
    "content-disposition": 'attachment; filename="{}"',
    "content-language": "en",
    "etag": '"{}"',
    "link": '<https://api.example.com/{}>; rel="next"',
    "location": "https://api.example.com/{}",
    "retry-after": "1",
    "set-cookie": "session={}; Path=/",
    "www-authenticate": "Bearer",
}
"""Headers whose syntax says more than a schema that admits any text."""


class Body(NamedTuple):
    """A generated body.

    Attributes:
        document: The JSON value, None for other media types.
        octets: The bytes.
        warning: The problem that the value has, or "".
        origin: Where the value comes from.
    """

    document: Any
    octets: bytes
    warning: str = ""
    origin: str = "generated"


class Generator:
    """Generates the responses of a contract. Safe to use from several threads.

    Args:
        contract: The contract.
        secret: The key on which the values depend.
        now: The time to which times are relative.
    """

    def __init__(self, contract: Contract, secret: bytes, now: datetime) -> None:
        self._names = component_names(contract.resolved)
        self._seed = hashlib.sha256(secret).hexdigest()[:16]
        self._now = now
        self._static = Sampler(self._names, now)
        self._dynamic = Sampler(self._names, now, with_examples=False)
        self.body = lru_cache(MAX_CACHED)(self._body)
        self.headers = lru_cache(MAX_CACHED)(self._headers)

    def example(self, representation: Representation) -> Example | None:
        """Return the first example that conforms to its schema."""
        schema, is_value = representation.schema, is_json(mime_essence(representation.content_type))
        for each in representation.examples.values():
            # Those of the first JSON content were checked when the document was read.
            is_checked = representation.media_type == representation.response.media_type or not is_value
            if is_checked or schema is None or self._static.conforms(schema, each.value):
                return each
        return None

    def _body(self, representation: Representation, target: str, is_dynamic: bool) -> Body:
        """The body for a request with this target; `is_dynamic` is True to use no example."""
        example = None if is_dynamic else self.example(representation)
        if example is not None:
            return self.rendered(representation, example.value)._replace(origin=f"example {example.name!r}")
        essence, schema = mime_essence(representation.content_type), representation.schema
        seed = f"{self._seed} {target}"
        picture = rendering.picture(essence, seed)
        if picture is not None:
            return Body(None, picture)
        if "itemSchema" in representation.content:
            schema = {"type": "array", "items": representation.content["itemSchema"], "minItems": 2}
        is_text = schema is None or schema.get("type", "string") in ("string", ["string"])
        if is_text and not (is_json(essence) or rendering.is_xml(essence) or rendering.is_textual(essence)):
            return Body(None, rendering.octets(seed))
        if schema is None:
            return self.rendered(representation, {} if not rendering.is_textual(essence) else "text")
        sampler = self._dynamic if is_dynamic else self._static
        try:
            found = self.rendered(representation, sampler.sample(schema, seed))
            return found._replace(origin="generated from the schema")
        except UnsatisfiableError as error:
            warning = f"the body violates its schema, for which no value was found: {error}"
            return self.rendered(representation, error.nearest)._replace(warning=warning)

    def rendered(self, representation: Representation, value: Any) -> Body:
        """Return a value as the body of a representation."""
        octets = rendering.render(value, representation.content_type, representation.schema, self._names)
        return Body(value if is_json(mime_essence(representation.content_type)) else None, octets)

    def _headers(self, representation: Representation, target: str) -> Headers:
        """The documented headers of a response, and those that follow from the document."""
        found: list[tuple[str, str]] = []
        for name, node in representation.response.headers.items():
            lower = name.lower()
            is_own = lower in _OWN_HEADERS or lower.startswith("access-control-")
            if not is_own and HEADER_NAME.fullmatch(name):
                found.append(escaped_header(name, self._header(name, node, f"{self._seed} {target} {lower}")))
        is_stated = any(name.lower() == "deprecation" for name, _ in found)
        if representation.operation.node.get("deprecated") is True and not is_stated:
            found.append(("Deprecation", f"@{DEPRECATION_DATE}"))
        if len(representation.response.content) > 1 and not representation.operation.content_type:
            found.append(("Vary", "Accept"))
        return tuple(found)

    def _header(self, name: str, node: Mapping[str, Any], seed: str) -> str:
        content = next(iter(node.get("content", {}).values()), None)
        holder = node if content is None else content
        schema = schema_of(holder)
        stated = [holder["example"]] if "example" in holder else []
        stated += [each["value"] for each in holder.get("examples", {}).values() if "value" in each]
        value = next((each for each in stated if self._static.conforms(schema, each)), None)
        if value is None:
            if schema.keys() <= {"type", "description", "title"} and schema.get("type", "string") == "string":
                if name.lower() in _DATES:
                    return format_datetime(self._now, usegmt=True)
                if name.lower() in _TEXTS:
                    return _TEXTS[name.lower()].format(hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:16])
            try:
                value = self._static.sample(schema, seed, name)
            except UnsatisfiableError as error:
                value = error.nearest
        return rendering.render(value, "application/json", None, {}).decode() if content else _simple(value, node)


def _simple(value: Any, node: Mapping[str, Any]) -> str:
    """A value in the style "simple" (OpenAPI 3.1 §4.8.12.3)."""
    if isinstance(value, dict):
        separator = "=" if node.get("explode") else ","
        return ",".join(f"{name}{separator}{_simple(each, {})}" for name, each in value.items())
    if isinstance(value, list):
        return ",".join(_simple(each, {}) for each in value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
