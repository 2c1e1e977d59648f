"""Ids of captchas follow the schema of the contract."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from werkzeug.test import EnvironBuilder

from code_contract import load
from mock_server import Mock
from mock_server.captcha import ids
from tests.paths import ROOT


@pytest.mark.parametrize(
    ("schema", "example", "expected"),
    [
        ({}, "", r"[0-9a-f]{32}"),
        ({"minLength": 1}, "00", r"[0-9a-f]{32}"),
        ({"format": "uuid"}, "", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ({"pattern": "^[0-9a-f]{8}-"}, "", r"[0-9a-f]{8}-.*"),
        ({"pattern": "^[0-9]{13}$"}, "1629428467008", r"[0-9]{13}"),
        ({"pattern": "^[0-9]{13}$"}, None, r"[0-9]{13}"),
        ({"pattern": "^[A-Z0-9]+$"}, "", r"[A-Z0-9]{32}"),
        ({"maxLength": 20}, "", r"[0-9a-f]{20}"),
        ({"minLength": 40}, "", r"[0-9a-f]{40}"),
        ({"pattern": "^captcha:[0-9a-f]{8}$"}, "captcha:0123abcd", r"captcha:[0-9a-f]{8}"),
        ({"pattern": "^cap_[a-z]{2}-[0-9]{4}$"}, "cap_xy-1234", r"cap_[a-z]{2}-[0-9]{4}"),
        ({"pattern": "^(?!)$"}, "", r"[0-9a-f]{32}"),
    ],
)
def test_ids_follow_the_schema(schema: dict[str, Any], example: object, expected: str) -> None:
    """Format, length and pattern; a prefix is taken from the example. The same id is made of the same one."""
    make = ids.maker(schema, example)
    given = [uuid4().hex for _ in range(50)]
    made = [make(each) for each in given]
    assert [each for each in made if not re.fullmatch(expected, each)] == []
    assert made == [make(each) for each in given]
    assert len(set(made)) >= 45


def test_the_mock_sends_such_ids_and_knows_their_answers(tmp_path: Path) -> None:
    """The id in the response has the form, and gives the challenge that was drawn."""
    document = yaml.safe_load((ROOT / "examples" / "contracts" / "eladmin.yaml").read_text("utf-8"))
    content = document["paths"]["/auth/code"]["get"]["responses"]["200"]["content"]["application/json"]
    content["schema"]["properties"]["uuid"] |= {"format": "uuid", "pattern": "-"}
    path = tmp_path / "openapi.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    mock = Mock(load(path))
    body = yaml.safe_load(mock.respond(EnvironBuilder("/auth/code").get_request(), b"").body)
    assert str(UUID(body["uuid"])) == body["uuid"]
    found = mock.builder.challenge(body["uuid"])
    assert found is not None
    assert found[1] == body["img"]
