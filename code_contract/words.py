"""Words: realistic texts and ranges of numbers, by format and by the name of a field."""

from __future__ import annotations

import base64
import random
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""The time of values that are the same on every run."""

_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "lagoon", "maple", "orchid", "river")
_FIRST = ("Ada", "Alan", "Barbara", "Dennis", "Edith", "Grace", "Hedy", "Ken", "Lin", "Margaret", "Mei", "Tim")
_LAST = (
    "Chen",
    "Clarke",
    "Hamilton",
    "Hopper",
    "Kahn",
    "Liskov",
    "Lovelace",
    "Noether",
    "Ritchie",
    "Turing",
    "Wang",
    "Wilson",
)
_CITIES = ("Amsterdam", "Beijing", "Berlin", "Lisbon", "Nairobi", "Osaka", "Porto", "Shanghai", "Toronto", "Valencia")
_COUNTRIES = ("Canada", "China", "Germany", "Japan", "Kenya", "Netherlands", "Portugal", "Spain")
_CODES = ("CA", "CN", "DE", "JP", "KE", "NL", "PT", "ES")


_DAYS: tuple[tuple[str, tuple[int, int]], ...] = (
    (r"birth(day|date)?|born|dob", (-18_000, -7_000)),
    (r"expir\w+|expires?|due|deadline|until|end|ends|next|scheduled|renews?|renewal|eta|estimated", (1, 30)),
    (r"creat\w+|add(ed)?|start(s|ed)?|begins?|opened|registered|joined|issued|ordered|submitted|since", (-30, -16)),
    (r"updated?|modified|changed|edited|last|latest|closed|completed|finished|ended|deleted|resolved|merged", (-5, 0)),
)
"""Days between now and a time whose name has one of these words."""
_OTHER_DAYS = (-15, -6)


@lru_cache(maxsize=4096)
def _days(name: str) -> tuple[int, int]:
    words = f"_{_snake(name)}_"
    return next((days for pattern, days in _DAYS if re.search(rf"_(?:{pattern})_", words)), _OTHER_DAYS)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[-64:]).lower().replace("-", "_")


class Source(NamedTuple):
    """The source of a text: random numbers, the time that it is relative to, and the name of the field."""

    rng: random.Random
    now: datetime = EPOCH
    name: str = ""

    def word(self) -> str:
        """Return a word."""
        return self.rng.choice(_WORDS)

    def words(self, count: int) -> str:
        """Return words with a capital at the start."""
        return " ".join(self.rng.sample(_WORDS, count)).capitalize()

    def moment(self) -> datetime:
        """Return a time by the name of the field: what is created is older than its update, what expires is to come."""
        first, last = _days(self.name)
        return self.now + timedelta(seconds=self.rng.randrange(first * 86_400, last * 86_400 + 1))

    def host(self) -> str:
        """Return a reserved host name (RFC 2606)."""
        return f"{self.word()}.example.com"

    def uri(self) -> str:
        """Return an absolute URI."""
        return f"https://{self.host()}/{self.word()}"

    def hex(self, digits: int) -> str:
        """Return hexadecimal digits."""
        return f"{self.rng.getrandbits(4 * digits):0{digits}x}"

    def person(self) -> str:
        """Return a first and a last name."""
        return f"{self.rng.choice(_FIRST)} {self.rng.choice(_LAST)}"

    def phone(self) -> str:
        """Return a fictitious telephone number (E.164)."""
        return f"+1202555{self.rng.randrange(100, 200):04}"

    def ipv4(self) -> str:
        """Return an address for documentation (RFC 5737)."""
        return f"192.0.2.{self.rng.randrange(1, 255)}"


_FORMATS: dict[str, Callable[[Source], str]] = {
    "date-time": lambda s: s.moment().strftime("%Y-%m-%dT%H:%M:%SZ"),
    "date": lambda s: s.moment().strftime("%Y-%m-%d"),
    "time": lambda s: s.moment().strftime("%H:%M:%SZ"),
    "duration": lambda s: f"PT{s.rng.randrange(1, 60)}M",
    "uuid": lambda s: str(uuid.UUID(int=s.rng.getrandbits(128), version=4)),
    "email": lambda s: f"{s.rng.choice(_FIRST).lower()}@{s.host()}",
    "uri": Source.uri,
    "uri-template": lambda s: f"{s.uri()}/{{id}}",
    "hostname": Source.host,
    "ipv4": Source.ipv4,
    "ipv6": lambda s: f"2001:db8::{s.rng.randrange(1, 65536):x}",
    "cidr": lambda s: f"192.0.2.{s.rng.randrange(0, 16) * 16}/28",
    "mac": lambda s: ":".join(s.hex(2) for _ in range(6)),
    "byte": lambda s: base64.b64encode(s.words(2).encode()).decode(),
    "password": lambda s: f"{s.words(1)}-{s.rng.randrange(1000, 9999)}",
    "json-pointer": lambda s: f"/{s.word()}",
    "relative-json-pointer": lambda s: f"0/{s.word()}",
    "regex": lambda s: f"^{s.word()}$",
    "phone": Source.phone,
    "int64": lambda s: str(s.rng.randrange(1, 10_000)),
    "decimal": lambda s: f"{s.rng.randrange(100, 50_000) / 100:.2f}",
}
_ALIASES = {
    **dict.fromkeys(("idn-email",), "email"),
    **dict.fromkeys(("url", "iri", "uri-reference", "iri-reference", "link"), "uri"),
    **dict.fromkeys(("idn-hostname", "host", "fqdn"), "hostname"),
    **dict.fromkeys(("base64", "base64url"), "byte"),
    **dict.fromkeys(("guid", "uuid4"), "uuid"),
    **dict.fromkeys(("ip", "ip-address"), "ipv4"),
    **dict.fromkeys(("datetime", "timestamp"), "date-time"),
    **dict.fromkeys(("phone-number",), "phone"),
    **dict.fromkeys(("int32", "integer", "uint64", "uint32"), "int64"),
    **dict.fromkeys(("double", "float", "number", "money"), "decimal"),
}


def formatted(name: str, source: Source) -> str | None:
    """Return a text in a format of JSON Schema or OpenAPI, by the name of the field; None if the format is unknown."""
    make = _FORMATS.get(_ALIASES.get(name, name))
    return make(source) if make else None


_TEXTS: tuple[tuple[str, Callable[[Source], str]], ...] = (
    (r"e?mail|email_address", _FORMATS["email"]),
    (r"ur[il]|href|link|website|homepage|avatar|image|photo|picture|logo|icon", Source.uri),
    (r"uuid|guid", _FORMATS["uuid"]),
    (r"first_name|given_name|firstname", lambda s: s.rng.choice(_FIRST)),
    (r"last_name|family_name|surname|lastname", lambda s: s.rng.choice(_LAST)),
    (r"(full|display|real|contact|customer|owner|author|user)_name|author|owner|person", Source.person),
    (r"user_?name|login|user|nick_?name|handle", lambda s: f"{s.rng.choice(_FIRST).lower()}{s.rng.randrange(10, 99)}"),
    (r"phone|phone_number|mobile|telephone|fax", Source.phone),
    (r"city|town|location|place", lambda s: s.rng.choice(_CITIES)),
    (r"country_code|country_iso|iso_?2", lambda s: s.rng.choice(_CODES)),
    (r"country", lambda s: s.rng.choice(_COUNTRIES)),
    (
        r"street|street_address|address|address_?line_?\d|line_?\d",
        lambda s: f"{s.rng.randrange(1, 200)} {s.words(1)} Street",
    ),
    (r"zip|zip_?code|postal_?code|postcode", lambda s: f"{s.rng.randrange(10_000, 99_999)}"),
    (r"currency|currency_code", lambda s: s.rng.choice(("CNY", "EUR", "JPY", "USD"))),
    (r"language|locale|lang", lambda s: s.rng.choice(("de", "en", "zh"))),
    (r"time_?zone|tz", lambda s: s.rng.choice(("Asia/Shanghai", "Europe/Berlin", "UTC"))),
    (r"company|organi[sz]ation|vendor|brand", lambda s: f"{s.words(1)} Ltd"),
    (r"host|hostname|domain", Source.host),
    (r"ip|ip_address|ipv4", Source.ipv4),
    (r"colou?r", lambda s: f"#{s.hex(6)}"),
    (r"version", lambda s: f"1.{s.rng.randrange(20)}.{s.rng.randrange(10)}"),
    (r"sha|hash|digest|checksum|etag|token|secret|signature|fingerprint", lambda s: s.hex(40)),
    (r"path|file|filename|directory", lambda s: f"{s.word()}/{s.word()}.txt"),
    (r"mime_?type|content_?type|media_?type", lambda s: "application/json"),
    (r"description|summary|body|message|comment|content|text|note|notes|bio|reason|detail", lambda s: f"{s.words(5)}."),
    (r"title|subject|headline|label|name|caption", lambda s: s.words(2)),
    (r"price|amount|total|cost|balance", _FORMATS["decimal"]),
    (r"date|birthday|day|due|dob", _FORMATS["date"]),
    (r"at|time|timestamp|created|updated|modified|expires|on", _FORMATS["date-time"]),
    (r"id|ids|number|no|code|key|reference", lambda s: s.hex(8)),
)

_TIMES = (-1.0, -1.0)
"""Stands for the range of times, in seconds since 1970."""
_NUMBERS: tuple[tuple[str, tuple[float, float]], ...] = (
    (r"lat|latitude", (-90, 90)),
    (r"lng|lon|long|longitude", (-180, 180)),
    (r"price|amount|total|cost|balance|fee", (1, 500)),
    (r"age", (18, 80)),
    (r"year", (2000, 2026)),
    (r"month", (1, 12)),
    (r"day", (1, 28)),
    (r"hour|hours", (0, 23)),
    (r"minute|minutes|second|seconds", (0, 59)),
    (r"percent|percentage|progress", (0, 100)),
    (r"rating|stars|level|priority", (1, 5)),
    (r"page", (1, 1)),
    (r"port", (1024, 49151)),
    (r"at|time|timestamp|created|updated|modified|expires", _TIMES),
    (r"id|ids|number", (1, 10_000)),
)


@lru_cache(maxsize=4096)
def _entry(table: tuple[tuple[str, object], ...], name: str) -> object:
    """Return the entry of a table whose pattern matches the end of a name, None if there is none."""
    snake = _snake(name)
    return next((found for pattern, found in table if re.search(rf"(?:^|_)(?:{pattern})$", snake)), None)


def text(name: str, source: Source) -> str:
    """Return a text for a field of this name."""
    make = _entry(_TEXTS, name)
    return str(make(source._replace(name=name))) if callable(make) else source.word()


def number_range(name: str, now: datetime) -> tuple[float, float]:
    """Return the least and the greatest number for a field of this name."""
    found = _entry(_NUMBERS, name)
    if found is _TIMES:
        first, last = _days(name)
        return now.timestamp() + first * 86_400, now.timestamp() + last * 86_400
    return (float(found[0]), float(found[1])) if isinstance(found, tuple) else (0.0, 100.0)


def singular(name: str) -> str:
    """Return the name of one item of a list of this name."""
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
