"""A login of a hand-written document, whose captcha the mock sends and whose answer it checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from code_contract import Contract, load
from mock_server import Mock
from tests.mock_server.adapters import Reply, flask

LOGIN = """
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /captcha:
    get:
      operationId: captcha
      responses:
        '200':
          description: A captcha.
          content:
            application/json:
              schema:
                type: object
                properties:
                  id: {$ref: '#/components/schemas/CaptchaId'}
                  image: {type: string, x-mock: challenge-picture, x-picture: {type: image/svg+xml}}
              example: {id: a, image: 'data:image/svg+xml;base64,'}
  /login:
    post:
      operationId: login
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Login'}}
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Login'}}
      responses:
        '200':
          description: Logged in.
          content: {application/json: {schema: {type: object}, example: {token: t0ken}}}
components:
  schemas:
    CaptchaId: {type: string, minLength: 1, x-mock: challenge-uuid}
    Login:
      type: object
      required: [user, captcha]
      properties:
        user: {type: string}
        captcha:
          type: object
          required: [id, code]
          properties:
            id: {$ref: '#/components/schemas/CaptchaId'}
            code: {type: string, x-mock: challenge-answer}
"""


def contract(folder: Path, text: str, **changes: Any) -> Contract:
    """The document, with these parts of POST /login replaced."""
    document = yaml.safe_load(text)
    document["paths"]["/login"]["post"] |= changes
    path = folder / "shop.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return load(path)


class Shop:
    """A mock of the document, and what a page does with it."""

    def __init__(self, contract: Contract, **settings: Any) -> None:
        self.mock = Mock(contract, **settings)
        self.state = self.mock.state
        with flask(contract=contract, state=self.state, **settings) as target:
            self.target = target

    def captcha(self) -> tuple[str, int]:
        reply = self.target.send("GET", "/captcha", {"Prefer": "answer"})
        return reply.json()["id"], int(reply.headers["X-Mock-Answer"])

    def login(self, uuid: object, answer: object, headers: Mapping[str, str] = {}) -> Reply:
        body = {"user": "li", "captcha": {"id": uuid, "code": answer}}
        return self.send("/login", {"Content-Type": "application/json", **headers}, json.dumps(body))

    def send(self, path: str, headers: Mapping[str, str], body: str = "") -> Reply:
        return self.target.send("POST", path, headers, body.encode())

    @property
    def outcome(self) -> str:
        return self.state.journal.entries()[-1].outcome
