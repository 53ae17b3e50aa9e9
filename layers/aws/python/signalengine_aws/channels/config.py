"""Configuration of send_channels: its environment. Its destinations are in a secret."""

from ..runtime.config import (
    ChannelsSecret,
    ConfigError,
    DashboardUrl,
    DeliveriesTable,
    SubscriptionsTable,
)


class SendChannels(DeliveriesTable, SubscriptionsTable, ChannelsSecret, DashboardUrl):
    """The environment of send_channels."""

    channels_queue_url: str
    channels_dead_letter_url: str
    channels_pace: str = "normal"
    """unlimited: without regard to any limit, for replays."""
    channels_digest_after_s: str = "30"
    """A message that waits longer for others of its address joins a digest; 0: none does."""

    def check(self) -> None:
        after = self.channels_digest_after_s
        if not (after.isascii() and after.isdecimal()):
            raise ConfigError(f"CHANNELS_DIGEST_AFTER_S: {after!r} is not a number of seconds")
        if self.channels_pace not in ("normal", "unlimited"):
            raise ConfigError(f"CHANNELS_PACE: {self.channels_pace!r} is not normal or unlimited")
