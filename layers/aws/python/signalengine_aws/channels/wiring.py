"""The channels of the queue `channels`: to add one, a function here that makes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..delivery.destinations import Destinations
from ..ports import Channel
from ..runtime.clock import Clock
from .discord.channel import DiscordChannel
from .http.client import OutboundClient
from .ntfy.channel import NtfyChannel
from .push.channel import PushChannel
from .push.contacts import DynamoBrowsers
from .slack.channel import SlackChannel
from .webhook.channel import WebhookChannel


@dataclass(frozen=True, slots=True)
class Outside:
    """What channels are made of: the destinations, the way to them, and settings."""

    destinations: Destinations
    http: OutboundClient
    clock: Clock
    dashboard: str = ""
    """The dashboard's address; "" for none."""
    subscriptions_table: str = ""
    """The table of preferences, which has the subscribers' own addresses too."""


def _webhook(outside: Outside) -> Channel[Any]:
    return WebhookChannel(outside.destinations, outside.http, outside.clock)


def _email(outside: Outside) -> Channel[Any]:
    from .email.wiring import channel_of  # of stacks with mail only: it imports the most

    return channel_of(outside.destinations, outside.subscriptions_table, outside.dashboard)


def _discord(outside: Outside) -> Channel[Any]:
    return DiscordChannel(outside.destinations, outside.http, dashboard=outside.dashboard)


def _slack(outside: Outside) -> Channel[Any]:
    return SlackChannel(outside.destinations, outside.http, dashboard=outside.dashboard)


def _ntfy(outside: Outside) -> Channel[Any]:
    return NtfyChannel(outside.destinations, outside.http, dashboard=outside.dashboard)


def _push(outside: Outside) -> Channel[Any]:
    browsers = DynamoBrowsers(outside.subscriptions_table)
    return PushChannel(browsers, outside.destinations, outside.http, clock=outside.clock)


MAKERS: Final[Mapping[str, Callable[[Outside], Channel[Any]]]] = {
    "webhook": _webhook,
    "email": _email,
    "discord": _discord,
    "slack": _slack,
    "ntfy": _ntfy,
    "push": _push,
}  # fmt: skip


def channels(outside: Outside) -> list[Channel[Any]]:
    """Return the channels of the queue."""
    return [make(outside) for make in MAKERS.values()]
