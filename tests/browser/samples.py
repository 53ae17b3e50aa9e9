"""Sample signals, made with the engine's own types; their prices come from a seed."""

import random
from dataclasses import dataclass

from signalengine.facts.stream import Market, Quality
from signalengine.signals import (
    COMPONENTS,
    RETURN_SCALE,
    Direction,
    Event,
    Outcome,
    Settlement,
    Signal,
    settled,
    signal_id,
)

MINUTE_MS = 60_000
NOON = 1_747_656_000_000
"""2025-05-19 12:00:00 UTC."""
POLICY = "5f0c2d9be1a7"
COST = 140_000
"""Fees and slippage of both sides, in 1e-8 of the entry."""

PRICES = {
    "BTCUSDT": 104_812.4,
    "ETHUSDT": 2_486.31,
    "SOLUSDT": 167.42,
    "XRPUSDT": 2.3714,
    "DOGEUSDT": 0.22318,
    "1000PEPEUSDT": 0.0130742,
    "LINKUSDT": 15.884,
}
KINDS = ("ema_cross", "volume_spike", "structure_break", "vwap_reclaim", "volatility_breakout")


@dataclass(frozen=True, slots=True)
class Plan:
    """Fields of a sample signal; `seed` varies the others."""

    symbol: str = "BTCUSDT"
    direction: Direction = "long"
    at: int = NOON
    score: float = 0.6542
    price: float | None = None
    market: Market = "simulated"
    seed: int = 1
    tick: float | None = None


def opened(plan: Plan) -> Signal:
    """Return an open signal; TP is two and SL one ATR away."""
    chance = random.Random(plan.seed)
    entry = plan.price or PRICES.get(plan.symbol, 10.0) * chance.uniform(0.985, 1.015)
    atr = entry * chance.uniform(0.002, 0.006)
    side = 1 if plan.direction == "long" else -1
    return Signal(
        signal_id=signal_id(POLICY, plan.symbol, plan.at, plan.direction),
        symbol=plan.symbol,
        direction=plan.direction,
        score=plan.score,
        close_time=plan.at,
        entry_price=entry,
        tp_price=entry + side * 2 * atr,
        sl_price=entry - side * atr,
        atr=atr,
        atr_interval="15m",
        expires_at=plan.at + 60 * MINUTE_MS,
        components=_components(plan.score, chance),
        missing=("oi",),
        events=_events(plan, chance),
        quality=Quality(0.0, 180),
        market=plan.market,
        policy_digest=POLICY,
        code_version="4.0.0",
        fee_bps=4.0,
        slippage_bps=3.0,
        tick_size=plan.tick,
    )


def _components(score: float, chance: random.Random) -> dict[str, float | None]:
    low, high = max(0.0, score - 0.35), min(1.0, score + 0.35)
    values = {name: round(chance.uniform(low, high), 4) for name in COMPONENTS}
    return {**values, "oi": None}


def _events(plan: Plan, chance: random.Random) -> tuple[Event, ...]:
    kinds = chance.sample(KINDS, 2)
    return tuple(
        Event(kind, interval, plan.direction, round(chance.uniform(0.3, 0.95), 4), {"ratio": 2.84})
        for kind, interval in zip(kinds, ("5m", "1m"), strict=True)
    )


def closed(signal: Signal, outcome: Outcome, minutes: int = 23) -> Signal:
    """Return the closed signal; an expired one ends slightly above its entry."""
    exit_price = {
        Outcome.TP_HIT: signal.tp_price,
        Outcome.SL_HIT: signal.sl_price,
        Outcome.EXPIRED: signal.entry_price + signal.side * 0.4 * signal.atr,
    }[outcome]
    gross = round(signal.side * (exit_price / signal.entry_price - 1) * RETURN_SCALE)
    atr = round(signal.atr / signal.entry_price * RETURN_SCALE)
    return settled(
        signal,
        Settlement(
            outcome=outcome,
            closed_at=signal.close_time + minutes * MINUTE_MS,
            exit_price=exit_price,
            gross_return=gross,
            cost=COST,
            funding=0,
            net_return=gross - COST,
            resolution="tick",
            ambiguous=False,
            bars_held=minutes,
            mfe=2 * atr if outcome is Outcome.TP_HIT else atr // 2,
            mae=-atr if outcome is Outcome.SL_HIT else -atr // 3,
            next_open=None,
        ),
    )


def a_day(count: int, market: Market = "simulated") -> list[Signal]:
    """Return `count` signals, oldest first: the newest five are open, the others are closed."""
    chance = random.Random(11)
    out = []
    for n in range(count):
        symbol = chance.choice(tuple(PRICES))
        direction: Direction = "long" if chance.random() < 0.55 else "short"
        at = NOON - (count - n) * 9 * MINUTE_MS
        score = round(chance.uniform(0.5, 0.86), 4)
        signal = opened(Plan(symbol, direction, at, score, market=market, seed=n))
        age = count - n
        if age > 5:
            ends = (Outcome.TP_HIT, Outcome.SL_HIT, Outcome.SL_HIT, Outcome.EXPIRED)
            outcome = chance.choice(ends)
            held = 60 if outcome is Outcome.EXPIRED else chance.randint(3, 58)
            signal = closed(signal, outcome, held)
        out.append(signal)
    return out
