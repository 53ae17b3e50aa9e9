"""The delivery channels by name. To add one: a folder in `channels/`, and a line here.

Metrics, queues, counts and costs of a channel are derived from its name.
"""

from collections.abc import Mapping
from typing import Final

CHANNELS: Final[Mapping[str, str]] = {
    "telegram": "all",
}  # fmt: skip
"""The key of each channel's audiences and count in the table of deliveries: its name. Telegram's
is from the time when it was the only one."""
COUNTED: Final = ("Blocked", "Suppressed", "PossibleDuplicates")
"""The metrics of a channel; they exist in bad hours only."""


def title(channel: str) -> str:
    """Return a channel's name as it is written in text and before its metrics."""
    return channel.capitalize()


def metric(channel: str, counted: str) -> str:
    """Return the name of one of a channel's metrics."""
    return title(channel) + counted
