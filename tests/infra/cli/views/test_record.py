"""The track record, as `performance` and `equity` print it."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cli.views.record import _coarser
from tests.infra.cli.conftest import Cli, run_ok
from tests.infra.cli.documents import DAY
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket


def test_performance_names_the_groups_it_leaves_out(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "performance").out
    assert "2 closed signals in 30 days" in out
    assert "50.0% (95% interval: 9.5% to 90.5%)" in out
    assert "fewer than 30 signals prove nothing" in out
    assert "not compounded" in out
    assert "0123456789ab on simulated (n = 7)" in out
    assert re.search(r"ETHUSDT +1 +0.0%", out)


def test_equity_ends_with_the_current_value(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "equity").out
    assert "-0.80% net after 2 days  policy default (5dd6a6097a63)\n" in out
    assert re.search(r"2025-05-19 +3 +-2.00% +-0.80% +-2.00%", out)


@pytest.mark.parametrize("command", ["equity", "performance"])
def test_the_curve_reaches_to_the_market_s_time(cli: Cli, stack: Stack, command: str) -> None:
    """Not where the results are of another market than the feed's: its time is another."""

    def flat() -> int:
        rows = run_ok(cli, stack, command).out.split("equity, percent\n")[1].split("\n")[:9]
        return max(len(row) - len(row.rstrip("─")) for row in rows)

    stack.documents["/health"]["watermark"] += 30 * DAY
    assert flat() > 40
    stack.documents["/health"]["market"] = "simulated"
    assert flat() < 10


def test_nothing_closed_is_no_statistics(cli: Cli, stack: Stack) -> None:
    stack.documents["/signals/stats"] |= {"n": 0, "open_signals": 4, "win_rate": None}
    assert "no closed signals yet; open: 4" in run_ok(cli, stack, "signals", "--stats").out
    stack.documents["/performance"] |= {"n": 0}
    out = run_ok(cli, stack, "performance").out
    assert "no closed signals in this window" in out
    assert "0123456789ab on simulated" in out  # but there are of another policy


def test_a_truncated_track_record_is_marked(cli: Cli, stack: Stack) -> None:
    stack.documents["/performance"] |= {"truncated": True}
    assert "only the newest 5,000" in run_ok(cli, stack, "performance").out


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 60),
)  # fmt: skip
def test_joined_bins_count_all_and_zero_stays_an_edge(counts: list[int], zero: int) -> None:
    zero = min(zero, len(counts))
    edges = [(n - zero) * 0.1 for n in range(len(counts) + 1)]
    bins = _coarser(edges, counts)
    assert sum(n for _, _, n in bins) == sum(counts)
    assert len(bins) <= 13
    assert any(math.isclose(edge, 0.0) for low, high, _ in bins for edge in (low, high))
    assert [low for low, _, _ in bins[1:]] == [high for _, high, _ in bins[:-1]]


def test_no_bins_are_no_bins() -> None:
    assert _coarser([], []) == []
