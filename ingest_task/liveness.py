"""Is anybody there: ages of the streams, the task's own use of the machine, silent clocks.

Ages count exchange time, so they mean the same at any replay speed. One thing cannot: a clock
that stands still (the market closed its mouth, or a recording has ended) is only seen from
outside, by the wall.
"""

import time
from typing import Any, Final

import psutil

STREAMS: Final = ("kline", "mark", "liquidation", "open_interest")
BEAT_MS: Final = 10_000
BEAT_S: Final = 10.0
STILL_S: Final = 2.0
"""Wall seconds after which a clock that has not moved is reported, at first."""

_CLASSES: Final = {"kline": "kline", "markPriceUpdate": "mark", "forceOrder": "liquidation"}


def stream_class(data: Any) -> str | None:
    """Return which stream class a payload belongs to, None for one we do not follow."""
    first = data[0] if isinstance(data, list) and data else data
    event = first.get("e") if isinstance(first, dict) else None
    return _CLASSES.get(event) if isinstance(event, str) else None


class Liveness:
    """When each stream class was last heard of, and what went wrong."""

    def __init__(self) -> None:
        self._heard: dict[str, int | None] = dict.fromkeys(STREAMS)
        self.messages = 0
        self.malformed = 0
        self.reconnects = 0

    def heard(self, data: Any, event_time: int | None) -> str | None:
        """Note a stream payload of `event_time`; returns its class."""
        self.messages += 1
        name = stream_class(data)
        if name is not None and event_time is not None:
            self.note(name, event_time)
        return name

    def note(self, name: str, time_ms: int) -> None:
        """Note that `name` was heard of at an exchange time."""
        self._heard[name] = max(time_ms, self._heard[name] or 0)

    def ages_ms(self, clock: int) -> dict[str, int | None]:
        """Return exchange ms since each class was heard of; None if it never was."""
        return {
            name: None if at is None else max(0, clock - at) for name, at in self._heard.items()
        }


class Stillness:
    """Tells when a heartbeat is due although the exchange's clock does not move."""

    def __init__(self) -> None:
        self._clock = self._spoken = -1
        self._moved = self._spoke = 0.0

    def spoke(self, clock: int, now: float) -> None:
        """Note a heartbeat at exchange time `clock` and wall time `now` (seconds)."""
        self._spoken, self._spoke = clock, now

    def due(self, clock: int, now: float) -> bool:
        """Return whether to speak: soon after the clock stopped, then every 10 s."""
        if clock != self._clock:
            self._clock, self._moved = clock, now
        if now - self._moved < STILL_S:
            return False
        return self._spoken != clock or now - self._spoke >= BEAT_S


class Usage:
    """CPU and memory of this process, sampled at most once a second."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._process.cpu_percent()
        self._next = 0.0
        self._last = (0.0, 0)

    def sample(self) -> tuple[float, int]:
        """Return percent of one core since the last sample, and resident bytes."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + 1.0
            self._last = (self._process.cpu_percent(), self._process.memory_info().rss)
        return self._last
