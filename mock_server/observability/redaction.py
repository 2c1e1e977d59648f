"""The one redactor of the mock: masks the values of names that sound secret.

A request is redacted before it becomes a journal entry, so the journal holds no secret that could be logged or shown.
The core caches the redacted headers and bodies of equal requests.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_plus

from mock_server.observability.secret_names import MAX_NAME_CHARS, is_naming, name_pattern, words

MASK = "***"
MAX_BODY_CHARS, MAX_HEADER_CHARS = 4096, 512
"""Characters kept of a request body, and of a header or query value."""
_MAX_NESTING = 3
"""Levels of JSON inside strings of JSON, and of percent-encoding, that are decoded."""
MAX_JSON_BYTES = 64 * 1024
"""Bytes of JSON that are parsed; longer JSON is treated as other text."""
_MAX_LISTED_NAME = 64
_CACHE_SIZE, _MAX_CACHED_CHARS = 1024, 256
_FORM = re.compile(r"[\w.\-\[\]%+$@:!*~()']*(?:=[^&\s]*)?(?:&[\w.\-\[\]%+$@:!*~()']*(?:=[^&\s]*)?)*")
_FORM_FIELD = re.compile(r"([^&=]*)(=?)([^&]*)")
_QUERY = re.compile(r"[^\s?#&;=\"'<>]{1,200}=[^\s?#\"'<>]*[&;][^\s?#\"'<>]*")
_SEGMENT, _RANDOM = re.compile(r"[\w.%-]{1,64}"), re.compile(r"(?=[^?#&\s\"'<>\d]*\d)[^?#&\s\"'<>]{8,}")
# `name=value`, `name: value`, "name": "value": in a URL, in a log line, in a piece of JSON.
_NAME = re.compile(r"(?<![\w.\-\[\]%+])([\w.\-\[\]%+]+)\\?[\"']?\s{0,4}[=:]\s{0,4}")
_VALUE = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|(?:(?:bearer|basic|digest|token|negotiate)\s+)?[^\s&\"]*",
    re.IGNORECASE | re.DOTALL,
)
# Secrets that are known by their form: credentials of a URL, of an Authorization header, a JWT, a private key.
_FORMS = re.compile(
    r"(?<=://)[^\s/?#]{1,512}(?=@)|(?<=\bbearer )\s*[\w.~+/=-]{8,}|(?<=\bbasic )\s*[\w+/=-]{8,}"
    r"|(?<=\bdigest )\s*\w+\s*=.*|\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?|-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----.*",
    re.I | re.S,
)


class Redactor:
    """Masks secrets by their name, and the few that have a form of their own.

    Args:
        names: Further names of secrets, in any style: "cardNumber" is "card_number" too.
        max_body_chars: Characters kept of a body.
    """

    def __init__(self, names: Iterable[str] = (), max_body_chars: int = MAX_BODY_CHARS) -> None:
        self.names = tuple(names)
        # Of a text, four times as much is searched; what follows is neither shown nor kept.
        self._max_body, self._max_text = max_body_chars, 4 * max_body_chars
        self._pattern = name_pattern(self.names)
        self._cached_is_secret = lru_cache(_CACHE_SIZE)(self._matches)
        self._cached_text = lru_cache(_CACHE_SIZE)(self.text)

    def is_secret(self, name: str) -> bool:
        """Return True if a name is that of a secret, such as "Authorization" or "user[accessToken]"."""
        return (self._cached_is_secret if len(name) <= MAX_NAME_CHARS else self._matches)(name)

    def query(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """As `pairs`; if one is the name of a secret, as in name=password&value=x, the others are masked."""
        found = list(pairs)
        named = self._names_other(found)
        return self.pairs((name, MASK if named and not is_naming(name, value) else value) for name, value in found)

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return headers with secrets masked and long values truncated.

        Args:
            pairs: Names and values, in order.
        """
        return [(name, MASK if self.is_secret(name) else self._header_value(value)) for name, value in pairs]

    def text(self, text: str, nesting: int = _MAX_NESTING) -> str:
        """Return a value with the secrets in it masked: in JSON, a URL, a list of cookies, a log line."""
        cut = text[: self._max_text]
        if nesting and cut.lstrip()[:1] in ("{", "["):
            try:
                parsed = _parse(text)
                masked = self._masked(parsed, nesting - 1)
                return cut if masked == parsed else json.dumps(masked, ensure_ascii=False)
            except ValueError:
                pass
            except RecursionError:
                return MASK
        masked_text = _FORMS.sub(MASK, self._mask_named(self._mask_queries(self._mask_segments(cut))))
        decoded = unquote_plus(masked_text) if "%" in masked_text else masked_text
        if nesting and decoded != masked_text:
            inner = self.text(decoded, nesting - 1)
            if inner != decoded:
                return inner
        return masked_text

    def path(self, path: str, parameters: Iterable[tuple[str, str]] = ()) -> str:
        """Return a path with secrets masked, those of its parameters too."""
        secret = {value for name, value in parameters if self.is_secret(name)}
        return "/".join(MASK if part in secret else part for part in self.text(path).split("/"))

    def _mask_segments(self, text: str) -> str:
        """Mask the segment of a path after the name of a secret, if it looks random: /token/4711abcd."""
        parts = text.split("/")
        for at, (before, part) in enumerate(pairwise(parts), 1):
            if _SEGMENT.fullmatch(before) and (random := _RANDOM.match(part)) and self.is_secret(unquote_plus(before)):
                parts[at] = MASK + part[random.end() :]
        return "/".join(parts)

    def value(self, value: Any) -> Any:
        """Return a copy of a JSON value with secrets masked."""
        return self._masked(value, _MAX_NESTING)

    def hides(self, document: Any, path: Iterable[str | int]) -> bool:
        """Return True if the value at a path in a JSON document is, or contains, a secret."""
        try:
            masked = self.value(document)
            for step in path:
                if masked == MASK:
                    return True
                document, masked = document[step], masked[step]
            return bool(document != masked)
        except RecursionError:
            return True

    def body(self, body: bytes) -> str:
        """Return a body as text, truncated, with secrets masked.

        JSON and forms are masked value by value. In any other text a secret cannot be located: if it contains the name
        of one, all of it is masked.

        Args:
            body: The bytes of the body.
        """
        if not body:
            return ""
        text = body[: self._max_text].decode("utf-8", "backslashreplace")
        try:
            parsed = _parse(body)
            masked = self.value(parsed)
            shown = text if masked == parsed and "\0" not in text else json.dumps(masked, ensure_ascii=False)
        except ValueError:
            shown = self._unparsed(text, body)
        except RecursionError:
            shown = MASK
        return _truncate(shown, self._max_body, len(body))

    def _header_value(self, value: str) -> str:
        masked = (self._cached_text if len(value) <= _MAX_CACHED_CHARS else self.text)(value)
        return _truncate(masked, MAX_HEADER_CHARS, len(value))

    def _unparsed(self, text: str, body: bytes) -> str:
        if "=" in text and _FORM.fullmatch(text):
            return _FORM_FIELD.sub(self._mask_field, self._mask_other(text))
        # UTF-16 shows as text with NUL between the letters. Chinese clients send GBK too.
        other = body[: self._max_text].replace(b"\0", b"").decode("gb18030", "ignore")
        compressed = body.startswith(b"\x1f\x8b")
        return MASK if compressed or any(map(self._names_secret, (text, other))) else self.text(text, 0)

    def _names_secret(self, text: str) -> bool:
        """True if a text contains the name of a secret, in any of the ways that formats encode names."""
        plain = re.sub(r"\\[ux]00([0-9a-fA-F]{2})", r"%\1", html.unescape(text))
        parts = (plain, unquote_plus(plain))
        return any(self._matches(part[at : at + MAX_NAME_CHARS]) for part in parts for at in range(0, len(part), 100))

    def _matches(self, name: str) -> bool:
        # As it is written, and by its humps: `pAsSwOrD` and `userPassword`.
        return self._pattern.search(words(name)) is not None or self._pattern.search(words(name.lower())) is not None

    def _masked(self, value: Any, nesting: int) -> Any:
        if isinstance(value, dict):
            named = self._names_other(value.items())
            return {
                name: MASK if self.is_secret(name) or (named and not is_naming(name)) else self._masked(each, nesting)
                for name, each in value.items()
            }
        if isinstance(value, list):
            return self._masked_list(value, nesting)
        return self.text(value, nesting) if isinstance(value, str) and len(value) > 3 else value

    def _names_other(self, pairs: Iterable[tuple[str, Any]]) -> bool:
        """True if the value of a pair is the name of a secret, or a list with one, which another pair has."""
        return any(
            isinstance(each, str) and self.is_secret(each)
            for name, value in pairs
            if is_naming(name)
            for each in (value if isinstance(value, list) else (value,))
        )

    def _mask_queries(self, text: str) -> str:
        return _QUERY.sub(lambda found: self._mask_other(found[0]), text) if "&" in text or ";" in text else text

    def _mask_other(self, form: str) -> str:
        """Mask the values of a form that has the name of a secret as a value."""
        fields = [(unquote_plus(found[1]), unquote_plus(found[3])) for found in _FORM_FIELD.finditer(form)]
        if not self._names_other(fields):
            return form

        def mask(found: re.Match[str]) -> str:
            name, sign, value = found.groups()
            return f"{name}{sign}{MASK if value and not is_naming(unquote_plus(name), value) else value}"

        return _FORM_FIELD.sub(mask, form)

    def _masked_list(self, values: Sequence[Any], nesting: int) -> list[Any]:
        """Of [name, value] and [name, value, name, value]: a value follows its name."""
        found: list[Any] = []
        for before, value in zip((None, *values), values, strict=False):
            follows = isinstance(before, str) and len(before) <= _MAX_LISTED_NAME and self.is_secret(before)
            found.append(MASK if follows else self._masked(value, nesting))
        return found

    def _mask_named(self, text: str) -> str:
        shown, end = "", 0
        for found in _NAME.finditer(text):
            if found.start() >= end and self.is_secret(unquote_plus(found[1])):
                value = _VALUE.match(text, found.end())
                if value and value[0]:
                    shown, end = f"{shown}{text[end : found.end()]}{MASK}", value.end()
        return shown + text[end:]

    def _mask_field(self, found: re.Match[str]) -> str:
        name, sign, value = found.groups()
        if self.is_secret(unquote_plus(name)):
            return f"{name}{sign}{MASK if value else ''}"
        plain = unquote_plus(value)
        masked = self.text(plain)
        return f"{name}{sign}{value if masked == plain else masked}"


def _parse(text: str | bytes) -> Any:
    """The JSON value of a text. Raises ValueError if it has none, or one that is too long or hides a repeated name."""
    if len(text) > MAX_JSON_BYTES:
        raise ValueError
    return json.loads(text, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError
    return found


def _truncate(text: str, limit: int, size: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… (truncated from {size})"
