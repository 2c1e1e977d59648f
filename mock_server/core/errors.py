"""The names of the errors that the mock reports by itself. A contract may have examples of these names."""

from __future__ import annotations

REQUEST_ERROR, MEDIA_TYPE_ERROR = "request-refused", "media-type-refused"
MALFORMED, UNAUTHORIZED = "request-malformed", "unauthorized"
NOT_FOUND, METHOD_NOT_ALLOWED, BODY_TOO_LARGE = "not-found", "method-not-allowed", "body-too-large"
NOT_ACCEPTABLE = "not-acceptable"
CAPTCHA_REFUSED = "captcha-refused"
SERVER_ERROR, NOT_IMPLEMENTED = "server-error", "not-implemented"
