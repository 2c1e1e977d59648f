"""The one redactor of the mock: masks the values of names that sound secret.

A request is redacted before it becomes a journal entry, so the journal holds no secret that could be logged or shown.
The core caches the redacted headers and bodies of equal requests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "***"
MAX_BODY_CHARS, MAX_HEADER_CHARS = 4096, 512
"""Characters kept of a body, and of a header or query value."""

_SECRET = re.compile(r"auth|cookie|token|secret|passw|pwd|session|credential|api[-_]?key|signature", re.IGNORECASE)


def is_secret(text: str) -> bool:
    """Return True if a text is or contains the name of a secret, such as "Authorization"."""
    return _SECRET.search(text) is not None


def redacted_pairs(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return headers or query parameters with the values of secret names masked and long values truncated.

    Args:
        pairs: Names and values, in order.
    """
    return [
        (name, MASK if is_secret(name) else _truncate(value, MAX_HEADER_CHARS, len(value))) for name, value in pairs
    ]


def redacted_body(body: bytes) -> str:
    """Return a request body as text, truncated, with the values of secret names masked.

    Args:
        body: The bytes of the body. If it contains a secret name and is not JSON, all of it is masked.
    """
    if not body:
        return ""
    text = body[: 4 * MAX_BODY_CHARS].decode("utf-8", "backslashreplace")
    if is_secret(text):
        try:
            text = json.dumps(_masked(json.loads(body)), ensure_ascii=False)
        except (ValueError, RecursionError):
            # The secret cannot be located, so nothing is shown.
            return MASK
    return _truncate(text, MAX_BODY_CHARS, len(body))


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: MASK if is_secret(name) else _masked(each) for name, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list) else value


def _truncate(text: str, limit: int, size: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… (truncated from {size})"
