"""The mock as a Flask application, for the test client and for any WSGI server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from code_contract import Contract
from mock_server.admin.access import AccessPolicy
from mock_server.captcha.issued import DEFAULT_CAPTCHA_TTL
from mock_server.core.mock import Mock
from mock_server.core.state import CheckJournal, State
from mock_server.core.violations import ValidationMode
from mock_server.faults.model import Fault

if TYPE_CHECKING:
    from flask import Flask


def create_app(
    contract: Contract | None = None,
    *,
    secret: bytes | None = None,
    seed: str | None = None,
    faults: Sequence[Fault] = (),
    base_path: str | None = None,
    validate: ValidationMode = ValidationMode.DEFAULT,
    mask: Sequence[str] = (),
    captcha_ttl: float = DEFAULT_CAPTCHA_TTL,
    admin: bool = True,
    allowed_hosts: Sequence[str] = (),
    allowed_origins: Sequence[str] = (),
    state: State | None = None,
    check_journal: CheckJournal | None = None,
) -> Flask:
    """Create a Flask application that serves a mock of every operation of a contract.

    A WSGI server cannot break a connection, so connection faults are answered with status 501.

    Args:
        contract: The contract to serve; the project's own by default.
        secret: The key from which challenges are derived: mocks with the same one know each other's answers. Random by
            default.
        seed: Makes the responses the same on every run, byte for byte.
        faults: Faults to apply to every response.
        base_path: The path prefix of the operations; that of the contract's first server by default.
        validate: The treatment of invalid requests.
        mask: Names of further secrets in requests, which the journal and the access log mask.
        captcha_ttl: Seconds for which a captcha can be answered.
        admin: True to serve the admin API and its page under /__mock/.
        allowed_hosts: Names besides the loopback ones that requests of the admin API, its pages and the contract may
            have in Host.
        allowed_origins: Origins besides the loopback ones whose pages may use them, such as "http://app.test:3000".
        state: The state of an earlier mock to continue with, in place of a secret, a seed and a `captcha_ttl`.
        check_journal: Checks the exchanges of the journal for the page, such as `code_contract_cli.journal_check()`.

    Returns:
        The application. It serves the contract itself at /openapi.yaml and /openapi.json.

    Raises:
        ContractError: The project's own contract cannot be read.
        InvalidNameError: A host or an origin is invalid.
    """
    access = AccessPolicy.new(allowed_hosts, allowed_origins)
    mock = Mock(
        contract,
        secret=secret,
        seed=seed,
        faults=faults,
        base_path=base_path,
        validate=validate,
        mask=mask,
        captcha_ttl=captcha_ttl,
        state=state,
    )
    mock.state.check_journal = check_journal or mock.state.check_journal
    # Imported here: the server needs Flask, the slowest import of all, only for the admin API.
    from mock_server.admin.flask_app import flask_app

    return flask_app(mock, admin=admin, access=access)
