"""A recorded market, and the engine run over it."""

from functools import cache

import pytest
from signalengine.indicators import PRICE
from signalengine.params import ATR_FEATURE
from signalengine.policy import default_policy
from signalengine.rules import stop_loss, take_profit
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


def opened(f: list[float], side: float, close_time: int) -> Signal:
    policy = default_policy()
    return sample(
        int(side),
        entry=f[PRICE],
        atr=f[int(policy.numbers[ATR_FEATURE])],
        close_time=close_time,
        expires_at=close_time + policy.ttl_ms,
        tp_price=take_profit(f, side, policy.numbers),
        sl_price=stop_loss(f, side, policy.numbers),
    )
