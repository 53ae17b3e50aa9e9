"""What a parameter set makes of a symbol's facts: its buffer, and the evaluations of its entries.

A set's buffer is the fold of the bars of its own intervals and of nothing else, each taken once, in
the order of time. So bars that come again change nothing, and a buffer that is older than the
symbol's state is brought up to it by the stored bars. One that is not warm begins anew with the
next history. The shared features are read only where an
entry is asked for.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Final, TypeAlias

from ..errors import StateVersionError
from ..facts.stream import Bar, BarsFact, HistoryFact
from ..fold import SymbolState
from ..intervals import INTERVAL_MS, INTERVALS, numbers_of
from ..layout import BLOCKS, CLEAN, COUNT
from ..signals import Direction, Evaluation
from ..snapshot import SIZE as SNAPSHOT_SIZE
from ..snapshot import by_name, flat, snapshot
from ..volume_profile import BINS
from .buffer import COUNT as ENGINE_COUNT
from .buffer import LAST_OPEN, MOST_WARM, PRIVATE
from .lifecycle import failure
from .running import (
    beyond,
    due,
    entries,
    entry_events,
    fold_rows,
    holed,
    leaves_of,
    named_values,
    row_of,
    unwarm,
)

if TYPE_CHECKING:
    from .sets import StrategySet

Buffer: TypeAlias = Sequence[float]
Buffers: TypeAlias = Mapping[str, Buffer]
"""Of one symbol, by the set's key; never mutated, only replaced."""
_Known: TypeAlias = Mapping[str, float | None]
_Snapshot: TypeAlias = tuple[Mapping[str, _Known], _Known, tuple[float, ...]]
_DAYS: Final = ENGINE_COUNT + INTERVALS.index("1d")
_DIGEST_BYTES: Final = 12
_HEAD: Final = struct.Struct(f">{_DIGEST_BYTES}sHH")


@dataclass(slots=True)
class SetsAdvanced:
    """What one fact did to the sets of a symbol."""

    buffers: dict[str, Buffer]
    changed: set[str] = field(default_factory=set)
    evaluations: list[Evaluation] = field(default_factory=list)
    leaves: dict[str, int] = field(default_factory=dict)
    """By digest of a set, which of its signals it closes: 1 long ones, -1 short ones, 0 both."""
    failed: dict[str, str] = field(default_factory=dict)
    """Why a set's own function raised; its buffer is gone."""


def wanted(one: StrategySet) -> tuple[str, ...]:
    """Return the intervals whose bars a set counts, shortest first."""
    intervals = {*one.loaded.intervals, *one.loaded.strategy.counted}
    return tuple(name for name in INTERVALS if name in intervals)


def days_of(s: Buffer) -> float:
    """Return how many closed bars of 1d a buffer has counted."""
    return s[_DAYS]


def advance_sets(
    sets: Iterable[StrategySet],
    before: Buffers,
    fact: BarsFact | HistoryFact,
    shared: SymbolState,
    *,
    events: bool = False,
) -> SetsAdvanced:
    """Fold a fact into each set; `shared` is the symbol's state after it.

    `events`: whether the shared fold found any at this close.
    """
    done = SetsAdvanced(dict(before))
    history, snapshots = isinstance(fact, HistoryFact), _Snapshots(shared)
    for one in sets:
        bars = [bar for bar in fact.bars if bar.interval in wanted(one)]
        if not bars or not one.loaded.strategy.reads(fact.symbol):
            continue
        try:
            known = before.get(one.key)
            begun = None if history and _begins_again(one, known, bars) else known
            buffer, closed = _folded(one, begun, bars)
            found, leaves = None, None
            if closed and isinstance(fact, BarsFact):
                found = _evaluated(one, buffer, fact, snapshots, events=events)
                leaves = _leaves(one, buffer, snapshots)
        except Exception as error:
            done.failed[one.key] = failure(error, one.loaded.origin)
            done.buffers.pop(one.key, None)
            continue
        if buffer is not known:
            done.buffers[one.key] = buffer
            done.changed.add(one.key)
        if leaves is not None:
            done.leaves[one.digest] = leaves
        if found is not None and not history:
            done.evaluations.append(found)
    return done


def _begins_again(one: StrategySet, s: Buffer | None, bars: Sequence[Bar]) -> bool:
    """Return whether a set begins anew with a history, because it is not warm.

    Bars before the first that a buffer has cannot be added to it. A history comes in facts, that of
    the longest interval first.
    """
    longest = bars[0].interval == wanted(one)[-1]
    return s is not None and longest and bool(unwarm(one.loaded.strategy, s, one.loaded.intervals))


def _folded(one: StrategySet, before: Buffer | None, bars: Sequence[Bar]) -> tuple[Buffer, bool]:
    """Return the buffer after bars, those that end together longest first.

    And whether a bar of `every` was new. Without a new bar it is the same buffer.
    """
    s = one.loaded.strategy.fresh() if before is None else list(before)
    last = s[LAST_OPEN : LAST_OPEN + len(INTERVALS)]
    closed = False
    ends: dict[int, list[Bar]] = {}
    for bar in bars:
        ends.setdefault(bar.open_time + INTERVAL_MS[bar.interval], []).append(bar)
    for end in sorted(ends):
        rows = [row_of(bar) for bar in ends[end]]
        closed = fold_rows(one.loaded, s, rows, one.parameters) or closed
    same = before is not None and s[LAST_OPEN : LAST_OPEN + len(INTERVALS)] == last
    return (before if same and before is not None else s), closed


def _evaluated(
    one: StrategySet, s: Buffer, fact: BarsFact, snapshots: _Snapshots, *, events: bool
) -> Evaluation | None:
    """Return the evaluation of a close at which the set enters; None when it does not.

    Where symbols are compared, every close that is due has one, and its entries are not known yet.
    """
    strategy = one.loaded.strategy
    if not due(strategy, fact.close_time) or (strategy.on_events and not events):
        return None
    outside = beyond(strategy, fact.symbol, days_of(s))
    if outside and not strategy.compares:
        return None
    features, context, f = snapshots.of(one.intervals)
    sides: tuple[Direction, ...] = ()
    if not strategy.compares:
        sides = entries(one.loaded, s, f, one.parameters)
        if not sides:
            return None
    own, shared = one.loaded.intervals, snapshots.shared
    return Evaluation(
        symbol=fact.symbol,
        close_time=fact.close_time,
        market=fact.market,
        source=fact.source,
        sent_at=fact.sent_at,
        quality=fact.quality,
        events=entry_events(strategy, sides),
        features=features,
        context=context,
        unwarm=not_warm(one, s, shared),
        tainted=_ordered(holed(strategy, s, own), _shared_holed(one, shared)),
        values=named_values(strategy, s),
        strategy=one.key,
        digest=one.digest,
        tick_size=fact.tick_size,
        outside=outside,
    )


def not_warm(one: StrategySet, s: Buffer, shared: SymbolState) -> tuple[str, ...]:
    """Return the intervals, own and shared, of which a set has fewer bars than its warm-up."""
    own = unwarm(one.loaded.strategy, s, one.loaded.intervals)
    return _ordered(own, _shared_unwarm(one, shared))


class _Snapshots:
    """The shared features at a close, made once for all sets that read the same intervals."""

    def __init__(self, shared: SymbolState) -> None:
        self.shared = shared
        self._made: dict[tuple[str, ...], _Snapshot] = {}

    def of(self, declared: tuple[str, ...]) -> _Snapshot:
        """Return the features of some intervals with the price, the context, and both in one."""
        if declared not in self._made:
            intervals = tuple(name for name in INTERVALS if name == "1m" or name in declared)
            f = [nan] * SNAPSHOT_SIZE
            snapshot(list(self.shared.buffer), f, [0.0] * BINS, numbers_of(intervals))
            features, context = by_name(f, intervals)
            if "1m" not in declared:
                features["1m"] = {"close": features["1m"]["close"]}
            if not declared:
                context = dict.fromkeys(context)
            self._made[declared] = features, context, tuple(flat(features, context))
        return self._made[declared]


def _leaves(one: StrategySet, s: Buffer, snapshots: _Snapshots) -> int | None:
    """Return which open signals a set closes now: 1 long ones, -1 short ones, 0 both, or none."""
    if one.code.leave is None:
        return None
    return leaves_of(one.loaded, s, snapshots.of(one.intervals)[2], one.parameters)


def _ordered(*several: Iterable[str]) -> tuple[str, ...]:
    found = {name for names in several for name in names}
    return tuple(name for name in INTERVALS if name in found)


def _shared_unwarm(one: StrategySet, shared: SymbolState) -> list[str]:
    """Return the intervals of shared features with fewer bars than the set's warm-up."""
    strategy, s = one.loaded.strategy, shared.buffer
    return [
        name
        for name in strategy.features
        if s[_block(name) + COUNT] < strategy.warm_up.get(name, 0)
    ]


def _shared_holed(one: StrategySet, shared: SymbolState) -> list[str]:
    """Return the intervals of shared features with a hole within the set's warm-up."""
    strategy, s = one.loaded.strategy, shared.buffer
    return [
        name
        for name in strategy.features
        if s[_block(name) + CLEAN] < min(s[_block(name) + COUNT], strategy.warm_up.get(name, 0))
    ]


def _block(interval: str) -> int:
    return BLOCKS[INTERVALS.index(interval)]


# --- from stored bars ----------------------------------------------------------------------------


def lacking(one: StrategySet, s: Buffer | None, until: int) -> dict[str, tuple[int, int]]:
    """Return the spans of open times (ms), by interval, of the bars that a buffer lacks.

    Of the bars that end by `until`, the newest `MOST_WARM` at most.
    """
    found: dict[str, tuple[int, int]] = {}
    for name in wanted(one):
        step = INTERVAL_MS[name]
        newest = until - until % step - step
        known = -1.0 if s is None else s[LAST_OPEN + INTERVALS.index(name)]
        begin = max(int(known) + step if known >= 0.0 else 0, newest - (MOST_WARM - 1) * step)
        if begin <= newest:
            found[name] = (begin, newest + step)
    return found


def caught_up(one: StrategySet, s: Buffer | None, bars: Iterable[Bar]) -> Buffer | None:
    """Return a buffer after stored bars, in any order; raises what the strategy raises."""
    several = [bar for bar in bars if bar.interval in wanted(one)]
    return _folded(one, s, several)[0] if several else s


# --- the byte form -------------------------------------------------------------------------------


def to_bytes(one: StrategySet, s: Buffer) -> bytes:
    """Return a buffer's bytes: the set's digest, the sizes, and the floats, deflated."""
    raw = struct.pack(f">{len(s)}d", *s)
    planes = b"".join(raw[k::8] for k in range(8))
    head = _HEAD.pack(one.digest.encode(), PRIVATE, len(s))
    return head + zlib.compress(planes, 6, -15)


def from_bytes(one: StrategySet, data: bytes) -> list[float] | None:
    """Return the buffer that was packed; None for that of other code or parameters.

    Raises StateVersionError for damaged bytes.
    """
    size = one.loaded.strategy.size
    try:
        digest, private, length = _HEAD.unpack_from(data)
        if (digest, private, length) != (one.digest.encode(), PRIVATE, size):
            return None
        inflate = zlib.decompressobj(-15)
        planes = inflate.decompress(data[_HEAD.size :], 8 * size)
    except (struct.error, zlib.error) as error:
        raise StateVersionError(f"a set's state is damaged: {error}") from error
    if len(planes) != 8 * size:
        raise StateVersionError(f"a set's state is damaged: {len(planes)} bytes for {8 * size}")
    raw = bytearray(8 * size)
    for k in range(8):
        raw[k::8] = planes[k * size : (k + 1) * size]
    return list(struct.unpack(f">{size}d", raw))
