"""Answers to captchas in requests (`x-mock: challenge-answer`): a login of any document works to its end."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from code_contract import ContractError, default_path, load
from mock_server import Mock
from mock_server.core.state import State
from tests.mock_server.adapters import Reply, flask
from tests.mock_server.login import LOGIN, Shop, contract


def test_a_right_answer_gets_the_success_response(tmp_path: Path) -> None:
    """Once; the picture of the captcha is the SVG of the document."""
    shop = Shop(contract(tmp_path, LOGIN))
    uuid, answer = shop.captcha()
    image = shop.target.send("GET", "/captcha").json()["image"]
    assert base64.b64decode(image.removeprefix("data:image/svg+xml;base64,")).startswith(b"<svg")
    reply = shop.login(uuid, str(answer))
    assert (reply.status, reply.json()) == (200, {"token": "t0ken"})
    assert "captcha right" in shop.outcome
    assert shop.login(uuid, str(answer)).status == 422


RESULTS = ["wrong", "used", "expired", "unknown"]


def refused(shop: Shop, result: str) -> Reply:
    """The response to an answer with this result."""
    uuid, answer = shop.captcha()
    if result == "used":
        assert shop.login(uuid, str(answer)).status == 200
    if result == "expired":
        shop.state.clock.advance(301)
    return shop.login("f00" if result == "unknown" else uuid, str(answer + (result == "wrong")))


@pytest.mark.parametrize("result", RESULTS)
def test_another_answer_gets_problem_details(tmp_path: Path, result: str) -> None:
    """The reason is in them, in X-Mock-Reason and in the journal, where it is no violation of the contract."""
    shop = Shop(contract(tmp_path, LOGIN))
    reply = refused(shop, result)
    assert (reply.status, reply.headers["Content-Type"]) == (422, "application/problem+json")
    assert reply.json()["detail"].startswith(f"captcha {result}")
    assert reply.headers["X-Mock-Reason"].startswith(f"captcha {result}")
    assert shop.outcome.startswith(f"rejected; captcha {result}")
    assert shop.state.journal.entries()[-1].violations == []


SUCCESS = {
    "200": {"description": "Ok.", "content": {"application/json": {"schema": {}, "example": {"token": "t0ken"}}}}
}
BODY = {"application/json": {"schema": {"type": "object"}, "example": {"error": "captcha"}}}


@pytest.mark.parametrize("status", ["400", "401", "403", "4XX", "default"])
def test_another_answer_gets_the_documented_error(tmp_path: Path, status: str) -> None:
    """With its example."""
    responses = {**SUCCESS, "404": {"description": "No."}, status: {"description": "No.", "content": BODY}}
    shop = Shop(contract(tmp_path, LOGIN, responses=responses))
    reply = refused(shop, "wrong")
    assert (reply.status, reply.json()) == (int(status) if status.isdigit() else 422, {"error": "captcha"})
    assert reply.headers["X-Mock-Reason"].startswith("captcha wrong")


@pytest.mark.parametrize("result", RESULTS)
def test_an_example_is_chosen_by_its_name(tmp_path: Path, result: str) -> None:
    """`captcha-expired` in any spelling comes before `captcha-refused`, wherever it stands; a delay stays."""
    problem = {"captchaExpired": {"value": {"title": "late"}}, "other": {"value": {"title": "other"}}}
    plain = {"captcha_refused": {"value": {"error": "captcha"}}}
    responses = {
        **SUCCESS,
        "400": {"description": "No.", "content": {"application/json": {"schema": {}, "examples": plain}}},
        "410": {"description": "No.", "content": {"application/problem+json": {"schema": {}, "examples": problem}}},
    }
    shop = Shop(contract(tmp_path, LOGIN, responses=responses))
    reply = refused(shop, result)
    expected = (410, {"title": "late"}) if result == "expired" else (400, {"error": "captcha"})
    assert (reply.status, reply.json()) == expected
    assert reply.headers["Content-Type"] == f"application/{'problem+' if result == 'expired' else ''}json"
    assert reply.headers["X-Mock-Reason"].startswith(f"captcha {result}")


def test_an_invalid_request_does_not_use_up_the_captcha(tmp_path: Path) -> None:
    """Nor does one whose response is selected by a preference."""
    shop = Shop(contract(tmp_path, LOGIN))
    uuid, answer = shop.captcha()
    body = json.dumps({"captcha": {"id": uuid, "code": str(answer)}})
    assert shop.send("/login", {"Content-Type": "application/json"}, body).headers["X-Mock-Reason"].startswith("body")
    for prefer in ("example=example", "code=200"):
        reply = shop.login(uuid, "another", {"Prefer": prefer})
        assert (reply.status, reply.headers["Preference-Applied"]) == (200, prefer)
    assert shop.login(uuid, str(answer)).status == 200


def test_a_request_without_captcha_is_left_to_its_schema(tmp_path: Path) -> None:
    """A request without an optional captcha is valid; one with its id or its answer alone is refused."""
    properties = {
        "id": {"type": "string", "x-mock": "challenge-uuid"},
        "code": {"type": "string", "x-mock": "challenge-answer"},
    }
    content = {"application/json": {"schema": {"type": "object", "properties": properties}}}
    shop = Shop(contract(tmp_path, LOGIN, requestBody={"content": content}))
    uuid, answer = shop.captcha()
    bodies = [{}, {"id": uuid}, {"code": str(answer)}]
    headers = {"Content-Type": "application/json"}
    assert [shop.send("/login", headers, json.dumps(each)).status for each in bodies] == [200, 422, 422]


def test_the_envelope_of_the_packaged_contract(tmp_path: Path) -> None:
    """A /login beside POST /code: its errors are examples under components, in the envelope."""
    document = yaml.safe_load(default_path().read_text(encoding="utf-8"))
    fields = {
        "uuid": {"type": "string", "x-mock": "challenge-uuid"},
        "code": {"type": "string", "x-mock": "challenge-answer"},
    }
    schema = {"type": "object", "required": [*fields], "properties": fields}
    ok = {"succFlag": True, "code": 200, "msg": None, "data": None}
    document["paths"]["/login"] = {
        "post": {
            "operationId": "login",
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
            "responses": {
                "200": {"description": "Ok.", "content": {"application/json": {"schema": {}, "example": ok}}}
            },
        }
    }
    path = tmp_path / "platform.yaml"

    def result(name: str = "") -> tuple[int, Any]:
        path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
        with flask(contract=load(path), state=State.new()) as target:
            data = target.send("POST", "/code", {"Source": "PC", "Prefer": "answer"})
            body = {"uuid": data.json()["data"]["uuid"], "code": data.headers["X-Mock-Answer"]}
            replies = [
                target.send("POST", "/login", {"Content-Type": "application/json"}, json.dumps(body | more).encode())
                for more in ({"code": "-1"}, {})
            ]
            assert (replies[1].status, replies[1].json()) == (200, ok)
            return replies[0].status, replies[0].json()

    refused = document["components"]["examples"]["request-refused"]
    assert result() == (refused["x-status"], refused["value"])
    own = {"succFlag": False, "code": 4001, "msg": "验证码错误", "data": None}
    document["components"]["examples"]["captcha-refused"] = {"value": own}
    assert result() == (200, own)


def test_an_answer_without_an_id_is_rejected(tmp_path: Path) -> None:
    """The error names the mark and the remedy."""
    mark = "            id: {$ref: '#/components/schemas/CaptchaId'}"
    text = LOGIN.replace(mark, mark.partition("$")[0] + "type: string}")
    with pytest.raises(ContractError) as caught:
        Mock(contract(tmp_path, text))
    assert caught.value.pointer.endswith("/properties/captcha/properties/code")
    assert "the request has the answer to a captcha, but not the id" in str(caught.value)
    assert "mark the id with x-mock: challenge-uuid" in str(caught.value)
