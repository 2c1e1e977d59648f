"""The call that shows a finding, as a curl command that can be pasted into a shell."""

from __future__ import annotations

import shlex

from contract_tests import sanitize as showing
from contract_tests.http.exchange import Request
from contract_tests.settings import PLACEHOLDER, Settings

LIMIT = 64 * 1024
"""Characters of a command that are shown."""


def command(request: Request, settings: Settings) -> str:
    """A curl command; a header given to the run appears as a variable of the shell, never by its value.

    What a recording holds of a request is as hostile as an answer.
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
        words += ["--data-binary", shlex.quote(request.body.decode("utf-8", "replace"))]
    words.append(shlex.quote(settings.redact(request.url)))
    return showing.escape(" ".join(words), LIMIT)
