"""The counts from which costs are computed."""

from dataclasses import dataclass, fields
from typing import Final, Self

TICKS_H: Final = 10 * 60.0
BEATS_H: Final = 360.0
MINUTES_H: Final = 60.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts; none is negative."""

    hours: float = 0.0
    """Hours for which the stack existed."""
    ticks: float = 0.0
    beats: float = 0.0
    statuses: float = 0.0
    """Heartbeats that were published: a WebSocket client was connected."""
    prices: float = 0.0
    """Messages of prices between two statuses: a client was connected and a signal open."""
    price_posts: float = 0.0
    """Such messages to clients, summed over clients."""
    closes: float = 0.0
    """One-minute closes, of all symbols: `bars` facts on the stream."""
    events: float = 0.0
    """Closes with events: those that are scored."""
    opened: float = 0.0
    closed: float = 0.0
    deliveries: float = 0.0
    """Messages that Telegram accepted."""
    client_minutes: float = 0.0
    """Minutes of WebSocket clients, summed over clients."""

    def __add__(self, other: Self) -> "Usage":
        names = [field.name for field in fields(self)]
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True)
class Rates:
    """Activity of a market."""

    events: float
    """Closes with events, of all closes."""
    opened: float
    """Signals opened, of all closes; what opens is closed."""
    chats: float = 1.0
    """Telegram messages for each opening and closing."""
    clients: float = 0.0
    """WebSocket clients at any time."""


FEW_CLIENTS: Final = 20
"""With more clients a status is sent to them once a minute (`application.broadcast`)."""
PRICED_CLIENTS: Final = 120
"""So many clients get no prices between statuses; fewer do, and 20 in ten seconds at most."""


def priced_clients(clients: float) -> float:
    """Return the messages of prices to all clients in ten seconds, while a signal is open."""
    return min(clients, FEW_CLIENTS) if clients < PRICED_CLIENTS else 0.0


RECORDED: Final = Rates(events=0.06, opened=0.002)
"""Of three days of BTC, SOL and XRP in May 2025 (bars only) under the default policy."""


def lasting(hours: float, symbols: float, rates: Rates) -> Usage:
    """Return the usage of a stack in `hours` hours with `symbols` symbols."""
    closes = hours * MINUTES_H * symbols
    price_posts = hours * BEATS_H * priced_clients(rates.clients)
    opened = closes * rates.opened
    return Usage(
        hours=hours,
        ticks=hours * TICKS_H,
        beats=hours * BEATS_H,
        statuses=hours * BEATS_H if rates.clients else 0.0,
        prices=price_posts / max(1.0, rates.clients),
        price_posts=price_posts,
        closes=closes,
        events=closes * rates.events,
        opened=opened,
        closed=opened,
        deliveries=2 * opened * rates.chats,
        client_minutes=hours * MINUTES_H * rates.clients,
    )
