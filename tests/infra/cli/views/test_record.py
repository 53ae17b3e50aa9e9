"""The track record: joined bins of the histogram."""

import math

from hypothesis import given
from hypothesis import strategies as st

from infra.cli.views.record import _coarser


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 60),
)  # fmt: skip
def test_joined_bins_count_all_and_keep_zero_an_edge(counts: list[int], zero: int) -> None:
    zero = min(zero, len(counts))
    edges = [(n - zero) * 0.1 for n in range(len(counts) + 1)]
    bins = _coarser(edges, counts)
    assert sum(n for _, _, n in bins) == sum(counts)
    assert len(bins) <= 13
    assert any(math.isclose(edge, 0.0) for low, high, _ in bins for edge in (low, high))
    assert [low for low, _, _ in bins[1:]] == [high for _, high, _ in bins[:-1]]


def test_no_bins_are_no_bins() -> None:
    assert _coarser([], []) == []
