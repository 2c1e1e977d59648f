"""The redactor: every spelling of a secret, its parts and its pieces, and nothing else."""

from __future__ import annotations

import base64
import html
import itertools
import json
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus
from xml.sax import saxutils

import pytest

from contract_tests.redaction import Redactor
from contract_tests.settings import Settings

PLAIN = "p\"a/s s密<&'x9"


def each_character(write: Callable[[str], str]) -> str:
    return "".join(map(write, PLAIN))


def in_base64(before: int, encode: Callable[[bytes], bytes] = base64.b64encode) -> str:
    return encode(b"x" * before + PLAIN.encode() + b"tail").decode().rstrip("=")


SPELLINGS = {
    "plain": PLAIN,
    "upper case": PLAIN.upper(),
    "JSON": json.dumps(PLAIN),
    "JSON, not in ASCII": json.dumps(PLAIN, ensure_ascii=False),
    "JSON with solidus": json.dumps(PLAIN).replace("/", "\\/"),
    "JSON in JSON": json.dumps(json.dumps(PLAIN)),
    "JSON, all escaped": each_character(lambda c: f"\\u{ord(c):04x}"),
    "JSON, all escaped, upper case": each_character(lambda c: f"\\u{ord(c):04X}"),
    "percent": quote(PLAIN, safe=""),
    "percent, lower case": quote(PLAIN, safe="").lower(),
    "percent, path": quote(PLAIN),
    "percent, all": "".join(f"%{byte:02x}" for byte in PLAIN.encode()),
    "percent, form": quote_plus(PLAIN),
    "percent, twice": quote(quote(PLAIN, safe=""), safe=""),
    "HTML": html.escape(PLAIN),
    "HTML, named": "p&quot;a&sol;s s密&lt;&amp;&apos;x9",
    "HTML, decimal": each_character(lambda c: f"&#{ord(c)};"),
    "HTML, hexadecimal": each_character(lambda c: f"&#X{ord(c):x};"),
    "HTML in JSON": json.dumps(html.escape(PLAIN)),
    "XML in percent": quote(saxutils.quoteattr(PLAIN)),
    "repr": repr(PLAIN),
    "repr of bytes": repr(PLAIN.encode()),
    "Latin-1": PLAIN.encode().decode("latin-1"),
    "hexadecimal": PLAIN.encode().hex(),
    "hexadecimal, upper case": PLAIN.encode().hex().upper(),
    "hexadecimal, spaced": PLAIN.encode().hex(" "),
    "hexadecimal, with colons": PLAIN.encode().hex(":").upper(),
    "list of bytes": str(list(PLAIN.encode())),
    "JSON list of bytes": json.dumps(list(PLAIN.encode()), separators=(",", ":")),
    "octal": "".join(f"\\{byte:03o}" for byte in PLAIN.encode()),
    "escape() of JavaScript": each_character(lambda c: f"%u{ord(c):04x}"),
    "mixed": "".join(f(c) for f, c in zip(itertools.cycle([lambda c: f"&#{ord(c)};", lambda c: f"\\u{ord(c):04x}", quote]), PLAIN)),
    "base64": base64.b64encode(PLAIN.encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(PLAIN.encode()).decode(),
    "base64 of JSON": base64.b64encode(json.dumps({"a": PLAIN}).encode()).decode(),
    "base64 in percent": quote(base64.b64encode(PLAIN.encode()).decode(), safe=""),
    **{f"base64 after {n}": in_base64(n) for n in range(4)},
    **{f"base64 for URLs after {n}": in_base64(n, base64.urlsafe_b64encode) for n in range(4)},
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_secret_is_redacted_in_every_spelling(name: str) -> None:
    """A spelling is replaced by the placeholder, in text and in bytes; the text beside it stays."""
    spelled = SPELLINGS[name]
    redactor = Redactor({PLAIN: "$A"})
    exact = {"JSON": '"$A"', "JSON, not in ASCII": '"$A"', "base64": "$A", "base64 for URLs": "$A", "plain": "$A"}
    text = f"before {spelled} after"
    redacted = redactor.text(text)
    assert "$A" in redacted
    assert redacted.startswith("before ")
    assert redacted.endswith(" after")
    assert redacted == f"before {exact.get(name, redacted[7:-6])} after"
    assert len(redacted) < len("before  after") + 40
    assert redactor.raw(text.encode()).decode() == redacted
    assert redactor.text(redacted) == redacted


@pytest.mark.parametrize("length", [4, 5, 6, 7, 8, 12])
def test_short_secrets_are_redacted(length: int) -> None:
    """A secret of 4 bytes is redacted as a word, one of 6 anywhere."""
    secret = "q7Zx_Kw-9mPv"[:length]
    redactor = Redactor({secret: "$A"})
    assert redactor.text(f"({secret})") == "($A)"
    assert (redactor.text(f"x{secret}y") == "x$Ay") == (length >= 6)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("abc", "abc"),
        ("abcd abcde xabcd abcd=", "$B abcde xabcd $B="),
        ("public", "public"),
        ("a https://example.com/ and application/json", "a https://example.com/ and application/json"),
        ("https://example.com/hook", "$D"),
    ],
    ids=["too short", "words", "public", "ordinary words", "as a whole"],
)
def test_other_text_is_not_redacted(text: str, redacted: str) -> None:
    """Values too short, public values, and pieces of values that consist of ordinary words stay."""
    secrets = {"abcd": "$B", "abc": "$A", "public": "$C", "https://example.com/hook": "$D"}
    assert Redactor(secrets, public="this is public", whole={"https://example.com/hook"}).text(text) == redacted


LONG = "Zq3vN8wK2xR7tB5mY9cF4hJ6pL1sD0gA"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"token {LONG[:8]}", "token $A"),
        (f"token {LONG[:20]}...", "token $A..."),
        (f"token {LONG[:4]}… and {LONG[:5]}...", "token $A… and $A..."),
        (f"token {LONG[:3]}…", f"token {LONG[:3]}…"),
        (f"…{LONG[-8:]}", "…$A"),
        (f"…{LONG[7:23]}…", "…$A…"),
        (quote(LONG.encode().hex()[:20]), "$A"),
    ],
)
def test_a_piece_of_a_secret_is_redacted(text: str, redacted: str) -> None:
    """A target that truncates what it returns leaves no piece of a secret from which it could be guessed."""
    assert Redactor({LONG: "$A"}).text(text) == redacted


PARTS = {
    "a token": ("Authorization", f"Bearer {LONG}", [LONG]),
    "a token with padding": ("Authorization", f"Bearer {LONG}==", [LONG]),
    "a token of 7 characters": ("Authorization", "Token q7Zx_Kw", ["q7Zx_Kw"]),
    "user and password": ("Authorization", "Basic " + base64.b64encode(f"someone:{LONG}".encode()).decode(), [LONG, "someone", quote(LONG)]),
    "cookies": ("Cookie", f'theme=dark-mode; session="{LONG}"; csrf=c5rf-t0ken', [LONG, "c5rf-t0ken", "dark-mode"]),
    "Digest": ("Authorization", f'Digest username="someone", realm="r", uri="/code", response="{LONG}", cnonce="0a4f113b"', [LONG, "someone", "0a4f113b"]),
    "a signature": ("Authorization", f"AWS4-HMAC-SHA256 Credential=AKIA123/x, SignedHeaders=host, Signature={LONG}", [LONG, "AKIA123/x"]),
    "an own scheme in an own header": ("X-Auth", f"Token {LONG}", [LONG]),
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
def test_the_parts_of_a_secret_are_redacted(name: str) -> None:
    """Token, user, password, cookies and parameters of credentials are secrets of their own."""
    header, value, parts = PARTS[name]
    settings = Settings("http://x", headers=((header, value),))
    for part in (value, *parts):
        assert settings.redact(f"<{part}>") in (
            f"<$CODE_{header.upper().replace('-', '_')}>",
            f"<{part.split()[0]} $CODE_{header.upper().replace('-', '_')}>",
        )
    assert settings.redact("POST /code host Digest Bearer realm") == "POST /code host Digest Bearer realm"


@pytest.mark.parametrize("unit", ["abc ", "%41", "&amp;", "\\\\", "%2525", "Zq3vN8wK", "\\u0041&#65;%41"])
def test_redaction_takes_little_time(unit: str) -> None:
    """A megabyte of hostile text is redacted in seconds."""
    redactor = Redactor({f"{each}{LONG}": "$A" for each in range(4)})
    begun = time.monotonic()
    redactor.raw((unit * (1_000_000 // len(unit))).encode())
    assert time.monotonic() - begun < 8
