"""Labels are the core's settlements."""

from dataclasses import replace
from functools import cache

import numpy as np
from signalengine.policy import default_policy
from signalengine.settlement import settle

from research.backtest.result import Run
from research.backtest.run import simulate
from research.features.snapshots import snapshots
from research.training.datasets import scored_closes
from research.training.labels import labels
from tests.research.training.recorded import needs_data, opened, recorded


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
            signal = opened(f, side, int(found.opened[n]), float(feed.tick[minute]))
            end = settle(signal, run._stored(int(minute) + 1, int(minute) + 61))
            assert found.known[n] == (end is not None)
            if end is not None:
                assert found.net[n] == end.net_return
                assert found.gross[n] == end.gross_return
                assert found.closed_at[n] == end.closed_at


@needs_data
def test_a_close_whose_levels_the_tick_takes_away_has_no_label() -> None:
    run, policy = simulated(), default_policy()
    minutes = np.arange(5000, len(run.feed.bars), 997, dtype=np.int64)
    rows, side = snapshots(run.feed, policy, minutes), np.ones(len(minutes))
    coarse = replace(run.feed, tick=np.full(len(run.feed.bars), 1000.0))
    assert labels(run.feed, minutes, rows, side, policy).known.all()
    assert not labels(coarse, minutes, rows, side, policy).known.any()
