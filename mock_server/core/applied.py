"""The response headers that answer the preferences of a request: those applied, and the answer to a captcha."""

from __future__ import annotations

from dataclasses import replace

from mock_server.captcha.challenge import derive
from mock_server.core.headers import ANSWER_HEADER, APPLIED_HEADER, escaped_header
from mock_server.core.preferences import NO_PREFERENCES, Preferences
from mock_server.response import Headers, ResponseDraft


def applied_headers(own: Preferences, active: Preferences, draft: ResponseDraft, secret: bytes) -> Headers:
    """Return the headers of a response.

    Args:
        own: The preferences of the request. Those that the response does not have are not applied (RFC 7240 §3): the
            answer without a captcha, and the status of a success if the request is rejected.
        active: The preferences with those of the active behaviour.
        draft: The response.
        secret: The key from which challenges are derived.
    """
    if active is NO_PREFERENCES:
        return ()
    uuid = draft.uuid
    code = own.code if own.code == draft.status else None
    applied = replace(own, answer=own.answer if uuid and own.answer else None, code=code)
    headers: Headers = ()
    if applied != NO_PREFERENCES:
        headers = (escaped_header(APPLIED_HEADER, str(applied)),)
    if uuid and active.answer:
        headers += ((ANSWER_HEADER, str(derive(secret, uuid).answer)),)
    return headers
