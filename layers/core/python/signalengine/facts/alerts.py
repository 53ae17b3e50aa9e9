"""Price alerts: one is reached by the first closed 1m bar that touches its price, once.

Only minutes that begin after it was made count: what a running minute had touched before is
unknown. So a bar decides by itself, whichever bars were read before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, nan
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ..intervals import MINUTE_MS

if TYPE_CHECKING:
    from .stream import Bar

Crossing: TypeAlias = Literal["above", "below"]
FARTHEST: Final = 100.0
"""No alert is for more than so many times the price, nor for less than one part in so many."""


class AlertError(ValueError):
    """A price that no alert can wait for; the message says why."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A price that is waited for."""

    symbol: str
    price: float
    """On the tick."""
    direction: Crossing
    """Where it lay when it was asked for: `above` the price of that moment, or `below`."""
    since: int
    """Opening time (ms) of the first minute that counts."""
    tick_size: float | None = None


def alert_for(symbol: str, price: float, last: float, tick_size: float | None, now: int) -> Alert:
    """Return the alert for a price while the last one is `last`, at exchange time `now` (ms).

    A price between two ticks is moved away from the last one. Raises AlertError.
    """
    from ..exits.ticks import on_tick  # those who are sent an alert need it not

    if not (isfinite(price) and last / FARTHEST <= price <= last * FARTHEST):
        raise AlertError(f"{price:g} is too far from the price now")
    side = 1.0 if price > last else -1.0
    level = on_tick(price, side, nan if tick_size is None else tick_size)
    if level == last or not level > 0.0:
        raise AlertError(f"{price:g} is the price now")
    since = -(-now // MINUTE_MS) * MINUTE_MS
    return Alert(symbol, level, "above" if side > 0.0 else "below", since, tick_size)


def reached(alert: Alert, bar: "Bar") -> bool:
    """Return whether a closed 1m bar of the alert's symbol touches its price."""
    if bar.open_time < alert.since:
        return False
    return bar.high >= alert.price if alert.direction == "above" else bar.low <= alert.price


def reached_at(alert: Alert, bars: "Iterable[Bar]") -> int | None:
    """Return the close (ms) of the first bar in time that reaches an alert; None: none does."""
    return min((bar.close_time for bar in bars if reached(alert, bar)), default=None)
