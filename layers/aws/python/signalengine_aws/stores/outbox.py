"""The outbox: what of a signal is committed but not published yet.

`pending` is the set of publications to come ("opened", "closed"); `outbox` exists as long as that
set does, so that a sparse index finds what was missed. A publication is sent first and removed
afterwards: a crash in between publishes twice, never not at all.
"""

from typing import Final

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action
from signalengine.errors import TransientError

from ..messaging.sns import Publication
from ..runtime.aws_errors import CONDITION, CONFLICT, code_of, mapped, ours
from ..runtime.clock import Clock, wall_ms
from ..runtime.retries import attempts
from .items.base import bind
from .items.signals import SignalItem
from .signals import OUTBOX, StoredSignal, readable

WAITED_MS: Final = 120_000
"""Ms after which the schedule publishes what the stream has not."""
MOST: Final = 10_000
"""Signals that are counted at most."""
_LOOKED: Final = 10
"""Times as many signals are looked at: some of those that wait may not be readable."""


class DynamoOutbox:
    """The outbox of the table of signals."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        self._clock = clock
        bind(SignalItem, table)

    def read(self, signal_id: str) -> StoredSignal | None:
        """Return a signal as it is now (consistent read); None while it cannot be read."""
        with mapped("read signal"):
            try:
                item = SignalItem.get(signal_id, consistent_read=True)
            except SignalItem.DoesNotExist:
                return None
        return next(iter(readable([item])), None)

    def waiting(self, limit: int) -> list[StoredSignal]:
        """Return up to `limit` signals that wait for longer than that, the longest first."""
        with mapped("query outbox"):
            found = SignalItem.by_outbox.query(
                OUTBOX, SignalItem.updated_at <= self._clock() - WAITED_MS, limit=_LOOKED * limit
            )
            return readable(found)[:limit]

    def size(self) -> int:
        """Return how many signals wait for a publication, `MOST` at most (from an index)."""
        with mapped("count outbox"):
            return int(SignalItem.by_outbox.count(OUTBOX, limit=MOST))

    def published(self, signal_id: str, publication: Publication) -> None:
        """Remove a publication from the outbox; a repetition changes nothing."""
        pending = SignalItem.pending
        last, more = pending == {publication}, pending.contains(publication) & (size(pending) > 1)
        for _ in range(2):  # twice: the other one may be removed between the two updates
            if self._update(signal_id, [pending.remove(), SignalItem.outbox.remove()], last):
                return
            if self._update(signal_id, [pending.delete({publication})], more):
                return
        self._clean(signal_id)

    def _clean(self, signal_id: str) -> None:
        """Remove a signal without pending publications from the outbox."""
        self._update(
            signal_id,
            [SignalItem.outbox.remove()],
            SignalItem.outbox.exists() & SignalItem.pending.does_not_exist(),
        )

    def _update(self, signal_id: str, actions: list[Action], condition: Condition) -> bool:
        """Update when the condition holds; False when it does not."""
        for _ in attempts():  # the signal may be closing: what was sent would be sent again
            try:
                SignalItem(signal_id).update(actions=actions, condition=condition)
            except UpdateError as error:
                if code_of(error) == CONDITION:
                    return False
                if code_of(error) != CONFLICT:
                    raise ours(error, "clear outbox") from error
            else:
                return True
        raise TransientError(f"clear outbox: {signal_id} stays contested")
