"""What one more parameter set in shadow costs a month, beside the stack that runs already.

Its bars, the shared fold and the invocations that read them are paid for by the stack. A set adds
checkpoints of its own, its evaluations and decisions, and its signals.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Final

from .bill import usd_of
from .model import (
    DECISION_BYTES,
    EVENT_BYTES,
    GB_S_A_MS,
    GROUP,
    KB,
    YEAR,
    Amounts,
    invoked,
    restorable,
    scaled,
    stored,
    total,
)
from .prices import HOURS_A_MONTH, Unit
from .usage import MINUTES_H

CHECKPOINT_MINUTES: Final = 15
"""The least between two checkpoints of a symbol, and so of its sets."""
LONG_MINUTES: Final = 360
"""After which, again and again, the position of an open signal is stored."""
FOLD_MS: Final = 0.05
"""Of a bar (measured 0.02 on one vCPU)."""
SHARED_MS: Final = 0.3
"""Of the shared features at a close of its interval (measured 0.15)."""
REGISTRY_READS_H: Final = 3 * MINUTES_H
"""Three functions read the registry once a minute, whatever is in it (a process each)."""
PER_ENTRY: Final = (
    # as of any event; the newest signal is read beside the cooldown, and no count reads it
    {Unit.WRITE: (1 + 1) + (2 * 1 + 1 + 2 * 1), Unit.READ: 1 + 1},
    stored(2 * EVENT_BYTES, 30),
    stored(2 * DECISION_BYTES, 90),
    invoked(1, 30),
)
PER_SHADOW_OPENED: Final = (
    {Unit.WRITE: 2 * 1 + 3 * 1, Unit.READ: 1},  # the item and its indexes by day, symbol, opening
    restorable(4 * 900, YEAR),
    invoked(1, 5),
)
PER_SHADOW_CLOSED: Final = (
    # the item, its indexes (out of that of open signals, into that by month), two rows
    {Unit.WRITE: 2 * 2 + 2 + 2 + 1 + 1 + 2 * 2, Unit.READ: 1 + 1},
    restorable(3 * 450 + 400, YEAR),
    invoked(1, 5),
)


@dataclass(frozen=True, slots=True)
class SetRates:
    """What a set does, a symbol."""

    folds_minutes: int
    """Minutes of the shortest interval that it counts."""
    every_minutes: int
    """Minutes of the interval at whose closes it may enter."""
    entries_a_day: float
    """Closes at which its condition holds."""
    opened_a_day: float
    open_minutes: float
    """For how long a signal is open."""
    state_bytes: int = 1_000


DAILY: Final = SetRates(1_440, 1_440, entries_a_day=0.08, opened_a_day=0.05, open_minutes=14_400)
"""A strategy like a channel of twenty days: an entry each two weeks, open for ten days."""
QUARTERLY: Final = SetRates(15, 15, entries_a_day=2.0, opened_a_day=1.0, open_minutes=480)
"""A strategy of 15m bars: an entry each half day, open for eight hours."""


def checkpoints_a_minute(rates: SetRates, symbols: float) -> float:
    """Return the write units of a set's checkpoints."""
    each = max(CHECKPOINT_MINUTES, rates.folds_minutes)
    return symbols * ceil(rates.state_bytes / KB) / each


def shadow_units(rates: SetRates, symbols: int, hours: float = HOURS_A_MONTH) -> Amounts:
    """Return the units of a set in shadow."""
    minutes, days = hours * MINUTES_H, hours / 24
    closes = symbols * minutes
    followed = min(
        2 * rates.open_minutes * rates.opened_a_day * days * symbols,
        2 * minutes * ceil(symbols / GROUP),  # a group's log is read once for all of its signals
    )
    parts: Iterable[tuple[float, Iterable[Amounts]]] = (
        (minutes, ({Unit.WRITE: checkpoints_a_minute(rates, symbols)},)),
        (closes / rates.folds_minutes, ({Unit.GB_S: FOLD_MS * GB_S_A_MS},)),
        (closes / rates.every_minutes, ({Unit.GB_S: SHARED_MS * GB_S_A_MS},)),
        (symbols * days * rates.entries_a_day, PER_ENTRY),
        (symbols * days * rates.opened_a_day, (*PER_SHADOW_OPENED, *PER_SHADOW_CLOSED)),
        (symbols * days * rates.opened_a_day, ({Unit.WRITE: rates.open_minutes // LONG_MINUTES},)),
        (1.0, ({Unit.READ: followed},)),
    )
    return total(scaled(times, one) for times, several in parts for one in several)


def shadow_usd(rates: SetRates, symbols: int) -> float:
    """Return what a set in shadow costs a month, in US dollars."""
    return usd_of(shadow_units(rates, symbols))


def registry_usd() -> float:
    """Return what reading the registry costs a month, also when nothing is in it."""
    return usd_of({Unit.READ: REGISTRY_READS_H * HOURS_A_MONTH})
