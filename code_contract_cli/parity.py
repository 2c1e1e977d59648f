"""`code-contract check --mock-parity`: the same run against the built-in mock."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.engine.parity import differences
from contract_tests.result import Result
from contract_tests.run import CheckInterruptedError, check


def compared(result: Result) -> Result:
    """Return a result with the differences between its target and the built-in mock.

    Args:
        result: The result of a run that kept all bodies.
    """
    if result.interrupted or not result.was_reachable:
        return result
    from mock_server import running  # a run without --mock-parity does not wait for it

    with running(contract=result.contract) as mock:
        own = replace(
            result.settings, base_url=mock.base_url, samples=result.settings.min_samples, soak="", rate=None, proxy=None
        )
        try:
            other = check(result.contract, own, keep_bodies=True)
        except CheckInterruptedError:
            return result
    found = differences(result.contract, (result.collection, result.verdicts), (other.collection, other.verdicts))
    return replace(result, parity=found)
