"""The request of a finding as a curl command that can be pasted into a shell."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable

from contract_tests import sanitize
from contract_tests.checks.registry import BASELINE, UniqueCheck
from contract_tests.engine.selection import CHECKS
from contract_tests.http.exchange import Exchange, Request
from contract_tests.result import Result
from contract_tests.settings import PLACEHOLDER, Settings
from contract_tests.verdict import Verdict

MAX_CHARS = 64 * 1024
"""Characters of a command that are shown."""
MAX_LOOP = 128
"""Requests of a loop."""
_ADDED = ("User-Agent", "Accept")
"""Headers that curl adds unless they are removed."""


def command(request: Request, settings: Settings, reuse: int = 0) -> str:
    """Return a curl command that sends all headers of a request.

    A secret of the settings appears as a shell variable, without which the shell reports an error. The command is
    escaped, because the request may come from an untrusted recording.

    Args:
        request: The request.
        settings: The settings of the run.
        reuse: Number of requests over the same connection before it.
    """
    names = {name.lower() for name, _ in request.headers}
    words = ["curl", "-i", "-X", request.method]
    if request.url.lower().startswith("https:"):
        words.append("--http1.1")
    if "accept-encoding" in names:
        words.append("--compressed")
    if settings.insecure:
        words.append("-k")
    elif settings.ca_bundle:
        words += ["--cacert", shlex.quote(settings.ca_bundle)]
    for option, path in (("--cert", settings.cert), ("--key", settings.cert_key)):
        words += [option, shlex.quote(path)] if path else []
    if settings.proxy:
        words += ["-x", quoted(settings.redact(settings.proxy))]
    for name, value in request.headers:
        shown = settings.secret_placeholders.get(value) or settings.redact(value)
        words += ["-H", quoted(f"{name}: {shown}" if value else f"{name};")]
    if request.client:
        words += [f"-H {name}:" for name in _ADDED if name.lower() not in names]
    if request.body is not None:
        if "content-type" not in names:
            words.append("-H Content-Type:")
        words += ["--data-binary", quoted(settings.redact(request.body.decode("utf-8", "replace")))]
    words += [quoted(settings.redact(request.url))] * (reuse + 1)
    return sanitize.escape(" ".join(words), MAX_CHARS)


def reproduction(verdict: Verdict, result: Result) -> str:
    """Return the command that shows the first finding, in a loop if one request may not show it."""
    first = verdict.findings[0].exchange
    once = command(first.request, result.settings, first.reuse)
    count = _requests_needed(verdict)
    if count == 1:
        return once
    if all(_overlaps(each.exchange, result.collection.all()) for each in verdict.findings):
        return f"for i in $(seq {count}); do {once} & done; wait"
    return f"for i in $(seq {count}); do {once}; done"


def _requests_needed(verdict: Verdict) -> int:
    first = verdict.findings[0].exchange
    if isinstance(CHECKS.get(verdict.clause.id), UniqueCheck):
        return min(max(first.index + 1, 2), MAX_LOOP)
    if first.label != BASELINE or verdict.clients or verdict.failed >= verdict.checked:
        return 1
    # Twice the number in which one fails on average.
    return min(math.ceil(2 * verdict.checked / verdict.failed), MAX_LOOP)


def _overlaps(exchange: Exchange, others: Iterable[Exchange]) -> bool:
    """Return True if another exchange was in progress at the same time."""
    end = exchange.started + exchange.elapsed
    return any(
        each.index != exchange.index and each.started < end and exchange.started < each.started + each.elapsed
        for each in others
    )


def quoted(text: str) -> str:
    """Return redacted text as one word of a shell, with placeholders as variables that must be set."""
    parts = re.split(f"({PLACEHOLDER.pattern})", text)
    if len(parts) == 1:
        return shlex.quote(text)
    for index, part in enumerate(parts):
        parts[index] = f"${{{part[1:]}:?set {part[1:]}}}" if index % 2 else re.sub(r'(["\\$`])', r"\\\1", part)
    return f'"{"".join(parts)}"'
