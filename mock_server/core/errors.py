"""The names of the errors that the mock reports by itself, and what it raises for input that cannot be read.

A contract may have examples of these names. Each is the code of a reason, too.
"""

from __future__ import annotations

from typing import Any

from mock_server.reasons import Reason

REQUEST_ERROR, MEDIA_TYPE_ERROR = "request-refused", "media-type-refused"
MALFORMED, UNAUTHORIZED = "request-malformed", "unauthorized"
NOT_FOUND, METHOD_NOT_ALLOWED, BODY_TOO_LARGE = "not-found", "method-not-allowed", "body-too-large"
NOT_ACCEPTABLE, UNDOCUMENTED = "not-acceptable", "response-undocumented"
CAPTCHA_REFUSED = "captcha-refused"
SERVER_ERROR, NOT_IMPLEMENTED = "server-error", "not-implemented"


class InputError(ValueError):
    """A part of a request cannot be read.

    Args:
        code: The code of the reason.
        values: Its values, without the subject: the part of the request.

    Attributes:
        field: The name of the field of a form, "" for the whole part.
    """

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.field = ""
        self._code, self._values = code, values

    def of_field(self, name: str) -> InputError:
        """Return the error, as one of a field of a form."""
        self.field = name
        return self

    def about(self, subject: Reason) -> Reason:
        """Return the reason, which begins with the part of the request."""
        return Reason(self._code, subject=subject, **self._values)
