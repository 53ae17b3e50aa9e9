"""Messages that arrived, in order, in memory only."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .shown import Shown, text_of


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that a service accepted; `received_at` is wall-clock ms."""

    number: int
    channel: str
    received_at: int
    shown: Shown

    def to_dict(self) -> dict[str, Any]:
        """Return the form of `GET /_local/messages` and of the page's stream."""
        head = {"number": self.number, "channel": self.channel, "received_at": self.received_at}
        parts = [self.shown.title, *self.shown.lines]
        parts += [line for _, lines in self.shown.fields for line in lines]
        return head | {"text": text_of([*parts, *self.shown.footer])} | self.shown.to_dict()


class Arrivals:
    """All of them; `wait` is for the page's stream."""

    def __init__(self) -> None:
        self.all: list[Arrival] = []
        self._changed = asyncio.Event()

    def add(self, channel: str, shown: Shown, at: int) -> Arrival:
        arrival = Arrival(len(self.all) + 1, channel, at, shown)
        self.all.append(arrival)
        self.wake()
        return arrival

    def wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait(self, known: int, seconds: float) -> None:
        """Return when there are more than `known`, on `wake`, or after some seconds."""
        if len(self.all) > known:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)
