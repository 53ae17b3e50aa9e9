"""The budget of a public API: what its answers may cost in an hour.

An answer is charged by its time and its size, which bound what it read and sends. One that goes
beyond the budget is not sent, and until the hour is over no other is made.
"""

from math import ceil
from typing import Final

from ..costs.public import request_usd
from ..runtime.clock import Clock, wall_ms
from ..stores.rate_limits import DynamoLimits, Limit, TooManyCallsError

HOUR_S: Final = 3_600
MICRO: Final = 1e6
ALL: Final = "public answers"
SPENT: Final = "the public API has spent its budget"


class PublicBudget:
    """One instance's view of the budget, which all instances share in the table of counters."""

    def __init__(self, limits: DynamoLimits, usd_a_day: float, clock: Clock = wall_ms) -> None:
        self._limits = limits
        self._hourly = Limit(times=ceil(usd_a_day / 24 * MICRO), seconds=HOUR_S)
        self._clock = clock
        self._spent_until_ms = 0

    def check(self) -> None:
        """Raise TooManyCallsError when the budget of this hour is known to be spent."""
        left_ms = self._spent_until_ms - self._clock()
        if left_ms > 0:
            raise TooManyCallsError(ceil(left_ms / 1000), SPENT)

    def charge(self, seconds: float, size_bytes: int) -> None:
        """Charge an answer, in millionths of a dollar; raises as `check` does."""
        amount = max(1, ceil(request_usd(seconds, size_bytes) * MICRO))
        try:
            self._limits.take(ALL, self._hourly, amount)
        except TooManyCallsError as error:
            self._spent_until_ms = self._clock() + error.retry_after_s * 1000
            raise TooManyCallsError(error.retry_after_s, SPENT) from None
