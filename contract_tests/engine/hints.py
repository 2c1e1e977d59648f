"""The hint of a run: most first runs fail for a setting, and every response shows which.

A hint is given only if all baseline requests ended for the same cause. Names of fields are those of the contract.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from typing import Any
from urllib.parse import urljoin, urlsplit

from code_contract import Contract, pointers
from contract_tests import sanitize
from contract_tests.checks.json_text import MISSING
from contract_tests.checks.registry import BASELINE
from contract_tests.checks.response import NOT_SERVED_STATUSES, ParsedResponse
from contract_tests.engine.collection import GATEWAY_STATUSES
from contract_tests.http.exchange import Exchange, Request, TransportErrorKind
from contract_tests.message import Message
from contract_tests.settings import CREDENTIALS, Settings

MAX_PROBES = 2
"""Requests to parents of the base path."""

_LOGIN = re.compile(
    r"(?:^|[^a-z])(?:log-?in|sign-?in|sso|cas|saml2?|passport|oauth2?|auth\w*)(?:[^a-z]|$)", re.IGNORECASE
)
_CREDENTIALS = {401, 403}
_WANTS_TLS = re.compile("http request (?:was sent )?to (?:an )?https (?:port|server)", re.IGNORECASE)
_LOGIN_FORM = re.compile(r"<input[^>]*type\s*=\s*[\"']?password", re.IGNORECASE)


class Cause(Enum):
    """The cause of the end of a request. The value is the template of the hint."""

    NOT_SERVED = "nothing is served at {}: check host and base path"
    CREDENTIALS = "the target wants credentials: {}"
    LOGIN = "this is a login page ({}), not the API: pass a session, as in --header 'Cookie: NAME=VALUE', or a token"
    REDIRECT = "redirects are not followed: use the base URL behind {}"
    MOVED = "the API has moved: use that base URL, {}"
    SOURCE = "the refusal speaks of the source: send another one (--source VALUE), or correct where it is carried: {}"
    WEB_PAGE = (
        "this is the HTML page of a single-page app, not the API: use the base URL that the page itself calls, "
        "often with a prefix such as /api"
    )
    PROXY = "the proxy wants credentials: --proxy http://USER:PASSWORD@host:port"
    GATEWAY = "the gateway does not reach its server: start it, or wait for it (--wait 60)"
    PLAIN = "the server speaks plain HTTP at this port: use {}"
    ENCRYPTED = "the server speaks TLS at this port: use {}"
    HANDSHAKE = "the server ended the TLS handshake: if it wants a client certificate, pass it (--cert, --cert-key)"
    CERTIFICATE = "the certificate is not trusted: --ca-bundle FILE names its issuer, --insecure accepts any"


class Hints:
    """Finds the cause for which every baseline request of a run ended.

    Args:
        contract: The contract.
        settings: The options of the run.
    """

    def __init__(self, contract: Contract, settings: Settings) -> None:
        self._contract = contract
        self._settings = settings
        self._causes: set[Cause | None] = set()
        self._first: ParsedResponse | None = None
        self._answers = ""
        self.requests = 0

    def add(self, response: ParsedResponse) -> None:
        """Record the end of a request."""
        if response.exchange.label != BASELINE or len(self._causes) > 1 or None in self._causes:
            return
        self._causes.add(self._cause(response))
        if self._first is None or (response.operation.is_safe and not self._first.operation.is_safe):
            self._first = response

    @property
    def cause(self) -> Cause | None:
        """The cause of every request, None if there is none or they differ."""
        return next(iter(self._causes)) if len(self._causes) == 1 else None

    def probe(self, send: Callable[[Request], Exchange]) -> None:
        """If nothing is served at the base URL, request the operation at parents of the base path."""
        if self.cause is not Cause.NOT_SERVED or self._first is None:
            return
        request, base = self._first.exchange.request, self._settings.base_url
        for parent in _parents(base):
            self.requests += 1
            moved = replace(request, url=parent + request.url.removeprefix(base))
            if _answers(send(moved)):
                call = sanitize.escape(f"{request.method} {_without_query(moved.url)}", 300)
                self._answers = Message("{} answers: use that base URL, {}", call, sanitize.escape(parent, 300))
                return

    @property
    def sentence(self) -> str:
        """The hint, "" for none."""
        if self.cause is None or self._first is None:
            return ""
        if self._answers:
            return self._answers
        request, page = self._first.exchange.request, _page(self._first)
        path = request.url.removeprefix(self._settings.base_url)
        place = sanitize.escape(page.removesuffix(path) if self.cause is Cause.MOVED else page, 300)
        fields = {
            Cause.NOT_SERVED: sanitize.escape(f"{request.method} {_without_query(request.url)}", 300),
            Cause.CREDENTIALS: self._credentials(self._first),
            Cause.SOURCE: self._source(),
            Cause.PLAIN: self._settings.base_url.replace("https:", "http:", 1),
            Cause.ENCRYPTED: self._settings.base_url.replace("http:", "https:", 1),
        }
        return Message(self.cause.value, fields.get(self.cause, place))

    def _cause(self, response: ParsedResponse) -> Cause | None:
        status, error = response.status, response.exchange.error
        if status is None:
            return _tls_cause(error.detail) if error is not None and error.kind is TransportErrorKind.TLS else None
        if response.is_success:
            return None
        if self._names_source(response):
            return Cause.SOURCE
        location = response.exchange.header("location")
        if 300 <= status < 400 and location:
            page, base = _page(response), self._settings.base_url
            is_operation = page.endswith(response.exchange.request.url.removeprefix(base))
            return Cause.LOGIN if _LOGIN.search(location) else Cause.MOVED if is_operation else Cause.REDIRECT
        if status in GATEWAY_STATUSES:
            return Cause.GATEWAY
        if status == 407:
            return Cause.PROXY
        if not _CREDENTIALS.isdisjoint(_codes(response)):
            return Cause.CREDENTIALS
        if status in NOT_SERVED_STATUSES:
            return Cause.NOT_SERVED
        text = response.text or ""
        if status == 400 and _WANTS_TLS.search(text):
            return Cause.ENCRYPTED
        if response.media_type[0] in ("text/html", "application/xhtml+xml") and status < 500:
            return Cause.LOGIN if _LOGIN_FORM.search(text) else Cause.WEB_PAGE if status < 300 else None
        return None

    def _names_source(self, response: ParsedResponse) -> bool:
        """Return True if a response in JSON or text has the name of the source of its operation, in any language."""
        if response.media_type[0] == "text/html" or (response.status or 0) in GATEWAY_STATUSES:
            return False
        parameters = [each for each in response.operation.parameters if each.is_source]
        text = (
            sanitize.json_value(response.value, 20_000)
            if response.value is not MISSING
            else (response.text or "")[:20_000]
        )
        for each in parameters:
            translated = [value.get("name") for key, value in each.raw.items() if key.startswith("x-i18n-")]
            for name in filter(None, (each.name, *translated)):
                if re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", text, re.IGNORECASE):
                    return True
        return False

    def _credentials(self, response: ParsedResponse) -> str:
        if any(name.lower() in CREDENTIALS for name, _ in self._settings.headers) or self._settings.auth:
            return "it rejects the given ones (--header, --auth)"
        schemes = self._contract.resolved.get("components", {}).get("securitySchemes", {})
        if response.operation.is_secured(self._contract.resolved) and schemes:
            return f"--auth '{sanitize.escape(next(iter(schemes)), 60)}=…'"
        if (response.exchange.header("www-authenticate") or "").lower().startswith("basic"):
            return "--header 'Authorization: Basic …', or https://USER:PASSWORD@host in the URL"
        return "--header 'Authorization: Bearer …'"

    def _source(self) -> str:
        for pointer in _sources(self._contract.document, ""):
            path, line = self._contract.source.place(pointer)
            return f"{'/'.join(pointers.split(pointer))} ({path.name}:{line})"
        return "the parameter with x-source"


def _tls_cause(detail: str) -> Cause:
    """Return the cause of a failed handshake by the reason of OpenSSL, which differs between its versions."""
    if re.search("WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER_FAILURE|PACKET_LENGTH_TOO_LONG", detail):
        return Cause.PLAIN
    return Cause.HANDSHAKE if re.search("EOF|ALERT|HANDSHAKE_FAILURE", detail) else Cause.CERTIFICATE


def _codes(response: ParsedResponse) -> Iterator[object]:
    """Yield the status of a response, and the numbers of its envelope, of which one may be a business code like it."""
    yield response.status
    if isinstance(response.value, dict):
        yield from (each for each in response.value.values() if isinstance(each, int))


def _parents(base_url: str) -> list[str]:
    """Return the nearest parent of a base URL and its root, as far as it has them."""
    parts = urlsplit(base_url)
    root, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    return list(dict.fromkeys((root + path.rpartition("/")[0], root)))[:MAX_PROBES] if path else []


def _answers(exchange: Exchange) -> bool:
    """Return True if an API responds: with another status than those of a wrong address, and no page of HTML."""
    silent = {None, 429, *NOT_SERVED_STATUSES, *GATEWAY_STATUSES}
    kind = (exchange.header("content-type") or "").lower()
    return exchange.status not in silent and not 300 <= (exchange.status or 0) < 400 and "html" not in kind


def _page(response: ParsedResponse) -> str:
    """Return the address of a response: that of its redirect, if it is one, as it was sent if it is not valid."""
    location = response.exchange.header("location") or ""
    with suppress(ValueError):
        location = urljoin(response.exchange.request.url, location)
    return _without_query(location)


def _without_query(url: str) -> str:
    return re.split(r"[?#]", url, maxsplit=1)[0]


def _sources(node: Any, pointer: str) -> Iterator[str]:
    """Yield the pointers of parameters that name the source."""
    if isinstance(node, dict):
        if node.get("x-source") is True:
            yield pointer
        for key, value in node.items():
            yield from _sources(value, pointers.join(pointer, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _sources(item, pointers.join(pointer, index))
