"""One fact of each kind, and numbers that a fact may hold."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from signalengine.facts.stream import (
    Bar,
    BarsFact,
    Fact,
    GapFact,
    HeartbeatFact,
    HistoryFact,
    PathPoint,
    Quality,
    Tick,
    TicksFact,
    encode,
)
from signalengine.intervals import MINUTE_MS

from .markets import SYMBOL, T0

PRICES = st.floats(1e-12, 1e12)
AMOUNTS = st.just(0.0) | st.floats(1e-18, 1e18)
ONE = Bar("1m", T0, 2, 4, 1, 3, 10, 25, 7, 6)
SAMPLES: dict[str, Fact] = {
    "bars": BarsFact(
        SYMBOL, (ONE, Bar("5m", T0 - 4 * MINUTE_MS - 0, 2, 4, 1, 3, 10)), "live", "ws", T0 + 70_000,
        Quality(0.0, 15), 100.0, T0, 0.0001, 0.0001, 3.0, 5.0, 0.0,
        (PathPoint(0, 2.0, 2.0), PathPoint(60, 1.0, 4.0)), tick_size=0.5,
    ),
    "history": HistoryFact(SYMBOL, "1m", (ONE, replace(ONE, open_time=T0 + MINUTE_MS)), "live"),
    "ticks": TicksFact(T0, "live", {SYMBOL: Tick(T0, 2.0, 4.0, 1.0, 3.0)}),
    "heartbeat": HeartbeatFact(
        T0, "live", "a", (SYMBOL,), {SYMBOL: 3.0}, {"kline": 5}, 1, 2, 3, {"bars": 4}, 5.0, 6,
        tick_sizes={SYMBOL: 0.5},
    ),
    "gap": GapFact(
        T0, "live", "a", SYMBOL, "kline", "late", T0 - MINUTE_MS, T0, T0, None, 1, 0, "open"
    ),
}  # fmt: skip


def sample(kind: str) -> dict[str, Any]:
    fact = SAMPLES[kind]
    if isinstance(fact, BarsFact):
        fact = replace(fact, bars=fact.bars[:1])
    raw = json.loads(encode(fact))
    assert isinstance(raw, dict)
    return raw
