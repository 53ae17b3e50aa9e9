"""The fold over one symbol: `advance(state, fact)` gives the next state and what happened.

A bar not newer than the state's last bar of its interval changes nothing, so every fact may come
twice. Bars of all intervals that end at T only update; the 1m bar, folded last, triggers the one
evaluation of T. The state is constant size whatever it has seen.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from .events import MAX_EVENTS, ROW, fold_bar
from .facts.stream import Bar, BarsFact, HistoryFact
from .flows import (
    close_flow,
    detect_flows,
    fold_flow,
    fold_minute,
    forget_flow,
    remember_event,
    set_latest,
)
from .intervals import INTERVAL_MS, INTERVALS, MINUTE_MS, numbers_of
from .kinds import event_of
from .layout import (
    BLOCK,
    BLOCKS,
    CLEAN,
    COUNT,
    GAP_S,
    LAST_OPEN,
    MINUTE_BLOCK,
    REVISION,
    SIZE,
    WINDOW,
    fresh_buffer,
)
from .policy import Policy
from .signals import Evaluation
from .snapshot import SIZE as SNAPSHOT_SIZE
from .snapshot import by_name, snapshot
from .state.codec import pack, unpack
from .volume_profile import BINS


@dataclass(frozen=True, slots=True, eq=False)
class SymbolState:
    """What is stored of a symbol: `buffer` by `layout`. Never mutated, only replaced."""

    symbol: str
    buffer: Sequence[float]

    @classmethod
    def fresh(cls, symbol: str) -> "SymbolState":
        return cls(symbol, fresh_buffer())

    @classmethod
    def from_bytes(cls, symbol: str, data: bytes) -> "SymbolState":
        """Return a stored state; raises StateVersionError for damage and unknown versions."""
        return cls(symbol, unpack(data))

    def to_bytes(self) -> bytes:
        return pack(self.buffer)

    @property
    def revision(self) -> int:
        """Number of facts that changed this state."""
        return int(self.buffer[REVISION])

    @property
    def followed(self) -> bool:
        """Whether its minutes were ever received as they closed, not only as history."""
        return self.buffer[GAP_S] == self.buffer[GAP_S]

    @property
    def last_close_time(self) -> int:
        """Close time of the newest 1m bar; 0 before the first."""
        last = self.buffer[MINUTE_BLOCK + LAST_OPEN]
        return int(last) + MINUTE_MS if last >= 0.0 else 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SymbolState):
            return NotImplemented
        return self.symbol == other.symbol and _exact(self.buffer) == _exact(other.buffer)

    def __hash__(self) -> int:
        return hash((self.symbol, self.revision))


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one fact did."""

    state: SymbolState
    accepted: tuple[Bar, ...]
    evaluation: Evaluation | None
    ignored: int


def _exact(buffer: Sequence[float]) -> bytes:
    return struct.pack(f"{SIZE}d", *buffer)  # NaN equals NaN, and -0.0 is not 0.0


def advance(state: SymbolState, fact: BarsFact | HistoryFact, policy: Policy) -> Advanced:
    """Fold one fact of this symbol; the state given is left as it is."""
    if isinstance(fact, HistoryFact):
        return _advance_history(state, fact, policy)
    minute = fact.bars[0]
    if minute.open_time <= state.buffer[MINUTE_BLOCK + LAST_OPEN]:
        return Advanced(state, (), None, len(fact.bars))
    s = list(state.buffer)
    ev = [0.0] * (1 + ROW * MAX_EVENTS)
    long, short = _or_nan(fact.liq_long_usd), _or_nan(fact.liq_short_usd)
    oi = _or_nan(fact.open_interest)
    _fold_minute(s, minute, oi, long, short)
    set_latest(s, _or_nan(fact.funding_rate), _or_nan(fact.mark_price))
    s[GAP_S] = float(fact.quality.gap_s)
    accepted = [b for b in _longest_first(fact.bars) if fold_one(s, b, policy.numbers, ev)]
    for bar in accepted:
        close_flow(s, _block(bar.interval), oi)
    detect_flows(s, _or_nan(fact.funding_hours), policy.numbers, ev)
    s[REVISION] += 1.0
    after = SymbolState(state.symbol, s)
    return Advanced(
        state=after,
        accepted=tuple(accepted),
        evaluation=_evaluate(s, ev, fact, policy),
        ignored=len(fact.bars) - len(accepted),
    )


def fold_one(s: list[float], bar: Bar, numbers: Sequence[float], ev: list[float]) -> bool:
    """Fold a bar into its block in place; False when it is not newer than the block's last."""
    i = INTERVALS.index(bar.interval)
    b = BLOCKS[i]
    if bar.open_time <= s[b + LAST_OPEN]:
        return False
    block = s[b : b + BLOCK]
    fold_bar(
        block, i, float(INTERVAL_MS[bar.interval]), float(bar.open_time),
        float(bar.open), float(bar.high), float(bar.low), float(bar.close), float(bar.volume),
        _or_nan(bar.quote_volume), numbers, ev,
    )  # fmt: skip
    s[b : b + BLOCK] = block
    return True


def _longest_first(bars: tuple[Bar, ...]) -> Sequence[Bar]:
    return sorted(bars, key=lambda bar: -INTERVAL_MS[bar.interval]) if len(bars) > 1 else bars


def _fold_minute(s: list[float], bar: Bar, oi: float, long: float, short: float) -> None:
    quote = bar.quote_volume
    value = float(bar.volume * bar.close if quote is None else quote)
    fold_minute(s, float(bar.open_time // MINUTE_MS), oi, long, short, value)
    fold_flow(s, long, short)


def _advance_history(state: SymbolState, fact: HistoryFact, policy: Policy) -> Advanced:
    """Fold the past. Minutes that a followed symbol missed are `accepted`: an open signal may need
    them. No signal needs those from before it was followed."""
    s = list(state.buffer)
    ev = [0.0] * (1 + ROW * MAX_EVENTS)
    folded = []
    for bar in fact.bars:
        ev[0] = 0.0  # the past causes no events
        if not fold_one(s, bar, policy.numbers, ev):
            continue
        folded.append(bar)
        if bar.interval == "1m":
            _fold_minute(s, bar, nan, nan, nan)
        forget_flow(s, _block(bar.interval))
    if not folded and state.revision > 0:
        return Advanced(state, (), None, len(fact.bars))
    s[REVISION] += 1.0
    missed = tuple(folded) if fact.interval == "1m" and state.followed else ()
    return Advanced(SymbolState(state.symbol, s), missed, None, len(fact.bars) - len(folded))


def _evaluate(s: list[float], ev: list[float], fact: BarsFact, policy: Policy) -> Evaluation | None:
    """All events of this close with the snapshot; None when nothing happened."""
    events = tuple(event_of(ev[k : k + ROW]) for k in range(1, 1 + int(ev[0]) * ROW, ROW))
    if not events:
        return None
    for event in events:
        remember_event(s, 1.0 if event.direction == "long" else -1.0, event.strength)
    f = [nan] * SNAPSHOT_SIZE
    snapshot(s, f, [0.0] * BINS, numbers_of(policy.intervals))
    features, context = by_name(f, policy.intervals)
    return Evaluation(
        symbol=fact.symbol,
        close_time=fact.close_time,
        market=fact.market,
        source=fact.source,
        sent_at=fact.sent_at,
        quality=fact.quality,
        events=events,
        features=features,
        context=context,
        unwarm=unwarm(s, policy.intervals, policy.warm_bars),
        tainted=tainted(s, policy.intervals),
        tick_size=fact.tick_size,
    )


def unwarm(s: Sequence[float], intervals: Sequence[str], bars: int) -> tuple[str, ...]:
    """Return those of the intervals that have fewer bars."""
    return tuple(name for name in intervals if s[_block(name) + COUNT] < bars)


def tainted(s: Sequence[float], intervals: Sequence[str]) -> tuple[str, ...]:
    """Return those of the intervals that have a hole inside their windows."""
    return tuple(
        name
        for name, b in zip(intervals, map(_block, intervals), strict=True)
        if s[b + CLEAN] < s[b + COUNT] and s[b + CLEAN] < WINDOW
    )


def _block(interval: str) -> int:
    return BLOCKS[INTERVALS.index(interval)]


def _or_nan(value: float | None) -> float:
    return nan if value is None else float(value)
