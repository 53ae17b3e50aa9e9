"""A close past the channel of the days before opens a signal in that direction.

Long when a day closes above the highest high of the last `days` days before it, short below their
lowest low. Stop and target are multiples of the daily ATR; after 14 days the signal expires.
"""

from signalengine.exits.levels import bracket_atr
from signalengine.library.channels import (
    CHANNEL_LOWER,
    CHANNEL_UPPER,
    donchian_slots,
    fold_donchian,
)
from signalengine.library.volatility import atr_slots, fold_atr
from signalengine.strategy.form import (
    CLOSE,
    HIGH,
    LOW,
    Buffer,
    Numbers,
    Parameters,
    State,
    Strategy,
    Values,
)

P = Parameters()
DAYS = P.whole("days", 20, least=5, most=60, about="length of the channel, days")
SL_ATR = P.number("sl_atr", 2.0, least=0.5, most=10.0, about="distance of the stop, ATRs")
TP_ATR = P.number("tp_atr", 6.0, least=0.5, most=30.0, about="distance of the target, ATRs")

V = Values()
PRICE = V.price("close", about="close of the day")
HIGHEST = V.price("highest", about="highest high of the days before")
LOWEST = V.price("lowest", about="lowest low of the days before")
ATR = V.number("atr", about="average true range of 14 days, in quote currency")

S = State(V)
CHANNEL = donchian_slots(S, "channel", most=60)
RANGE = atr_slots(S, "range")

STRATEGY = Strategy(
    name="donchian",
    version=1,
    every="1d",
    parameters=P,
    values=V,
    state=S,
    warm_up={"1d": 120},
    ttl_minutes=14 * 1440,
    about="A close past the channel of the days before.",
)


def fold_1d(s: Buffer, bar: Numbers, p: Numbers) -> None:
    s[PRICE] = bar[CLOSE]
    s[HIGHEST] = s[CHANNEL + CHANNEL_UPPER]  # the channel before this day is folded into it
    s[LOWEST] = s[CHANNEL + CHANNEL_LOWER]
    fold_donchian(s, CHANNEL, bar[HIGH], bar[LOW], p[DAYS])
    s[ATR] = fold_atr(s, RANGE, bar[HIGH], bar[LOW], bar[CLOSE], 14.0)


def entry(v: Numbers, f: Numbers, side: float, p: Numbers) -> bool:
    if side > 0.0:
        return v[PRICE] > v[HIGHEST]
    return v[PRICE] < v[LOWEST]


def exits(v: Numbers, f: Numbers, side: float, p: Numbers, out: Buffer) -> None:
    bracket_atr(out, v[PRICE], side, v[ATR], p[TP_ATR], p[SL_ATR])
