"""A small made-up market: minutes of a random walk, as the facts that the ingest task would send.

Everything is seeded, so the evaluations and signals that come of it are the same in every run.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from signalengine.facts.stream import (
    Bar,
    BarsFact,
    GapFact,
    HeartbeatFact,
    HistoryFact,
    Tick,
    TicksFact,
)
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS, closing_at

START = 1_747_612_800_000
"""2025-05-19 00:00 UTC: the warm-up ends here and the facts begin."""
WARM_MINUTES = 70 * 60
"""Enough for 64 bars of an hour."""


@cache
def minutes(symbol: str, count: int) -> tuple[Bar, ...]:
    """Closed 1m bars from the beginning of the warm-up on."""
    chance = random.Random(symbol)
    price, out = 100.0, []
    time = START - WARM_MINUTES * MINUTE_MS
    for number in range(WARM_MINUTES + count):
        wild = 4.0 if (number // 45) % 7 == 3 else 1.0
        moves = [chance.gauss(0.0, 0.0004 * wild) for _ in range(4)]
        path = [price]
        for move in moves:
            path.append(path[-1] * (1.0 + move))
        volume = abs(chance.gauss(10.0, 3.0)) * wild + 0.1
        out.append(
            Bar(
                "1m", time, path[0], max(path), min(path), path[-1], volume,
                quote_volume=volume * sum(path) / len(path), trades=10,
            )
        )  # fmt: skip
        price, time = path[-1], time + MINUTE_MS
    return tuple(out)


def longer(interval: str, bars: tuple[Bar, ...]) -> Bar:
    """The bar that whole minutes of one interval make."""
    return Bar(
        interval,
        bars[0].open_time,
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        sum(bar.volume for bar in bars),
        quote_volume=sum(bar.quote_volume or 0.0 for bar in bars),
    )


def history(symbol: str) -> list[HistoryFact]:
    """The warm-up, one fact an interval, longest first."""
    past = minutes(symbol, 0)
    facts = []
    for interval in reversed(INTERVALS):
        size = INTERVAL_MS[interval] // MINUTE_MS
        first = -past[0].open_time // MINUTE_MS % size
        starts = range(first, len(past) - size + 1, size)
        bars = [longer(interval, past[i : i + size]) for i in starts]
        kept = past[-500:] if interval == "1m" else tuple(bars[-400:])
        if interval in ("4h", "1d"):  # the warm-up's minutes are too few: they stand for these
            kept = _of_before(interval, past[-400:])
        facts.append(HistoryFact(symbol, interval, tuple(kept), "live"))
    return facts


def _of_before(interval: str, shapes: Sequence[Bar]) -> tuple[Bar, ...]:
    """Bars up to the start that look like others."""
    span = INTERVAL_MS[interval]
    first = START - len(shapes) * span
    return tuple(
        replace(bar, interval=interval, open_time=first + n * span) for n, bar in enumerate(shapes)
    )


def bars_facts(symbol: str, count: int) -> list[BarsFact]:
    """The facts of so many minutes after the warm-up."""
    bars = minutes(symbol, count)
    facts = []
    for number in range(WARM_MINUTES, WARM_MINUTES + count):
        minute = bars[number]
        ending = []
        for interval in closing_at(minute.close_time):
            size = INTERVAL_MS[interval] // MINUTE_MS
            whole = bars[number + 1 - size : number + 1]
            ending.append(minute if interval == "1m" else longer(interval, whole))
        facts.append(BarsFact(symbol, tuple(ending), "live", "ws", sent_at=minute.close_time + 100))
    return facts


def ticks(time: int, **symbols: tuple[float, float, float, float]) -> TicksFact:
    """A ticks fact; each symbol's (open, low, high, last) of the minute that is running."""
    minute = time - time % MINUTE_MS
    return TicksFact(
        time,
        "live",
        {s: Tick(minute, o, high, low, last) for s, (o, low, high, last) in symbols.items()},
    )


def heartbeat(time: int, *symbols: str) -> HeartbeatFact:
    """A heartbeat of a healthy feed."""
    return HeartbeatFact(
        time=time,
        market="live",
        task="test",
        symbols=symbols,
        prices=dict.fromkeys(symbols, 100.0),
        stream_ages_ms={"kline": 250, "mark": 900, "liquidation": None},
        reconnects=0,
        backlog=0,
        gaps=0,
        sent={"bars": 1},
        cpu_percent=1.5,
        rss_bytes=50_000_000,
    )


def gap(
    noticed_at: int,
    symbol: str | None = "BTCUSDT",
    *,
    cause: str = "late",
    outcome: str = "repaired",
    missing: int = 1,
    repaired: int = 0,
    task: str = "test",
) -> GapFact:
    """An entry of the ledger: the minute before it was noticed."""
    return GapFact(
        noticed_at, "live", task, symbol, "kline", cause, noticed_at - MINUTE_MS, noticed_at,
        noticed_at, None if outcome == "open" else noticed_at, missing, repaired, outcome,
    )  # fmt: skip
