"""Replacement of secrets in every output: reports, messages and recordings."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

MIN_EMBEDDED_LENGTH = 6
"""Characters of the shortest secret that is replaced inside a word; base64 contains shorter ones by chance."""

MIN_PREFIX_LENGTH = 4
"""Characters of the shortest beginning of a secret that is replaced at the end of truncated text."""

ELLIPSIS = "…"


class Redactor:
    """Replaces secrets, in every encoding in which a target may return them, by placeholders.

    Args:
        secrets: The placeholder of every secret.
        public: Text whose parts are not secrets, such as the contract, which may print the value of a header.
    """

    def __init__(self, secrets: Mapping[str, str], public: str = "") -> None:
        self._secrets = secrets
        self._placeholders = {
            form: name for value, name in secrets.items() if value not in public for form in _encodings(value)
        }
        longest_first = sorted(self._placeholders, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_pattern, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """Return text without secrets, also without one that was truncated to its beginning and an ellipsis."""
        if self._pattern is None:
            return text
        *truncated, rest = self._pattern.sub(lambda match: self._placeholders[match[0]], text).split(ELLIPSIS)
        return ELLIPSIS.join([*map(self._redact_end, truncated), rest])

    def header_value(self, value: str) -> str:
        """Return the value of a request header without secrets; a secret value is replaced even if it is public."""
        return self._secrets.get(value) or self.text(value)

    def raw(self, data: bytes) -> bytes:
        """Return bytes without secrets."""
        return self.text(data.decode("latin-1")).encode("latin-1") if self._pattern else data

    def _redact_end(self, text: str) -> str:
        length, placeholder = max((_overlap(text, form), name) for form, name in self._placeholders.items())
        return text[: len(text) - length] + placeholder if length else text


def _overlap(text: str, secret: str) -> int:
    """Return the length of the longest beginning of the secret that ends the text, 0 if it is too short."""
    lengths = range(min(len(secret) - 1, len(text)), MIN_PREFIX_LENGTH - 1, -1)
    return next((length for length in lengths if text.endswith(secret[:length])), 0)


def _pattern(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) >= MIN_EMBEDDED_LENGTH else rf"(?<![A-Za-z0-9+/]){escaped}(?![A-Za-z0-9+/=])"


def _encodings(value: str) -> Iterator[str]:
    """Yield the forms of a secret, as text and as bytes of UTF-8 decoded as Latin-1 (see `Redactor.raw`)."""
    escaped = json.dumps(value)[1:-1]
    encoded = base64.b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")
    forms = (value, escaped, escaped.replace("/", "\\/"), json.dumps(value, ensure_ascii=False)[1:-1])
    for form in (*forms, quote(value, errors="replace"), quote(value, safe="", errors="replace"), encoded):
        yield form
        yield form.encode("utf-8", "surrogatepass").decode("latin-1")
