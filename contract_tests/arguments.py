"""Values of options as users type them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from code_contract import Contract
from code_contract.examples import HEADER_NAME
from contract_tests.options import SettingsError

RATED_REQUESTS = 100
"""Requests of an operation, about, that a run with a rate has time for."""

Pairs = tuple[tuple[str, str], ...]


def parse_header(text: str) -> tuple[str, str]:
    """Parse a header given as `Name: value` (RFC 9110 §5). Raises SettingsError if it is malformed."""
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not HEADER_NAME.fullmatch(name):
        # Nothing is quoted: it may be a secret that was pasted in the wrong form.
        problem = "a header has an invalid name" if colon else "a header has no colon"
        raise SettingsError(f"{problem}; write 'Name: value'")
    check_field_value(value, f"the value of the header {name}")
    return name, value


def check_field_value(value: str, label: str) -> None:
    """Check a text that is sent in a header (RFC 9110 §5.5). The message does not quote it: it may be a secret.

    Args:
        value: The text.
        label: The name of the text in the message.

    Raises:
        SettingsError: It cannot be sent.
    """
    if any((ord(character) < 0x20 and character != "\t") or ord(character) == 0x7F for character in value):
        raise SettingsError(f"{label} contains a control character, such as a line break; remove it")
    if value != value.strip():
        raise SettingsError(f"{label} begins or ends with a space; remove it")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise SettingsError(f"{label} is not valid UTF-8; encode it as UTF-8")


def parse_values(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the names and values of `--set NAME=VALUE`. Raises SettingsError if one is malformed."""
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise SettingsError(f"--set {text[:40]!r} names no value; write NAME=VALUE, such as petId=42")
        yield name, value


def parse_auth(texts: Iterable[str], contract: Contract) -> Iterator[tuple[str, str]]:
    """Yield the scheme, "" for any, and the credentials of `--auth [SCHEME=]CREDENTIALS`.

    A text before "=" that is not the name of a security scheme belongs to the credentials.

    Raises:
        SettingsError: The credentials are empty or cannot be sent in a header.
    """
    schemes = contract.resolved.get("components", {}).get("securitySchemes", {})
    for text in texts:
        name, equals, value = text.partition("=")
        scheme, secret = (name, value) if equals and name in schemes else ("", text)
        if not secret:
            raise SettingsError("--auth has no credentials; write a token, an API key or USER:PASSWORD")
        check_field_value(secret, "the credentials of --auth")
        yield scheme, secret


def first(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Return the pairs without those that repeat a name."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return tuple(found.items())


def deadline(least: float, contract: Contract, rate: float | None) -> float:
    """Return the default time limit of all requests in seconds: more for each operation, and for a low rate.

    Args:
        least: That of one operation without a rate.
        contract: The contract.
        rate: Maximum number of requests a second, None for no limit.
    """
    operations = max(1, len(contract.operations))
    waiting = operations * RATED_REQUESTS / rate if rate and rate > 0 else 0.0
    return min(least + operations - 1 + waiting, 86_400)
