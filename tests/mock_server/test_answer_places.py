"""The places of an answer to a captcha: parameters, forms, and fields of responses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.mock_server.login import LOGIN, Shop, contract

PLACES = [
    ("query", "/login?captchaId={uuid}&code={answer}", {}),
    ("header", "/login", {"captchaId": "{uuid}", "code": "{answer}"}),
    ("cookie", "/login", {"Cookie": "captchaId={uuid}; code={answer}"}),
]


@pytest.mark.parametrize(("location", "path", "headers"), PLACES, ids=[each[0] for each in PLACES])
@pytest.mark.parametrize("at", ["parameter", "schema"])
def test_parameters_carry_the_answer(
    tmp_path: Path, location: str, path: str, headers: dict[str, str], at: str
) -> None:
    """The mark stands in the parameter or in its schema."""
    marks = {"captchaId": "challenge-uuid", "code": "challenge-answer"}
    parameters = [{"name": name, "in": location, "required": True, "schema": {"type": "string"}} for name in marks]
    for each in parameters:
        (each if at == "parameter" else each["schema"])["x-mock"] = marks[each["name"]]  # type: ignore[index]
    shop = Shop(contract(tmp_path, LOGIN, parameters=parameters, requestBody={"content": {}}))
    uuid, answer = shop.captcha()

    def login(answer: int) -> int:
        filled = {name: value.format(uuid=uuid, answer=answer) for name, value in headers.items()}
        return shop.send(path.format(uuid=uuid, answer=answer), filled).status

    assert [login(answer + 1), login(answer), login(answer)] == [422, 200, 422]


def test_a_form_carries_the_answer(tmp_path: Path) -> None:
    """Typed by the schema."""
    properties = {
        "uuid": {"type": "string", "x-mock": "challenge-uuid"},
        "code": {"type": "integer", "x-mock": "challenge-answer"},
    }
    content = {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": properties}}}
    shop = Shop(contract(tmp_path, LOGIN, requestBody={"content": content}))
    uuid, answer = shop.captcha()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    statuses = [
        shop.send("/login", headers, f"uuid={uuid}&code={each}").status for each in (answer + 1, answer, answer)
    ]
    assert statuses == [422, 200, 422]


RESULT_FIELDS = [({"ok": True}, "ok", True, False), ({"ok": "right"}, "ok", "right", "wrong")]


@pytest.mark.parametrize(("example", "name", "right", "wrong"), RESULT_FIELDS, ids=["boolean", "text"])
@pytest.mark.parametrize("prefer", ["", "fault=content-type-missing"])
def test_a_response_field_carries_the_result(
    tmp_path: Path, example: dict[str, Any], name: str, right: object, wrong: object, prefer: str
) -> None:
    """In place of an error response."""
    schema = {"type": "object", "properties": {name: {"x-mock": "challenge-answer"}}}
    responses = {"200": {"description": "Ok.", "content": {"application/json": {"schema": schema, "example": example}}}}
    shop = Shop(contract(tmp_path, LOGIN, responses=responses))
    uuid, answer = shop.captcha()
    replies = [shop.login(uuid, str(each), {"Prefer": prefer} if prefer else {}) for each in (answer + 1, answer)]
    assert [(each.status, each.json()) for each in replies] == [(200, {name: wrong}), (200, {name: right})]
    assert "captcha right" in shop.outcome


@pytest.mark.parametrize(("example", "kind"), [(0, int), ("0", str)])
def test_a_response_with_a_captcha_can_carry_its_answer(tmp_path: Path, example: object, kind: type) -> None:
    """As the platforms do in their test environments."""
    before = "                  image:"
    text = LOGIN.replace(before, f"                  code: {{x-mock: challenge-answer}}\n{before}")
    text = text.replace("example: {id: a,", f"example: {{id: a, code: {json.dumps(example)},")
    shop = Shop(contract(tmp_path, text))
    found = shop.target.send("GET", "/captcha").json()
    assert type(found["code"]) is kind
    assert shop.login(found["id"], str(found["code"])).status == 200
