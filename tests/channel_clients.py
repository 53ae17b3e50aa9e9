"""Channels that send to the stand-ins, with the client that sends everywhere else too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signalengine_aws.channels.discord.channel import DiscordChannel
from signalengine_aws.channels.http.client import OutboundClient, Response
from signalengine_aws.channels.ntfy.channel import NtfyChannel
from signalengine_aws.channels.slack.channel import SlackChannel
from signalengine_aws.delivery.destinations import Destination
from signalengine_aws.ports import Channel

from tests.channel_server import RunningChannels

CHANNELS = {"discord": DiscordChannel, "slack": SlackChannel, "ntfy": NtfyChannel}
NAME = "team"


@dataclass
class MemoryDestinations:
    """Destinations by channel key."""

    known: dict[str, Destination] = field(default_factory=dict)

    def of(self, channel_key: str) -> Destination | None:
        return self.known.get(channel_key)


@dataclass
class MemoryPoster:
    """Answers every request with `answer`, and stores it."""

    answer: Response
    requests: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        self.requests.append((url, body, headers))
        return self.answer


def destination(server: RunningChannels, channel: str, **changes: str) -> Destination:
    """Return a destination at a stand-in."""
    fields = {**server.destination(channel), **changes}
    del fields["path"]
    return Destination(NAME, server.url(channel), fields)


def channel_at(
    server: RunningChannels, name: str, *, address: str = NAME, timeout_s: float = 5.0
) -> Channel[Any]:
    """Return a channel with one destination at its stand-in."""
    known = MemoryDestinations({f"{name}:{address}": destination(server, name)})
    poster = OutboundClient(allowed=[server.authority], timeout_s=timeout_s)
    channel: Channel[Any] = CHANNELS[name](known, poster)
    return channel
