"""How long the blocks of days are that a bootstrap draws: the one place that decides it.

Two signals that are open at the same time have part of their returns in common, so what is drawn
together must be longer than a signal can be open. A block as long as the longest time limit still
cuts half of the pairs that overlap; twice that gives intervals that hold what they should
(`research.simulations.coverage`, docs/evidence.md). Up to a day a block is one day.
"""

from collections.abc import Iterable

from signalengine.intervals import DAY_MS
from signalengine.signals import Signal

_LIVES = 2
"""Longest time limits a block has, where they are longer than a day."""


def longest_life_ms(signals: Iterable[Signal]) -> int:
    """Return the longest time limit of these signals, ms; 0 without any."""
    return max((one.expires_at - one.close_time for one in signals), default=0)


def days_of_block(life_ms: int) -> int:
    """Return the days of a block for signals of at most this life: whole days, at least 1."""
    return 1 if life_ms <= DAY_MS else _LIVES * -(-life_ms // DAY_MS)


def block_days(signals: Iterable[Signal]) -> int:
    """Return the days of a block for these signals."""
    return days_of_block(longest_life_ms(signals))
