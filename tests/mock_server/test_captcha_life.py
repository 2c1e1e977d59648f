"""The life of a captcha: it is good for one right answer, and for a time by a clock that tests can move."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from code_contract import Contract
from code_contract_cli.main import run
from mock_server import Mock, create_app
from mock_server.captcha import issued
from mock_server.captcha.challenge import derive
from mock_server.captcha.issued import AnswerResult, IssuedChallenges
from mock_server.core.state import State
from tests.mock_server.adapters import Adapter, admin, post

Serve = Callable[..., Adapter]


def answer(target: Adapter, uuid: str, given: object) -> str:
    text = f'"{given}"' if isinstance(given, str) else str(given)
    status, body = admin(target, "POST", f"/challenges/{uuid}/answer", f'{{"answer": {text}}}')
    assert status == 200, body
    return str(body["result"])


def right_answer(target: Adapter, uuid: str) -> int:
    return derive(target.state.secret, uuid).answer


def test_a_captcha_is_good_for_one_right_answer(target: Adapter) -> None:
    """A wrong answer does not use it up; after the right one it is used."""
    uuid = post(target).json()["data"]["uuid"]
    right = right_answer(target, uuid)
    assert [answer(target, uuid, each) for each in (right + 1, "seven", right, right, right + 1)] == [
        *("wrong", "wrong", "right", "used", "used"),
    ]


@pytest.mark.parametrize(
    ("uuid", "path"),
    [
        ("a/b", "a%2Fb"),
        ("/a", "%2Fa"),
        ("a\nb\n", "a%0Ab%0A"),
        ("\n", "%0A"),
        ("中 ", "%E4%B8%AD%20"),
        ("..", "%2E%2E"),
        ("a?b#c", "a%3Fb%23c"),
    ],
)
def test_a_client_may_choose_any_id(target: Adapter, uuid: str, path: str) -> None:
    """It is encoded in the path, as `encodeURIComponent` does."""
    target.state.challenges.add(uuid)
    assert admin(target, "GET", f"/challenges/{path}")[1]["uuid"] == uuid
    assert admin(target, "GET", f"/challenges/{path}/state")[1]["state"] == "open"
    assert answer(target, path, right_answer(target, uuid)) == "right"


def test_a_captcha_that_was_not_sent_is_unknown(target: Adapter) -> None:
    """Its answer can be derived nevertheless; GET /challenges/{uuid} does not make it known."""
    admin(target, "GET", "/challenges/0a0a")
    assert answer(target, "0a0a", right_answer(target, "0a0a")) == "unknown"


def test_the_state_tells_whether_a_captcha_can_be_answered(target: Adapter) -> None:
    """Reading it changes nothing."""

    def state(uuid: str) -> tuple[str, float]:
        status, found = admin(target, "GET", f"/challenges/{uuid}/state")
        assert status == 200
        return found["state"], found["seconds_left"]

    used, late = (post(target).json()["data"]["uuid"] for _ in range(2))
    assert [(name, 290 < left <= 300) for name, left in map(state, (used, used))] == [("open", True)] * 2
    answer(target, used, right_answer(target, used))
    admin(target, "PUT", "/clock", '{"advance": 301}')
    assert [state(each) for each in (used, late, "0a0a")] == [("used", 0.0), ("expired", 0.0), ("unknown", 0.0)]


@pytest.mark.parametrize("form", ["{}", '"{}"', '" {} "', '"0{}"', '"+{}"', "{}.0", "{}e0"])
def test_an_answer_is_compared_as_the_integer_that_it_stands_for(target: Adapter, form: str) -> None:
    """As a number and as text."""
    uuid = post(target).json()["data"]["uuid"]
    body = f'{{"answer": {form.format(right_answer(target, uuid))}}}'
    assert admin(target, "POST", f"/challenges/{uuid}/answer", body) == (200, {"result": "right"})


@pytest.mark.parametrize(
    "body", ["{}", '{"answer": null}', '{"answer": true}', '{"answer": 7.5}', '{"answer": 7, "uuid": "x"}', "[7]", "7"]
)
def test_a_body_without_an_answer_is_rejected(target: Adapter, body: str) -> None:
    """With 400 and one sentence; the captcha stays as it was."""
    uuid = post(target).json()["data"]["uuid"]
    status, found = admin(target, "POST", f"/challenges/{uuid}/answer", body)
    assert status == 400
    assert found["error"]
    assert answer(target, uuid, right_answer(target, uuid)) == "right"


@pytest.mark.parametrize(("seconds", "result"), [(299, "right"), (300, "expired")])
def test_a_captcha_expires_by_the_clock_of_the_mock(target: Adapter, seconds: int, result: str) -> None:
    """After 5 minutes; a used one stays used."""
    uuid = post(target).json()["data"]["uuid"]
    status, clock = admin(target, "PUT", "/clock", f'{{"advance": {seconds - 0.5}}}')
    assert (status, clock["offset"]) == (200, seconds - 0.5)
    admin(target, "PUT", "/clock", '{"advance": 0.5}')
    assert answer(target, uuid, right_answer(target, uuid)) == result
    admin(target, "PUT", "/clock", '{"advance": 1000}')
    assert answer(target, uuid, right_answer(target, uuid)) == {"right": "used"}.get(result, result)
    assert admin(target, "DELETE", "/clock") == (204, None)
    assert admin(target, "GET", "/clock")[1]["offset"] == 0


def test_the_time_is_a_setting(serve: Serve) -> None:
    """By `captcha_ttl`."""
    target = serve(captcha_ttl=10.0)
    uuid = post(target).json()["data"]["uuid"]
    target.state.clock.advance(10)
    assert answer(target, uuid, right_answer(target, uuid)) == "expired"
    with pytest.raises(ValueError, match="captcha_ttl is -1; use a positive number"):
        create_app(captcha_ttl=-1)


def test_a_captcha_that_is_sent_again_can_be_answered_again() -> None:
    """As by a server that draws a new picture under the id that the client chose."""
    now = [0.0]
    sent = IssuedChallenges(b"secret", lambda: now[0], ttl=10)
    right = derive(b"secret", "a" * 1000).answer
    for _ in range(2):
        sent.add("a" * 1000)
        assert sent.check("a" * 1000, str(right)) is AnswerResult.RIGHT
        assert sent.check("a" * 1000, right) is AnswerResult.USED
        now[0] += 100


def test_the_captchas_in_memory_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are dropped first, and are unknown then; answers add none."""
    monkeypatch.setattr(issued, "MAX_ISSUED", 3)
    sent = IssuedChallenges(b"secret", lambda: 0.0)
    for each in "abcd":
        sent.add(each)
        sent.check(f"not {each}", 1)
    assert [sent.check(each, -1) for each in "abcd"] == [AnswerResult.UNKNOWN] + 3 * [AnswerResult.WRONG]


def test_a_reset_forgets_captchas_and_moves_the_clock_back(target: Adapter) -> None:
    """As between the tests of a session."""
    uuid = post(target).json()["data"]["uuid"]
    admin(target, "PUT", "/clock", '{"advance": 100}')
    target.state.reset()
    assert answer(target, uuid, right_answer(target, uuid)) == "unknown"
    assert target.state.clock.offset == 0


ASKED = [
    *(("answer", "", "answer"), ("answer, delay=0", "", "delay=0, answer"), ("", "__answer", None)),
    *(("", "__answer=true", None), ("answer=true", "", "answer"), ('answer=""', "", "answer")),
]


@pytest.mark.parametrize(("prefer", "query", "applied"), ASKED)
def test_a_response_carries_the_answer_on_request(
    target: Adapter, prefer: str, query: str, applied: str | None
) -> None:
    """In a header that pages of other origins can read; Preference-Applied confirms it (RFC 7240 §3)."""
    headers = {"Source": "PC", "Origin": "http://localhost:5173"} | ({"Prefer": prefer} if prefer else {})
    reply = target.send("POST", f"/code?{query}", headers)
    uuid = reply.json()["data"]["uuid"]
    assert reply.headers["X-Mock-Answer"] == str(right_answer(target, uuid))
    assert reply.headers["Preference-Applied"] == applied or applied is None
    assert "X-Mock-Answer" in re.split(", ?", reply.headers["Access-Control-Expose-Headers"])
    assert answer(target, uuid, reply.headers["X-Mock-Answer"]) == "right"


@pytest.mark.parametrize("prefer", ["", "answer=false", "answer, example=refused", "answer, dynamic=false"])
def test_a_response_without_a_fresh_captcha_carries_no_answer(target: Adapter, prefer: str) -> None:
    """Nor one that is not asked for it; the preference is not confirmed then."""
    reply = post(target, prefer)
    assert "X-Mock-Answer" not in reply.headers
    assert "answer" not in reply.headers.get("Preference-Applied", "").replace("answer=false", "").split(", ")


def test_a_behaviour_can_ask_for_the_answer(target: Adapter) -> None:
    """So that the application under test need not be changed. Other parts of the behaviour apply too."""
    status, _ = admin(target, "PUT", "/behaviour", '{"answer": true, "times": 1}')
    assert status == 200
    assert ["X-Mock-Answer" in post(target).headers for _ in range(2)] == [True, False]


def test_an_invalid_preference_for_the_answer_is_rejected(target: Adapter) -> None:
    """With the value and the valid ones."""
    reply = post(target, answer="maybe")
    assert reply.status == 400
    assert reply.headers["X-Mock-Reason"] == "answer='maybe' is not a valid value; use true or false"


def test_the_time_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    """`--captcha-ttl` takes a duration; another text is rejected with a sentence."""
    assert run(["mock", "--captcha-ttl", "soon", "--port", "0"]) == 2
    error = capsys.readouterr().err
    assert "--captcha-ttl 'soon' is not a valid duration; use one such as 90s, 10m or 2h" in error


def test_a_state_keeps_the_captchas_over_a_reload(contract: Contract) -> None:
    """A mock that continues with the state knows the captchas of the one before."""
    state = State.new(secret=b"secret")
    first, second = Mock(contract, state=state), Mock(contract, state=state)
    first.state.challenges.add("a")
    assert second.state.challenges.check("a", derive(b"secret", "a").answer) is AnswerResult.RIGHT
