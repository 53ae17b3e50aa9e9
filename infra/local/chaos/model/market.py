"""A small market: minutes of random walks as the facts that the ingest task sends.

Prices move so fast that signals open, reach their levels and expire within minutes. The facts of a
seed are always the same.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from signalengine.facts.stream import (
    Bar,
    BarsFact,
    GapFact,
    HeartbeatFact,
    HistoryFact,
    PathPoint,
    Tick,
    TicksFact,
    encode,
)
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS, closing_at
from signalengine.policy import Policy, load_policy

SYMBOLS: Final = ("AAAUSDT", "BBBUSDT")
NEW: Final = "NEWUSDT"
"""A symbol that is listed while the market is busy: its history comes with its first bar."""
LISTED_AT: Final = 2
"""Its first minute."""
WARM_BARS: Final = 66
"""Bars of a history, by interval: just enough to be warm."""
MIDNIGHT: Final = 1_747_699_200_000
"""2025-05-20 00:00 UTC."""
WARM_MS: Final = 66 * 3_600_000
BUSY_MINUTES: Final = 7
QUIET_MINUTES: Final = 5
"""Minutes at the end of a market, longer than a signal lives, in which nothing happens."""
MINUTES: Final = BUSY_MINUTES + QUIET_MINUTES
MARKETS: Final = 6
CROWDED: Final = 31
"""A market of schedules made by hand: what one symbol may do depends on the others' outcomes."""
PROTECTED: Final = (4, 5, CROWDED)
"""Markets whose policy has protections: who else trades is known from the start."""
OVERLAPPING: Final = (11, 22)
"""Markets of schedules made by hand: one symbol's signals overlap, and end in another order.

In the first of them after another signal of the symbol, in the second they are its first.
"""
HOLED: Final = (2, 5)
"""Markets in which one symbol has no bar of the minute `HOLE`: nobody can recover it."""
HOLE: Final = 3
DEFECT: Final = 666_666
"""Trades of a bar that the fold is to fail on."""
POLICY: Final[Mapping[str, Any]] = {
    "name": "chaos", "threshold": 0.05, "coverage": 0.3, "cooldown_s": 60, "rearm_s": 120,
    "ttl_s": 180, "grace_s": 60, "atr_interval": "1m", "tp_atr": 1.2, "sl_atr": 1.0,
    "cost_gate": 0.0,
}  # fmt: skip
PROTECTIONS: Final[Mapping[str, Any]] = {
    "stops": 1, "stops_within_s": 300, "stops_pause_s": 60, "loss": 0.004, "loss_within_s": 300,
    "loss_pause_s": 60, "open_signals": 2,
}  # fmt: skip


@cache
def policy(seed: int) -> Policy:
    """Return the policy of a market: one with which much happens."""
    raw = json.loads(files("signalengine").joinpath("policy.json").read_text()) | POLICY
    raw["events"]["volume_spike"] |= {"z": 0.4}
    raw["events"]["vwap_reclaim"] |= {"minutes": 2}
    if seed in OVERLAPPING:
        raw |= {"rearm_s": 60, "ttl_s": 240, "tp_atr": 0.7, "sl_atr": 2.0}
    if seed in PROTECTED:
        raw["protections"] |= PROTECTIONS
    return load_policy(json.dumps(raw))


@dataclass(frozen=True, slots=True)
class Market:
    """The facts of one seed: the warm-up, then by minute each symbol's bars."""

    begin: int
    """Exchange time (ms) of the first minute after the warm-up."""
    history: tuple[HistoryFact, ...]
    minutes: tuple[Mapping[str, BarsFact], ...]
    listed: Mapping[tuple[int, str], tuple[bytes, ...]]
    """The history that comes before a bar, by its minute and symbol."""

    def bars(self, number: int, symbol: str) -> bytes:
        """Return the record of a symbol's minute."""
        return encoded(self.minutes[number][symbol])

    def close_time(self, number: int) -> int:
        return self.begin + (number + 1) * MINUTE_MS


@cache
def encoded(fact: BarsFact) -> bytes:
    return encode(fact)


def begins(seed: int) -> int:
    """Return when a market begins: every second one goes on past midnight, busily."""
    return MIDNIGHT + (-6 if seed % 2 else 120) * MINUTE_MS


@cache
def market(seed: int) -> Market:
    """Return a market of `MINUTES` after its warm-up."""
    begin, minutes = begins(seed), MINUTES
    warm = WARM_MS // MINUTE_MS + begin // MINUTE_MS % 60  # it starts with an hour
    walks = {s: _walk(f"{seed} {s}", begin, warm, minutes) for s in (*SYMBOLS, NEW)}
    history = tuple(fact for s in SYMBOLS for fact in _history(s, walks[s][0][:warm]))
    listed = _history(NEW, walks[NEW][0][: warm + LISTED_AT])
    rows = tuple(
        {
            symbol: _fact(symbol, walk, warm + number)
            for symbol, walk in walks.items()
            if _trades(seed, symbol, number)
        }
        for number in range(minutes)
    )
    return Market(begin, history, rows, {(LISTED_AT, NEW): tuple(map(encode, listed))})


def _trades(seed: int, symbol: str, number: int) -> bool:
    if symbol == NEW:
        return number >= LISTED_AT and seed not in PROTECTED
    return not (seed in HOLED and symbol == SYMBOLS[1] and number == HOLE)


Walk = tuple[tuple[Bar, ...], tuple[tuple[PathPoint, ...], ...]]


def _walk(seed: str, begin: int, warm: int, minutes: int) -> Walk:
    """Return 1m bars from the warm-up's beginning on, and the path of each."""
    chance = random.Random(seed)  # repeatable, not secret
    bars, paths, price = [], [], 100.0
    time = begin - warm * MINUTE_MS
    for number in range(warm + minutes):
        prices, quiet = [price], number >= warm + minutes - QUIET_MINUTES
        for _ in range(4):
            prices.append(prices[-1] * (1.0 + chance.gauss(0.0, 0.00001 if quiet else 0.0008)))
        volume = 8.0 if quiet else abs(chance.gauss(10.0, 4.0)) + 0.1
        bars.append(
            Bar("1m", time, prices[0], max(prices), min(prices), prices[-1], volume,
                quote_volume=volume * sum(prices) / 5.0, trades=10)
        )  # fmt: skip
        paths.append(_path(prices))
        price, time = prices[-1], time + MINUTE_MS
    return tuple(bars), tuple(paths)


def _path(prices: Sequence[float]) -> tuple[PathPoint, ...]:
    points, low, high = [], prices[0], prices[0]
    for number, price in enumerate(prices):
        if number == 0 or not low <= price <= high:
            low, high = min(low, price), max(high, price)
            points.append(PathPoint(number * 14, low, high))
    return tuple(points)


def _history(symbol: str, past: Sequence[Bar]) -> list[HistoryFact]:
    facts = []
    for interval in reversed(INTERVALS):
        size = INTERVAL_MS[interval] // MINUTE_MS
        first = -past[0].open_time // MINUTE_MS % size
        starts = range(first, len(past) - size + 1, size)
        longer = [_longer(interval, past[i : i + size]) for i in starts]
        facts.append(HistoryFact(symbol, interval, tuple(longer[-WARM_BARS:]), "live"))
    return facts


def _fact(symbol: str, walk: Walk, at: int) -> BarsFact:
    bars, paths = walk
    ending = tuple(
        _longer(interval, bars[at + 1 - INTERVAL_MS[interval] // MINUTE_MS : at + 1])
        for interval in closing_at(bars[at].close_time)
    )
    return BarsFact(symbol, ending, "live", "ws", sent_at=bars[at].close_time + 100, path=paths[at])


def _longer(interval: str, bars: Sequence[Bar]) -> Bar:
    if interval == "1m":
        return bars[0]
    return Bar(
        interval, bars[0].open_time, bars[0].open, max(bar.high for bar in bars),
        min(bar.low for bar in bars), bars[-1].close, sum(bar.volume for bar in bars),
        quote_volume=sum(bar.quote_volume or 0.0 for bar in bars), trades=10 * len(bars),
    )  # fmt: skip


def ticks(minutes: Sequence[Mapping[str, BarsFact]], close_time: int) -> bytes:
    """Return the record of all symbols' running minutes, 30 s before they close.

    They cross levels, up and down in turns, that no bar of their minute reaches, and a symbol has
    one in a minute of which nobody has a bar: no outcome may depend on that.
    """
    newest = {symbol: fact for facts in minutes[-2:] for symbol, fact in facts.items()}
    open_time = close_time - MINUTE_MS
    up = open_time // MINUTE_MS % 2 == 0
    running = {}
    for symbol, fact in newest.items():
        price = fact.bars[0].open
        high, low = (price * 1.01, price) if up else (price, price * 0.99)
        running[symbol] = Tick(open_time, price, high, low, price)
    return encode(TicksFact(close_time - 30_000, "live", running))


def other(bars: bytes) -> bytes:
    """Return a record of bars as another source has it: more was traded."""
    raw = json.loads(bars)
    for bar in raw["bars"]:
        bar["volume"] *= 1.25
        bar["quote_volume"] *= 1.25
    return json.dumps(raw).encode()


def defective(bars: bytes) -> bytes:
    """Return a record of bars that the fold is to fail on: see `processes`."""
    raw = json.loads(bars)
    for bar in raw["bars"]:
        bar["trades"] = DEFECT
    return json.dumps(raw).encode()


def gap(noticed_at: int, outcome: str) -> GapFact:
    """Return an entry of the ledger: a minute that was missing, open or repaired."""
    ended = None if outcome == "open" else noticed_at
    return GapFact(
        noticed_at, "live", "chaos", SYMBOLS[0], "kline", "late", noticed_at - MINUTE_MS,
        noticed_at, noticed_at, ended, 1, 0 if ended is None else 1, outcome,
    )  # fmt: skip


def heartbeat(minutes: Sequence[Mapping[str, BarsFact]], time: int) -> bytes:
    """Return the record of a healthy feed's heartbeat, after these minutes."""
    newest = {symbol: fact for facts in minutes for symbol, fact in facts.items()}
    return encode(
        HeartbeatFact(
            time=time,
            market="live",
            task="chaos",
            symbols=tuple(newest),
            prices={symbol: fact.bars[0].close for symbol, fact in newest.items()},
            stream_ages_ms={"kline": 250, "mark": 900, "liquidation": None},
            reconnects=0,
            backlog=0,
            gaps=0,
            sent={"bars": 1},
            cpu_percent=1.5,
            rss_bytes=50_000_000,
        )
    )
