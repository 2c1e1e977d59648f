"""Every fault on every kind of contract: the mock responds, whatever the response is made of."""

from __future__ import annotations

import logging

import pytest
from werkzeug.test import EnvironBuilder

from contract_tests.inputs.baseline import baseline_request
from contract_tests.settings import Settings
from mock_server import Mock
from mock_server.faults import applicable
from tests.contract_tests.test_picture_shapes import NAMES, contract_of


@pytest.mark.parametrize("name", NAMES)
def test_no_fault_fails_in_the_mock(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """A fault that cannot change a response leaves it as it is; none ends in an unexpected error."""
    contract = contract_of(name)
    operation = next(iter(contract.operations.values()))
    request = baseline_request(operation, Settings("http://localhost"))
    assert request is not None
    failed = []
    with caplog.at_level(logging.ERROR, logger="mock_server"):
        for fault in applicable(contract):
            mock = Mock(contract, faults=[fault])
            for path in (request.url.removeprefix("http://localhost"), "/elsewhere"):
                made = EnvironBuilder(path, method=request.method).get_request()
                mock.respond(made, b"", can_break_connection=True)
            if caplog.records:
                failed.append(fault.name)
                caplog.clear()
    assert failed == []
