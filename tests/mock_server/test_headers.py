"""The headers by which the mock explains a response."""

from __future__ import annotations

import pytest

from mock_server.core.headers import escaped_header


@pytest.mark.parametrize(
    ("value", "sent"),
    [(" a ", "a"), ("a\r\nX: 1", "a\\r\\nX: 1"), ("é", "\\xe9"), ("x" * 499 + " y", "x" * 499)],
    ids=["spaces", "line-end", "not-ascii", "long"],
)
def test_a_value_can_be_sent(value: str, sent: str) -> None:
    """It is printable ASCII of at most 500 characters, without a space at either end."""
    assert escaped_header("X-Mock-Reason", value) == ("X-Mock-Reason", sent)
