"""What every sweep runs on: seven symbols over a month of 1m bars, and the sets of the peers' rule.

Imports nothing of the engine: the peers' interpreters read it, too.
"""

from itertools import product
from typing import Final, NamedTuple

from .market import DAY_MINUTES, Bars

BASES: Final = ("BTC", "ETH", "SOL", "BNB", "XRP", "DOGE", "ADA")
SYMBOLS: Final = tuple(f"{base}USDT" for base in BASES)
MINUTES: Final = 31 * DAY_MINUTES
WARM_MINUTES: Final = 21 * DAY_MINUTES
"""Before the month: 500 bars of 1h, by which the engine warms up. The peers' rule needs 60 bars."""
TOTAL_MINUTES: Final = len(SYMBOLS) * (WARM_MINUTES + MINUTES)
"""Bars of a walk that is cut into the symbols."""

FAST: Final = 9
SLOW: Final = tuple(range(15, 25))
STEPS: Final = tuple(round(0.002 + 0.0005 * n, 4) for n in range(10))
"""Distances of stop and target, as fractions of the price."""
FEE: Final = 5e-4
SKIPPED: Final = 60
"""Bars at the beginning on which the rule opens nothing."""


class RuleSet(NamedTuple):
    """EMA 9 crosses EMA `slow`: opened both ways, left at the stop or at the target."""

    slow: int
    stop: float
    profit: float


SETS: Final = tuple(RuleSet(*values) for values in product(SLOW, STEPS, STEPS))
CHECKED: Final = RuleSet(20, 0.004, 0.004)
"""The set whose trades every contender counts first."""


def months(bars: Bars, *, warm: bool = False) -> dict[str, Bars]:
    """Return the bars of each symbol, all of the same minutes; `warm`: with those before, too."""
    each = len(bars) // len(SYMBOLS)
    first = 0 if warm else min(WARM_MINUTES, each // 2)
    found = {}
    for number, symbol in enumerate(SYMBOLS):
        part = bars[number * each : (number + 1) * each].copy()
        part[:, 0] = bars[:each, 0]
        found[symbol] = part[first:]
    return found
