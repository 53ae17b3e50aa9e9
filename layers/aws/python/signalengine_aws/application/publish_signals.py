"""publish_signals: notifications that the signals table committed are published, in order.

The changes come from the table's own stream. A notification is published and then removed from the
outbox, so a change that comes again finds nothing to publish. Only a crash between the two
publishes it twice, under the same event id.
"""

from collections.abc import Iterable
from dataclasses import replace

from signalengine.errors import PermanentError
from signalengine.signals import Signal

from ..messaging.records import Change
from ..messaging.sns import CLOSED, OPENED, Publication, publications, signal_message, traced
from ..ports import Outbox, Topic
from ..runtime.clock import Clock, wall_ms
from ..runtime.observability import LogLine
from ..stores.signals import StoredSignal

PROGRESS = "progress"
"""Of a change: all steps so far."""
BATCH = 100
"""Signals that one scheduled run publishes at most."""


def notification_of(change: Change) -> Publication | None:
    """Return the notification that a change of the table calls for; None for none (pure)."""
    if change.after is None:
        return None
    if change.kind == "INSERT":
        return OPENED
    before = change.before or {}
    if change.kind != "MODIFY":
        return None
    if "settlement" in change.after and "settlement" not in before:
        return CLOSED
    return PROGRESS if change.after.get("steps") != before.get("steps") else None


class PublishSignals:
    """Publishes notifications from the outbox; each is named in the invocation's log line."""

    def __init__(self, *, outbox: Outbox, topic: Topic, clock: Clock = wall_ms) -> None:
        self._outbox = outbox
        self._topic = topic
        self._clock = clock

    def publish(self, change: Change, line: LogLine) -> int:
        """Publish what a change calls for, after what is pending from before it; returns how many.

        Raises TransientError or PermanentError; what was published by then is out of the outbox.
        """
        kind = notification_of(change)
        if kind is None or change.after is None:
            return 0
        stored = self._outbox.read(change.after["signal_id"]["S"])
        if stored is None:
            return 0
        committed_at = change.after.get("updated_at", {}).get("N", stored.updated_at)
        return self._publish(replace(stored, updated_at=int(committed_at)), kind, line)

    def publish_all(self, changes: Iterable[Change], line: LogLine) -> None:
        """Publish what changes call for; raises TransientError.

        What cannot be published for good stays in the outbox, from which the schedule tries it.
        """
        for change in changes:
            try:
                line.count(records=1, published=self.publish(change, line))
            except PermanentError as error:
                line.count(failed=1)
                line.note(failed_reason=str(error))

    def republish(self, line: LogLine) -> int:
        """Publish what has waited too long in the outbox; returns how many notifications.

        Raises the first PermanentError when all others are published.
        """
        published, failed = 0, list[PermanentError]()
        for one in self._outbox.waiting(BATCH):
            try:
                published += self._publish(one, CLOSED, line)
            except PermanentError as error:
                failed.append(error)
        for first in failed:
            raise first
        return published

    def _publish(self, stored: StoredSignal, upto: Publication, line: LogLine) -> int:
        every = publications(stored.signal)
        last = {OPENED: 1, CLOSED: len(every)}.get(upto, len(every) - 1)
        due = [kind for kind in every[:last] if kind in stored.pending]
        for kind in due:
            signal = as_of(stored.signal, kind)
            self._topic.publish(signal_message(signal, kind, stored.updated_at))
            self._measure(signal, kind, line)
            self._outbox.published(signal.signal_id, kind)
        return len(due)

    def _measure(self, signal: Signal, kind: Publication, line: LogLine) -> None:
        """Name a published signal, and measure how long after its bar's close it was opened.

        The closes of a replay have no wall time.
        """
        line.trace(*traced(signal))
        if kind == OPENED and signal.market == "live":
            line.measure_worst("PublicationLag", self._clock() - signal.close_time)


def as_of(signal: Signal, kind: Publication) -> Signal:
    """Return the signal as it was when this notification was committed (pure)."""
    if kind == CLOSED:
        return signal
    upto = publications(signal).index(kind)
    return replace(signal, settlement=None, progress=signal.progress[:upto])
