"""Decides which requests reach what the mock serves besides its operations: the admin API, its pages, the contract.

A browser sends requests for every page that is open in it. Two headers that a page cannot choose tell them apart:

- Host. A page whose name was made to resolve to this machine (DNS rebinding) is of the same origin as the mock, but the
  Host of its requests is its own name. An IP address in Host has not been resolved, so it cannot be rebound.
- Origin. Browsers send it with every request whose response a page of another origin could read, and with every method
  that changes something.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from werkzeug.datastructures import Headers

from mock_server.reasons import Reason

_AUTHORITY = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)(?::(?P<port>[0-9]{0,5}))?", re.I)
_ORIGIN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/?#@]+)", re.I)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_MAX_SHOWN = 100


class InvalidNameError(ValueError):
    """An allowed host or origin is invalid. The message names it and shows a valid one."""


@dataclass(frozen=True)
class AccessPolicy:
    """The hosts and origins that may use the admin API. Loopback names are always among them.

    Attributes:
        hosts: The names and addresses that the Host header may name, normalized.
        origins: The allowed origins, normalized.
        bound: The names and addresses that the mock was bound to, normalized.
        any_address: True if Host may be any IP address, because the mock listens on all of them.
    """

    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    any_address: bool = False

    @classmethod
    def new(cls, hosts: Iterable[str] = (), origins: Iterable[str] = ()) -> AccessPolicy:
        """Return the policy that allows these hosts, whose port is ignored, and origins.

        Raises:
            InvalidNameError: A host or an origin is invalid.
        """
        return cls(frozenset(map(_valid_host, hosts)), frozenset(map(_valid_origin, origins)))

    def bound_to(self, *names: str) -> AccessPolicy:
        """Return the policy of a mock that was bound to these names and addresses."""
        bound = frozenset(name for each in names if (name := _host_name(_bracketed(each))))
        return replace(self, bound=bound, any_address=any(map(_is_wildcard, bound)))

    def refusal(self, method: str, headers: Headers) -> Reason | None:
        """Return the reason why a request is refused, or None if it is allowed.

        Args:
            method: The method of the request.
            headers: Its headers.
        """
        host = headers.get("Host", "")
        name = _host_name(host)
        if name is None or not self._is_host(name):
            return Reason("host-not-allowed", value=_shown(host), name=_suggestion(name, "NAME"))
        origin = headers.get("Origin")
        if origin is None and method not in _SAFE_METHODS and headers.get("Referer"):
            found = _ORIGIN.match(headers["Referer"])
            origin = found[0] if found else headers["Referer"]
        if origin is not None and not self._is_origin(origin, host):
            return Reason("origin-not-allowed", value=_shown(origin), name=_suggestion(_origin(origin), "ORIGIN"))
        # A link may lead to the page. An image, a script or a frame of another site has no use for it.
        if origin is None and headers.get("Sec-Fetch-Site") == "cross-site" and not _is_link(headers):
            return Reason("embedded")
        return None

    def _is_host(self, name: str) -> bool:
        is_bound = name in self.bound or name in self.hosts or _is_loopback(name)
        return is_bound or (self.any_address and _address(name) is not None)

    def _is_origin(self, text: str, host: str) -> bool:
        origin = _origin(text)
        if origin is None:
            return False
        scheme, _, authority = origin.partition("://")
        if origin in self.origins:
            return True
        if scheme not in _DEFAULT_PORTS:
            return False
        name = _host_name(authority)
        is_own = name is not None and (_is_loopback(name) or name in self.bound)
        return is_own or authority == _without_default_port(host, scheme)


def _host_name(authority: str) -> str | None:
    """The name or address of an authority, normalized, or None if it is invalid."""
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        return None
    name = found["name"].lower().removesuffix(".")
    if not name.startswith("["):
        return name
    address = _address(name)
    return None if address is None else f"[{address}]"


def _bracketed(name: str) -> str:
    return f"[{name}]" if name.count(":") > 1 and not name.startswith("[") else name


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.IPv6Address(name[1:-1]) if name.startswith("[") else ipaddress.IPv4Address(name)
    except ValueError:
        return None


def _is_loopback(name: str) -> bool:
    """True for the names of RFC 6761 §6.3 and the addresses of the loopback interface."""
    address = _address(name)
    if address is None:
        return name == "localhost" or name.endswith(".localhost")
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _is_wildcard(name: str) -> bool:
    address = _address(name)
    return address is not None and address.is_unspecified


def _origin(text: str) -> str | None:
    """An origin, normalized: lower case, without a trailing dot and the default port. None if it is invalid."""
    found = _ORIGIN.fullmatch(text)
    authority = found and _without_default_port(found["authority"], found["scheme"].lower())
    return f"{found['scheme'].lower()}://{authority}" if found and authority else None


def _without_default_port(authority: str, scheme: str) -> str | None:
    name, found = _host_name(authority), _AUTHORITY.fullmatch(authority)
    if name is None or found is None:
        return None
    port = found["port"]
    return f"{name}:{port}" if port and port != _DEFAULT_PORTS.get(scheme) else name


def _is_link(headers: Headers) -> bool:
    return headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest", "document") == "document"


def _valid_host(text: str) -> str:
    name = _host_name(_bracketed(text))
    if name is None:
        raise InvalidNameError(f"{_shown(text)} is not a valid host; use a name or an address such as mock.test")
    return name


def _valid_origin(text: str) -> str:
    origin = _origin(text.removesuffix("/"))
    if origin is None:
        raise InvalidNameError(f"{_shown(text)} is not a valid origin; use one such as http://app.test:3000")
    return origin


def _shown(text: str) -> str:
    return ascii(text[:_MAX_SHOWN])


def _suggestion(value: str | None, placeholder: str) -> str:
    return value if value and len(value) <= _MAX_SHOWN else placeholder
