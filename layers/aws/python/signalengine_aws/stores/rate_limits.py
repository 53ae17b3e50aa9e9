"""Rate limits: one counter a caller and span, incremented by a conditional write.

A question costs one write unit (two with a model: the budget of all callers for a day), a refused
one too. Callers are stored as digests, without an address.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from pynamodb.exceptions import UpdateError
from signalengine.errors import PermanentError

from ..runtime.aws_errors import CONDITION, code_of, mapped
from ..runtime.clock import Clock, ttl, wall_ms
from .items.base import DAY_S, bind
from .items.calls import CallItem


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `times` in each span of `seconds`, counted from round times of the wall clock."""

    times: int
    seconds: int


PER_CALLER: Final = Limit(times=10, seconds=60)
MODEL_PER_DAY: Final = Limit(times=2_000, seconds=DAY_S)
"""For all callers together; beyond it, rules answer instead of the model."""


CLIENT_BITS: Final = 64
"""Of an IPv6 address: the network of one client, who may use any address of it."""
SITE_BITS: Final = 48
"""Of an IPv6 address: the networks that a provider may give to one client."""


class TooManyCallsError(PermanentError):
    """The caller has exceeded its limit; it may try again after `retry_after_s` seconds."""

    def __init__(self, retry_after_s: int, why: str = "too many questions") -> None:
        super().__init__(f"{why}: try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class DynamoLimits:
    """The table of counters."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        bind(CallItem, table)
        self._clock = clock

    def take(self, caller: str, limit: Limit, amount: int = 1) -> int:
        """Count `amount` calls and return their sum; raises TooManyCallsError beyond the limit.

        The one that reaches the limit is accepted, whatever its amount.
        """
        now_s = self._clock() // 1000
        span = now_s // limit.seconds
        item = CallItem(f"{digest(caller)}#{limit.seconds}#{span}")
        try:
            with mapped("count a call"):
                item.update(
                    actions=[
                        CallItem.times.add(amount),
                        CallItem.ttl.set(ttl(self._clock, 2 * limit.seconds)),
                    ],
                    condition=CallItem.times.does_not_exist() | (CallItem.times < limit.times),
                )
        except PermanentError as error:
            cause = error.__cause__
            if isinstance(cause, UpdateError) and code_of(cause) == CONDITION:
                raise TooManyCallsError((span + 1) * limit.seconds - now_s) from None
            raise
        return int(item.times)


def network(address: str, bits: int = CLIENT_BITS) -> str:
    """Return what counts as one client for an address: of IPv6 the /64, or another, as a whole.

    What is no address is returned as it is.
    """
    if ":" not in address:
        return address
    from ipaddress import AddressValueError, IPv6Address, IPv6Network  # most callers need none

    try:
        whole = IPv6Address(address)
    except AddressValueError:
        return address
    if whole.ipv4_mapped is not None:
        return str(whole.ipv4_mapped)
    return str(IPv6Network((int(whole), bits), strict=False))


def digest(caller: str) -> str:
    """Return the digest of a caller that the table stores."""
    return hashlib.sha256(caller.encode()).hexdigest()[:24]
