"""Serves the mock with uvicorn: in the foreground for the command line, in a thread for tests."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

from mock_server.admin import require_no_collision
from mock_server.admin.access import AccessPolicy
from mock_server.captcha.challenge import derive
from mock_server.core.behaviours import ALL_CLIENTS, Behaviour
from mock_server.core.mock import Mock
from mock_server.core.state import State
from mock_server.observability.journal import JournalEntry
from mock_server.observability.matcher import Matcher
from mock_server.server import assertions
from mock_server.server.asgi import AsgiApp
from mock_server.server.fallback_url import FallbackError, FallbackUrl
from mock_server.server.loop import SHUTDOWN_TIMEOUT, LoopErrorLog, Server, new_event_loop
from mock_server.server.protocol import CLIENT_TIMEOUT, MockProtocol
from mock_server.server.sockets import listen, max_connections
from mock_server.server.tls import Certificate

if TYPE_CHECKING:
    from mock_server.server.passing import Passing


class MockServer:
    """A mock that listens on a TCP port.

    Args:
        mock: The mock to serve.
        host: The name or address to listen on.
        port: The port to listen on; 0 picks a free one.
        admin: True to serve the admin API and its page under /__mock/.
        allowed_hosts: Names besides the loopback ones, `host` and its address that requests of the admin API, its pages
            and the contract may have in Host. A mock that listens on all addresses accepts every IP address.
        allowed_origins: Origins besides the loopback ones whose pages may use them, such as "http://app.test:3000".
        fallback: The URL of a server to which requests that reach no operation are passed on.
        tls: The certificate for HTTPS, which is closed with the mock; None for HTTP.

    Attributes:
        root_url: The URL of the server, without a trailing slash.
        base_url: The URL under which the operations are, without a trailing slash.

    Raises:
        OSError: The address is not available.
        ContractError: An operation has a path of the admin API.
        InvalidNameError: A host or an origin is invalid.
        FallbackError: The URL of the fallback cannot be used.
    """

    def __init__(
        self,
        mock: Mock,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        admin: bool = True,
        allowed_hosts: Sequence[str] = (),
        allowed_origins: Sequence[str] = (),
        fallback: str | None = None,
        tls: Certificate | None = None,
    ) -> None:
        upstream = None if fallback is None else FallbackUrl.parse(fallback)
        access = AccessPolicy.new(allowed_hosts, allowed_origins)
        # uvicorn logs every request that is not HTTP, and the effects of connection faults.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
        require_no_collision(mock, admin)
        self._socket = listen(host, port)
        bound = self._socket.getsockname()
        access = access.bound_to(host, bound[0])
        passing = None if upstream is None else self._passing(upstream, host, access)
        self._app = AsgiApp(mock, admin, access, max_connections(), passing)
        config = uvicorn.Config(
            self._app,
            loop="asyncio",
            http=MockProtocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=int(CLIENT_TIMEOUT),
            ssl_certfile=None if tls is None else tls.certificate,
            ssl_keyfile=None if tls is None else tls.key,
        )
        self._tls = tls
        self._server = Server(config)
        mock.state.behaviours.on_breaking = self._server.close_unused
        self._thread: threading.Thread | None = None
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        self.root_url = f"http{'s' if tls else ''}://{shown}:{bound[1]}"
        self.base_url = self.root_url + mock.base_path

    def _passing(self, url: FallbackUrl, host: str, access: AccessPolicy) -> Passing:
        # Imported here: only a mock with a fallback waits for the HTTP client.
        from mock_server.server.fallback import Fallback
        from mock_server.server.passing import Passing

        try:
            url.require_other(host, self._socket.getsockname())
            return Passing(Fallback(url), access)
        except FallbackError:
            self._socket.close()
            raise

    @property
    def state(self) -> State:
        """The state of the mock."""
        return self._app.mock.state

    def replace_mock(self, mock: Mock) -> None:
        """Serve another mock, which should continue with this state. Raises as the constructor does."""
        self._app.replace_mock(mock)
        self.base_url = self.root_url + mock.base_path

    @property
    def requests(self) -> list[JournalEntry]:
        """The journal: the last requests, oldest first."""
        return self.state.journal.entries()

    def verify(self, *, times: int | Mapping[str, int] | None = None, **conditions: Any) -> list[JournalEntry]:
        """Require that requests with these conditions are in the journal, and return them.

        Args:
            times: Their number, or {"min": 1, "max": 3}; at least one by default.
            **conditions: The fields of POST /__mock/verify: method, path, query, headers, body, client, source.

        Raises:
            AssertionError: Their number is another one; the message names the nearest requests and their differences.
            InvalidMatcherError: A regular expression is invalid.
        """
        return assertions.require_requests(self.state, Matcher.with_conditions(conditions), times)

    def wait_for_request(self, *, after: int = 0, timeout: float = 5.0, **conditions: Any) -> JournalEntry:
        """Return the first request with these conditions, which may be in the journal already or come later.

        Args:
            after: The number of an entry; those up to it do not count.
            timeout: Seconds to wait, at most 600.
            **conditions: As of `verify`.

        Raises:
            AssertionError: It does not come in time; the message names the nearest requests and their differences.
            InvalidMatcherError: A regular expression is invalid.
        """
        return assertions.wait_for_request(self.state, Matcher.with_conditions(conditions), after, timeout)

    def captcha_answer(self, uuid: str) -> int:
        """Return the answer to the captcha of that id."""
        return derive(self.state.secret, uuid).answer

    def answer(self, uuid: str, answer: int | str) -> str:
        """Answer a captcha, and return the result: "right", "wrong", "used", "expired" or "unknown".

        A right answer uses up the captcha, as POST /__mock/challenges/{uuid}/answer does.
        """
        return self.state.challenges.check(uuid, answer).value

    def advance(self, seconds: float) -> None:
        """Move the clock of the mock ahead until it is reset. Captchas expire by it.

        Raises:
            ClockError: The time is out of range.
        """
        self.state.clock.advance(seconds)

    def set_behaviour(self, scenario: str | None = None, *, client: str = ALL_CLIENTS, **fields: Any) -> None:
        """Activate a behaviour until it is reset.

        Args:
            scenario: The name of a scenario.
            client: The client that it is for; by default all that have no behaviour of their own.
            **fields: Further fields of PUT /__mock/behaviour: example, code, dynamic, fault, delay, sequence, times.

        Raises:
            UnsatisfiablePreferenceError: The behaviour cannot be applied; the message gives the reason.
        """
        source = fields if scenario is None else {"scenario": scenario, **fields}
        self.state.behaviours.put(client, Behaviour.from_json(source, self._app.mock.negotiator))

    def reset(self) -> None:
        """Clear the journal and the active behaviours, forget the captchas, and reset the clock."""
        self.state.reset()

    def serve(self) -> None:
        """Serve until `stop`; then finish the responses in progress within SHUTDOWN_TIMEOUT."""
        loop = new_event_loop()
        loop.set_exception_handler(LoopErrorLog())
        try:
            loop.run_until_complete(self._server.serve([self._socket]))
        finally:
            loop.close()
            self._app.close()
            self._socket.close()
            if self._tls is not None:
                self._tls.close()

    def start(self) -> None:
        """Serve in a thread."""
        self._thread = threading.Thread(target=self.serve, name="mock_server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask `serve` to end, and wait for it if it runs in a thread.

        It may be called twice, and by a signal handler.
        """
        self._app.stop()
        self._server.stop()
        if self._thread is not None:
            self._thread.join(SHUTDOWN_TIMEOUT + 2)


@contextmanager
def running(
    *,
    admin: bool = True,
    allowed_hosts: Sequence[str] = (),
    allowed_origins: Sequence[str] = (),
    fallback: str | None = None,
    tls: Certificate | None = None,
    **settings: Any,
) -> Iterator[MockServer]:
    """Run a mock on a free port of 127.0.0.1, and stop it at the end.

    Args:
        admin: True to serve the admin API and its page under /__mock/.
        allowed_hosts, allowed_origins: As of `create_app`.
        fallback, tls: As of `MockServer`.
        **settings: The other arguments of `create_app`.
    """
    names: dict[str, Any] = {"allowed_hosts": allowed_hosts, "allowed_origins": allowed_origins}
    server = MockServer(Mock(**settings), admin=admin, fallback=fallback, tls=tls, **names)
    server.start()
    try:
        yield server
    finally:
        server.stop()
