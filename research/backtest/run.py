"""One symbol through the engine: from a table of bars, or from the facts of a stream.

Both go through the compiled loop. What comes out is the core's own: decisions with every number the
live ones have, signals and settlements. Bars before `start` warm up as the ingest task warms up:
the same numbers of bars of each interval, so that a backtest is the replay of the same bars.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from signalengine import __version__
from signalengine.decisions import check_model
from signalengine.events import DETAILS, MAX_EVENTS, ROW
from signalengine.facts.stream import BarsFact, HistoryFact, Market, PathPoint, Quality
from signalengine.fold import fresh_buffer
from signalengine.intervals import INTERVALS, MINUTE_MS
from signalengine.models.model import Model
from signalengine.params import KINDS
from signalengine.policy import Policy, default_policy
from signalengine.rules import (
    CODE,
    LONG_COVERAGE,
    LONG_PARTS,
    LONG_SCORE,
    SHORT_COVERAGE,
    SHORT_PARTS,
    SHORT_SCORE,
    SIDE,
)
from signalengine.settlement import StoredBar, settle
from signalengine.signals import (
    COMPONENTS,
    DIRECTIONS,
    Direction,
    DirectionScore,
    Event,
    Opinion,
    Signal,
    Verdict,
    settled,
    signal_id,
)

from research.backtest.kernel import (
    BAR_FIELDS,
    BESIDE_FIELDS,
    DECISION_FIELDS,
    DECISION_WIDTH,
    EVENTS_A_MINUTE,
    OPEN,
    OUTCOME_FIELDS,
    SIGNAL_FIELDS,
)
from research.backtest.kernel import kernel as compiled
from research.data.bars import BarTable
from research.data.errors import DataError
from research.data.times import Moment, moment, time_ms

Floats = npt.NDArray[np.float64]
WARM_MINUTES = 1500
WARM_LONGER = 499
"""What the ingest task asks for before it begins: a UTC day of minutes, weeks of hours."""
_BASE = len(DECISION_FIELDS)
_VERDICTS = tuple(Verdict)
_SLOTS: Final[Mapping[Direction, tuple[int, int, int]]] = {
    "long": (LONG_SCORE, LONG_COVERAGE, LONG_PARTS),
    "short": (SHORT_SCORE, SHORT_COVERAGE, SHORT_PARTS),
}
"""Places of a direction's score, coverage and first component in a ruling."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What the loop reads, in rows of the kernel's fields; `warm` is the past by interval."""

    symbol: str
    market: Market
    warm: tuple[Floats, Floats, Floats, Floats]
    bars: Floats
    beside: Floats
    late_ms: Floats
    longer: tuple[Floats, Floats, Floats]
    funding_paid: Floats
    paths: Sequence[tuple[PathPoint, ...] | None] | None = None
    qualities: Sequence[Quality] | None = None


@dataclass(frozen=True)
class Run:
    """What the engine made of one symbol; arrays are rows of the kernel's fields."""

    symbol: str
    policy: Policy
    feed: Feed = field(repr=False)
    decision_rows: Floats = field(repr=False)
    event_rows: Floats = field(repr=False)
    signal_rows: Floats = field(repr=False)
    outcome_rows: Floats = field(repr=False)
    table: BarTable | None = field(default=None, repr=False)
    refused: Mapping[int, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """The protections that refused a decision, by its row."""
    model: Model | None = field(default=None, repr=False)
    opinions: Mapping[int, Opinion] = field(default_factory=dict, repr=False)
    """What the model said of a decision, by its row; none without a model."""

    @property
    def start(self) -> int:
        """Open time of the first bar that could cause an event."""
        return int(self.feed.bars[0, 0]) if len(self.feed.bars) else 0

    @property
    def end(self) -> int:
        """Close time of the last bar."""
        return int(self.feed.bars[-1, 0]) + MINUTE_MS if len(self.feed.bars) else 0

    @cached_property
    def verdicts(self) -> dict[str, int]:
        """Decisions by verdict."""
        codes = self.decision_rows[:, _BASE + CODE].astype(int)
        counts = np.bincount(codes, minlength=len(_VERDICTS))
        return {v.value: int(n) for v, n in zip(_VERDICTS, counts, strict=False) if n}

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        """The signals, settled by the core wherever the bars end them."""
        pairs = zip(self.signal_rows, self.outcome_rows, strict=True)
        return tuple(self._signal(row, ended) for row, ended in pairs)

    def close_time(self, decision: int) -> int:
        """Close time of a decision row."""
        return int(self.feed.bars[int(self.decision_rows[decision, 0]), 0]) + MINUTE_MS

    def verdict(self, decision: int) -> Verdict:
        return _VERDICTS[int(self.decision_rows[decision, _BASE + CODE])]

    def direction(self, decision: int) -> Direction | None:
        side = self.decision_rows[decision, _BASE + SIDE]
        return None if side == 0.0 else ("long" if side > 0.0 else "short")

    def scores(self, decision: int) -> dict[str, DirectionScore]:
        """Both directions' scores of a decision row, as a live decision has them."""
        out = self.decision_rows[decision, _BASE:].tolist()
        return {direction: _score(out, direction) for direction in DIRECTIONS}

    def events(self, decision: int) -> tuple[Event, ...]:
        """The events of a decision row."""
        first, count = (int(n) for n in self.decision_rows[decision, 1:3])
        return tuple(_event(row) for row in self.event_rows[first : first + count].tolist())

    def quality(self, decision: int) -> Quality:
        if self.feed.qualities is None:
            return Quality()
        return self.feed.qualities[int(self.decision_rows[decision, 0])]

    def _signal(self, row: Floats, ended: Floats) -> Signal:
        decision, minute = int(row[0]), int(row[1])
        side, total, entry, tp, sl, atr = row[2:].tolist()
        direction: Direction = "long" if side > 0.0 else "short"
        score = _score(self.decision_rows[decision, _BASE:].tolist(), direction)
        close_time = self.close_time(decision)
        policy = self.policy
        signal = Signal(
            signal_id=signal_id(policy.digest, self.symbol, close_time, direction),
            symbol=self.symbol,
            direction=direction,
            score=total,
            close_time=close_time,
            entry_price=entry,
            tp_price=tp,
            sl_price=sl,
            atr=atr,
            atr_interval=policy.atr_interval,
            expires_at=close_time + policy.ttl_ms,
            components=score.components,
            missing=score.missing,
            events=self.events(decision),
            quality=self.quality(decision),
            market=self.feed.market,
            policy_digest=policy.digest,
            code_version=__version__,
            fee_bps=policy.fee_bps,
            slippage_bps=policy.slippage_bps,
        )
        last = minute + policy.ttl_ms // MINUTE_MS if ended[0] == OPEN else int(ended[1])
        end = settle(signal, self._stored(minute + 1, last + 1))
        return signal if end is None else settled(signal, end)

    def _stored(self, first: int, after: int) -> list[StoredBar]:
        """The bars of these minutes, as settlement reads them."""
        bars = self.feed.bars[first:after, :5].tolist()
        rates = self.feed.funding_paid[first:after].tolist()
        paths = self.feed.paths
        known = [None] * len(bars) if paths is None else paths[first:after]
        return [
            StoredBar(int(at), o, h, low, c, funding_paid=None if rate != rate else rate, path=path)
            for (at, o, h, low, c), rate, path in zip(bars, rates, known, strict=True)
        ]


def simulate(
    table: BarTable,
    policy: Policy | None = None,
    *,
    start: Moment | None = None,
    model: Model | None = None,
) -> Run:
    """Run the engine over a table; bars before `start` (default: the first) only warm up."""
    return run(feed_of_table(table, start), policy or default_policy(), table, model)


def run_facts(
    facts: Iterable[BarsFact | HistoryFact],
    policy: Policy | None = None,
    model: Model | None = None,
) -> Run:
    """Run the engine over the facts of one symbol, in their order: what live folded."""
    return run(feed_of_facts(facts), policy or default_policy(), model=model)


def run(
    feed: Feed, policy: Policy, table: BarTable | None = None, model: Model | None = None
) -> Run:
    """Fold, decide and settle everything of a feed.

    Protections that look at the whole market see one of this symbol alone: `market.run_market`
    runs several symbols as one. Raises ModelError for a policy that means another model, or one
    where none is given.
    """
    check_model(policy, model)
    done = compiled_run(feed, policy, table)
    if model is None and not policy.protections.on:
        return done
    from research.backtest.market import ruled_again  # it is made of runs

    return ruled_again([done], model)[0]


def compiled_run(feed: Feed, policy: Policy, table: BarTable | None = None) -> Run:
    """Run the compiled loop, which knows neither the policy's protections nor a model."""
    k, p, s = compiled(), np.array(policy.numbers), np.array(fresh_buffer())
    for number in (3, 2, 1, 0):
        k.warm(s, number, feed.warm[number], p)
    size = len(feed.bars)
    decisions = np.empty((size, DECISION_WIDTH))
    events = np.empty((size * EVENTS_A_MINUTE + MAX_EVENTS, ROW))  # costs what is written to
    signals = np.empty((size, len(SIGNAL_FIELDS)))
    made, fired, opened = k.run(
        s, feed.bars, feed.beside, feed.late_ms, *feed.longer, p, decisions, events, signals
    )
    outcomes = np.full((opened, len(OUTCOME_FIELDS)), np.nan)
    k.settle(feed.bars, signals[:opened], policy.ttl_ms // MINUTE_MS, outcomes)
    return Run(
        feed.symbol, policy, feed, decisions[:made].copy(), events[:fired].copy(),
        signals[:opened].copy(), outcomes, table,
    )  # fmt: skip


def feed_of_table(table: BarTable, start: Moment | None = None) -> Feed:
    """Lay a table out for the loop; raises DataError when no bars are left to run."""
    begin = table.start if start is None else max(table.start, time_ms(start))
    bars = _rows(table)
    first = int(np.searchsorted(table.open_time, begin))
    if first == len(bars):
        raise DataError(
            f"{table.symbol}: no bars from {moment(begin)} UTC on, they end at "
            f"{moment(table.end)}. Choose an earlier start, or a later end."
        )
    k = compiled()
    longer = tuple(k.longer(bars, n) for n in (5, 15, 60))
    past, ahead = [], []
    for minutes, rows in zip((5, 15, 60), longer, strict=True):
        split = int(np.searchsorted(rows[:, 0] + minutes * MINUTE_MS, begin, side="right"))
        past.append(rows[max(0, split - WARM_LONGER) : split])
        ahead.append(rows[split:])
    beside = table.beside()
    return Feed(
        symbol=table.symbol,
        market=table.market,
        warm=(bars[max(0, first - WARM_MINUTES) : first], past[0], past[1], past[2]),
        bars=bars[first:],
        beside=np.column_stack([beside[name][first:] for name in BESIDE_FIELDS]),
        late_ms=np.zeros(len(bars) - first),
        longer=(ahead[0], ahead[1], ahead[2]),
        funding_paid=beside["funding_paid"][first:],
    )


def feed_of_facts(facts: Iterable[BarsFact | HistoryFact]) -> Feed:
    """Lay the facts of one symbol out for the loop; histories first, as they were sent.

    Raises DataError for facts of two symbols or markets, or none, and for a history in mid-stream
    that brings new bars: what was away for minutes is two spans, to be run one by one.
    """
    history: dict[str, list[Floats]] = {name: [] for name in INTERVALS}
    bars: dict[str, list[Floats]] = {name: [] for name in INTERVALS}
    minutes: list[BarsFact] = []
    known: set[tuple[str, Market]] = set()
    for fact in facts:
        known.add((fact.symbol, fact.market))
        if isinstance(fact, HistoryFact):
            if minutes:
                _refuse_news(fact, minutes[-1].close_time)
                continue  # a task that came back tells again what is folded already
            history[fact.interval] += [_row(bar) for bar in fact.bars]
            continue
        if minutes and fact.close_time <= minutes[-1].close_time:
            continue  # it came twice
        minutes.append(fact)
        for bar in fact.bars:
            bars[bar.interval].append(_row(bar))
    if len(known) != 1:
        raise DataError(f"Facts of one symbol and market are needed, these are of {sorted(known)}.")
    symbol, market = known.pop()
    return Feed(
        symbol=symbol,
        market=market,
        warm=(*(_stack(history[name]) for name in INTERVALS),),  # type: ignore[arg-type]  # four intervals
        bars=_stack(bars["1m"]),
        beside=_optional(
            [tuple(getattr(fact, name) for name in BESIDE_FIELDS) for fact in minutes],
            len(BESIDE_FIELDS),
        ),
        late_ms=np.array([float(f.sent_at - f.close_time) for f in minutes]),
        longer=(_stack(bars["5m"]), _stack(bars["15m"]), _stack(bars["1h"])),
        funding_paid=_optional([(f.funding_paid,) for f in minutes], 1)[:, 0],
        paths=[f.path for f in minutes],
        qualities=[f.quality for f in minutes],
    )


def _refuse_news(fact: HistoryFact, until: int) -> None:
    newest = max((bar.close_time for bar in fact.bars), default=0)
    if newest > until:
        raise DataError(
            f"{fact.symbol}: a history brings bars up to {moment(newest)} after the bars up to "
            f"{moment(until)}: the feed was away in between. Run the facts before and after it by "
            "themselves."
        )


def _rows(table: BarTable) -> Floats:
    """The bars in rows; an unknown quote volume is typical price × volume, as a replay sends it.

    So the VWAP of a longer bar comes from its minutes, not from its own extremes.
    """
    quote = table.quote_volume
    unknown = np.isnan(quote)
    if unknown.any():
        typical = (table.high + table.low + table.close) / 3.0 * table.volume
        quote = np.where(unknown, typical, quote)
    columns = (table.open, table.high, table.low, table.close, table.volume, quote)
    return np.column_stack([table.open_time.astype(np.float64), *columns])


def _row(bar: object) -> Floats:
    values = [getattr(bar, name) for name in BAR_FIELDS]
    return np.array([np.nan if value is None else float(value) for value in values])


def _stack(rows: list[Floats]) -> Floats:
    return np.array(rows) if rows else np.empty((0, 7))


def _optional(rows: list[tuple[float | None, ...]], width: int) -> Floats:
    values = [[np.nan if x is None else x for x in row] for row in rows]
    return np.array(values, dtype=np.float64).reshape(len(rows), width)


def _score(out: list[float], direction: Direction) -> DirectionScore:
    at, covered, parts = _SLOTS[direction]
    values = zip(COMPONENTS, out[parts : parts + len(COMPONENTS)], strict=True)
    named = {name: x if x == x else None for name, x in values}
    return DirectionScore(
        score=out[at],
        coverage=out[covered],
        components=named,
        missing=tuple(name for name, x in named.items() if x is None),
        backed=(named["event"] or 0.0) > 0.0,
    )


def _event(row: list[float]) -> Event:
    kind = int(row[0])
    values = zip(DETAILS[kind], row[4:], strict=True)
    return Event(
        kind=KINDS[kind],
        interval=INTERVALS[int(row[1])],
        direction="long" if row[2] > 0.0 else "short",
        strength=row[3],
        details={name: value for name, value in values if value == value},
    )
