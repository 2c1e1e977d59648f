"""The URL of a fallback: the server to which requests that reach no operation are passed on."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

_EXAMPLE = "use one such as http://127.0.0.1:8080"
_MAX_SHOWN = 100


class FallbackError(ValueError):
    """A fallback cannot be used. The message names the reason and the remedy, and no credentials."""


class FallbackUrl(NamedTuple):
    """The URL of a fallback.

    Attributes:
        scheme: "http" or "https".
        authority: Host and port as written.
        host: The host.
        port: The port.
        prefix: The path before that of each request, without a trailing slash.
    """

    scheme: str
    authority: str
    host: str
    port: int
    prefix: str

    @classmethod
    def parse(cls, text: str) -> FallbackUrl:
        """Return the URL of a text.

        Raises:
            FallbackError: The text is not a valid URL, or contains credentials, a query or a fragment.
        """
        try:
            found = urlsplit(text)
            host, port = found.hostname or "", found.port
            # As the resolver does it: a label that is empty or too long is an error.
            host.encode("idna")
        except ValueError:
            raise FallbackError(f"--fallback is not a valid URL; {_EXAMPLE}") from None
        if "@" in text:
            raise FallbackError("--fallback contains credentials; omit them: the requests bring their own")
        is_printable = text.isascii() and text.isprintable() and not set(text) & set(' "<>\\^`{|}')
        if found.scheme not in ("http", "https") or not host or not is_printable:
            raise FallbackError(f"--fallback {text[:_MAX_SHOWN]!r} is not a valid URL; {_EXAMPLE}")
        if found.query or found.fragment:
            raise FallbackError(f"--fallback contains a query or a fragment; {_EXAMPLE}/api")
        default = {"http": 80, "https": 443}[found.scheme]
        return cls(found.scheme, found.netloc, host, default if port is None else port, found.path.rstrip("/"))

    def require_other(self, host: str, address: tuple[Any, ...]) -> None:
        """Reject the URL of the mock itself.

        Args:
            host: The name or address on which the mock was asked to listen.
            address: The address to which it is bound, with the port.

        Raises:
            FallbackError: The URL is that of the mock.
        """
        if self.port == address[1] and self.host in (host, str(address[0]), "localhost", "127.0.0.1", "::1"):
            raise FallbackError(f"--fallback {self} is the address of the mock itself; use that of your server")

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.prefix}"
