"""The signals of a burst: one a symbol, all of one minute's close, three of four short."""

from collections.abc import Iterator
from typing import Final

from signalengine.decisions import Decided
from signalengine.facts.stream import Quality
from signalengine.intervals import MINUTE_MS
from signalengine.signals import Cooldown, Decision, Signal, Verdict

LIFE_MS: Final = 60 * MINUTE_MS
DIGEST: Final = "b" * 24
"""The policy's digest: of none that exists, so that statistics of others stay as they are."""


def burst(count: int, close_time: int) -> Iterator[Decided]:
    """Yield what one close of each symbol decided, at the same time (exchange ms)."""
    for number in range(count):
        signal = _signal(number, close_time)
        yield Decided(
            decision=_decision(signal),
            signal=signal,
            cooldown=Cooldown(
                signal.symbol, close_time, signal.expires_at, signal_id=signal.signal_id
            ),
        )


def signal_id(number: int) -> str:
    """Return the id of a burst's signal."""
    return f"{number:024x}"


def _signal(number: int, close_time: int) -> Signal:
    short = number % 4 != 0
    price = 10.0 + number % 1_000
    side = -1 if short else 1
    return Signal(
        signal_id=signal_id(number),
        symbol=f"B{number:05d}USDT",
        direction="short" if short else "long",
        score=0.5 + (number * 7 % 500) / 1_000,
        close_time=close_time,
        entry_price=price,
        tp_price=price * (1 + side * 0.012),
        sl_price=price * (1 - side * 0.006),
        atr=price * 0.004,
        atr_interval="15m",
        expires_at=close_time + LIFE_MS,
        components={
            "trend": 0.8,
            "liquidation": 0.9,
            "volatility": 0.7,
            "vwap": 0.4,
            "oi": None,
            "structure": 1.0,
            "event": 0.9,
        },
        missing=("oi",),
        events=(),
        quality=Quality(),
        market="simulated",
        policy_digest=DIGEST,
        code_version="burst",
        fee_bps=5.0,
        slippage_bps=1.0,
    )


def _decision(signal: Signal) -> Decision:
    return Decision(
        symbol=signal.symbol,
        close_time=signal.close_time,
        verdict=Verdict.EMITTED,
        direction=signal.direction,
        price=signal.entry_price,
        scores={},
        events=(),
        quality=signal.quality,
        market=signal.market,
        policy_digest=signal.policy_digest,
        code_version=signal.code_version,
        signal_id=signal.signal_id,
        reason="burst",
    )
