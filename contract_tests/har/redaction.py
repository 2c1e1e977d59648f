"""What a run was given in confidence, taken out of what is saved as it came: URLs, headers, bodies.

A report shows little of an answer, and Settings.redacted serves it. A recording holds all of it, and is judged again:
so what is no secret must stay as it is, or a body would be broken that was sound.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator
from urllib.parse import quote

from code_contract import Contract
from contract_tests.checks.decoding import MAX_DECODED
from contract_tests.http.exchange import Exchange
from contract_tests.settings import Settings

MIN_SECRET_LENGTH = 8
"""Characters below which a secret is looked for as a word of its own: two letters stand in any base64 by chance."""

_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


class Redactor:
    """Replaces the secrets of a run by their placeholders.

    Text is taken as http.client gives headers, a character a byte (Latin-1). A value that the contract itself prints,
    such as `application/json`, is no secret where a target says it.
    """

    def __init__(self, settings: Settings, contract: Contract) -> None:
        self._given = settings.secret_placeholders
        printed = json.dumps(contract.document, ensure_ascii=False, default=str)
        self._names = {
            form: name for value, name in self._given.items() if value not in printed for form in _encodings(value)
        }
        longest_first = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_token_pattern, longest_first))) if longest_first else None

    def text(self, value: str) -> str:
        """A text, without a secret."""
        return self._pattern.sub(lambda match: self._names[match[0]], value) if self._pattern else value

    def sent(self, value: str) -> str:
        """The value of a header as it was sent: where it is all secret, its placeholder, also of a word in print."""
        return self._given.get(value) or self.text(value)

    def raw(self, value: bytes) -> bytes:
        """Bytes without a secret."""
        return self.text(value.decode("latin-1")).encode("latin-1") if self._pattern else value

    def body(self, exchange: Exchange) -> bytes:
        """A body as on the wire; a coded one that holds a secret is coded again, and breaks off where it broke off."""
        if self._pattern is None:
            return exchange.body
        for window in _windows(exchange):
            inflater = zlib.decompressobj(window)
            try:
                plain = inflater.decompress(exchange.body, MAX_DECODED + 1)
            except zlib.error:
                continue
            if (hidden := self.raw(plain)) != plain:
                deflater = zlib.compressobj(wbits=window)
                coded = deflater.compress(hidden) + deflater.flush()
                return coded + self.raw(inflater.unused_data) if inflater.eof else coded[:-8]
        return self.raw(exchange.body)


def _windows(exchange: Exchange) -> Iterator[int]:
    """The formats of zlib that a body may be in, whatever its head says."""
    if exchange.body[:2] == b"\x1f\x8b":
        yield _GZIP
    elif (exchange.header("content-encoding") or "").strip().lower() == "deflate":
        yield from (_ZLIB, _RAW)


def _token_pattern(form: str) -> str:
    """A pattern for a form of a secret; a short one stands by itself."""
    found = re.escape(form)
    return found if len(form) >= MIN_SECRET_LENGTH else rf"(?<![A-Za-z0-9+/]){found}(?![A-Za-z0-9+/=])"


def _encodings(value: str) -> Iterator[str]:
    """The ways in which a target may send a text back, a character a byte."""
    yield value
    escaped = json.dumps(value)[1:-1]
    coded = base64.b64encode(value.encode()).decode("ascii")
    written = (value, escaped, escaped.replace("/", "\\/"), json.dumps(value, ensure_ascii=False)[1:-1])
    for form in (*written, quote(value), quote(value, safe=""), coded):
        yield form.encode("utf-8").decode("latin-1")
