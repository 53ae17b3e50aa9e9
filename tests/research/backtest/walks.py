"""Random walks as tables and facts, and the live engine over one symbol in plain Python."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from signalengine.bars.aggregator import aggregate
from signalengine.decisions import decide
from signalengine.facts.stream import Bar, BarsFact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import INTERVAL_MS, MINUTE_MS, closing_at
from signalengine.policy import Policy, default_policy
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Decision, Signal, settled

from research.data.bars import BarTable
from research.policies import varied

START = 1_747_612_800_000  # 2025-05-19 00:00 UTC
POLICY = default_policy()
EAGER = varied({"threshold": 0.2, "cost_gate": 0.0})
"""Emits often, so that short markets have signals to compare."""
TICKS: Final = (0.1, None, 0.5, 200.0)
"""Sizes for 100 minutes each: that of the prices, unknown, coarse, and as large as the levels."""


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


def filed(table: BarTable) -> BarTable:
    """The table with all columns known, as a file of the exchange's archive has them."""
    return replace(
        table,
        quote_volume=np.round(table.volume * table.close, 5),
        trades=np.ones(len(table)),
        taker_buy_volume=np.round(table.volume * 0.4, 3),
    )


def facts_of(
    table: BarTable, history: int, ticks: Sequence[float | None] = (0.1,)
) -> Iterator[BarsFact | HistoryFact]:
    """The facts that an ingest task makes of a table: `history` bars of warm-up, then minutes.

    `ticks`: the tick size of the next 100 minutes each.
    """
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
        tick = ticks[n // 100 % len(ticks)]
        yield BarsFact(table.symbol, (bars[n], *longer), "live", "ws", end + 40, tick_size=tick)


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
