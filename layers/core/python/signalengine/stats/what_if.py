"""Past signals under other rules, settled by the engine's own fold: hindsight, with the same costs.

Only what closes a signal is changed, and which signals are kept by their score. What would have
opened instead is not known: a signal that is left out would have started no cooldown, and the cost
gate and the protections of the policy are not applied again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Final

from ..exits import levels
from ..intervals import MINUTE_MS
from ..settlement import StoredBar, settle
from ..signals import Settlement, Signal

BELOW_THRESHOLD: Final = "below_threshold"
NO_ATR: Final = "no_atr"
"""Levels in ATRs are asked of a signal whose levels were not made of one."""
OWN_EXITS: Final = "own_exits"
"""It has several targets, or a stop that moves: one TP and one SL would be another strategy."""
OUT_OF_RANGE: Final = "out_of_range"
"""TP or SL would not be a price on its side of the entry."""
NO_BARS: Final = "no_bars"
"""The stored bars do not decide: they have expired, or have not come."""
NOT_BY_BARS: Final = "not_by_bars"
"""Its stored outcome is none of its bars: they never came, or an earlier version used ticks."""
TOO_YOUNG: Final = "too_young"
"""Its life under either rules is not over: those that have ended already are a biased sample."""
LEFT_OUT: Final = (
    BELOW_THRESHOLD, NO_ATR, OWN_EXITS, OUT_OF_RANGE, NO_BARS, NOT_BY_BARS, TOO_YOUNG,
)  # fmt: skip
"""Why a signal is not counted."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Other rules; None keeps those of each signal."""

    tp_atr: float | None = None
    """Distance of the target from the entry, in ATRs of the signal."""
    sl_atr: float | None = None
    ttl_minutes: int | None = None
    """Number of 1m bars after which a signal expires."""
    threshold: float | None = None
    """Lowest score (0..1) of a signal that is kept."""


def changed(signal: Signal, rules: Rules, newest: int) -> Signal | str:
    """Return an open signal under other rules, or one of `LEFT_OUT`.

    `newest` is the close (ms) of the newest stored bar.
    """
    end = signal.settlement
    if end is None or end.resolution not in ("bar", "path"):
        return NOT_BY_BARS
    expires_at = signal.expires_at
    if rules.ttl_minutes is not None:
        expires_at = signal.close_time + rules.ttl_minutes * MINUTE_MS
    if max(expires_at, signal.expires_at) > newest:
        return TOO_YOUNG
    if rules.threshold is not None and signal.score < rules.threshold:
        return BELOW_THRESHOLD
    new = replace(signal, settlement=None, progress=(), expires_at=expires_at)
    if rules.tp_atr is None and rules.sl_atr is None:
        return new
    return _moved(new, rules)


def _moved(signal: Signal, rules: Rules) -> Signal | str:
    """Return a signal with its levels where a strategy would have put them."""
    if signal.exits is not None:
        return OWN_EXITS
    if signal.atr is None:
        return NO_ATR
    row = [0.0] * levels.EXITS_SIZE
    side, entry = float(signal.side), signal.entry_price
    levels.clear(row)
    tp, sl = rules.tp_atr, rules.sl_atr
    levels.bracket_atr(row, entry, side, signal.atr, tp or 1.0, sl or 1.0)
    if tp is None:
        row[levels.TARGET] = signal.tp_price
    if sl is None:
        row[levels.STOP] = signal.sl_price
    levels.put_on_tick(row, side, nan if signal.tick_size is None else signal.tick_size)
    levels.expire(row, 1.0)
    if levels.fault(row, entry, side) != levels.FINE:
        return OUT_OF_RANGE
    return replace(signal, tp_price=row[levels.TARGET], sl_price=row[levels.STOP])


def what_if(
    signal: Signal, rules: Rules, bars: Sequence[StoredBar], newest: int
) -> Settlement | str:
    """Return how a closed signal would have ended, or one of `LEFT_OUT`.

    `bars` are the stored ones from the signal's close on, `newest` as in `changed`. Under no other
    rules it is the stored settlement, as long as the bars are those that decided it.
    """
    new = changed(signal, rules, newest)
    if isinstance(new, str):
        return new
    return settle(new, bars) or NO_BARS
