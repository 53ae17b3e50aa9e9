"""A strategy on bars longer than 1m: the same entries, settled by the bars that there are."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS, INTERVAL_MS, MINUTE_MS
from signalengine.settlement import settle
from signalengine.signals import Signal
from signalengine.strategy.loading import load_text
from signalengine.strategy.sets import StrategySet, set_of

from research.audit import repaint_set
from research.backtest.coarse import feed_of_any, smallest, usable, why_minutes
from research.backtest.feed import paid_within
from research.backtest.strategy_run import StrategyRun, simulate_set, stored_bars
from research.data.bars import BarTable
from research.data.errors import MissingBarsError
from research.data.series import Steps
from research.horizons.strategies import crossing, shortened
from research.statistics.entries import entries_of
from tests.examples import examples
from tests.research.backtest.sets import channel, mixed
from tests.research.backtest.trailing import TRAILING, trailing
from tests.research.backtest.walks import START, walk

pytestmark = pytest.mark.slow  # numba compiles

HOUR = INTERVAL_MS["1h"]
FEATURES = "from signalengine.strategy.features import EMA_9, M5\n"


def paid(table: BarTable) -> BarTable:
    """The table with funding every eight hours, and its tick size known."""
    times = range(table.start, table.end, 8 * HOUR)
    rates = {time: 1e-4 * (n % 5 - 1) for n, time in enumerate(times)}
    return replace(table, funding=Steps.of(rates.items()), tick_size=Steps.of([(table.start, 0.1)]))


MINUTES = paid(walk(5, 20_000))


def eager(one: StrategySet) -> StrategySet:
    return set_of(one.loaded, {"rules": {"cost_gate": 0.0, "threshold": 0.3}})


def openings(run: StrategyRun) -> list[Signal]:
    return [replace(signal, settlement=None) for signal in run.signals]


def entered(run: StrategyRun) -> list[tuple[Any, ...]]:
    """What the strategy says at each close at which it enters, whatever is open then."""
    return [(d.close_time, d.price, d.scores, d.events) for d in run.decisions]


def test_only_strategies_of_15m_and_longer_may_be_run_so() -> None:
    assert (smallest(shortened("1d")), usable(shortened("1d"))[-1]) == ("1d", "1d")
    assert usable(trailing()) == ("1m", "5m", "15m")
    assert usable(mixed()) == usable(channel()) == usable(None) == ("1m",)
    reads = (
        TRAILING.replace('{"15m": 30}', '{"15m": 30, "5m": 9}')
        .replace("components={", 'features=("5m",), components={')
        .replace("    return side * (v[MEAN]", "    return f[M5 + EMA_9] > 0.0 and side * (v[MEAN]")
        .replace("from signalengine.strategy.form", FEATURES + "from signalengine.strategy.form")
    )
    assert usable(set_of(load_text(reads, "trailing.py"))) == ("1m",), (
        "it reads an average of 5m bars"
    )


def test_bars_too_long_for_a_strategy_are_refused() -> None:
    with pytest.raises(MissingBarsError, match="trailing reads bars of 15m: it needs 1m bars, or "):
        feed_of_any(MINUTES.resample("1h"), trailing())
    with pytest.raises(MissingBarsError, match="channel reads bars of 5m: it needs 1m bars"):
        simulate_set(MINUTES.resample("5m"), channel())
    assert "at each closed minute" in why_minutes(None)


@pytest.mark.parametrize(
    ("one", "interval"),
    [
        (shortened("15m"), "5m"), (shortened("15m"), "15m"), (trailing(), "15m"),
        (shortened("4h"), "1h"), (shortened("4h"), "4h"), (crossing("1h"), "15m"),
    ],
    ids=lambda value: getattr(value, "key", value),
)  # fmt: skip
def test_entries_are_those_of_1m_bars(one: StrategySet, interval: str) -> None:
    one = eager(one)
    fine, coarse = simulate_set(MINUTES, one), simulate_set(MINUTES.resample(interval), one)

    assert openings(coarse)[:5] == openings(fine)[:5] != []
    assert entered(coarse) == entered(fine)
    assert (coarse.start, coarse.end) == (MINUTES.start, MINUTES.resample(interval).end)
    assert (fine.feed.coarse, coarse.feed.coarse) == (None, interval)


@pytest.mark.parametrize("interval", ["5m", "15m"])
def test_the_compiled_settlement_is_the_core_s_over_all_the_bars(interval: str) -> None:
    run = simulate_set(MINUTES.resample(interval), trailing())

    every = stored_bars(run.feed, 0, len(run.feed.bars))
    assert {bar.length_ms for bar in every} == {INTERVAL_MS[interval]}
    assert [settle(signal, every) for signal in run.signals] == [
        signal.settlement for signal in run.signals
    ]
    ends = [signal.settlement for signal in run.signals if signal.settlement]
    assert len(ends) >= 20
    assert len({end.outcome for end in ends}) >= 2
    assert any(end.funding for end in ends)


def test_nothing_repaints_on_longer_bars() -> None:
    table = replace(MINUTES, tick_size=None).resample("15m")
    run = simulate_set(table, trailing(), start=START + 12 * DAY_MS)

    assert len(run.signals) >= 5
    assert repaint_set(run) == []


def test_an_entry_at_a_signals_close_ends_as_the_signal() -> None:
    run = simulate_set(MINUTES.resample("15m"), eager(shortened("15m")))
    found = entries_of(run)

    checked = 0
    for signal in run.signals:
        (row,) = found.minute(np.array([signal.close_time]))
        if signal.settlement is not None and found.allowed[row]:
            side = 0 if signal.side > 0 else 1
            assert found.net[side, row] == signal.settlement.net_return
            checked += 1
    assert checked >= 20
    assert found.length_ms == 15 * MINUTE_MS


def test_a_signal_is_open_until_the_bar_in_which_it_expires_has_closed() -> None:
    """90 minutes end within a bar of an hour: the next entry is not before its close."""
    text = shortened("15m").loaded.text.replace("ttl_minutes=4 * 60", "ttl_minutes=90")
    text = text.replace("15m", "1h").replace('{"1h": 30}', '{"1h": 20}')
    one = set_of(
        load_text(text, "short.py"),
        {"parameters": {"sl_atr": 9.0, "tp_atr": 20.0}, "rules": {"cost_gate": 0.0}},
    )
    signals = simulate_set(MINUTES.resample("1h"), one).signals
    ended = [signal for signal in signals if signal.settlement]

    assert len(ended) >= 5
    for signal, after in zip(ended, signals[1:], strict=False):
        assert signal.settlement is not None
        assert signal.settlement.closed_at == signal.close_time + 2 * HOUR
        assert signal.expires_at == signal.close_time + 90 * MINUTE_MS
        assert after.close_time >= signal.settlement.closed_at


@examples(40)
@given(
    due=st.lists(st.integers(0, 3 * 24 * 60), unique=True, min_size=1, max_size=12),
    interval=st.sampled_from(["1h", "4h", "1d"]),
)
def test_funding_within_a_bar_is_paid_at_its_close(due: list[int], interval: str) -> None:
    table = walk(9, 3 * 24 * 60).resample(interval)
    rates = {START + minute * MINUTE_MS: 1e-4 * n for n, minute in enumerate(due, 1)}
    found = paid_within(replace(table, funding=Steps.of(rates.items())))

    for close, rate in zip(table.close_time.tolist(), found.tolist(), strict=True):
        inside = [r for t, r in rates.items() if close - INTERVAL_MS[interval] < t <= close]
        assert rate == pytest.approx(sum(inside)) if inside else np.isnan(rate)
    assert np.isnan(paid_within(table)).all()
