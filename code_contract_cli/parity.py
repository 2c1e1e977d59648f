"""`code-contract check --mock-parity`: the same run against the built-in mock."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.engine.parity import differences
from contract_tests.result import Result
from contract_tests.run import check


def compared(result: Result) -> Result:
    """Return a result with the differences between its target and the built-in mock.

    Args:
        result: The result of a run that kept all bodies.
    """
    if result.interrupted or not result.was_reachable:
        return result
    from mock_server import running  # a run without --mock-parity does not wait for it

    own = replace(result.settings, samples=result.settings.min_samples, soak="", rate=None, proxy=None)
    try:
        with running(contract=result.contract) as mock:
            other = check(result.contract, replace(own, base_url=mock.base_url), keep_bodies=True)
        found = differences(result.contract, (result.collection, result.verdicts), (other.collection, other.verdicts))
    except KeyboardInterrupt:
        # The run of the target is complete: its reports are written.
        return result
    return replace(result, parity=found)
