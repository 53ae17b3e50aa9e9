"""A recorded market, and the engine run over it."""

from functools import cache

import pytest
from signalengine.exits.levels import EXITS_SIZE, STOP, TARGET, clear, put_on_tick
from signalengine.indicators import PRICE
from signalengine.params import ATR_FEATURE
from signalengine.policy import default_policy
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
    x = [0.0] * EXITS_SIZE
    clear(x)
    policy.code.exits((), f, side, policy.parameters, x)
    put_on_tick(x, side, tick)
    return sample(
        int(side),
        entry=f[PRICE],
        atr=f[int(policy.numbers[ATR_FEATURE])],
        close_time=close_time,
        expires_at=close_time + policy.ttl_ms,
        tp_price=x[TARGET],
        sl_price=x[STOP],
    )
