"""Channels that send to the stand-ins, with the client that sends everywhere else too."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from signalengine_aws.channels.discord.channel import DiscordChannel
from signalengine_aws.channels.http.client import OutboundClient, Response
from signalengine_aws.channels.ntfy.channel import NtfyChannel
from signalengine_aws.channels.push.channel import SENDER as SENDER_KEY
from signalengine_aws.channels.push.channel import PushChannel
from signalengine_aws.channels.push.contacts import Browser
from signalengine_aws.channels.push.vapid import new_keys
from signalengine_aws.channels.slack.channel import SlackChannel
from signalengine_aws.delivery.destinations import Destination
from signalengine_aws.ports import Channel

from tests.channel_server import RunningChannels

KEYS = new_keys()
SENDER = Destination("sender", "mailto:operator@example.org", {"private_key": KEYS.private})
CHANNELS = {"discord": DiscordChannel, "slack": SlackChannel, "ntfy": NtfyChannel}
NAME = "team"
ANSWERED_S = 60.0
SILENT_S = 1.5
"""Long enough for a request to arrive, on a busy machine too."""


@dataclass
class MemoryDestinations:
    """Destinations by channel key."""

    known: dict[str, Destination] = field(default_factory=dict)
    allowed: Collection[str] = ()

    def of(self, channel_key: str) -> Destination | None:
        return self.known.get(channel_key)


@dataclass(eq=False)
class MemoryPoster:
    """Answers every request with `answer`, and stores it."""

    answer: Response
    requests: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        self.requests.append((url, body, headers))
        return self.answer


class PatientPoster:
    """Requests a stand-in, and waits little for an answer only where a fault lets none come."""

    def __init__(self, server: RunningChannels) -> None:
        self._server = server
        self._clients = [
            OutboundClient(allowed=[server.authority], timeout_s=seconds)
            for seconds in (ANSWERED_S, SILENT_S)
        ]

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        waiting = self._server.server.faults.waiting
        silent = any(fault.kind.startswith("timeout") for fault in waiting)
        return self._clients[silent].post(url, body, headers)


def destination(server: RunningChannels, channel: str, **changes: str) -> Destination:
    """Return a destination at a stand-in."""
    fields = {**server.destination(channel), **changes}
    del fields["path"]
    return Destination(NAME, server.url(channel), fields)


def channel_at(
    server: RunningChannels,
    name: str,
    *,
    address: str = NAME,
    dashboard: str = "",
) -> Channel[Any]:
    """Return a channel with one destination at its stand-in."""
    known = MemoryDestinations({f"{name}:{address}": destination(server, name)})
    channel: Channel[Any] = CHANNELS[name](known, PatientPoster(server), dashboard=dashboard)
    return channel


@dataclass
class MemoryBrowsers:
    """Browsers by the second part of their channel keys."""

    known: dict[str, Browser] = field(default_factory=dict)

    def get(self, contact_id: str) -> Browser | None:
        return self.known.get(contact_id)

    def renew(self, browser: Browser) -> None:
        (name,) = (one for one, it in self.known.items() if it.endpoint == browser.endpoint)
        self.known[name] = browser

    def remove(self, contact_id: str) -> None:
        self.known.pop(contact_id, None)


def browser_at(server: RunningChannels) -> Browser:
    """Return the browser of the stand-in's push service."""
    keys = server.destination("push")
    return Browser(server.url("push"), keys["p256dh"], keys["auth"])


def push_at(server: RunningChannels, *, address: str = NAME, **changes: Any) -> PushChannel:
    """Return the channel to one browser at the stand-in; `changes` are arguments of its own."""
    secrets = MemoryDestinations({SENDER_KEY: SENDER}, [server.authority])
    poster = PatientPoster(server)
    browsers = MemoryBrowsers({address: browser_at(server)})
    return PushChannel(**{"browsers": browsers, "secrets": secrets, "poster": poster, **changes})
