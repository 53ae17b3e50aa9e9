"""The outbox: what of a signal is committed but not told yet.

`pending` is the set of tellings to come ("opened", "closed"); `outbox` is there as long as the set
is, so that a sparse index finds what was forgotten. Telling comes first, then the removal: a crash
in between tells twice, never not at all.
"""

from typing import Final

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action

from ..messaging.sns import Telling
from ..runtime.aws_errors import CONDITION, code_of, mapped, ours
from ..runtime.clock import Clock, wall_ms
from .signals import OUTBOX, StoredSignal, stored_signal
from .tables import SignalItem, bind

WAITED_MS: Final = 120_000
"""After this long in the outbox the schedule tells it; the stream has then failed to."""


class DynamoOutbox:
    """The outbox of the table of signals."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        self._clock = clock
        bind(SignalItem, table)

    def read(self, signal_id: str) -> StoredSignal | None:
        """Return a signal as it is now (consistent read)."""
        with mapped("read signal"):
            try:
                return stored_signal(SignalItem.get(signal_id, consistent_read=True))
            except SignalItem.DoesNotExist:
                return None

    def waiting(self, limit: int) -> list[StoredSignal]:
        """Return up to `limit` signals that have waited too long, the longest first."""
        with mapped("query outbox"):
            found = SignalItem.by_outbox.query(
                OUTBOX, SignalItem.updated_at <= self._clock() - WAITED_MS, limit=limit
            )
            return [stored_signal(item) for item in found]

    def told(self, signal_id: str, telling: Telling) -> None:
        """Remove a telling from the outbox; again changes nothing."""
        pending = SignalItem.pending
        last, more = pending == {telling}, pending.contains(telling) & (size(pending) > 1)
        for _ in range(2):  # twice: the other telling may be removed between the two updates
            if self._update(signal_id, [pending.remove(), SignalItem.outbox.remove()], last):
                return
            if self._update(signal_id, [pending.delete({telling})], more):
                return
        self._clean(signal_id)

    def _clean(self, signal_id: str) -> None:
        """Take a signal with nothing pending out of the outbox."""
        self._update(
            signal_id,
            [SignalItem.outbox.remove()],
            SignalItem.outbox.exists() & SignalItem.pending.does_not_exist(),
        )

    def _update(self, signal_id: str, actions: list[Action], condition: Condition) -> bool:
        """Update when the condition holds; False when it does not."""
        try:
            SignalItem(signal_id).update(actions=actions, condition=condition)
        except UpdateError as error:
            if code_of(error) == CONDITION:
                return False
            raise ours(error, "clear outbox") from error
        return True
