"""A strategy of 15m bars with components, missing data and a trailing stop."""

from functools import cache
from typing import Final

from signalengine.strategy.loading import load_text
from signalengine.strategy.sets import StrategySet, set_of

TRAILING: Final = '''\
"""A 15m close far from its average opens towards it, by three components; the stop trails."""

from math import nan

from signalengine.exits.levels import stop, target, trail
from signalengine.library.averages import ema_slots, fold_ema
from signalengine.library.momentum import fold_rsi, rsi_slots
from signalengine.library.volatility import atr_slots, fold_atr
from signalengine.strategy.form import CLOSE, HIGH, LOW, OPEN, Parameters, State, Strategy, Values

P = Parameters()
FAR = P.number("far", 0.8, least=0.1, most=5.0, about="distance from the average, ATRs")
V = Values()
PRICE = V.price("close")
MEAN = V.price("mean")
ATR = V.number("atr")
RSI = V.number("rsi")
BODY = V.number("body", about="body of the bar, ATRs; unknown for a bar that did not move")
S = State(V)
AVERAGE = ema_slots(S, "average")
STRENGTH = rsi_slots(S, "strength")
RANGE = atr_slots(S, "range")

STRATEGY = Strategy(
    name="trailing", version=1, every="15m", parameters=P, values=V, state=S,
    warm_up={"15m": 30}, ttl_minutes=240,
    components={"distance": 0.5, "strength": 0.3, "body": 0.2},
)


def fold_15m(s, bar, p):
    s[PRICE] = bar[CLOSE]
    s[MEAN] = fold_ema(s, AVERAGE, bar[CLOSE], 12.0)
    s[ATR] = fold_atr(s, RANGE, bar[HIGH], bar[LOW], bar[CLOSE], 14.0)
    s[RSI] = fold_rsi(s, STRENGTH, bar[CLOSE], 9.0)
    moved = bar[CLOSE] - bar[OPEN]
    s[BODY] = nan
    if s[ATR] > 0.0 and (moved > 0.3 * s[ATR] or moved < -0.3 * s[ATR]):
        s[BODY] = moved / s[ATR]


def entry(v, f, side, p):
    return side * (v[MEAN] - v[PRICE]) > p[FAR] * v[ATR]


def components(v, f, side, p, out):
    away = side * (v[MEAN] - v[PRICE]) / (2.0 * v[ATR])
    out[0] = 1.0 if away > 1.0 else (away if away > 0.0 else 0.0)
    weak = (50.0 - v[RSI]) / 25.0 * side
    out[1] = 1.0 if weak > 1.0 else (weak if weak > 0.0 else 0.0)
    out[2] = nan
    if v[BODY] == v[BODY]:
        out[2] = 1.0 if side * v[BODY] < 0.0 else 0.2


def exits(v, f, side, p, out):
    stop(out, v[PRICE] - side * 1.5 * v[ATR])
    target(out, 0, v[PRICE] + side * 4.0 * v[ATR], 1.0)
    trail(out, 1.2 * v[ATR], 0.0)
'''


@cache
def trailing(**chosen: float) -> StrategySet:
    rules = {"cost_gate": 0.0, "threshold": 0.3}
    return set_of(load_text(TRAILING, "trailing.py"), {"rules": rules, "parameters": chosen})
