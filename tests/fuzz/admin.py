"""The admin API against a model of it: any sequence of calls, by Hypothesis. `tox run -e fuzz` does it for longer."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mock_server import create_app
from mock_server.admin.event_stream import MAX_ENTRY_ID
from mock_server.captcha.challenge import derive
from mock_server.core.state import State
from tests.fuzz.behaviours import BEHAVIOURS, CONTRACT, JSON
from tests.fuzz.log import no_errors

MAX_ENTRIES, MAX_CLIENTS, MAX_STEPS = 4, 2, 8
"""Limits of the mock in these tests, so that a few calls reach them."""
CLIENTS = ("", "a", "中 b&=")
JSON_TYPE = {"Content-Type": "application/json"}
CLIENT = st.sampled_from(CLIENTS)
PATHS = (
    "", "docs/", "docs/swagger-ui.css", "page.js", "page.css", "health", "options", "metrics", "openapi.json",
    "requests", "requests.har", "events", "behaviour",
)  # fmt: skip
OWN = {"": 200, "scenario=refused": 200, "code=503": 503, "example=not-found": 404, "code=x": 400, "wish=1": 200}
"""Preferences of a request itself, and the status of the response, unless it is a fault's."""


class AdminMachine(RuleBasedStateMachine):
    """A mock by the test client of `create_app`, and a model of its behaviours and its journal."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []
        patches = (
            patch("mock_server.observability.journal.MAX_ENTRIES", MAX_ENTRIES),
            patch("mock_server.core.behaviours.MAX_CLIENTS", MAX_CLIENTS),
            patch("mock_server.core.behaviours.MAX_STEPS", MAX_STEPS),
            patch("mock_server.admin.flask_app.time", SimpleNamespace(sleep=self.slept.append, time=time.time)),
        )
        self.stack = ExitStack()
        for each in patches:
            self.stack.enter_context(each)
        self.logged = self.stack.enter_context(no_errors())
        self.state = State.new(seed="machine")
        self.app = create_app(CONTRACT, state=self.state).test_client(use_cookies=False)
        self.behaviours: OrderedDict[str, tuple[Mapping[str, Any], int | None]] = OrderedDict()
        self.journal: list[tuple[int, str, int]] = []
        self.count = 0

    def teardown(self) -> None:
        self.stack.close()

    def call(self, method: str, path: str, client: str = "", **more: Any) -> Any:
        """The response; the client is named by its parameter, which unlike the header takes any text."""
        separator = "&" if "?" in path else "?"
        named = f"{separator}__client={quote(client)}" if client else ""
        response = self.app.open(path + named, method=method, buffered=True, **more)
        assert self.logged == []
        return response

    def admin(self, method: str, path: str, client: str = "", status: int = 200, **more: Any) -> Any:
        """The JSON value of a response of the admin API, whose status must be this one."""
        response = self.call(method, f"/__mock/{path}", client, **more)
        assert response.status_code == status, (response.status_code, response.data)
        return response.json if response.data else None

    @rule(client=CLIENT, behaviour=BEHAVIOURS)
    def set_behaviour(self, client: str, behaviour: Any) -> None:
        """A behaviour is active as it was set, or it is invalid and nothing changes."""
        response = self.call("PUT", "/__mock/behaviour", client, data=json.dumps(behaviour), headers=JSON_TYPE)
        if response.status_code == 400:
            assert isinstance(response.json["error"], str)
            return
        assert response.status_code == 200
        steps = behaviour.get("sequence", ())
        left = len(steps) or behaviour.get("times")
        assert response.json == {"behaviour": json.loads(json.dumps(behaviour)), "left": left}
        self.behaviours[client] = (behaviour, left and int(left))
        self.behaviours.move_to_end(client)
        while len(self.behaviours) > MAX_CLIENTS or sum(map(self._steps, self.behaviours)) > MAX_STEPS:
            self.behaviours.popitem(last=False)

    def _steps(self, client: str) -> int:
        return len(self.behaviours[client][0].get("sequence", ()))

    @rule(client=CLIENT, value=JSON | st.binary(max_size=40) | st.just(b"x" * 70_000), is_json=st.booleans())
    def set_anything(self, client: str, value: Any, is_json: bool) -> None:
        """Bytes that are not JSON, or not of its media type, are rejected with a sentence."""
        if not isinstance(value, bytes) and is_json:
            self.set_behaviour(client, value)
            return
        body = value if isinstance(value, bytes) else json.dumps(value)
        response = self.call("PUT", "/__mock/behaviour", client, data=body, headers=JSON_TYPE if is_json else {})
        assert response.status_code in (400, 413, 415)
        assert isinstance(response.json["error"], str)

    @rule(client=CLIENT, what=st.sampled_from(["behaviour", "requests", "both"]))
    def clear(self, client: str, what: str) -> None:
        """The behaviour, the entries, or both, of one client or of all are removed; `reset` removes everything."""
        if what == "both":
            self.state.reset()
            client = ""
        else:
            self.admin("DELETE", what, client, 204)
        if what != "requests":
            self.behaviours = OrderedDict(each for each in self.behaviours.items() if client not in ("", each[0]))
        if what != "behaviour":
            self.journal = [each for each in self.journal if client not in ("", each[1])]

    @rule(client=CLIENT, path=st.sampled_from(["/code", "/code?a=1"]), own=st.sampled_from(list(OWN)))
    def request_captcha(self, client: str, path: str, own: str) -> None:
        """The request uses up one of the times, and the response is that of the behaviour, unless it has its own."""
        response = self.call("POST", path, client, headers={"Source": "PC"} | ({"Prefer": own} if own else {}))
        if own == "code=x":
            assert response.status_code == 400
            self._record(client, 400, response)
            return
        active = self._next(client)
        outcome = self._record(client, response.status_code, response)
        if not own or own == "wish=1":
            self._check(active, response, outcome)
        elif "fault" not in active:
            assert response.status_code == OWN[own]

    def _use(self, client: str) -> str:
        """The client whose behaviour applies; it is dropped last."""
        key = client if client in self.behaviours else ""
        if key in self.behaviours:
            self.behaviours.move_to_end(key)
        return key

    def _next(self, client: str) -> Mapping[str, Any]:
        """The preferences for the next request of a client, one of whose times is used up."""
        key = self._use(client)
        behaviour, left = self.behaviours.get(key, ({}, None))
        steps = behaviour.get("sequence")
        step = behaviour if steps is None else steps[len(steps) - (left or 0)]
        if left is not None:
            self.behaviours[key] = (behaviour, left - 1)
            if left == 1:
                del self.behaviours[key]
        return {"scenario": step} if isinstance(step, str) else step

    def _check(self, active: Mapping[str, Any], response: Any, outcome: str) -> None:
        """The response and its delay are those of the active preferences."""
        scenario = CONTRACT.scenarios.get(active.get("scenario", ""))
        assert ("active behaviour" in outcome or response.status_code == 501) == bool(active)
        if "delay" in active and "fault" not in active:
            delay = active["delay"]
            limits = [float(each) for each in delay.split("-")] if isinstance(delay, str) else [delay]
            low, high = min(limits), max(limits)
            assert low <= (self.slept.pop() if high else 0) <= high
        if "fault" in active or (scenario is not None and scenario.every_nth > 1):
            return
        name = scenario.example if scenario else active.get("example")
        status = active.get("code") or (CONTRACT.example(name).status if name else 200)
        assert response.status_code == status
        if name is None and status == 200:
            uuid = response.json["data"]["uuid"]
            assert self.admin("GET", f"challenges/{uuid}")["answer"] == derive(self.state.secret, uuid).answer

    def _record(self, client: str, status: int, response: Any) -> str:
        """Add a request to the model of the journal; return its outcome."""
        self.count += 1
        self.journal = [*self.journal, (self.count, client, status)][-MAX_ENTRIES:]
        [entry] = self.admin("GET", f"requests?after={self.count - 1}")["requests"]
        assert (entry["number"], entry["client"], entry["status"]) == self.journal[-1]
        return str(entry["outcome"])

    @rule(
        client=CLIENT,
        method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS"]),
        path=st.sampled_from(["/nowhere", "/code/x", "/code"]),
        count=st.integers(1, 3),
    )
    def request_nothing(self, client: str, method: str, path: str, count: int) -> None:
        """Requests that reach no operation are in the journal, and use up no times."""
        for _ in range(count if (method, path) != ("POST", "/code") else 0):
            response = self.call(method, path, client)
            if method != "OPTIONS":
                self._use(client)
            assert response.status_code < 500 or any("fault" in str(each) for each in self.behaviours.values())
            self._record(client, response.status_code, response)

    @rule(path=st.sampled_from(PATHS))
    def read(self, path: str) -> None:
        """Pages, names and metrics are served."""
        assert self.call("GET", f"/__mock/{path}").status_code == 200

    @rule(uuid=st.text(min_size=1, max_size=250))
    def read_challenge(self, uuid: str) -> None:
        """Every id has an answer; one that is too long is rejected, and adjacent slashes may be merged."""
        response = self.call("GET", f"/__mock/challenges/{quote(uuid, safe='')}")
        assert response.status_code in ((200,) if len(uuid) <= 200 and "//" not in f"/{uuid}" else (200, 400, 308))

    @rule(
        method=st.sampled_from(["GET", "POST", "PATCH", "TRACE", "HEAD", "OPTIONS", "x"]),
        path=st.text(max_size=30).map(quote) | st.sampled_from((*PATHS, "verify")),
        query=st.text(max_size=30).map(quote),
        headers=st.dictionaries(
            st.sampled_from(["X-Mock-Client", "Host", "Origin", "Referer", "Content-Length", "Accept-Language"]),
            st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=120),
        ),
        body=st.binary(max_size=20),
    )  # fmt: skip
    def request_anything(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> None:
        """No request to the admin API fails in the mock, and an error is a sentence."""
        response = self.call(method, f"/__mock/{path}?{query}", headers=headers, data=body)
        assert response.status_code < 500
        if response.status_code >= 400 and method != "HEAD":
            assert list(response.json) == ["error"]

    @rule(client=CLIENT, last=st.integers(0, 6))
    def read_journal(self, client: str, last: int) -> None:
        """It has the last requests, of this client or of all, after this one."""
        after = max(0, self.count - last)
        found = self.admin("GET", f"requests?after={after}", client)["requests"]
        expected = [each for each in self.journal if each[0] > after and client in ("", each[1])]
        assert [(each["number"], each["client"], each["status"]) for each in found] == expected

    @rule(after=st.text("0123456789²٣-+ x_", max_size=11))
    def read_journal_after(self, after: str) -> None:
        """A number of at most ten digits is accepted."""
        is_valid = after.isascii() and after.isdigit() and len(after) <= 10 and int(after) <= MAX_ENTRY_ID
        self.admin("GET", f"requests?after={quote(after)}", status=200 if is_valid else 400)

    @invariant()
    def the_mock_is_as_the_model(self) -> None:
        """For every client, its own behaviour is shown, or that for all, with the number of requests left."""
        assert [(each.number, each.client, each.status) for each in self.state.journal.entries()] == self.journal
        for client in CLIENTS:
            behaviour, left = self.behaviours.get(client) or self.behaviours.get("") or ({}, None)
            found = self.admin("GET", "behaviour", client)
            assert found == {"behaviour": json.loads(json.dumps(behaviour)), "left": left}


def fuzz(limits: settings) -> None:
    """Run the machine within these limits."""
    run_state_machine_as_test(AdminMachine, settings=settings(limits, suppress_health_check=list(HealthCheck)))
