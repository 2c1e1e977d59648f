"""Behaviours of the mock, valid and not, and any JSON."""

from __future__ import annotations

import hypothesis.strategies as st

from code_contract import load
from mock_server.faults import applicable

CONTRACT = load()
FAULTS = st.sampled_from([fault.name for fault in applicable(CONTRACT)])
SCENARIOS = st.sampled_from([*CONTRACT.scenarios, "ok"])
DELAYS = st.integers(0, 60) | st.floats(0, 60) | st.sampled_from(["1", "0.2-1.5", "59.999", "2-1"])
PREFERENCES = st.one_of(
    st.fixed_dictionaries({"scenario": SCENARIOS}, optional={"delay": DELAYS, "fault": FAULTS}),
    st.fixed_dictionaries({"example": st.sampled_from(list(CONTRACT.examples))}, optional={"delay": DELAYS}),
    st.fixed_dictionaries({"code": st.integers(199, 600)}, optional={"fault": FAULTS}),
    st.fixed_dictionaries({"fault": FAULTS}, optional={"delay": DELAYS}),
    st.fixed_dictionaries({"delay": DELAYS}),
)
TIMES = st.integers(1, 4) | st.sampled_from([0, -1, 1_000_000, 1_000_001, 2.0, 1.5, True, None, "1"])
BEHAVIOURS = st.one_of(
    PREFERENCES,
    st.builds(lambda each, times: {"scenario": each, "times": times}, SCENARIOS, st.integers(1, 4)),
    st.builds(lambda each, times: each | {"times": times}, PREFERENCES, TIMES),
    st.fixed_dictionaries({"sequence": st.lists(SCENARIOS | PREFERENCES, min_size=1, max_size=6)}),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | SCENARIOS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["scenario", "example", "code", "fault", "delay", "times", "sequence", "x"]), inner
        )
    ),
    max_leaves=8,
)
