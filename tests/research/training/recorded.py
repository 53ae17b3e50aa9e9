"""A recorded market, and the engine run over it."""

from functools import cache

import pytest
from signalengine.indicators import PRICE
from signalengine.params import ATR_FEATURE
from signalengine.policy import default_policy
from signalengine.rules import levels
from signalengine.signals import Signal

from research.data.bars import BarTable
from research.data.loader import load
from tests.core.samples import signal as sample
from tests.paths import RECORDINGS

DATA = RECORDINGS


needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"needs recorded markets in {DATA}, which are not part of the project"
)


@cache
def recorded() -> BarTable:
    return load(DATA, "ETHUSDT", "2025-05-06", "2025-05-16")


def opened(f: list[float], side: float, close_time: int, tick: float) -> Signal:
    policy = default_policy()
    tp, sl = levels(f, side, tick, policy.numbers)
    return sample(
        int(side),
        entry=f[PRICE],
        atr=f[int(policy.numbers[ATR_FEATURE])],
        close_time=close_time,
        expires_at=close_time + policy.ttl_ms,
        tp_price=tp,
        sl_price=sl,
    )
