"""The delivery channels by name, and the queues that their messages come from.

To add one: a folder in `channels/`, and a line here. Metrics, counts and costs are of a queue and
of the function behind it, and their names are derived from its name.
"""

from collections.abc import Mapping
from typing import Final

QUEUES: Final[Mapping[str, str]] = {
    "telegram": "all",
    "channels": "channels",
}  # fmt: skip
"""The key of each queue's audiences and count in the table of deliveries: its name. Telegram's is
from the time when it was the only one."""
CHANNELS: Final[Mapping[str, str]] = {
    "telegram": "telegram",
    "webhook": "channels",
    "email": "channels",
    "discord": "channels",
    "slack": "channels",
    "ntfy": "channels",
    "push": "channels",
}  # fmt: skip
"""The queue of each channel."""
APART: Final = ("email", "push")
"""The channels whose addresses subscribe by functions of their own: the preferences of each are in
a bucket of its name, so these functions need no right to those of chats."""
COUNTED: Final = ("Blocked", "Suppressed", "PossibleDuplicates")
"""The metrics of a queue; they exist in bad hours only."""


def served_by(queue: str) -> tuple[str, ...]:
    """Return the channels whose messages come from a queue."""
    return tuple(name for name, its_queue in CHANNELS.items() if its_queue == queue)


def title(queue: str) -> str:
    """Return a queue's name as it is written in text and before its metrics."""
    return queue.capitalize()


def metric(queue: str, counted: str) -> str:
    """Return the name of one of a queue's metrics."""
    return title(queue) + counted
