"""Strategies for recordings of a month: `donchian` with shorter windows, and a crossing."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from signalengine.strategy.loading import load_shipped, load_text
from signalengine.strategy.sets import StrategySet, set_of

_CHANNEL: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "1d": (('"days", 20, least=5', '"days", 3, least=3'), ('{"1d": 120}', '{"1d": 15}'),
           ("ttl_minutes=14 * 1440", "ttl_minutes=3 * 1440")),
    "4h": (('"days", 20, least=5', '"days", 10, least=5'), ('{"1d": 120}', '{"4h": 30}'),
           ("ttl_minutes=14 * 1440", "ttl_minutes=2 * 1440"), ("fold_1d", "fold_4h"),
           ('every="1d"', 'every="4h"')),
    "15m": (('"days", 20, least=5', '"days", 5, least=5'), ('{"1d": 120}', '{"15m": 30}'),
            ("ttl_minutes=14 * 1440", "ttl_minutes=4 * 60"), ("fold_1d", "fold_15m"),
            ('every="1d"', 'every="15m"')),
}  # fmt: skip
"""What is replaced in the shipped file, by the interval that it decides at then."""

CROSSING: Final = '''\
"""A crossing of two averages, with a bracket of 2 and 1 ATRs."""

from signalengine.exits.levels import bracket_atr
from signalengine.library.averages import ema_slots, fold_ema
from signalengine.library.crossings import crossed_slots, fold_crossed
from signalengine.library.volatility import atr_slots, fold_atr
from signalengine.strategy.form import CLOSE, HIGH, LOW, Parameters, State, Strategy, Values

P = Parameters()
TP_ATR = P.number("tp_atr", 2.0, least=0.5, most=10.0)
SL_ATR = P.number("sl_atr", 1.0, least=0.5, most=10.0)
V = Values()
PRICE = V.price("close")
CROSSED = V.number("crossed")
ATR = V.number("atr")
S = State(V)
FAST = ema_slots(S, "fast")
SLOW = ema_slots(S, "slow")
SIDE = crossed_slots(S, "side")
RANGE = atr_slots(S, "range")
STRATEGY = Strategy(
    name="crossing", version=1, every="1h", parameters=P, values=V, state=S,
    warm_up={"1h": 64}, ttl_minutes=1440,
)


def fold_1h(s, bar, p):
    s[PRICE] = bar[CLOSE]
    fast = fold_ema(s, FAST, bar[CLOSE], 9.0)
    s[CROSSED] = fold_crossed(s, SIDE, fast, fold_ema(s, SLOW, bar[CLOSE], 21.0))
    s[ATR] = fold_atr(s, RANGE, bar[HIGH], bar[LOW], bar[CLOSE], 14.0)


def entry(v, f, side, p):
    return v[CROSSED] == side


def exits(v, f, side, p, out):
    bracket_atr(out, v[PRICE], side, v[ATR], p[TP_ATR], p[SL_ATR])
'''


@cache
def shortened(every: str) -> StrategySet:
    """Return `donchian` on bars of 1d, 4h or 15m, with shorter windows and a shorter time limit.

    Raises ValueError where the shipped file has no such window any more.
    """
    return set_of(load_text(_replaced(load_shipped("donchian").text, _CHANNEL[every]), "short.py"))


@cache
def near(every: str) -> StrategySet:
    """Return the crossing with TP and SL half an ATR away."""
    return crossing(every, 0.5, 0.5)


@cache
def trailed(every: str) -> StrategySet:
    """Return the crossing with a stop that trails by one ATR."""
    trail = "    trail(out, v[ATR], 0.0)\n"
    text = crossing(every).loaded.text.replace("import bracket_atr", "import bracket_atr, trail")
    return set_of(load_text(text + trail, "crossing.py"))


@cache
def crossing(every: str, tp_atr: float = 2.0, sl_atr: float = 1.0) -> StrategySet:
    """Return the crossing at closes of an interval, with a time limit of 24 bars of it."""
    minutes = {"15m": "ttl_minutes=360", "1h": "ttl_minutes=1440"}[every]
    changes = (("fold_1h", f"fold_{every}"), ('"1h"', f'"{every}"'), ("ttl_minutes=1440", minutes))
    chosen = {"parameters": {"tp_atr": tp_atr, "sl_atr": sl_atr}}
    return set_of(load_text(_replaced(CROSSING, changes), "crossing.py"), chosen)


def _replaced(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    for before, after in changes:
        if before not in text:
            raise ValueError(f"the strategy's file has no {before!r}")
        text = text.replace(before, after)
    return text
