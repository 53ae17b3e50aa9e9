"""Is anybody there: ages of the streams, the task's own use of the machine, silent clocks.

Ages count exchange time, so they mean the same at any replay speed. One thing cannot: a clock
that stands still (the market closed its mouth, or a recording has ended) is only seen from
outside, by the wall.
"""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import psutil
from signalengine.exchanges.binance.fields import COIN_MARGINED

from .silence_threshold import KLINES, LIQUIDATIONS, Bounds, SilenceThreshold

STREAMS: Final = ("kline", "mark", "liquidation", "open_interest")
QUIET_MS: Final = {"mark": 10_000, "open_interest": 300_000}
"""Exchange time after which a stream is said to be silent; of the others, `patience` says it."""
FIRST_PATIENCE_MS: Final = 60_000
LAST_PATIENCE_MS: Final = 900_000
"""How long until something is done again about a stream that stays silent; doubles every time."""
LEAP_MS: Final = 5_000
BEAT_MS: Final = 10_000
BEAT_S: Final = 10.0
STILL_S: Final = 2.0
"""Wall seconds after which a clock that has not moved is reported, at first."""

_CLASSES: Final = {
    "kline": "kline", "markPriceUpdate": "mark", "forceOrder": "liquidation",
    "contractInfo": "contract",
}  # fmt: skip


def stream_name(stream: str, shard: int) -> str:
    """Return the name of a stream class on one of several connections."""
    return stream if shard == 0 else f"{stream}#{shard}"


def why_passed(data: Any) -> str:
    """Return why a payload that can be read is of no use."""
    first = data[0] if isinstance(data, list) and data else data
    if isinstance(first, dict) and first.get("st") == COIN_MARGINED:
        return "coin_margined"
    return "other_symbol" if stream_class(data) else "other_stream"


def stream_class(data: Any) -> str | None:
    """Return which stream class a payload belongs to, None for one we do not follow."""
    first = data[0] if isinstance(data, list) and data else data
    event = first.get("e") if isinstance(first, dict) else None
    return _CLASSES.get(event) if isinstance(event, str) else None


@dataclass(frozen=True, slots=True)
class Silence:
    """A stream that says nothing."""

    stream: str
    shard: int
    since: int
    """Exchange time at which it was last heard of, or began to be expected."""


class Liveness:
    """When each stream was last heard of, and what went wrong. All times are exchange time.

    A stream that never began counts from when it was expected. A clock that leaps (the market
    itself was silent) is no stream's silence.
    """

    def __init__(self, liquidations: Bounds = LIQUIDATIONS) -> None:
        """`liquidations`: how long they may be silent."""
        self._heard: dict[str, int | None] = dict.fromkeys(STREAMS)
        self._since: dict[tuple[str, int], int] = {}
        self._silent: dict[tuple[str, int], int] = {}
        self._patience: dict[tuple[str, int], int] = {}
        self._bounds = {"kline": KLINES, "liquidation": liquidations}
        self._learnt: dict[tuple[str, int], SilenceThreshold] = {}
        self._looked = 0
        self.messages = 0
        self.malformed = 0
        self.reconnects = 0
        self.used: Counter[str] = Counter()
        """Messages that said something, by class."""
        self.passed: Counter[str] = Counter()
        """Messages that did not, by reason. Both together are all messages."""

    def heard(self, data: Any, event_time: int | None, shard: int = 0) -> tuple[str | None, bool]:
        """Note a stream payload; returns its class, and whether that one was silent until now."""
        self.messages += 1
        name = stream_class(data)
        if name is None or event_time is None:
            return name, False
        return name, self.note(name, event_time, shard)

    def note(self, stream: str, time_ms: int, shard: int = 0) -> bool:
        """Note that a stream was heard of at an exchange time; True if it was silent until now."""
        name = stream_name(stream, shard)
        self._heard[name] = max(time_ms, self._heard.get(name) or 0)
        key = (stream, shard)
        if key in self._since:
            self._since[key] = max(self._since[key], time_ms)
        was_silent = self._silent.pop(key, None) is not None
        learnt = self._learnt.get(key)
        if learnt is not None:
            (learnt.alarmed if was_silent else learnt.heard)(time_ms)
        return was_silent

    def expect(self, stream: str, shard: int, now: int) -> None:
        """Expect a stream to be heard of from now on."""
        key = (stream, shard)
        self._since[key] = now
        if stream in self._bounds:
            self._learnt.setdefault(key, SilenceThreshold(self._bounds[stream])).interrupted()
        self._looked = self._looked or now

    def excuse(self, shard: int) -> None:
        """Expect nothing from a connection that is lost: that is known already."""
        for key in [key for key in self._since if key[1] == shard]:
            del self._since[key]

    def look(self, now: int) -> list[Silence]:
        """Return what has fallen silent since the last look, and what still is, ever less often."""
        leap = now - self._looked if self._since else 0
        self._looked = max(now, self._looked)
        if leap > LEAP_MS:
            self._since = {key: at + leap for key, at in self._since.items()}
            for learnt in self._learnt.values():
                learnt.interrupted()
            return []
        found = []
        for key, since in self._since.items():
            if now - since < self._quiet_ms(key, now):
                self._patience.pop(key, None)
            elif now >= self._silent.get(key, 0):
                patience = min(self._patience.get(key, FIRST_PATIENCE_MS), LAST_PATIENCE_MS)
                self._silent[key], self._patience[key] = now + patience, patience * 2
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
        """Return exchange ms since each stream was heard of; None if it never was."""
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
