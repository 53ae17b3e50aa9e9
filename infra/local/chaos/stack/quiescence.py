"""When a disturbed run is over: nothing is left to do, and nothing is on its way any more.

That is: the market has ended, every bar is folded, every close decided, every signal settled that
the bars settle, the outbox empty, each message final, the queue of deliveries empty (also of what a
killed function held, which returns after the queue's visibility time-out of 360 s), and each
client has each signal's newest event.
"""

from collections.abc import Sequence

from signalengine.signals import Signal

from infra.local.replay.collector import ReplayCollector
from infra.local.replay.listener import Listener
from infra.local.replay.report import expected_events
from infra.local.stack.system import LocalSystem


class DisturbedCollector(ReplayCollector):
    """Reads a running system whose functions and clients are disturbed."""

    def __init__(self, system: LocalSystem, clients: Sequence[Listener]) -> None:
        super().__init__(system, clients[0])
        self.clients = clients

    def unreceived(self, signals: Sequence[Signal]) -> str:
        """Return what clients lack: the newest event of a signal holds all of it."""
        newest = {event.partition("#")[0]: event for event in expected_events(signals)}
        missing = 0
        for client in self.clients:
            there = {row.event_id for row in client.received()}
            missing += sum(event not in there for event in newest.values())
        if missing:
            return f"{missing} WebSocket messages to receive"
        waiting = self.queued("TelegramQueueUrl")
        return f"{waiting} messages in the Telegram queue" if waiting else ""
