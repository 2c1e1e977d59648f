"""Secrets whose name is the value of another field: name=password&value=x."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from mock_server.observability.access_log import as_json
from mock_server.observability.redaction import Redactor
from tests.conftest import GRANTED
from tests.mock_server.adapters import Adapter

SECRET = "s3cret"


@pytest.mark.parametrize(
    "pairs",
    [
        {"name": "password", "value": SECRET},
        {"value": SECRET, "name": "password"},
        {"fields[0][name]": "pin", "fields[0][value]": SECRET},
        {"name1": "验证码", "value1": SECRET},
        {"param.key": "apiKey", "x": SECRET},
        {"name": f"password;value={SECRET}"},
    ],
)
def test_a_query_that_names_a_secret_is_masked(target: Adapter, pairs: dict[str, str]) -> None:
    """A name and a value in parameters of their own are masked as those in one object of a body."""
    target.send("POST", f"/code?{urlencode(pairs)}", GRANTED)
    entry = target.state.journal.entries()[-1]
    assert SECRET not in as_json(entry)
    assert [name for name, _ in entry.query] == list(pairs)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (f"/a?name=password&value={SECRET}&c=", "/a?name=password&value=***&c="),
        (f"http://a/reset/token/{SECRET}-and-more/b?c=1", "http://a/reset/token/***/b?c=1"),
        ("/auth/login/token/refresh", "/auth/login/token/refresh"),
        (f'Digest username="u", response="{SECRET}"', "Digest ***"),
        (f"/a?value={SECRET}&name=pin#b", "/a?value=***&name=pin#b"),
        (f"see /a?key=otp&v={SECRET} there", "see /a?key=otp&v=*** there"),
        (f"/a?to=%2Fb%3Ffield%3Dpin%26text%3D{SECRET}", "/a?to=/b?field=pin&text=***"),
        ("/a?name=colour&value=red", "/a?name=colour&value=red"),
    ],
)
def test_a_text_with_such_a_query_is_masked(value: str, shown: str) -> None:
    """In a URL, encoded or not, in any order."""
    assert Redactor().text(value) == shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"fieldName":"pin","fieldValue":"s3cret"}', '{"fieldName": "pin", "fieldValue": "***"}'),
        (b'{"columns":["user","pin"],"rows":[["a","s3cret"]]}', '{"columns": ["user", "pin"], "rows": "***"}'),
        (b'[{"op":"add","path":"/pin","value":"s3cret"}]', '[{"op": "***", "path": "/pin", "value": "***"}]'),
        (b"name=password&value=s3cret", "name=password&value=***"),
        (b"value=s3cret&n%61me=p%69n&x=", "value=***&n%61me=p%69n&x="),
        (b"name=password;value=s3cret", "name=***"),
        (b"f[0][name]=pin&f[0][value]=s3cret", "f[0][name]=pin&f[0][value]=***"),
        (b"name=colour&value=red", "name=colour&value=red"),
    ],
)
def test_a_body_that_names_a_secret_is_masked(body: bytes, shown: str) -> None:
    """JSON and forms, in any order and spelling."""
    assert Redactor().body(body) == shown
