"""How far the bars of signals that are open for long are folded, in the table of bars.

A signal may be open for weeks, and its bars are in the log among those of fifteen other symbols: a
process that begins would read all of them. A stored position continues from where it was made, with
the same result. It expires with the bars.
"""

from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from typing import Final

from signalengine.facts.typed import typed
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import Position
from signalengine.signals import Signal, steps_from_dict

from ..runtime.aws_errors import mapped
from ..runtime.clock import Clock, ttl, wall_ms
from ..runtime.stored_fields import read_item
from .items.bars import BARS_TTL_S, BarItem
from .items.base import bind
from .log.entry import deflated, inflated

LONG_MS: Final = 6 * 60 * MINUTE_MS
"""How long a signal is open before its position is stored, and between two of those."""


class DynamoPositions:
    """The positions of open signals, in the table of bars."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        self._clock = clock
        bind(BarItem, table)

    def of(self, signals: Iterable[Signal]) -> dict[str, Position]:
        """Return the stored positions of signals by id; none for one that has none (consistent)."""
        keys = [(_series(one.signal_id), 0) for one in signals]
        if not keys:
            return {}
        found: dict[str, Position] = {}
        with mapped("read positions"):
            for item in BarItem.batch_get(keys, consistent_read=True):
                name = item.series.partition("#")[2]
                position = read_item("position", name, partial(_position, item.data))
                if position is not None:
                    found[name] = position
        return found

    def put(self, signal: Signal, position: Position) -> None:
        """Store how far a signal's bars are folded: over an older one, which gives the same."""
        with mapped("put a position"):
            BarItem(
                _series(signal.signal_id),
                0,
                data=deflated(asdict(position)),
                ttl=ttl(self._clock, BARS_TTL_S),
            ).save()


def lasting(signal: Signal) -> bool:
    """Return whether a signal may be open for so long that its position is stored."""
    return signal.expires_at - signal.close_time > LONG_MS


def _series(signal_id: str) -> str:
    return f"position#{signal_id}"


def _position(data: bytes) -> Position:
    raw = inflated(data)
    state = tuple(map(float, raw["state"]))
    return typed(Position, raw, state=state, steps=steps_from_dict(raw))
