"""When a status is due, and what comes between two of them or stands in for one (pure).

track_signals decides by it which statuses and prices are published, and broadcast which are posted.
"""

from collections.abc import Mapping
from typing import Any, Final

FEW_CLIENTS: Final = 20
STATUS_EVERY_MS: Final = (10_000, 60_000)
"""Wall time between two statuses: for few clients, and for many."""
EARLY_MS: Final = 1_000
"""A status that is a little early is not held back until the next."""
KEEPALIVE_MS: Final = 30_000
"""Few clients get a `keepalive` after so long without a status; many are served by theirs."""
PRICES_EVERY_MS: Final = 5_000
"""Few clients get prices so long after a status or the prices before."""
PRICES_A_CLIENT_MS: Final = 500
"""Many get them after so long for each of them: two messages a second, whatever their number."""
SILENT_MS: Final = 15_000
"""A heartbeat comes every ten seconds: after so long one is missing."""


def keepalives(silent_ms: int) -> tuple[int, ...]:
    """Return how long (ms) to wait before each keepalive of the next minute (pure).

    `silent_ms` is the age of the last heartbeat; none are due while heartbeats come.
    """
    if silent_ms < SILENT_MS:
        return ()
    return max(0, KEEPALIVE_MS - silent_ms), KEEPALIVE_MS


def prices_every_ms(clients: int) -> int | None:
    """Return the wall time (ms) from a status or prices to the next prices (pure).

    None: never. Nobody is connected, or so many that the next status is there before; it has all
    prices.
    """
    if clients <= FEW_CLIENTS:
        return PRICES_EVERY_MS if clients else None
    every_ms = clients * PRICES_A_CLIENT_MS
    return every_ms if every_ms < STATUS_EVERY_MS[1] else None


def paced(before: Mapping[str, Any] | None, now: int) -> list[int]:
    """Return how long ago (ms) a status was due, for few clients and for many: 0 is now (pure).

    `before` is the status before, `now` the wall time (ms). Each status has these numbers, so that
    all instances agree.
    """
    if before is None or "paced" not in before:
        return [0, 0]
    passed = now - int(before["received_at"])
    ages = [ago + passed for ago in before["paced"]]
    due = (age >= every - EARLY_MS for age, every in zip(ages, STATUS_EVERY_MS, strict=True))
    return [0 if is_due else age for age, is_due in zip(ages, due, strict=True)]


def held_back(status: Mapping[str, Any], clients: int) -> bool:
    """Return whether a status is not for that many clients (pure)."""
    if clients == 0:
        return True
    ago = status.get("paced", (0, 0))  # none in a status of an older version
    return bool(ago[clients > FEW_CLIENTS])


def due(status: Mapping[str, Any], clients: int) -> bool:
    """Return whether a status may be for so many clients as there were (pure).

    One that is for nobody, whatever their number is now, need not be held against it. With many
    clients there are not few within a minute, when their number is read again.
    """
    few, many = status.get("paced", (0, 0))
    return not many or (not few and clients <= FEW_CLIENTS)
