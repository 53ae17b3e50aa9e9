"""Evaluations, signals and bars by hand, for deciding and settling."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from signalengine.facts.stream import PathPoint, Quality
from signalengine.intervals import CLASSIC_INTERVALS, MINUTE_MS
from signalengine.policy import Policy, default_policy
from signalengine.settlement import StoredBar
from signalengine.signals import (
    COMPONENTS,
    Direction,
    Evaluation,
    Event,
    Exits,
    Signal,
    Target,
    signal_id,
)
from signalengine.snapshot import CONTEXT, NAMES

from .markets import SYMBOL, T0

EVENT = Event("ema_cross", "5m", "long", 0.5, {"spread": 1.0, "atr": 2.0})


def evaluation(
    side: float = 1.0, at: int = T0, price: float = 100.0, atr: float = 0.5, **changes: Any
) -> Evaluation:
    """An evaluation in which everything backs one side, nothing the other.

    `changes` replaces fields; `context` and `features` (by interval) are merged.
    """
    features: dict[str, dict[str, float | None]] = {}
    for interval in CLASSIC_INTERVALS:
        row: dict[str, float | None] = dict.fromkeys(NAMES)
        row |= {
            "close": price, "atr": atr, "ema_21": price, "ema_21_before": price - side * 9.0 * atr,
            "last_break": side, "vwap": price - side * 9.0 * atr,
        }  # fmt: skip
        features[interval] = {**row, **changes.pop("features", {}).get(interval, {})}
    context: dict[str, float | None] = dict.fromkeys(CONTEXT)
    context |= {"vwap_bars": 600.0, "atr_15m_ema": atr / 2.0}
    context |= {"event_long": 0.0, "event_short": 0.0}
    context["event_long" if side > 0.0 else "event_short"] = 1.0
    context |= changes.pop("context", {})
    made = Evaluation(
        symbol=SYMBOL, close_time=at, market="live", source="ws", sent_at=at + 80,
        quality=Quality(), events=(EVENT,), features=features, context=context, unwarm=(),
        tainted=(),
    )  # fmt: skip
    return replace(made, **changes)


def signal(
    side: int = 1,
    entry: float = 100.0,
    atr: float = 1.0,
    minutes: int = 60,
    policy: Policy | None = None,
    **changes: Any,
) -> Signal:
    """A signal as opened at T0: TP two ATRs away, SL one."""
    policy = policy or default_policy()
    direction: Direction = "long" if side > 0 else "short"
    made = Signal(
        signal_id=signal_id(policy.digest, SYMBOL, T0, direction), symbol=SYMBOL,
        direction=direction, score=0.654321, close_time=T0, entry_price=entry,
        tp_price=entry + side * 2.0 * atr, sl_price=entry - side * atr, atr=atr,
        atr_interval="15m", expires_at=T0 + minutes * MINUTE_MS,
        components=dict.fromkeys(COMPONENTS, 0.5), missing=("oi",), events=(EVENT,),
        quality=Quality(), market="live", policy_digest=policy.digest, code_version="test",
        fee_bps=5.0, slippage_bps=1.0,
    )  # fmt: skip
    return replace(made, **changes)


def exits(seed: int, side: int = 1, entry: float = 100.0) -> Exits:
    """Seeded exits of a signal of `signal()`, on a grid of 1/8 (mirrored exactly)."""
    rng = random.Random(seed)
    count = rng.randint(1, 4)
    reach = sorted(rng.sample(range(2, 20), count))
    cuts = sorted(rng.sample(range(1, 10_000), count))
    shares = [after - before for before, after in zip([0, *cuts], cuts, strict=False)]
    if rng.random() < 0.5:
        shares[-1] = 10_000 - sum(shares[:-1])  # else a rest runs on
    trail = rng.choice((None, 0.5, 1.0, 1.5))
    return Exits(
        targets=tuple(
            Target(entry + side * far / 8, share / 10_000)
            for far, share in zip(reach, shares, strict=True)
        ),
        break_even=rng.random() < 0.5,
        trail=trail,
        trail_step=None if trail is None else rng.choice((0.125, 0.25, 0.5)),
        trail_after=0 if trail is None else rng.randint(0, count),
        leave=rng.random() < 0.3,
    )


def several(seed: int, side: int = 1, **changes: Any) -> Signal:
    """A signal with seeded exits."""
    made = exits(seed, side)
    return signal(side, exits=made, tp_price=made.targets[0].price, **changes)


def leaves_of(seed: int, count: int = 70) -> frozenset[int]:
    """Seeded closes at which the strategy leaves: none, or the first late in the bars."""
    rng = random.Random(seed)
    closes = range(T0 + MINUTE_MS, T0 + (count + 1) * MINUTE_MS, MINUTE_MS)
    return frozenset() if seed % 3 else frozenset(rng.sample(closes, 3))


def bar(minute: int, o: float, h: float, lo: float, c: float, **more: Any) -> StoredBar:
    """The bar that opens `minute` minutes after the signal's close."""
    return StoredBar(T0 + minute * MINUTE_MS, o, h, lo, c, **more)


def bars(rows: Sequence[tuple[float, float, float, float]], first: int = 0) -> list[StoredBar]:
    """Contiguous bars from (open, high, low, close) rows."""
    return [bar(first + n, *row) for n, row in enumerate(rows)]


def quiet(count: int, first: int = 0, price: float = 100.0) -> list[StoredBar]:
    """Bars that touch nothing."""
    return [bar(first + n, price, price + 0.1, price - 0.1, price) for n in range(count)]


def mirrored(rows: Sequence[StoredBar], around: float = 200.0) -> list[StoredBar]:
    """The bars upside down: p becomes `around` − p."""
    return [_mirrored(row, around) for row in rows]


def _mirrored(b: StoredBar, around: float) -> StoredBar:
    path = None
    if b.path is not None:
        path = tuple(replace(p, low=around - p.high, high=around - p.low) for p in b.path)
    return StoredBar(
        b.open_time, around - b.open, around - b.low, around - b.high, around - b.close,
        funding_paid=None if b.funding_paid is None else -b.funding_paid, path=path,
    )  # fmt: skip


def walked(seed: int, count: int = 70, step: float = 0.35, paths: bool = True) -> list[StoredBar]:
    """Bars of a seeded walk on a grid of 1/8 (mirrored exactly), with paths and funding."""
    rng, price, out = random.Random(seed), 100.0, []
    for minute in range(count):
        prices = [price]
        for _ in range(6):
            prices.append(round(prices[-1] * 8 + rng.gauss(0.0, 8 * step)) / 8)
        points: list[PathPoint] = []
        for k in range(1, 7):
            low, high = min(prices[: k + 1]), max(prices[: k + 1])
            if not points or (low, high) != (points[-1].low, points[-1].high):
                points.append(PathPoint(10 * k, low, high))
        gap = rng.choice((0.0, 0.0, 0.0, 0.25, -0.5))
        out.append(
            bar(
                minute, prices[0], max(prices), min(prices), prices[-1],
                funding_paid=rng.choice((None, None, 0.0001, -0.0002)) if minute % 9 == 8 else None,
                path=tuple(points) if paths and rng.random() < 0.8 else None,
            )
        )  # fmt: skip
        price = prices[-1] + gap
    return out


def cut(rows: Sequence[StoredBar], seed: int) -> list[StoredBar]:
    """The bars without one of them."""
    at = seed % len(rows)
    return [*rows[:at], *rows[at + 1 :]]
