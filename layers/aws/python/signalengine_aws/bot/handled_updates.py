"""Updates that were answered: Telegram posts one again when it gets no answer in time.

An update is leased while it is being answered and marked afterwards: two conditional writes. A
repeat during the lease is refused, and posted again; a repeat of an answered update is ignored.
After a crash the lease runs out, and the next repeat is answered.
"""

from enum import StrEnum
from typing import Final

from pynamodb.exceptions import UpdateError
from signalengine.errors import PermanentError

from ..runtime.aws_errors import CONDITION, code_of, mapped
from ..runtime.clock import Clock, ttl, wall_ms
from ..stores.items.base import DAY_S, bind
from ..stores.items.calls import CallItem

LEASE_MS: Final = 50_000
"""No answer takes longer: the function's time-out is shorter."""


class Turn(StrEnum):
    """Which invocation answers an update."""

    OURS = "ours"
    OTHERS = "anothers"
    DONE = "done"


class DynamoUpdates:
    """The updates of the last day."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        bind(CallItem, table)
        self._clock = clock

    def begin(self, update_id: int) -> Turn:
        """Lease an update, unless it is leased or answered."""
        now = self._clock()
        free = CallItem.times.does_not_exist() | (CallItem.times < now)
        try:
            with mapped("take an update"):
                _item(update_id).update(
                    actions=[
                        CallItem.times.set(now + LEASE_MS),
                        CallItem.ttl.set(ttl(self._clock, DAY_S)),
                    ],
                    condition=CallItem.done.does_not_exist() & free,
                )
        except PermanentError as error:
            cause = error.__cause__
            if isinstance(cause, UpdateError) and code_of(cause) == CONDITION:
                return self._known(update_id)
            raise
        return Turn.OURS

    def finish(self, update_id: int) -> None:
        """Mark an update as answered."""
        with mapped("mark an update"):
            _item(update_id).update(actions=[CallItem.done.set(1)])

    @staticmethod
    def _known(update_id: int) -> Turn:
        with mapped("read an update"):
            item = CallItem.get(_item(update_id).caller, consistent_read=True)
        return Turn.OTHERS if item.done is None else Turn.DONE


def _item(update_id: int) -> CallItem:
    return CallItem(f"update#{update_id}")
