"""Signals and the bars after them, made by hand."""

from signalengine.facts.stream import Bar, BarsFact, Market, PathPoint, Quality
from signalengine.intervals import MINUTE_MS
from signalengine.policy import default_policy
from signalengine.signals import Direction, Event, Signal, signal_id
from signalengine_aws.stores.log.entry import Reached
from signalengine_aws.stores.signals import opened_item
from signalengine_aws.stores.tables import SignalItem, bind

from .folded import store
from .world import NOW

T = 1_747_656_000_000
"""2025-05-19 12:00 UTC: when signals open."""


def signal(
    symbol: str = "BTCUSDT",
    direction: Direction = "long",
    close_time: int = T,
    market: Market = "live",
    entry: float = 100.0,
    lifetime: int = 60,
) -> Signal:
    """A signal at 100 with TP 2 and SL 1 away, good for an hour (or so many minutes)."""
    digest = default_policy().digest
    side = 1.0 if direction == "long" else -1.0
    return Signal(
        signal_id=signal_id(digest, symbol, close_time, direction),
        symbol=symbol,
        direction=direction,
        score=0.6254,
        close_time=close_time,
        entry_price=entry,
        tp_price=entry + side * 2.0,
        sl_price=entry - side * 1.0,
        atr=1.0,
        atr_interval="15m",
        expires_at=close_time + lifetime * MINUTE_MS,
        components={"trend": 0.7, "oi": None},
        missing=("oi",),
        events=(Event("ema_cross", "5m", direction, 0.5, {"spread": 0.1}),),
        quality=Quality(),
        market=market,
        policy_digest=digest,
        code_version="test",
        fee_bps=5.0,
        slippage_bps=1.0,
    )


def minute(
    symbol: str,
    number: int,
    low: float = 99.8,
    high: float = 100.2,
    close: float = 100.0,
    path: tuple[PathPoint, ...] | None = None,
    market: Market = "live",
) -> BarsFact:
    """The fact of the minute that opens `number` minutes after T; nothing happens in it."""
    opened = T + number * MINUTE_MS
    bar = Bar("1m", opened, 100.0, max(high, 100.0), min(low, 100.0), close, 5.0)
    return BarsFact(symbol, (bar,), market, "ws", bar.close_time + 100, path=path)


def open_signals(*signals: Signal, now: int = NOW) -> None:
    """Store signals as score_events does."""
    bind(SignalItem, "signals_table")
    for one in signals:
        opened_item(one, now).save(SignalItem.signal_id.does_not_exist())


def store_minutes(*facts: BarsFact) -> None:
    """Store bars as compute_features does."""
    store(*facts)


def store_folded(symbol: str, close_time: int, evaluated: int = 0) -> None:
    """Store, as compute_features does, that a symbol's bars up to a close are folded."""
    store(reached={symbol: Reached(close_time, evaluated)})
