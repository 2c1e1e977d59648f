"""Changes of messages that are nearly valid."""

from __future__ import annotations

from collections.abc import Sequence

import hypothesis.strategies as st


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """A seed with a few changes: tokens or bytes inserted, parts removed, repeated, or replaced by another seed."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(st.integers(0, len(data)))
        end = min(len(data), begin + draw(st.integers(0, 12)))
        inserted = draw(
            st.sampled_from(tokens) | st.binary(max_size=4) | st.just(data[begin:end] * 2) | st.sampled_from(seeds)
        )
        data = data[:begin] + inserted + data[draw(st.sampled_from([begin, end])) :]
    return data
