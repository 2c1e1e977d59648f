"""The response headers that answer the preferences of a request: those applied, and the answer to a captcha."""

from __future__ import annotations

from dataclasses import replace

from mock_server.captcha.challenge import derive
from mock_server.core.headers import ANSWER_HEADER, APPLIED_HEADER, escaped_header
from mock_server.core.preferences import NO_PREFERENCES, Preferences
from mock_server.response import Headers


def applied_headers(own: Preferences, active: Preferences, uuid: str, secret: bytes) -> Headers:
    """Return the headers of a response.

    Args:
        own: The preferences of the request. `answer` is applied only if the response carries a captcha (RFC 7240 §3).
        active: The preferences with those of the active behaviour.
        uuid: The id of the captcha in the response, or "".
        secret: The key from which challenges are derived.
    """
    if active is NO_PREFERENCES:
        return ()
    applied = own if uuid and own.answer else replace(own, answer=None)
    headers: Headers = ()
    if applied != NO_PREFERENCES:
        headers = (escaped_header(APPLIED_HEADER, str(applied)),)
    if uuid and active.answer:
        headers += ((ANSWER_HEADER, str(derive(secret, uuid).answer)),)
    return headers
