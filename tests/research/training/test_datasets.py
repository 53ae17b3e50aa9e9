"""Tables to train on: labels are the core's settlements, features know nothing of what follows."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from signalengine.policy import default_policy
from signalengine.settlement import settle
from signalengine.signals import Signal

from research.backtest.feed import feed_of_table
from research.backtest.result import Run
from research.backtest.run import simulate
from research.data.bars import BarTable
from research.data.loader import load
from research.features.snapshots import snapshots
from research.training.datasets import CLOSE_FEATURES, FEATURES, every_close, scored_closes
from research.training.labels import labels
from tests.core.samples import signal as sample
from tests.paths import RECORDINGS
from tests.research.features.test_builder import BEGIN, everything

DATA = RECORDINGS
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"needs recorded markets in {DATA}, which are not part of the project"
)


@cache
def recorded() -> BarTable:
    return load(DATA, "ETHUSDT", "2025-05-06", "2025-05-16")


@cache
def simulated() -> Run:
    return simulate(recorded())


@needs_data
def test_the_label_of_an_emitted_close_is_its_signals_settlement() -> None:
    frame = scored_closes(recorded())
    ended = {s.close_time: s for s in simulated().signals if s.settlement is not None}
    emitted = frame[frame["verdict"] == "emitted"]
    assert len(ended) > 20
    assert [int(t) for t in emitted["opened"]] == sorted(ended)
    for row in emitted.itertuples():
        end = ended[row.opened].settlement
        assert end is not None
        assert (row.closed_at, row.net_bps) == (end.closed_at, end.net_return / 1e4)
        assert (row.win, row.tp_first) == (end.net_return > 0, end.outcome == "tp_hit")
        assert row.side == ended[row.opened].side


@needs_data
def test_the_label_of_any_close_is_what_the_core_would_settle() -> None:
    run, policy = simulated(), default_policy()
    feed = run.feed
    minutes = np.arange(5000, len(feed.bars), 97, dtype=np.int64)
    rows = snapshots(feed, policy, minutes)
    for side in (1.0, -1.0):
        found = labels(feed, minutes, rows, np.full(len(minutes), side), policy)
        for n, minute in enumerate(minutes):
            f = rows[n].tolist()
            signal = opened(f, side, int(found.opened[n]))
            end = settle(signal, run._stored(int(minute) + 1, int(minute) + 61))
            assert found.known[n] == (end is not None)
            if end is not None:
                assert found.net[n] == end.net_return
                assert found.gross[n] == end.gross_return
                assert found.closed_at[n] == end.closed_at


def opened(f: list[float], side: float, close_time: int) -> Signal:
    policy = default_policy()
    from signalengine.params import ATR_FEATURE
    from signalengine.rules import stop_loss, take_profit
    from signalengine.snapshot import CLOSE

    return sample(
        int(side),
        entry=f[CLOSE],
        atr=f[int(policy.numbers[ATR_FEATURE])],
        close_time=close_time,
        expires_at=close_time + policy.ttl_ms,
        tp_price=take_profit(f, side, policy.numbers),
        sl_price=stop_loss(f, side, policy.numbers),
    )


@needs_data
def test_features_are_the_same_when_the_future_is_cut_off() -> None:
    whole = scored_closes(recorded())
    end = int(whole["opened"].iloc[len(whole) // 2])
    cut = scored_closes(recorded().between(None, end))
    assert len(cut) > 100
    columns = ["opened", "side", "verdict", *FEATURES]
    pd.testing.assert_frame_equal(cut[columns], whole.loc[cut.index, columns], check_exact=True)
    assert (cut["closed_at"] <= end).all()


def test_every_close_knows_which_side_did_better() -> None:
    frame = every_close(everything(), start=BEGIN, step=7)
    better = np.where(frame["signal_direction"] == 1, 1.0, -1.0)
    assert ((frame["long_net_bps"] - frame["short_net_bps"]) * better > 0.0).all()
    assert set(CLOSE_FEATURES) <= set(frame.columns)
    assert (frame["closed_at"] > frame["opened"]).all()
    assert (frame["closed_at"] <= frame["opened"] + default_policy().ttl_ms).all()


def test_a_close_without_an_end_in_the_data_has_no_row() -> None:
    table = everything()
    frame = every_close(table, start=BEGIN, step=1)
    last = feed_of_table(table, BEGIN).bars[-1, 0] + 60_000
    assert frame["closed_at"].max() <= last
