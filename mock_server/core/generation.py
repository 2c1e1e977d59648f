"""Generation: bodies and headers of documented responses, from examples or from schemas.

Nothing is stored: the same request gets the same response from mocks with the same secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from code_contract import Contract, Example
from code_contract.examples import HEADER_NAME
from code_contract.media_types import is_json, is_xml, mime_essence
from code_contract.parameters import schema_of
from code_contract.sampler import Sampler, UnsatisfiableError, component_names
from mock_server.core import rendering
from mock_server.core.answer import HeaderValues, Subject
from mock_server.core.headers import escaped_header
from mock_server.core.representations import DEPRECATION_DATE, Representation
from mock_server.core.world import World
from mock_server.faults.model import RequestContext
from mock_server.reasons import Reason
from mock_server.response import Headers

MAX_CACHED = 256
"""Responses that are kept; the same request finds its response again."""
MAX_CACHED_BODY = 4096
"""Bytes of a request body whose response is kept."""

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
        reason: The source of the value.
        warning: The problem that the value has, or "".
        headers: The values that headers may have by name in lower case, the best first.
    """

    document: Any
    octets: bytes
    reason: Reason
    warning: str = ""
    headers: HeaderValues = ()


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
        self._world = World(contract, self._names, self._seed, {False: self._static, True: self._dynamic}, self.example)
        self._cached_body = lru_cache(MAX_CACHED)(self._body)
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

    def body(self, representation: Representation, context: RequestContext, is_dynamic: bool) -> Body:
        """Return the body for a request; `is_dynamic` is True to use no example."""
        body = b"" if context.operation.is_safe else context.body
        subject = Subject(context.target, context.path, context.headers.get("content-type", ""), body)
        make = self._body if len(body) > MAX_CACHED_BODY else self._cached_body
        return make(representation, subject, is_dynamic)

    def _body(self, representation: Representation, subject: Subject, is_dynamic: bool) -> Body:
        if not representation.content_type:
            reason = Reason("without-body", status=representation.status)
            return Body(None, b"", reason, headers=self._world.created(representation, subject))
        example = None if is_dynamic else self.example(representation)
        stated: dict[str, Any] = {"status": representation.status, "type": representation.content_type}
        generated = Reason("generated", **stated)
        reason = Reason("from-source", **stated, origin=Reason("from-schema"))
        if example is not None:
            reason = Reason("from-example", **stated, value=repr(example.name))
        with suppress(UnsatisfiableError):
            found = self._world.answer(representation, subject, is_dynamic)
            if found is not None:
                value = found.value if example else rendering.framed(found.value, representation.content_type)
                return self._rendered(representation, value, reason)._replace(headers=found.headers)
        if example is not None:
            return self._rendered(representation, example.value, reason)
        essence, schema = mime_essence(representation.content_type), representation.schema
        seed = f"{self._seed} {subject.target}"
        picture = rendering.picture(essence, seed)
        if picture is not None:
            return Body(None, picture, generated)
        if "itemSchema" in representation.content:
            schema = {"type": "array", "items": representation.content["itemSchema"], "minItems": 2}
        is_text = schema is None or schema.get("type", "string") in ("string", ["string"])
        if is_text and not (is_json(essence) or is_xml(essence) or rendering.is_textual(essence)):
            return Body(None, rendering.octets(seed), generated)
        if schema is None:
            return self._rendered(representation, {} if not rendering.is_textual(essence) else "text", generated)
        sampler = self._dynamic if is_dynamic else self._static
        try:
            value = rendering.framed(sampler.sample(schema, seed), representation.content_type)
            return self._rendered(representation, value, reason)
        except UnsatisfiableError as error:
            warning = f"the body violates its schema, for which no value was found: {error}"
            return self._rendered(representation, error.nearest, generated)._replace(warning=warning)

    def rendered(self, representation: Representation, value: Any) -> bytes:
        """Return a value as the body of a representation."""
        return rendering.render(value, representation.content_type, representation.schema, self._names)

    def _rendered(self, representation: Representation, value: Any, reason: Reason) -> Body:
        document = value if is_json(mime_essence(representation.content_type)) else None
        return Body(document, self.rendered(representation, value), reason)

    def _headers(self, representation: Representation, target: str, known: HeaderValues = ()) -> Headers:
        """The documented headers of a response, and those that follow from the document."""
        found: list[tuple[str, str]] = []
        for name, node in representation.response.headers.items():
            lower = name.lower()
            is_own = lower in _OWN_HEADERS or lower.startswith("access-control-")
            if not is_own and HEADER_NAME.fullmatch(name):
                values = dict(known).get(lower, ())
                found.append(escaped_header(name, self._header(name, node, f"{self._seed} {target} {lower}", values)))
        is_stated = any(name.lower() == "deprecation" for name, _ in found)
        if representation.operation.node.get("deprecated") is True and not is_stated:
            found.append(("Deprecation", f"@{DEPRECATION_DATE}"))
        if len(representation.response.content) > 1 and not representation.operation.content_type:
            found.append(("Vary", "Accept"))
        return tuple(found)

    def _header(self, name: str, node: Mapping[str, Any], seed: str, known: Sequence[Any]) -> str:
        content = next(iter(node.get("content", {}).values()), None)
        holder = node if content is None else content
        schema = schema_of(holder)
        stated = [*known]
        stated += [holder["example"]] if "example" in holder else []
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


def daily_generator(contract: Contract, secret: bytes, now: Callable[[], datetime]) -> Callable[[], Generator]:
    """Return a function that returns the generator of this day.

    Args:
        contract: The contract.
        secret: The key on which the values depend.
        now: Returns the time to which times are relative; a generator is kept until it changes.
    """
    of_day = lru_cache(1)(partial(Generator, contract, secret))
    return lambda: of_day(now())


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
