"""publish_signals: what the table of signals committed is told, in order, from its own stream.

A telling is published and then taken out of the outbox. Whoever comes twice finds it gone, so a
second message goes out only after a crash between the two; it has the same event id.
"""

from dataclasses import replace

from signalengine.signals import Signal

from ..messaging.records import Change
from ..messaging.sns import PUBLICATIONS, Publication, SnsTopic, signal_message
from ..stores.outbox import DynamoOutbox
from ..stores.signals import StoredSignal

BATCH = 100
"""How many forgotten signals one run of the schedule takes up."""


def telling_of(change: Change) -> Publication | None:
    """Return what a change of the table asks to be told; None for any other change (pure)."""
    if change.after is None:
        return None
    if change.kind == "INSERT":
        return "opened"
    before = change.before or {}
    closed = "settlement" in change.after and "settlement" not in before
    return "closed" if change.kind == "MODIFY" and closed else None


class PublishSignals:
    """Publishes tellings from the outbox."""

    def __init__(self, *, outbox: DynamoOutbox, topic: SnsTopic) -> None:
        self._outbox = outbox
        self._topic = topic

    def publish(self, change: Change) -> int:
        """Tell what a change asks for, and first what was to be told before it."""
        telling = telling_of(change)
        if telling is None or change.after is None:
            return 0
        stored = self._outbox.read(change.after["signal_id"]["S"])
        if stored is None:
            return 0
        committed_at = int(change.after["updated_at"]["N"])
        return self._tell(replace(stored, updated_at=committed_at), upto=telling)

    def republish(self) -> int:
        """Tell what has waited too long."""
        return sum(self._tell(stored, upto="closed") for stored in self._outbox.waiting(BATCH))

    def _tell(self, stored: StoredSignal, upto: Publication) -> int:
        due = [
            telling
            for telling in PUBLICATIONS[: PUBLICATIONS.index(upto) + 1]
            if telling in stored.pending
        ]
        for telling in due:
            signal = as_of(stored.signal, telling)
            self._topic.publish(signal_message(signal, telling, stored.updated_at))
            self._outbox.published(signal.signal_id, telling)
        return len(due)


def as_of(signal: Signal, telling: Publication) -> Signal:
    """Return the signal as it was when this was committed (pure)."""
    return replace(signal, settlement=None) if telling == "opened" else signal
