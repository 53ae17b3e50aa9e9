"""Liveness: ages of the streams, silence, a clock that stands still, CPU and memory of the task.

Ages count exchange time, so they mean the same at any replay speed. A clock that stands still (the
market sends nothing, or a recording has ended) is noticed by wall time.
"""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Final

import psutil
from signalengine.market_data import StreamClass

from .silence_threshold import KLINES, LIQUIDATIONS, Bounds, SilenceThreshold

STREAMS: Final = ("kline", "mark", "liquidation", "open_interest")
QUIET_MS: Final = {"mark": 10_000, "open_interest": 300_000}
"""Exchange time after which a stream counts as silent; for the others it is learnt."""
FIRST_REPEAT_MS: Final = 60_000
LAST_REPEAT_MS: Final = 900_000
"""Time until a stream that stays silent is reported again; it doubles every time."""
LEAP_MS: Final = 5_000
HEARTBEAT_MS: Final = 10_000
HEARTBEAT_S: Final = 10.0
STILL_S: Final = 2.0
"""Wall seconds after which a clock that has not moved is reported, at first."""


def stream_name(stream: str, shard: int) -> str:
    """Return the name of a stream class on one of several connections."""
    return stream if shard == 0 else f"{stream}#{shard}"


@dataclass(frozen=True, slots=True)
class Silence:
    """A stream that is silent."""

    stream: str
    shard: int
    since: int
    """Exchange time of its last message, or since when it is expected."""


class Liveness:
    """When each stream last sent a message, and counts of messages. All times are exchange time.

    A stream that never began counts from when it was expected. After a leap of the clock (the whole
    market was silent) no stream counts as silent.
    """

    def __init__(self, liquidations: Bounds = LIQUIDATIONS) -> None:
        """`liquidations`: how long they may be silent."""
        self._last: dict[str, int | None] = dict.fromkeys(STREAMS)
        self._since: dict[tuple[str, int], int] = {}
        self._silent: dict[tuple[str, int], int] = {}
        self._repeat: dict[tuple[str, int], int] = {}
        self._bounds = {"kline": KLINES, "liquidation": liquidations}
        self._learnt: dict[tuple[str, int], SilenceThreshold] = {}
        self._checked = 0
        self.messages = 0
        self.malformed = 0
        self.reconnects = 0
        self.used: Counter[str] = Counter()
        """Messages that were used, by class."""
        self.passed: Counter[str] = Counter()
        """Messages that were not, by reason. Both together are all messages."""

    def received(self, stream: StreamClass | None, event_time: int | None, shard: int = 0) -> bool:
        """Note a payload and its class; returns whether that stream was silent until now."""
        self.messages += 1
        if stream is None or event_time is None:
            return False
        return self.note(stream, event_time, shard)

    def note(self, stream: str, time_ms: int, shard: int = 0) -> bool:
        """Note a message of a stream at an exchange time; True if it was silent until now.

        A message no newer than the newest is a repeat: a stream that sends only those is silent.
        """
        name = stream_name(stream, shard)
        newest = self._last.get(name)
        if newest is not None and time_ms <= newest:
            return False
        self._last[name] = time_ms
        key = (stream, shard)
        if key in self._since:
            self._since[key] = max(self._since[key], time_ms)
        was_silent = self._silent.pop(key, None) is not None
        learnt = self._learnt.get(key)
        if learnt is not None:
            (learnt.alarmed if was_silent else learnt.received)(time_ms)
        return was_silent

    def expect(self, stream: str, shard: int, now: int) -> None:
        """Expect messages of a stream from now on."""
        key = (stream, shard)
        self._since[key] = now
        if stream in self._bounds:
            self._learnt.setdefault(key, SilenceThreshold(self._bounds[stream])).interrupted()
        self._checked = self._checked or now

    def suspend(self, shard: int) -> None:
        """Expect no messages of a connection that is lost: its loss is recorded already."""
        for key in [key for key in self._since if key[1] == shard]:
            del self._since[key]

    def check(self, now: int) -> list[Silence]:
        """Return streams that have fallen silent since the last check, and, less and less often,
        those that still are."""
        leap = now - self._checked if self._since else 0
        self._checked = max(now, self._checked)
        if leap > LEAP_MS:
            self._since = {key: at + leap for key, at in self._since.items()}
            for learnt in self._learnt.values():
                learnt.interrupted()
            return []
        found = []
        for key, since in self._since.items():
            if now - since < self._quiet_ms(key, now):
                self._repeat.pop(key, None)
            elif now >= self._silent.get(key, 0):
                repeat = min(self._repeat.get(key, FIRST_REPEAT_MS), LAST_REPEAT_MS)
                self._silent[key], self._repeat[key] = now + repeat, repeat * 2
                found.append(Silence(*key, since))
        return found

    def _quiet_ms(self, key: tuple[str, int], now: int) -> int:
        learnt = self._learnt.get(key)
        return QUIET_MS[key[0]] if learnt is None else learnt.ms(now)

    @property
    def silent(self) -> tuple[str, ...]:
        """The streams that are silent now, by name."""
        return tuple(sorted(stream_name(*key) for key in self._silent))

    def is_silent(self, stream: str, shard: int) -> bool:
        """Whether a stream is silent now."""
        return (stream, shard) in self._silent

    def ages_ms(self, clock: int) -> dict[str, int | None]:
        """Return exchange ms since the last message of each stream; None if there was none."""
        return {name: None if at is None else max(0, clock - at) for name, at in self._last.items()}


class Stillness:
    """Decides when a heartbeat is due although the exchange's clock does not move."""

    def __init__(self) -> None:
        self._clock = self._sent_clock = -1
        self._moved = self._sent = 0.0

    def sent(self, clock: int, now: float) -> None:
        """Note a heartbeat at exchange time `clock` and wall time `now` (seconds)."""
        self._sent_clock, self._sent = clock, now

    def due(self, clock: int, now: float) -> bool:
        """Return whether to send one: soon after the clock stopped, then every 10 s."""
        if clock != self._clock:
            self._clock, self._moved = clock, now
        if now - self._moved < STILL_S:
            return False
        return self._sent_clock != clock or now - self._sent >= HEARTBEAT_S


class Usage:
    """CPU, memory and threads of this process; the first two are sampled once a second at most."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._process.cpu_percent()
        self._next = 0.0
        self._last = (0.0, 0)

    @property
    def threads(self) -> int:
        return self._process.num_threads()

    def sample(self) -> tuple[float, int]:
        """Return percent of one core since the last sample, and resident bytes."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + 1.0
            self._last = (self._process.cpu_percent(), self._process.memory_info().rss)
        return self._last
