"""The compiled loop makes the same longer bars as a table, and the same ends as settlement."""

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from signalengine.exits.forms import row_of
from signalengine.exits.levels import TTL_MINUTES
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS
from signalengine.policy import default_policy
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Fill, Outcome, Settlement, Signal

from research.backtest.feed import columns_of
from research.backtest.kernel import (
    EXPIRED,
    LEFT,
    OPEN,
    SIGNAL_FIELDS,
    SL_HIT,
    TP_HIT,
    kernel,
)
from research.backtest.outcomes import returns_of_exits
from research.data.series import Floats, frozen_floats
from tests.core.markets import T0
from tests.core.samples import several, signal, walked
from tests.research.backtest.walks import (
    walk,
)

CODES = {
    Outcome.TP_HIT: TP_HIT,
    Outcome.SL_HIT: SL_HIT,
    Outcome.EXPIRED: EXPIRED,
    Outcome.LEFT: LEFT,
}


def test_longer_bars_are_the_tables_own() -> None:
    table = walk(3, 1000, frozenset(range(333, 340)))
    prices = (table.open, table.high, table.low, table.close, table.volume, table.quote_volume)
    columns = tuple(map(frozen_floats, (table.open_time, *prices)))
    for interval in INTERVALS[1:]:
        found = kernel().longer(columns, INTERVAL_MS[interval] // MINUTE_MS)
        expected = table.resample(interval)
        assert np.array_equal(found[:, 0], expected.open_time)
        for n, name in enumerate(("open", "high", "low", "close", "volume"), 1):
            assert np.array_equal(found[:, n], getattr(expected, name)), name


def test_rows_of_signals_are_put_on_the_tick_of_their_minute() -> None:
    rows = np.zeros((3, len(SIGNAL_FIELDS)))
    minute, side, entry, tp = (SIGNAL_FIELDS.index(n) for n in ("minute", "side", "entry", "tp"))
    rows[:, minute], rows[:, side], rows[:, entry] = [0, 1, 2], [1.0, -1.0, -1.0], 100.0
    rows[:, tp : tp + 2] = [[103.2, 98.4], [96.8, 101.6], [96.8, 101.6]]
    fit = kernel().put_on_ticks(rows, np.array([0.5, np.nan, 5.0]))
    assert rows[:, tp : tp + 2].tolist() == [[103.5, 98.5], [96.8, 101.6], [95.0, 100.0]]
    assert fit.tolist() == [True, True, False]


# --- exits ----------------------------------------------------------------------------------------


def minutes_of(seed: int) -> list[StoredBar]:
    """A bar that closes at T0 and a walk after it, with a hole in every third."""
    rows = [StoredBar(T0 - MINUTE_MS, 100.0, 100.0, 100.0, 100.0), *walked(seed, paths=False)]
    return rows if seed % 3 else [*rows[:9], *rows[10:]]


def longer(rows: Sequence[StoredBar], length: int) -> list[StoredBar]:
    """The bars, each of so many minutes instead of one."""
    return [
        replace(row, open_time=T0 + (row.open_time - T0) * length, length_ms=length * MINUTE_MS)
        for row in rows
    ]


def arrays(rows: Sequence[StoredBar]) -> tuple[Floats, Floats]:
    bars = np.array([(b.open_time, b.open, b.high, b.low, b.close, 0.0, 0.0) for b in rows])
    return bars, np.array([np.nan if b.funding_paid is None else b.funding_paid for b in rows])


def row(one: Signal) -> list[float]:
    """A signal of the first bar, in the kernel's fields."""
    levels = (one.entry_price, one.tp_price, one.sl_price, one.atr)
    return [0.0, 0.0, float(one.side), one.score, *levels]


def settled_exits(
    rows: Sequence[StoredBar], signals: Sequence[Signal], leaves: Floats, length: int = 1
) -> tuple[Floats, Floats, list[tuple[int, int]]]:
    """Outcomes, minutes of the targets, and (gross, funding) of those that closed."""
    bars, paid = arrays(rows)
    opened, exits = np.array([row(s) for s in signals]), np.array([row_of(s) for s in signals])
    outcomes, reached = np.full((len(signals), 4), np.nan), np.full((len(signals), 4), 7.0)
    kernel().settle_exits(bars, 60_000.0 * length, opened, exits, leaves, outcomes, reached)
    closed = outcomes[:, 0] != OPEN
    found = returns_of_exits(
        opened[closed], exits[closed], outcomes[closed], reached[closed], paid, default_policy()
    )
    return outcomes, reached, list(zip(found.gross.tolist(), found.funding.tolist(), strict=True))


@pytest.mark.parametrize(("length", "life"), [(1, 40), (15, 600), (15, 593), (1440, 57_000)])
def test_any_exits_end_as_settlement_says(length: int, life: int) -> None:
    """To the bit, over bars of any length with holes, both sides and all kinds of ends.

    A life of 593 minutes ends inside a bar of 15: at its close, after 40 bars.
    """
    kinds: set[Outcome | None] = set()
    for seed in range(60 if length == 1 else 20):
        rows, rng = longer(minutes_of(seed), length), random.Random(seed)
        signals = [several(100 * seed + n, rng.choice((1, -1)), minutes=life) for n in range(12)]
        leaves = (np.random.default_rng(seed).random((len(rows), 2)) < 0.02).astype(float)
        outcomes, reached, returns = settled_exits(rows, signals, leaves, length)
        numbers = iter(returns)
        for one, outcome, at in zip(signals, outcomes, reached, strict=True):
            column = leaves[:, 0 if one.side > 0 else 1]
            times = {b.close_time for b, left in zip(rows, column, strict=True) if left}
            end = settle(one, rows, times)
            kinds.add(None if end is None else end.outcome)
            if end is None:
                assert outcome[0] == OPEN
                continue
            assert outcome.tolist() == [
                CODES[end.outcome], float(end.bars_held), end.exit_price, float(end.ambiguous)
            ]  # fmt: skip
            assert next(numbers) == (end.gross_return, end.funding)
            assert targets_of(rows, at) == names_of(end)
    assert kinds == {None, *Outcome}


def targets_of(rows: Sequence[StoredBar], reached: Floats) -> list[tuple[str, int]]:
    found = [(f"target{k}", at) for k, at in enumerate(reached, 1) if at == at]
    return [(name, rows[int(at)].close_time) for name, at in found]


def names_of(end: Settlement) -> list[tuple[str, int]]:
    """The targets reached, also the one that ended the signal."""
    fills = end.fills
    if not fills and end.outcome is Outcome.TP_HIT:
        fills = (Fill("target1", end.closed_at, end.exit_price, 1.0),)
    return [(f.name, f.closed_at) for f in fills if f.name.startswith("target")]


@pytest.mark.parametrize("side", [1, -1])
def test_one_target_ends_as_a_bracket(side: int) -> None:
    one = signal(side, minutes=40)
    for seed in range(40):
        rows = minutes_of(seed)
        bars, _ = arrays(rows)
        bracket, exits, reached = (np.full((1, 4), np.nan) for _ in range(3))
        x = np.array([row_of(one)])
        assert x[0, TTL_MINUTES] == 40.0
        kernel().settle(columns_of(bars), np.array([row(one)]), 40, bracket)
        never = np.empty((0, 2))
        kernel().settle_exits(bars, 60_000.0, np.array([row(one)]), x, never, exits, reached)
        assert bracket.tobytes() == exits.tobytes()
