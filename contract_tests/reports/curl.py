"""The request of a finding as a curl command that can be pasted into a shell."""

from __future__ import annotations

import shlex

from contract_tests import sanitize
from contract_tests.http.exchange import Request
from contract_tests.settings import PLACEHOLDER, Settings

MAX_CHARS = 64 * 1024
"""Characters of a command that are shown."""


def command(request: Request, settings: Settings) -> str:
    """Return a curl command; a header of the settings appears as a shell variable, never as its value.

    The command is escaped, because the request may come from an untrusted recording.
    """
    words = ["curl", "-i", "-X", request.method]
    if settings.insecure:
        words.append("-k")
    elif settings.ca_bundle:
        words += ["--cacert", shlex.quote(settings.ca_bundle)]
    for name, value in request.headers:
        shown = value if PLACEHOLDER.fullmatch(value) else settings.secret_placeholders.get(value)
        words += ["-H", f'"{name}: {shown}"' if shown else shlex.quote(f"{name}: {value}")]
    if request.body is not None:
        words += ["--data-binary", shlex.quote(settings.redact(request.body.decode("utf-8", "replace")))]
    words.append(shlex.quote(settings.redact(request.url)))
    return sanitize.escape(" ".join(words), MAX_CHARS)
