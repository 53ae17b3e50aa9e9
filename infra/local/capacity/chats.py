"""Messages wait for the rate that Telegram accepts: openings and closings come, each for all chats.

Without filters and digests, which take messages off: so it is the most that would wait. Times are
seconds.
"""

import random
from dataclasses import dataclass
from math import inf
from typing import Final

from signalengine_aws.channels.telegram.limits import PER_SECOND
from signalengine_aws.costs.usage import RECORDED

HOURS: Final = 48
MINUTE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Waited:
    """How long messages wait before they are sent, at most for a chat that comes last."""

    use: float
    """Messages a second, of those that Telegram accepts."""
    p50_s: float
    p95_s: float


def waited(symbols: int, chats: int, seed: int = 7) -> Waited:
    """Simulate two days: each minute's signals are sent to all chats in turn (pure)."""
    chance = random.Random(f"{seed} {symbols} {chats}")  # repeatable, not secret
    rate = 2 * RECORDED.opened * symbols  # messages a minute, for each chat
    use = rate * chats / MINUTE_S / PER_SECOND
    if use >= 1:
        return Waited(use, inf, inf)
    waits, free = list[float](), 0.0
    for minute in range(HOURS * 60):
        for _ in range(_arrivals(chance, rate)):
            begin = max(free, minute * MINUTE_S)
            free = begin + chats / PER_SECOND
            waits.append(free - minute * MINUTE_S)
    waits.sort()
    if not waits:
        return Waited(use, 0.0, 0.0)
    return Waited(use, waits[len(waits) // 2], waits[len(waits) * 95 // 100])


def _arrivals(chance: random.Random, rate: float) -> int:
    """Return how many events a minute has (Poisson)."""
    count, passed = 0, chance.expovariate(rate)
    while passed < 1.0:
        count += 1
        passed += chance.expovariate(rate)
    return count
