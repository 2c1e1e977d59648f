"""The settings of a run, and their values as users type them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any

from code_contract import Contract
from code_contract.durations import parse_duration
from code_contract.text import escape_unprintable
from contract_tests import arguments, credentials
from contract_tests.base_url import parse_base_url
from contract_tests.options import SettingsError as SettingsError
from contract_tests.options import option, options_of
from contract_tests.proxy import parse_proxy, secrets
from contract_tests.redaction import Redactor

CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Request headers, in lower case, that identify the caller."""

MIN_SAMPLES, MAX_SAMPLES = 32, 100_000
"""Requests per operation: the default, and the maximum."""
GROWTH_SECONDS, GROWTH_SAMPLES = 3.0, 128
"""Seconds in which, by default, a fast target gets more samples, and their number with the first ones."""
MAX_SOAK, MAX_SOAK_SAMPLES = 86_400, 1_000_000_000
"""The longest soak in seconds, and its maximum of requests per operation."""

PLACEHOLDER = re.compile(r"\$CODE_[A-Z0-9_]*")
"""The name of a shell variable that replaces a secret in every output."""


@dataclass(frozen=True)
class Waiver:
    """Permission for a clause to fail for a limited time.

    Attributes:
        clause: The id of the clause.
        reason: The text that reports show; its unprintable characters are escaped.
        expires: The last day on which the waiver applies.
    """

    clause: str
    reason: str
    expires: date

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", escape_unprintable(self.reason))


@dataclass(frozen=True)
class Settings:
    """Everything a run depends on besides the contract.

    The options of the command line, of pytest and of `[tool.code-contract]` are derived from these fields.

    Attributes:
        base_url: The URL of the target without the path of an operation.
        headers: Names and values of headers to send with every request.
        source: The value of the documented source parameter; None sends the contract's example, "" sends none.
        samples: Requests per operation; None for 32, and more while the target is fast.
        budget: Time in which more samples are sent, in seconds from the first request; None for 3 s and 128 samples.
        soak: Time in which baseline requests are sent, as in "90s", "10m" or "2h"; "" for no soak.
        concurrency: Maximum number of concurrent requests.
        timeout: Time limit of one request in seconds.
        deadline: Time limit of all requests in seconds, besides the time of a soak.
        only: Ids of the clauses to check; empty for all.
        allow_writes: True to call operations that change data and have no examples.
        values: Values of parameters and of fields of the body by name, or by operation id and name (`getPet.petId`).
        auth: Credentials by the name of a security scheme, "" for any.
        strict: True to fail on SHOULD clauses too and to ignore waivers.
        rate: Maximum number of requests a second, of the whole run.
        proxy: URL of an HTTP proxy; None for none.
        ca_bundle: Path of a PEM file with the certificates to trust.
        cert: Path of a PEM file with the client certificate.
        cert_key: Path of a PEM file with its key; None if `cert` has it.
        insecure: True to accept any TLS certificate.
        reference_url: URL of the published HTML reference, to which reports link.
        waivers: Clauses that may fail.
        today: The date with which the expiry of waivers is compared.

    Raises:
        SettingsError: A number is out of range, `reference_url` is not an http(s) URL, or `source` cannot be sent.
    """

    base_url: str
    headers: tuple[tuple[str, str], ...] = option(
        (), "Header to send with every request (repeatable).", "'NAME: VALUE'", flag="header", secret=True
    )
    source: str | None = option(
        None, "Value of the source parameter, '' for none.  [default: the contract's example]", "VALUE", secret=True
    )
    samples: int | None = option(
        None, "Requests per operation.  [default: 32, more for a fast target]", "N", limits=(1, 100_000), kind=int
    )
    budget: float | None = option(
        None, "Seconds for more samples.  [default: 3, at most 128 samples]", "S", limits=(0, 86_400), kind=float
    )
    soak: str = option("", "Send baseline requests for this time, as in 90s, 10m or 2h: for nightly runs.", "DURATION")
    concurrency: int = option(8, "Maximum number of concurrent requests.", "N", limits=(1, 64))
    timeout: float = option(10.0, "Time limit of one request in seconds.", "S", limits=(0.05, 600))
    deadline: float = option(
        45.0, "Time limit of all requests in seconds; 1 s more per further operation.", "S", limits=(0.1, 86_400)
    )
    only: frozenset[str] = frozenset()
    allow_writes: bool = option(False, "Call operations that change data (POST, PUT, …) without examples too.")
    values: tuple[tuple[str, str], ...] = option(
        (), "Value of a parameter or a field of the body, as in petId=42 (repeatable).", "NAME=VALUE", flag="set"
    )
    auth: tuple[tuple[str, str], ...] = option(
        (),
        "Credentials of a security scheme: a token, an API key or USER:PASSWORD (repeatable).",
        "'[SCHEME=]CREDENTIALS'",
        secret=True,
    )
    strict: bool = option(False, "Fail on SHOULD clauses too, and ignore waivers.")
    rate: float | None = option(None, "Maximum number of requests a second.", "N", limits=(0.01, 10_000), kind=float)
    proxy: str | None = option(None, "HTTP proxy: http://[USER:PASSWORD@]host:port.", "URL", secret=True)
    ca_bundle: str | None = option(None, "PEM file of trusted certificates.  [default: those of the system]", "FILE")
    cert: str | None = option(None, "PEM file with the client certificate, and with its key or --cert-key.", "FILE")
    cert_key: str | None = option(None, "PEM file with the key of the client certificate.", "FILE")
    insecure: bool = option(False, "Accept any TLS certificate.")
    reference_url: str | None = option(
        None, "URL of the published page of `code-contract docs --format html`, to which HTML reports link.", "URL"
    )
    waivers: tuple[Waiver, ...] = ()
    today: date = field(default_factory=date.today)

    def __post_init__(self) -> None:
        for name, each in OPTIONS.items():
            value = getattr(self, name)
            if value is not None and each.limits and not each.limits[0] <= value <= each.limits[1]:
                raise SettingsError(f"{name} is {value}; use {each.limits[0]} to {each.limits[1]}")
        if self.reference_url and not self.reference_url.startswith(("https://", "http://")):
            raise SettingsError(f"reference_url is {self.reference_url[:80]!r}; use an http(s) URL")
        if self.soak and not 1 <= self.soak_seconds <= MAX_SOAK:
            raise SettingsError(f"soak is {self.soak[:40]!r}; use 1s to {MAX_SOAK // 3600}h, such as 90s, 10m or 2h")
        arguments.check_field_value(self.source or "", "the source")
        if self.proxy:
            parse_proxy(self.proxy)
        if self.cert_key and not self.cert:
            raise SettingsError("cert_key has no certificate; add --cert FILE")

    @classmethod
    def from_options(
        cls, contract: Contract, base_url: str, given: Mapping[str, Any], configured: Mapping[str, Any] | None = None
    ) -> Settings:
        """Create settings from options as users type them.

        Args:
            contract: The contract whose operations may end `base_url`.
            base_url: A URL as typed; user information in it becomes an Authorization header.
            given: Options by field name, `headers` as `NAME: VALUE`; None is an option that was not given.
            configured: Settings of a configuration file, which `given` overrides.

        Returns:
            The settings of the run.

        Raises:
            SettingsError: A value is invalid.
        """
        url, credentials = parse_base_url(base_url, contract)
        options = {name: value for name, value in given.items() if value is not None}
        headers = tuple(map(arguments.parse_header, options.pop("headers", ()))) + credentials
        names = {name.lower() for name, _ in headers}
        deadline = arguments.deadline(
            OPTIONS["deadline"].default, contract, options.get("rate", (configured or {}).get("rate"))
        )
        others = {"deadline": deadline, **(configured or {})}
        headers += tuple(pair for pair in others.pop("headers", ()) if pair[0].lower() not in names)
        # The first of a name applies: an option before the configuration.
        values = (*arguments.parse_values(options.pop("values", ())), *others.pop("values", ()))
        auth = (*arguments.parse_auth(options.pop("auth", ()), contract), *others.pop("auth", ()))
        return cls(
            url, headers=headers, values=arguments.first(values), auth=arguments.first(auth), **(others | options)
        )

    @property
    def min_samples(self) -> int:
        """The number of requests per operation before a fast target gets more."""
        return self.samples or MIN_SAMPLES

    @property
    def growth(self) -> tuple[float, int]:
        """The seconds in which more samples are sent, and the number of samples with them."""
        if self.soak:
            return self.soak_seconds, MAX_SOAK_SAMPLES
        if self.budget is not None:
            return self.budget, MAX_SAMPLES
        return GROWTH_SECONDS, self.samples or GROWTH_SAMPLES

    @property
    def soak_seconds(self) -> float:
        """The time of the soak, 0 without one."""
        return parse_duration(self.soak)

    @property
    def run_seconds(self) -> float:
        """The time limit of all requests, that of the soak included."""
        return self.deadline + self.soak_seconds

    def waiver(self, clause: str) -> Waiver | None:
        """Return the waiver of a clause that applies today, if any."""
        for waiver in self.waivers:
            if waiver.clause == clause and waiver.expires >= self.today and not self.strict:
                return waiver
        return None

    @property
    def secret_placeholders(self) -> Mapping[str, str]:
        """The secret values of these settings, each with its placeholder: `{value: "$CODE_…"}`."""
        named: dict[str, str] = {}
        for name, value in self.headers:
            placeholder = "$CODE_" + re.sub(r"[^A-Z0-9]+", "_", name.upper())
            named |= dict.fromkeys(credentials.parts(name, value), placeholder) | {value: placeholder}
        for _, value in self.auth:
            basic = credentials.basic(value)
            named |= dict.fromkeys((*credentials.parts("Authorization", basic), basic, value), "$CODE_AUTH")
        named |= dict.fromkeys(secrets(self.proxy) if self.proxy else (), "$CODE_PROXY")
        if self.source:
            named[self.source] = "$CODE_SOURCE"
        return {value: name for value, name in named.items() if value}

    def redact(self, text: str) -> str:
        """Return `text` with placeholders instead of secrets, which a target may return."""
        return self._redactor.text(text)

    def redactor(self, public: str = "") -> Redactor:
        """Return the redactor of these settings; parts of the `public` text are not replaced."""
        # The value of a header that has parts begins with its scheme or with the name of a cookie.
        whole = {
            value
            for name, value in self.headers
            if credentials.NEGOTIATION.fullmatch(name) or "://" in value or any(credentials.parts(name, value))
        }
        return Redactor(self.secret_placeholders, public, whole)

    @cached_property
    def _redactor(self) -> Redactor:
        return self.redactor()


OPTIONS = options_of(fields(Settings))
"""The settings that are options, by field name."""
