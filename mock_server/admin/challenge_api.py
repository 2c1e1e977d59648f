"""The routes of the admin API on captchas and on the clock by which they expire."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from werkzeug.routing import BaseConverter

from mock_server.admin.bodies import AdminResponse, BodyReader, error
from mock_server.core.behaviours import client_id, request_source
from mock_server.core.clock import Clock, ClockError, ClockRangeError
from mock_server.core.mock import Mock
from mock_server.observability.events import Change
from mock_server.observability.journal import APP

MAX_UUID_LENGTH = 200
"""Characters of a captcha id in a path."""


class CaptchaIdConverter(BaseConverter):
    """Any text, since clients choose ids. Werkzeug's converter `path` allows no line breaks."""

    regex = "(?s:.+?)"
    weight = 200
    part_isolating = False


def add_challenges(admin: Blueprint, mock: Mock, bodies: BodyReader) -> None:
    """Add the routes on captchas to the admin API of a mock."""
    state = mock.state
    # First: the routes below refer to it.
    admin.record(lambda setup: setup.app.url_map.converters.update(captcha_id=CaptchaIdConverter))

    @admin.get("/challenges/last")
    def last_challenge() -> AdminResponse:
        uuid = state.journal.last_uuid(client_id(request.headers, request.args))
        return _challenge(mock, uuid) if uuid else error("no captcha has been sent yet; request one first", 404)

    @admin.get("/challenges/<captcha_id:uuid>")
    def challenge(uuid: str) -> AdminResponse:
        return _too_long(uuid) or _challenge(mock, uuid)

    @admin.get("/challenges/<captcha_id:uuid>/state")
    def challenge_state(uuid: str) -> AdminResponse:
        result, left = state.challenges.state(uuid)
        return _too_long(uuid) or jsonify(state=result.value if result else "open", seconds_left=round(left, 3))

    @admin.post("/challenges/<captcha_id:uuid>/answer")
    def answer_challenge(uuid: str) -> AdminResponse:
        refusal = _too_long(uuid)
        if refusal is not None:
            return refusal
        given = bodies.read_valid("GivenAnswer", 'an answer such as {"answer": 7}')
        counted = request_source(request.headers) == APP
        result = state.challenges.check(uuid, given["answer"], counted)
        state.events.publish(Change.CAPTCHA)
        return jsonify(result=result.value)

    @admin.get("/clock")
    def clock() -> AdminResponse:
        return _shown(state.clock)

    @admin.put("/clock")
    def set_clock() -> AdminResponse:
        given = bodies.read_valid("ClockChange", 'a change such as {"advance": 300}')
        try:
            if "now" in given:
                state.clock.set(given["now"])
            else:
                state.clock.advance(given["advance"])
        except ClockError as reason:
            return error(str(reason), 409 if isinstance(reason, ClockRangeError) else 400)
        state.events.publish(Change.CAPTCHA)
        return _shown(state.clock)

    @admin.delete("/clock")
    def reset_clock() -> AdminResponse:
        state.clock.reset()
        state.events.publish(Change.CAPTCHA)
        return "", 204


def _too_long(uuid: str) -> AdminResponse | None:
    if len(uuid) <= MAX_UUID_LENGTH:
        return None
    return error(f"the id has {len(uuid)} characters; use at most {MAX_UUID_LENGTH}", 400)


def _challenge(mock: Mock, uuid: str) -> AdminResponse:
    found = mock.builder.challenge(uuid)
    if found is None:
        return error("no operation of the contract returns captchas", 404)
    challenge, picture = found
    return jsonify(uuid=uuid, question=challenge.question, answer=challenge.answer, picture=picture)


def _shown(clock: Clock) -> AdminResponse:
    return jsonify(now=clock.now().isoformat(timespec="milliseconds"), offset=clock.offset)
