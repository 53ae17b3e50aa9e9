"""How long it takes, by the clock of the model: from a close to its outcome, and to its publishing.

A minute that runs by the clock has bounds, which the schedules keep whatever happens to a stream:
the sweep settles what the stream has not, the republication publishes what waited.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ..services.expressions import Item
from ..world import World
from .items import decided, stored_signals

SETTLED_MS: Final = 120_000
"""From the close of the deciding bar until the outcome is stored: the sweep of its minute, or of
the next one where that is missed and another instance has seen the bar before it was stored.
"""
PUBLISHED_MS: Final = 360_000
"""From what is stored until it is published: two minutes after the signal has changed last, which
is when a forgotten opening's closing is stored, and then by a schedule each minute.
"""


@dataclass(slots=True)
class Times:
    """Measures and bounds times (ms) while a world runs by the clock."""

    world: World
    settled: list[int] = field(default_factory=list)
    """From the close of the deciding bar until the outcome is stored."""
    published: list[int] = field(default_factory=list)
    """From when an opening or closing is stored until it is published."""
    _stored: dict[str, int] = field(default_factory=dict)
    """When each publication that is due was stored, by its event id."""

    def written(self, before: Item | None, after: Item | None) -> None:
        """Take a write of a signal."""
        if not self.world.clocked or after is None:
            return
        signal_id, now = after["signal_id"]["S"], self.world.account.now
        if before is None:
            self._stored[f"{signal_id}#opened"] = now
        if "settlement" in after and "settlement" not in (before or {}):
            self._stored[f"{signal_id}#closed"] = now
            end = json.loads(after["settlement"]["S"])
            if end["resolution"] != "forced":
                self.settled.append(now - end["closed_at"])

    def publication(self, body: dict[str, Any]) -> None:
        """Take a publication; a repeated one is not measured."""
        stored = self._stored.pop(body["event_id"], None)
        if stored is not None and self.world.clocked:
            self.published.append(self.world.account.now - stored)

    def exceeded(self) -> Iterator[str]:
        """Yield what takes longer than it may; at the end of a minute by the clock."""
        now = self.world.account.now
        for signal in stored_signals(self.world):
            if signal.settlement is None and decided(self.world, signal, now - SETTLED_MS):
                yield f"times: {signal.signal_id} is not settled within {SETTLED_MS} ms"
        for event_id, stored in self._stored.items():
            if now - stored > PUBLISHED_MS:
                yield f"times: {event_id} is not published within {PUBLISHED_MS} ms"
        for names, taken, most in (
            ("settled", self.settled, SETTLED_MS),
            ("published", self.published, PUBLISHED_MS),
        ):
            yield from (f"times: {names} after {ms} ms" for ms in taken if ms > most)
