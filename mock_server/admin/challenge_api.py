"""The routes of the admin API on captchas: their answers, and the result of an answer."""

from __future__ import annotations

from flask import Blueprint, jsonify, request

from mock_server.admin.bodies import AdminResponse, error
from mock_server.core.behaviours import client_id
from mock_server.core.mock import Mock

MAX_UUID_LENGTH = 200
"""Characters of a captcha id in a path."""


def add_challenges(admin: Blueprint, mock: Mock) -> None:
    """Add the routes on captchas to the admin API of a mock."""

    @admin.get("/challenges/last")
    def last_challenge() -> AdminResponse:
        uuid = mock.state.journal.last_uuid(client_id(request.headers, request.args))
        return _challenge(mock, uuid) if uuid else error("no captcha has been sent yet; request one first", 404)

    @admin.get("/challenges/<uuid>")
    def challenge(uuid: str) -> AdminResponse:
        if len(uuid) > MAX_UUID_LENGTH:
            return error(f"the id has {len(uuid)} characters; use at most {MAX_UUID_LENGTH}", 400)
        return _challenge(mock, uuid)


def _challenge(mock: Mock, uuid: str) -> AdminResponse:
    found = mock.builder.challenge(uuid)
    if found is None:
        return error("no operation of the contract returns captchas", 404)
    challenge, picture = found
    return jsonify(uuid=uuid, question=challenge.question, answer=challenge.answer, picture=picture)
