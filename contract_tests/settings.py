"""What a run is told: whom to ask, how often, how long to wait, what to judge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from code_contract import Contract
from code_contract.operations import HEADER_NAME

CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Request headers (lower case) that prove who is calling."""

PLACEHOLDER = re.compile(r"\$CODE_[A-Z0-9_]*")
"""What stands for a secret in every output: the name of a variable of the shell."""


class SettingsError(Exception):
    """A setting cannot be used; the message names the value and the cure."""


@dataclass(frozen=True)
class Waiver:
    """A clause that may be broken for a while: `reason` says why, `expires` is the last day on which it may."""

    clause: str
    reason: str
    expires: date


@dataclass(frozen=True)
class Settings:
    """Everything a run depends on. Times are seconds; `headers` are sent with every call.

    `source` is what the documented source parameter is sent as: None for the contract's own example, "" for none.
    `only` names the clauses to judge, all of them where it is empty. Under `strict` should-clauses fail too, and no
    waiver counts. `docs_url` is where the printed reference is to be read, for reports to link to. `today` is the day
    by which waivers expire.
    """

    base_url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    source: str | None = field(default=None, repr=False)
    samples: int = 32
    concurrency: int = 8
    timeout: float = 10.0
    deadline: float = 45.0
    only: frozenset[str] = frozenset()
    strict: bool = False
    ca_bundle: str | None = None
    insecure: bool = False
    docs_url: str | None = None
    waivers: tuple[Waiver, ...] = ()
    today: date = field(default_factory=date.today)

    def __post_init__(self) -> None:
        for name, lowest, highest in (
            ("samples", 1, 100_000),
            ("concurrency", 1, 64),
            ("timeout", 0.05, 600),
            ("deadline", 0.1, 86_400),
        ):
            value = getattr(self, name)
            if not lowest <= value <= highest:
                raise SettingsError(f"{name} is {value}: give {lowest} to {highest}")
        if self.docs_url and not self.docs_url.startswith(("https://", "http://")):
            raise SettingsError(f"docs_url is {self.docs_url[:80]!r}: give an http(s) URL")

    @property
    def bring_credentials(self) -> tuple[str, ...]:
        """The names of the given headers that carry credentials."""
        return tuple(name for name, _ in self.headers if name.lower() in CREDENTIALS)

    def waiver(self, clause: str) -> Waiver | None:
        """The waiver of a clause that counts today, if any."""
        for waiver in self.waivers:
            if waiver.clause == clause and waiver.expires >= self.today and not self.strict:
                return waiver
        return None

    @property
    def secret_placeholders(self) -> Mapping[str, str]:
        """What stands for every secret value in an output: `{value: "$CODE_…"}`."""
        named = {value: "$CODE_" + re.sub(r"[^A-Z0-9]+", "_", name.upper()) for name, value in self.headers}
        if self.source:
            named[self.source] = "$CODE_SOURCE"
        # A target may send back the token of "Bearer <token>" by itself.
        tokens = {
            value.split()[-1]: name for value, name in named.items() if " " in value and len(value.split()[-1]) > 7
        }
        return {value: name for value, name in (named | tokens).items() if value}

    def redact(self, text: str) -> str:
        """`text` without a secret: a target may send back what it was sent."""
        for value, name in self.secret_placeholders.items():
            text = text.replace(value, name)
            # A text is cut after so many characters: the secret may be what was cut in two.
            shown, ellipsis, rest = text.rpartition("…")
            for length in range(len(value) - 1, 3, -1):
                if ellipsis and shown.endswith(value[:length]):
                    text = f"{shown[:-length]}{name}{ellipsis}{rest}"
                    break
        return text


def parse_header(text: str) -> tuple[str, str]:
    """A header given as `Name: value`. Raises SettingsError where it is none (RFC 9110 §5)."""
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not HEADER_NAME.fullmatch(name):
        # The value is not shown: it may be a secret that was pasted in the wrong form.
        raise SettingsError(
            f"a header must read 'Name: value'; {name[:40]!r} does not begin one"
            if colon
            else "a header must read 'Name: value'; one has no colon"
        )
    if any((ord(character) < 0x20 and character != "\t") or ord(character) == 0x7F for character in value):
        raise SettingsError(f"the value of the header {name} holds a control character; take it out")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        raise SettingsError(f"the value of the header {name} is not Latin-1; encode it") from None
    return name, value


def parse_base_url(text: str, contract: Contract) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A base URL as people give it, and the headers its user-info stands for.

    One that already ends in an operation's path is understood; query and fragment are refused. Raises SettingsError.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise SettingsError(f"{_masked(text)} is no URL ({error}); give https://host[:port][/path]") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{_masked(text)} is no http(s) URL; give https://host[:port][/path]")
    if parts.query or parts.fragment:
        raise SettingsError(f"{_masked(text)} has a query or a fragment; leave it out")
    if any(ord(character) <= 0x20 or ord(character) == 0x7F for character in text.strip()):
        raise SettingsError("the base URL holds a blank or a control character; percent-encode it")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    try:
        host.encode("ascii") if ":" in parts.hostname else host.encode("idna")
    except UnicodeError:
        raise SettingsError(f"{_masked(text)} has no usable host name; check its labels") from None
    path = parts.path.rstrip("/")
    for operation in contract.operations.values():
        if path.endswith(operation.path.rstrip("/")):
            path = path[: -len(operation.path.rstrip("/"))]
            break
    base = urlunsplit(SplitResult(parts.scheme, host + (f":{port}" if port else ""), path, "", ""))
    return base, _basic(parts.username, parts.password)


def _basic(username: str | None, password: str | None) -> tuple[tuple[str, str], ...]:
    if username is None:
        return ()
    from base64 import b64encode

    pair = f"{unquote(username)}:{unquote(password or '')}".encode()
    return (("Authorization", "Basic " + b64encode(pair).decode("ascii")),)


def _masked(text: str) -> str:
    return repr(re.sub(r"//[^/@]*@", "//***@", text)[:200])
