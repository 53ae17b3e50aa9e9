"""A strategy's parameter set over a market: decisions and signals by the production code.

The compiled loop finds the closes at which a side enters. Each is decided by `decisions.decide`, in
the order of time over all symbols, as live decides it: with the cooldown, one open signal a symbol
where the strategy says so, and the protections. Signals are settled by the core.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from math import isfinite, nan
from typing import TypeAlias

import numpy as np
from signalengine import __version__
from signalengine.decisions import Decided, decide
from signalengine.errors import StrategyError
from signalengine.exits.forms import row_of
from signalengine.facts.stream import Quality
from signalengine.intervals import INTERVALS, MINUTE_MS
from signalengine.policy import Policy
from signalengine.protections import Past, past_of
from signalengine.settlement import (
    DELISTED_MS,
    StoredBar,
    advance,
    delisted,
    opened,
    settle,
)
from signalengine.signals import Cooldown, Decision, Direction, Evaluation, Signal, settled
from signalengine.snapshot import by_name
from signalengine.strategy.across import compared, entered
from signalengine.strategy.one_open import while_open
from signalengine.strategy.running import beyond, entry_events
from signalengine.strategy.sets import StrategySet

from research.backtest.coarse import feed_of_any
from research.backtest.feed import Feed
from research.backtest.kernel import OPEN, OUTCOME_FIELDS, SIGNAL_FIELDS, kernel
from research.backtest.replay import Behind
from research.backtest.strategy_loop import Closes, closes_of, inside
from research.backtest.strategy_loops import LONG, OWN, SHARED, SHORT
from research.data.bars import BarTable
from research.data.series import Floats
from research.data.times import Moment

_WIDE = len(INTERVALS)


@dataclass(frozen=True)
class StrategyRun:
    """The result of a parameter set over one symbol."""

    symbol: str
    policy: StrategySet
    feed: Feed = field(repr=False)
    closes: Closes = field(repr=False)
    decisions: tuple[Decision, ...] = field(default=(), repr=False)
    """At closes at which a side enters."""
    signals: tuple[Signal, ...] = field(default=(), repr=False)
    table: BarTable | None = field(default=None, repr=False)

    @property
    def start(self) -> int:
        """Open time of the first bar that could cause an entry."""
        return int(self.feed.settling[0, 0]) if len(self.feed.bars) else 0

    @property
    def end(self) -> int:
        """Close time of the last bar."""
        return int(self.feed.bars[-1, 0]) + MINUTE_MS if len(self.feed.bars) else 0

    @cached_property
    def verdicts(self) -> dict[str, int]:
        """Decisions by verdict."""
        return dict(Counter(one.verdict.value for one in self.decisions))


def simulate_set(table: BarTable, one: StrategySet, *, start: Moment | None = None) -> StrategyRun:
    """Run a parameter set over a table; bars before `start` (default: the first) only warm up.

    The table's bars may be longer than 1m where `coarse.usable` has their interval: they settle the
    signals then. Raises DataError for other bars, StrategyError for a strategy that compares
    symbols.
    """
    if one.loaded.strategy.compares:
        raise StrategyError(f"{one.strategy} compares symbols: run it over those of a market")
    return simulate_set_market([table], one, start=start)[0]


def simulate_set_market(
    tables: Iterable[BarTable], one: StrategySet, *, start: Moment | None = None
) -> list[StrategyRun]:
    """Run a parameter set over the tables of a market's symbols, as `simulate_set` does."""
    each = list(tables)
    runs = run_sets([feed_of_any(table, one, start) for table in each], one)
    return [
        StrategyRun(run.symbol, one, run.feed, run.closes, run.decisions, run.signals, table)
        for run, table in zip(runs, each, strict=True)
    ]


Absent: TypeAlias = Mapping[tuple[str, int], Sequence[str]]
"""By symbol and close (ms) of a live decision: the symbols whose values were not there."""


def run_sets(
    feeds: Iterable[Feed],
    one: StrategySet,
    behind: Behind | None = None,
    policy: Policy | None = None,
    absent: Absent | None = None,
) -> list[StrategyRun]:
    """Run a parameter set over the feeds of a market's symbols.

    `behind` and `absent` repeat what live decisions could not know; `policy` is that of the shared
    fold. A symbol whose bars end a day before the market's is taken as delisted. Raises
    StrategyError for a strategy that cannot be backtested.
    """
    if one.loaded.strategy.on_events:
        raise StrategyError(f"{one.strategy} decides on events of the shared fold: no backtest yet")
    market = list(feeds)
    end = max((end_of(feed) for feed in market), default=0)
    symbols = [_Symbol(one, feed, closes_of(one, feed, policy=policy), end) for feed in market]
    decided = [
        (symbol.close_time(row), k, row)
        for k, symbol in enumerate(symbols)
        for row in symbol.rows()
    ]
    recent: list[Past] = []
    memory = one.protections.memory_ms(one.ttl_ms)
    for t, closes in groupby(sorted(decided), key=lambda each: each[0]):
        rows = {symbols[k].feed.symbol: (symbols[k], row) for _, k, row in closes}
        evaluations = _evaluations(one, rows, t, absent or {})
        for name, (symbol, _) in rows.items():
            recent = [past for past in recent if past.opened_at >= t - memory]
            late = (behind or {}).get((name, t), {})
            opened = symbol.decide(evaluations[name], recent, late)
            recent += [] if opened is None else [past_of(opened)]
    return [symbol.run() for symbol in symbols]


def _evaluations(
    one: StrategySet, rows: Mapping[str, tuple["_Symbol", int]], time: int, absent: Absent
) -> dict[str, Evaluation]:
    """Return the evaluations of a close, with what compares symbols as live has known it."""
    known = {name: symbol.evaluation(row) for name, (symbol, row) in rows.items()}
    if not one.loaded.strategy.compares:
        return known
    found: dict[str, Evaluation] = {}
    seen: dict[tuple[str, ...], dict[str, Evaluation]] = {}
    for name in known:
        missing = tuple(absent.get((name, time), ()))
        if missing not in seen:
            there = (each for each in known.values() if each.symbol not in missing)
            seen[missing] = compared(one, there, missing)
        found[name] = entered(one, seen[missing][name])
    return found


def end_of(feed: Feed) -> int:
    """Return the close (ms) of a feed's last bar; 0 without any."""
    return int(feed.bars[-1, 0]) + MINUTE_MS if len(feed.bars) else 0


class _Symbol:
    """One symbol's closes, decided one after the other."""

    def __init__(self, one: StrategySet, feed: Feed, closes: Closes, market_end: int) -> None:
        self.one, self.feed, self.closes = one, feed, closes
        self.market_end = market_end
        self.cooldown: Cooldown | None = None
        self.decisions: list[Decision] = []
        self.signals: list[Signal] = []

    def close_time(self, row: int) -> int:
        return int(self.feed.bars[self.closes.minute[row], 0]) + MINUTE_MS

    def rows(self) -> list[int]:
        """Return the rows that are decided."""
        strategy, symbol = self.one.loaded.strategy, self.feed.symbol
        if strategy.compares and strategy.reads(symbol):
            return list(self.closes.decided.tolist())
        return list(inside(self.one, self.closes, symbol).tolist())

    def decide(
        self, evaluation: Evaluation, recent: Sequence[Past], behind: Mapping[str, int]
    ) -> Signal | None:
        """Decide a close; returns the signal that it opens, settled where the bars suffice."""
        decided = self._decided(evaluation, recent, behind)
        self.cooldown = decided.cooldown
        self.decisions.append(decided.decision)
        if decided.signal is None:
            return None
        signal = self._settled(decided.signal)
        self.signals.append(signal)
        return signal

    def _decided(
        self, evaluation: Evaluation, recent: Sequence[Past], behind: Mapping[str, int]
    ) -> Decided:
        """Decide as `application.score_events` does."""
        one, on = self.one, self.one.protections.on
        found = decide(evaluation, self.cooldown, one, __version__, recent=() if on else None)
        if found.signal is None:
            return found
        before = self._open_at(evaluation.close_time)
        if one.one_open and before is not None and self.cooldown is not None:
            return while_open(before, evaluation, self.cooldown, one, __version__)
        if not on:
            return found
        return decide(evaluation, self.cooldown, one, __version__, recent=recent, behind=behind)

    def _open_at(self, time: int) -> Signal | None:
        """Return the newest signal if it is open at a time (ms)."""
        newest = self.signals[-1] if self.signals else None
        if newest is None or not newest.close_time < time:
            return None
        end = newest.settlement
        until = newest.expires_at if end is None else end.closed_at
        return newest if time < until else None

    def evaluation(self, row: int) -> Evaluation:
        """Return what live stores of a close that is decided."""
        feed, minute, closes = self.feed, int(self.closes.minute[row]), self.closes
        strategy, time = self.one.loaded.strategy, self.close_time(row)
        tick = float(feed.tick[minute])
        names = tuple(n for n in INTERVALS if n == INTERVALS[0] or n in strategy.features)
        features, context = by_name(closes.snapshot(row, float(feed.bars[minute, 4])), names)
        return Evaluation(
            symbol=feed.symbol,
            close_time=time,
            market=feed.market,
            source="",
            sent_at=time + int(feed.late_ms[minute]),
            quality=Quality() if feed.qualities is None else feed.qualities[minute],
            events=() if strategy.compares else entry_events(strategy, self._sides(row)),
            features=features,
            context=context,
            unwarm=self._lacking(row, clean=False),
            tainted=self._lacking(row, clean=True),
            tick_size=tick if isfinite(tick) else None,
            strategy=self.one.key,
            digest=self.one.digest,
            values={
                one.name: x if isfinite(x) else None
                for one, x in zip(
                    strategy.values.declared, closes.values[row].tolist(), strict=False
                )
            },
            outside=beyond(strategy, feed.symbol, self._days(row)),
        )

    def _days(self, row: int) -> float:
        """Return how many bars of 1d were folded."""
        return float(self.closes.answers[row, OWN + INTERVALS.index("1d")])

    def _sides(self, row: int) -> tuple[Direction, ...]:
        answer = self.closes.answers[row]
        sides: list[Direction] = []
        if answer[LONG] > 0.0:
            sides.append("long")
        if answer[SHORT] > 0.0:
            sides.append("short")
        return tuple(sides)

    def _lacking(self, row: int, *, clean: bool) -> tuple[str, ...]:
        """Return the intervals with too few bars, or with a hole within the warm-up."""
        strategy, answer = self.one.loaded.strategy, self.closes.answers[row]
        found = set()
        for at, names in ((OWN, self.one.loaded.intervals), (SHARED, strategy.features)):
            for name in names:
                k, need = INTERVALS.index(name), float(strategy.warm_up.get(name, 0))
                count, since = answer[at + k], answer[at + _WIDE + k]
                if (since < count and since < need) if clean else count < need:
                    found.add(name)
        return tuple(name for name in INTERVALS if name in found)

    def _settled(self, signal: Signal) -> Signal:
        """Settle a signal by the core, on the bars that the compiled rules say it takes."""
        leaves = self._leaves
        opens = self.feed.bars[:, 0]
        minute = int(np.searchsorted(opens, float(signal.close_time - MINUTE_MS)))
        row = np.full((1, len(SIGNAL_FIELDS)), nan)
        side = float(signal.side)
        row[0, 1], row[0, 2], row[0, 4] = minute, side, signal.entry_price
        outcome, reached = np.full((1, len(OUTCOME_FIELDS)), nan), np.full((1, 4), nan)
        feed, length = self.feed, self.feed.length_ms
        kernel().settle_exits(
            feed.settling, float(length), row, np.array([row_of(signal)]), leaves, outcome, reached
        )
        life = -((signal.close_time - signal.expires_at) // length)  # bars, the last one whole
        last = minute + life if outcome[0, 0] == OPEN else int(outcome[0, 1])
        column = 0 if side > 0.0 else 1
        span = range(minute + 1, min(last + 1, len(leaves)))
        times = [int(self.feed.bars[j, 0]) + MINUTE_MS for j in span if leaves[j, column] > 0.0]
        bars = stored_bars(self.feed, minute + 1, last + 1)
        end = settle(signal, bars, times)
        if end is None and self.market_end >= end_of(self.feed) + DELISTED_MS:
            position, _ = advance(signal, opened(signal), bars, times)
            end = delisted(signal, position, self.market_end)
        return signal if end is None else settled(signal, end)

    @cached_property
    def _leaves(self) -> Floats:
        return self.closes.leaves(len(self.feed.bars))

    def run(self) -> StrategyRun:
        return StrategyRun(
            self.feed.symbol, self.one, self.feed, self.closes, tuple(self.decisions),
            tuple(self.signals),
        )  # fmt: skip


def stored_bars(feed: Feed, first: int, after: int) -> list[StoredBar]:
    """Return the bars of these rows, as settlement reads them."""
    bars, length = feed.settling[first:after, :5].tolist(), feed.length_ms
    rates = feed.funding_paid[first:after].tolist()
    known = [None] * len(bars) if feed.paths is None else feed.paths[first:after]
    return [
        StoredBar(int(at), o, h, low, c, None if rate != rate else rate, path, length_ms=length)
        for (at, o, h, low, c), rate, path in zip(bars, rates, known, strict=True)
    ]
