"""Closes of 5m past the channel of the last bars."""

from signalengine.exits.levels import bracket_atr
from signalengine.library.channels import (
    CHANNEL_LOWER,
    CHANNEL_UPPER,
    donchian_slots,
    fold_donchian,
)
from signalengine.library.volatility import atr_slots, fold_atr
from signalengine.strategy.form import CLOSE, HIGH, LOW, Parameters, State, Strategy, Values

P = Parameters()
BARS = P.whole("bars", 6, least=2, most=60)
V = Values()
PRICE = V.price("close")
TOP = V.price("top")
BOTTOM = V.price("bottom")
ATR = V.number("atr")
S = State(V)
CHANNEL = donchian_slots(S, "channel", most=60)
RANGE = atr_slots(S, "range")

STRATEGY = Strategy(
    name="broken",
    version=1,
    every="5m",
    parameters=P,
    values=V,
    state=S,
    warm_up={"5m": 240},
    ttl_minutes=120,
)


def fold_5m(s, bar, p):
    s[PRICE] = bar[CLOSE]
    s[TOP] = s[CHANNEL + CHANNEL_UPPER]
    s[BOTTOM] = s[CHANNEL + CHANNEL_LOWER]
    s[ATR] = 1.0 / (bar[CLOSE] - bar[CLOSE])
    fold_donchian(s, CHANNEL, bar[HIGH], bar[LOW], p[BARS])
    s[ATR] = fold_atr(s, RANGE, bar[HIGH], bar[LOW], bar[CLOSE], 14.0)


def entry(v, f, side, p):
    if side > 0.0:
        return v[PRICE] > v[TOP]
    return v[PRICE] < v[BOTTOM]


def exits(v, f, side, p, out):
    bracket_atr(out, v[PRICE], side, v[ATR], 4.0, 2.0)
