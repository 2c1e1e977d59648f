"""Client profiles: the requests that real clients send for the same call, over which the samples of a run are spread.

curl, Java, Node.js and Chromium were recorded; the others follow their source code and documentation. A profile adds
only what RFC 9110 lets a client send: unknown headers are ignored, names of headers, media types and charsets are
case-insensitive, a body may be absent without Content-Length. Content codings are limited to those that are read here.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from contract_tests.http.exchange import Request
from contract_tests.settings import Settings

Headers = tuple[tuple[str, str], ...]
_CHARSET = re.compile(r";\s*(charset=[^;]*)", re.IGNORECASE)


@dataclass(frozen=True)
class ClientProfile:
    """The requests of one client.

    Attributes:
        name: The name in reports.
        headers: Headers in the order of the client. A value may refer to the target: its {origin}, {scheme} and {host}.
            {id} and {span} are 32 and 16 hexadecimal digits, others for each sample. `Connection` states the use of the
            connection.
        states_length: True if a request without a body has `Content-Length: 0`.
        charset_prefix: The characters before the charset of the content type, which is then in lower case; None for the
            content type as documented.
        lower_case_names: True if the client sends the names of headers in lower case.
    """

    name: str
    headers: Headers
    states_length: bool = True
    charset_prefix: str | None = None
    lower_case_names: bool = False


_KEPT = ("Connection", "keep-alive")
_ANY = ("Accept", "*/*")
_AXIOS = ("Accept", "application/json, text/plain, */*")
_CODINGS = ("Accept-Encoding", "gzip, deflate")
_CHROMIUM = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
_WEBKIT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) {}"
_SAME_ORIGIN: Headers = (
    ("Origin", "{origin}"),
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
    ("Referer", "{origin}/"),
)


def _chromium(brand: str, languages: str, *own: tuple[str, str], suffix: str = "") -> Headers:
    return (
        _KEPT,
        ("sec-ch-ua-platform", '"Windows"'),
        ("User-Agent", _CHROMIUM.format("Windows NT 10.0; Win64; x64") + suffix),
        ("sec-ch-ua", f'"Chromium";v="142", "{brand}";v="142", "Not_A Brand";v="99"'),
        ("sec-ch-ua-mobile", "?0"),
        *own,
        *_SAME_ORIGIN,
        _CODINGS,
        ("Accept-Language", languages),
    )


PROFILES = (
    ClientProfile("curl", (("User-Agent", "curl/8.14.1"), _ANY), states_length=False),
    ClientProfile("fetch in Chrome", _chromium("Google Chrome", "zh-CN,zh;q=0.9,en;q=0.8", _ANY)),
    ClientProfile("axios in Chrome", _chromium("Google Chrome", "en-US,en;q=0.9", _AXIOS), charset_prefix=""),
    ClientProfile(
        "OkHttp",
        (("Connection", "Keep-Alive"), ("Accept-Encoding", "gzip"), ("User-Agent", "okhttp/4.12.0")),
        charset_prefix=" ",
    ),
    ClientProfile(
        "Java HttpURLConnection",
        (("User-Agent", "Java/17.0.15"), ("Accept", "text/html, image/gif, image/jpeg, */*; q=0.2"), _KEPT),
        states_length=False,
    ),
    ClientProfile(
        "a gateway",
        (
            ("X-Forwarded-For", "203.0.113.7, 198.51.100.23"),
            ("X-Forwarded-Proto", "{scheme}"),
            ("X-Forwarded-Host", "{host}"),
            ("X-Real-IP", "203.0.113.7"),
            ("Via", "1.1 gateway.example"),
            ("X-Request-ID", "{id}"),
            ("traceparent", "00-{id}-{span}-01"),
            ("tracestate", "gateway={span}"),
            ("User-Agent", _CHROMIUM.format("Macintosh; Intel Mac OS X 10_15_7")),
            _ANY,
            ("Accept-Encoding", "gzip"),
            ("Accept-Language", "zh-TW,zh;q=0.9,ja;q=0.8"),
        ),
    ),
    ClientProfile(
        "a WeChat mini program",
        (
            _KEPT,
            ("charset", "utf-8"),
            (
                "User-Agent",
                _WEBKIT.format("Mobile/15E148 MicroMessenger/8.0.60(0x18003c31) NetType/WIFI Language/zh_CN"),
            ),
            _ANY,
            ("Accept-Encoding", "gzip,deflate"),
            ("Referer", "https://servicewechat.com/wx1234567890abcdef/1/page-frame.html"),
        ),
    ),
    ClientProfile(
        "axios in Node.js",
        (_AXIOS, ("User-Agent", "axios/1.13.2"), _CODINGS, ("Connection", "close")),
        charset_prefix=" ",
    ),
    ClientProfile(
        "XMLHttpRequest in Edge",
        _chromium(
            "Microsoft Edge",
            "de-DE,de;q=0.9,en-GB;q=0.8,en;q=0.7",
            ("Accept", "application/json, text/javascript, */*; q=0.01"),
            ("X-Requested-With", "XMLHttpRequest"),
            suffix=" Edg/142.0.0.0",
        ),
    ),
    ClientProfile(
        "fetch in Firefox",
        (
            ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"),
            _ANY,
            ("Accept-Language", "fr,fr-FR;q=0.8,en-US;q=0.5,en;q=0.3"),
            _CODINGS,
            *_SAME_ORIGIN,
            _KEPT,
        ),
    ),
    ClientProfile(
        "fetch in Safari",
        (
            _ANY,
            *_SAME_ORIGIN,
            ("User-Agent", _WEBKIT.format("Version/18.6 Mobile/15E148 Safari/604.1")),
            ("Accept-Language", "ja-JP,ja;q=0.9"),
            _CODINGS,
            _KEPT,
        ),
    ),
    ClientProfile(
        "fetch in Node.js",
        (_KEPT, _ANY, ("Accept-Language", "*"), ("Sec-Fetch-Mode", "cors"), ("User-Agent", "node"), _CODINGS),
        lower_case_names=True,
    ),
)
"""Every client profile. The first ones are those of the first samples."""


def profiled(request: Request, index: int, settings: Settings) -> Request:
    """Return a baseline request as the client of a sample sends it.

    Headers of the contract and of the settings replace those of the profile. Every N samples have each of the N
    profiles once, each time in another order, so that a defect of every Nth request is not taken for one of a profile.

    Args:
        request: The baseline request.
        index: The index of the sample.
        settings: The settings of the run.
    """
    profile = PROFILES[_order(index // len(PROFILES))[index % len(PROFILES)]]
    given = {name.lower() for name, _ in settings.headers}
    documented = {name.lower() for name, _ in request.headers}
    target = urlsplit(request.url)
    values = _values(target, random.Random(index))
    headers = [
        (name.lower() if profile.lower_case_names else name, value.format_map(values))
        for name, value in profile.headers
        if name.lower() not in documented and _is_sent(name, request.method, target)
    ]
    headers += [pair if pair[0].lower() in given else _spelled(*pair, profile) for pair in request.headers]
    takes_body = request.method in ("PATCH", "POST", "PUT")
    body = b"" if request.body is None and profile.states_length and takes_body else request.body
    return replace(request, headers=tuple(headers), body=body, client=profile.name)


@lru_cache
def _order(turn: int) -> list[int]:
    every = range(len(PROFILES))
    return random.Random(turn).sample(every, len(every)) if turn else list(every)


def _values(target: SplitResult, ids: random.Random) -> dict[str, str]:
    name = target.hostname or ""
    # As browsers serialize an origin: in ASCII, without the default port (RFC 6454 §6.2).
    host = f"[{name}]" if ":" in name else name.encode("idna").decode("ascii")
    if target.port not in (None, 443 if target.scheme == "https" else 80):
        host += f":{target.port}"
    own = {"origin": f"{target.scheme}://{host}", "scheme": target.scheme, "host": host}
    return own | {"id": f"{ids.getrandbits(128):032x}", "span": f"{ids.getrandbits(64):016x}"}


def _is_sent(name: str, method: str, target: SplitResult) -> bool:
    """True if browsers send the header: Sec- to trustworthy URLs (W3C Secure Contexts §3.1), Origin not with GET."""
    if name == "Origin":
        return method not in ("GET", "HEAD")
    is_local = target.hostname == "localhost" or (target.hostname or "").startswith(("127.", "::1"))
    return not name.lower().startswith("sec-") or target.scheme == "https" or is_local


def _spelled(name: str, value: str, profile: ClientProfile) -> tuple[str, str]:
    if profile.charset_prefix is not None and name.lower() == "content-type":
        value = _CHARSET.sub(lambda found: f";{profile.charset_prefix}{found[1].lower()}", value)
    return (name.lower() if profile.lower_case_names else name), value
