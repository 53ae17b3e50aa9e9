"""What CloudFront adds in front of the site, the API and the feed; apart from the stack's bill.

Nothing is fixed: without a reader it costs nothing. Bytes are not in it, because AWS charges them
without CloudFront too, at the same price, and what its own services send to CloudFront is free.
"""

from collections.abc import Mapping
from typing import Final

from .prices import HOURS_A_MONTH, PRICES, Unit

ANSWERS: Final = 5
"""Answers that an overview asks for: three every half minute, two every minute."""
OVERVIEW_H: Final = 3 * 3600 / 30 + 2 * 3600 / 60
"""Requests an hour of an overview that stays visible."""
PER_HOUR: Final[Mapping[Unit, float]] = {
    Unit.FRONT_REQUEST: OVERVIEW_H,
    Unit.FRONT_FUNCTION: OVERVIEW_H,
}
"""Of one dashboard; its feed is one request an hour and a half, and its files are in caches."""


def front_usd(hours: float = HOURS_A_MONTH) -> float:
    """Return US dollars of one dashboard that is open so many hours, of a month by default.

    An account has ten million requests and two million runs of functions a month without a charge;
    the estimate is without them, as all others are.
    """
    return hours * sum(amount * PRICES[unit].each for unit, amount in PER_HOUR.items())
