"""The compiled run is the live engine: the same decisions, signals and outcomes, bit for bit."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.bars.builder import aggregate
from signalengine.decisions import decide
from signalengine.errors import ModelError
from signalengine.facts.stream import Bar, BarsFact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import INTERVAL_MS, MINUTE_MS, closing_at
from signalengine.policy import Policy, default_policy
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Decision, Signal, Verdict, settled

from research.audit import NOT_COMPARED, parity, repaint
from research.backtest.feed import feed_of_facts
from research.backtest.kernel import kernel
from research.backtest.run import run, run_facts, simulate
from research.data.bars import BarTable
from research.data.errors import DataError
from research.data.loader import load
from research.policies import varied
from tests.examples import examples
from tests.paths import RECORDINGS

REAL = RECORDINGS
START = 1_747_612_800_000  # 2025-05-19 00:00 UTC
POLICY = default_policy()
EAGER = varied({"threshold": 0.2, "cost_gate": 0.0})
"""Emits often, so that short markets have signals to compare."""


def walk(seed: int, minutes: int, holes: frozenset[int] = frozenset()) -> BarTable:
    """A random market with bursts of volatility, in ticks of 0.1; `holes` are missing minutes."""
    rng = np.random.default_rng(seed)
    calm = np.repeat(rng.choice([2.0, 6.0, 25.0], minutes // 30 + 1), 30)[:minutes]
    closes = 50_000.0 + np.cumsum(np.round(rng.normal(0.0, calm) * 10.0) / 10.0)
    bars, before = [], 50_000.0
    for n, close in enumerate(np.round(closes, 1)):
        reach = np.round(rng.exponential(calm[n], 2), 1)
        high, low = max(before, close) + reach[0], min(before, close) - reach[1]
        volume = round(float(rng.lognormal(3.0, 0.8)), 3)
        if n not in holes:
            prices = (before, float(high), float(low), float(close))
            bars.append(Bar("1m", START + n * MINUTE_MS, *prices, volume))
        before = float(close)
    return BarTable.of_bars("BTCUSDT", bars)


def facts_of(table: BarTable, history: int) -> Iterator[BarsFact | HistoryFact]:
    """The facts that an ingest task makes of a table: `history` bars of warm-up, then minutes."""
    bars = list(table.bars())
    for interval in ("1h", "15m", "5m"):
        yield HistoryFact(table.symbol, interval, tuple(_longer(bars[:history], interval)), "live")
    yield HistoryFact(table.symbol, "1m", tuple(bars[:history]), "live")
    for n in range(history, len(bars)):
        end = bars[n].close_time
        longer = []
        for interval in closing_at(end)[1:]:
            length = INTERVAL_MS[interval] // MINUTE_MS
            parts = bars[max(0, n + 1 - length) : n + 1]
            if len(parts) == length and parts[0].open_time == end - INTERVAL_MS[interval]:
                longer.append(aggregate(interval, parts))
        yield BarsFact(table.symbol, (bars[n], *longer), "live", "ws", end + 40)


def _longer(bars: list[Bar], interval: str) -> Iterator[Bar]:
    length = INTERVAL_MS[interval] // MINUTE_MS
    for n in range(len(bars) - length + 1):
        parts = bars[n : n + length]
        whole = parts[-1].open_time - parts[0].open_time == (length - 1) * MINUTE_MS
        if whole and parts[0].open_time % INTERVAL_MS[interval] == 0:
            yield aggregate(interval, parts)


def live(
    facts: list[BarsFact | HistoryFact], policy: Policy = POLICY
) -> tuple[list[Decision], list[Signal]]:
    """What the functions do, in plain Python: fold, decide, settle."""
    state, cooldown = SymbolState.fresh(facts[0].symbol), None
    decisions: list[Decision] = []
    opened: list[Signal] = []
    bars: list[StoredBar] = []
    for fact in facts:
        done = advance(state, fact, policy)
        state = done.state
        if isinstance(fact, BarsFact) and done.accepted:
            bars.append(_stored(fact))
        if done.evaluation is not None:
            decided = decide(done.evaluation, cooldown, policy, "live")
            cooldown = decided.cooldown
            decisions.append(decided.decision)
            opened += [decided.signal] if decided.signal else []
    ends = [(s, settle(s, bars)) for s in opened]
    return decisions, [s if end is None else settled(s, end) for s, end in ends]


def _stored(fact: BarsFact) -> StoredBar:
    bar = fact.bars[0]
    return StoredBar(
        bar.open_time, bar.open, bar.high, bar.low, bar.close, fact.funding_paid, fact.path
    )


@examples(8)
@given(seed=st.integers(0, 10_000), hole=st.none() | st.integers(4200, 4700))
def test_the_compiled_run_is_the_live_engine(seed: int, hole: int | None) -> None:
    holes = frozenset() if hole is None else frozenset(range(hole, hole + 7))
    facts = list(facts_of(walk(seed, 5000, holes), 4000))
    decisions, signals = live(facts, EAGER)
    assert any(d.verdict is not Verdict.NOT_WARM for d in decisions)
    assert parity({"BTCUSDT": facts}, decisions, signals, EAGER) == []


def test_facts_that_came_twice_change_nothing() -> None:
    facts = list(facts_of(walk(1, 4600), 4000))
    again = [fact for fact in facts for _ in range(2)]
    once, twice = run_facts(facts, EAGER), run_facts(again, EAGER)
    assert np.array_equal(once.decision_rows, twice.decision_rows, equal_nan=True)
    assert once.signals == twice.signals


def test_a_table_is_run_as_its_own_replay() -> None:
    """Warm-up included: 499 longer bars and 1,500 minutes, whatever lies before them."""
    table = walk(2, 35_000)
    start = START + 33_000 * MINUTE_MS
    done = simulate(table, EAGER, start=start)
    later = table.between(start - 499 * 3_600_000, None)
    assert done.signals == simulate(later, EAGER, start=start).signals
    assert len(done.signals) > 5


def test_longer_bars_are_the_tables_own() -> None:
    table = walk(3, 1000, frozenset(range(333, 340)))
    columns = (table.open, table.high, table.low, table.close, table.volume, table.quote_volume)
    rows = np.column_stack([table.open_time.astype(float), *columns])
    for interval, minutes in (("5m", 5), ("15m", 15), ("1h", 60)):
        expected = table.resample(interval)
        found = kernel().longer(rows, minutes)
        assert np.array_equal(found[:, 0], expected.open_time)
        for n, name in enumerate(("open", "high", "low", "close", "volume"), 1):
            assert np.array_equal(found[:, n], getattr(expected, name)), name


def test_the_compiled_outcome_is_the_settlement() -> None:
    done = run(feed_of_facts(facts_of(walk(4, 6000), 4000)), EAGER)
    names = {0.0: "open", 1.0: "tp_hit", 2.0: "sl_hit", 3.0: "expired"}
    assert len(done.signals) > 10
    for signal, row in zip(done.signals, done.outcome_rows, strict=True):
        assert signal.status == names[row[0]]
        if signal.settlement is not None:
            assert signal.settlement.exit_price == row[2]
            assert signal.settlement.closed_at == done.feed.bars[int(row[1]), 0] + MINUTE_MS


def test_nothing_repaints() -> None:
    done = run(feed_of_facts(facts_of(walk(5, 4400), 4000)), EAGER)
    assert len(done.decision_rows) > 10
    assert repaint(done) == []


def test_a_run_that_looked_ahead_is_caught() -> None:
    """The audit can fail: 5m bars that are known one bar early change decisions."""
    table = walk(6, 5200)
    start = START + 4000 * MINUTE_MS
    honest = simulate(table, EAGER, start=start)
    assert repaint(honest) == []
    early = honest.feed.longer[0].copy()
    early[:, 1:] = np.roll(early[:, 1:], -1, axis=0)
    leaking = run(
        replace(honest.feed, longer=(early, *honest.feed.longer[1:])), EAGER, honest.table
    )
    assert repaint(leaking) != []


def test_parity_finds_what_was_changed() -> None:
    facts = list(facts_of(walk(7, 5000), 4000))
    decisions, signals = live(facts, EAGER)
    assert signals
    other = replace(signals[0], tp_price=signals[0].tp_price * (1 + 1e-15) + 1e-11)
    found = parity({"BTCUSDT": facts}, decisions, [other, *signals[1:]], EAGER)
    assert [d.field for d in found] == ["tp_price"]
    found = parity({"BTCUSDT": facts}, decisions[1:], signals, EAGER)
    assert [(d.field, d.live, d.again) for d in found] == [("presence", False, True)]
    assert "tp_price" not in NOT_COMPARED


def test_facts_of_two_symbols_are_refused() -> None:
    facts = [HistoryFact("BTCUSDT", "1m", (), "live"), HistoryFact("ETHUSDT", "1m", (), "live")]
    with pytest.raises(DataError, match="one symbol"):
        run_facts(facts)


@pytest.mark.skipif(not REAL.exists(), reason="the recorded market data is not on this machine")
def test_a_real_day_is_the_same_compiled_and_plain() -> None:
    table = load(REAL, "SOLUSDT", end="2025-05-20")
    until = int(np.searchsorted(table.open_time, START))
    facts = list(facts_of(table.between("2025-05-10", None), until - table_offset(table)))
    decisions, signals = live(facts)
    assert len(decisions) > 50
    assert signals
    assert parity({"SOLUSDT": facts}, decisions, signals, POLICY) == []


def table_offset(table: BarTable) -> int:
    """Bars of a recording before 2025-05-10."""
    return int(np.searchsorted(table.open_time, table.between("2025-05-10", None).start))


def test_a_policy_that_lets_a_model_decide_is_refused() -> None:
    """Leaving the model out would be the backtest of another policy, under this one's digest."""
    gated = varied({"ai": {"mode": "gate", "model": "0" * 12, "minimum": 0.5, "weight": 0.0}})
    with pytest.raises(ModelError, match="asks for model 000000000000 and there is none"):
        simulate(walk(8, 300), gated)
