"""Weeks of a market of several symbols, and a strategy on its days in plain Python."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from signalengine.decisions import Decided, decide
from signalengine.facts.stream import Quality
from signalengine.intervals import DAY_MS, INTERVALS, MINUTE_MS
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Cooldown, Decision, Evaluation, Signal, settled
from signalengine.snapshot import SIZE, by_name
from signalengine.strategy.across import compared, entered
from signalengine.strategy.one_open import while_open
from signalengine.strategy.running import (
    Row,
    beyond,
    due,
    fold_rows,
    holed,
    leaves_of,
    named_values,
    unwarm,
)
from signalengine.strategy.sets import StrategySet

from research.backtest.feed import Feed, columns_of
from research.backtest.kernel import BESIDE_FIELDS
from research.backtest.strategy_run import stored_bars
from research.data.series import Floats

SUNDAY = 1_747_526_400_000
"""2025-05-18 00:00 UTC: the first close on a clock of Monday is that of the first day."""
PAST = 200
"""Days before it."""


def weeks(count: int, symbols: int = 8, young: int = 0) -> list[Feed]:
    """Return feeds of whole weeks and two days; the first `young` symbols have 160 days of past."""
    return [_feed(number, 7 * count + 2, 160 if number < young else PAST) for number in
            range(symbols)]  # fmt: skip


def _feed(seed: int, days: int, past: int) -> Feed:
    rng = np.random.default_rng(seed)
    drift = rng.normal(0.0, 0.004)
    moves = rng.normal(drift / 1440.0, 0.0012, (days + past) * 1440)
    closes = 100.0 * np.exp(np.cumsum(moves)).reshape(-1, 1440)
    opens = np.roll(closes.ravel(), 1).reshape(-1, 1440)
    opens[0, 0] = 100.0
    highs, lows = np.maximum(opens, closes) * 1.0004, np.minimum(opens, closes) * 0.9996
    starts = SUNDAY + (np.arange(days + past) - past) * DAY_MS
    size = rng.uniform(1e5, 1e6)
    daily = np.column_stack([
        starts, opens[:, 0], highs.max(1), lows.min(1), closes[:, -1],
        np.full(len(starts), 1440.0), np.full(len(starts), 1440.0 * size),
    ])  # fmt: skip
    live = slice(past, None)
    count = days * 1440
    bars = np.column_stack([
        SUNDAY + np.arange(count) * float(MINUTE_MS), opens[live].ravel(), highs[live].ravel(),
        lows[live].ravel(), closes[live].ravel(), np.ones(count), np.full(count, size),
    ])  # fmt: skip
    none = np.empty((0, 7))
    return Feed(
        symbol=f"S{seed:02}USDT",
        market="recording",
        warm=tuple(daily[:past] if name == "1d" else none for name in INTERVALS),
        columns=columns_of(bars),
        beside=np.full((count, len(BESIDE_FIELDS)), np.nan),
        late_ms=np.zeros(count),
        tick=np.full(count, np.nan),
        longer=tuple(daily[past:] if name == "1d" else none for name in INTERVALS[1:]),
        funding_paid=np.full(count, np.nan),
    )


def until(feed: Feed, days: int) -> Feed:
    """Return a feed that ends after so many days."""
    count = days * 1440
    longer = tuple(rows[:days] if name == "1d" else rows for name, rows in
                   zip(INTERVALS[1:], feed.longer, strict=True))  # fmt: skip
    return replace(
        feed, columns=columns_of(feed.bars[:count]), beside=feed.beside[:count],
        late_ms=feed.late_ms[:count], tick=feed.tick[:count], longer=longer,
        funding_paid=feed.funding_paid[:count],
    )  # fmt: skip


@dataclass
class Days:
    """A strategy of whole days on one symbol."""

    one: StrategySet
    feed: Feed
    cooldown: Cooldown | None = None
    decisions: list[Decision] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    leaves: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.s = self.one.loaded.strategy.fresh()
        for row in self.feed.warm[-1]:
            self._fold(row)

    def _fold(self, row: Floats) -> None:
        fold_rows(self.one.loaded, self.s, [Row("1d", tuple(row.tolist()))], self.one.parameters)

    def day(self, number: int) -> Evaluation | None:
        """Fold a day; returns the evaluation of its close where that is due."""
        row = self.feed.longer[-1][number]
        self._fold(row)
        one, strategy, time = self.one, self.one.loaded.strategy, int(row[0]) + DAY_MS
        f = [float(row[4]), *[float("nan")] * (SIZE - 1)]
        found = leaves_of(one.loaded, self.s, f, one.parameters)
        if found is not None:
            self.leaves[time] = found
        if not due(strategy, time):
            return None
        features, context = by_name(f, ("1m",))
        own = one.loaded.intervals
        return Evaluation(
            symbol=self.feed.symbol, close_time=time, market=self.feed.market, source="",
            sent_at=time, quality=Quality(), events=(), features=features, context=context,
            unwarm=unwarm(strategy, self.s, own), tainted=holed(strategy, self.s, own),
            values=named_values(strategy, self.s),
            outside=beyond(strategy, self.feed.symbol, float(PAST)),
        )  # fmt: skip

    def decide(self, evaluation: Evaluation) -> Decided:
        found = decide(evaluation, self.cooldown, self.one, "live")
        before, t = self._settled(self.signals[-1]) if self.signals else None, evaluation.close_time
        if found.signal and before and self.cooldown and t < before.expires_at:
            end = before.settlement
            if end is None or end.closed_at > t:
                found = while_open(before, evaluation, self.cooldown, self.one, "live")
        self.cooldown = found.cooldown
        self.decisions.append(found.decision)
        self.signals += [found.signal] if found.signal else []
        return found

    def _settled(self, signal: Signal) -> Signal:
        first = (signal.close_time - SUNDAY) // MINUTE_MS
        rows: Sequence[StoredBar] = stored_bars(self.feed, first, first + 7 * 1440)
        times = [t for t, side in self.leaves.items() if side in (0, signal.side)]
        end = settle(signal, rows, times)
        return signal if end is None else settled(signal, end)

    @property
    def outcomes(self) -> list[Signal]:
        return [self._settled(signal) for signal in self.signals]


def plain(feeds: Sequence[Feed], one: StrategySet) -> Iterator[Days]:
    """Run a strategy of whole days over a market, close after close."""
    symbols = [Days(one, feed) for feed in feeds]
    for number in range(len(feeds[0].longer[-1])):
        found = {s.feed.symbol: each for s in symbols if (each := s.day(number)) is not None}
        known = compared(one, found.values())
        for symbol in symbols:
            if symbol.feed.symbol in known:
                symbol.decide(entered(one, known[symbol.feed.symbol]))
    yield from symbols
