"""Each Monday: long what has risen most in a week, short what has risen least. No edge shown.

An example of a strategy that compares symbols, not advice: no test out of sample has shown that it
earns more than it costs. At Monday 00:00 UTC the symbols of the universe are ranked by the return
of the last 7 days: the top fifth is bought, the bottom fifth is sold. The stop is 3 daily ATRs
away, the target farther than a week goes as a rule; after 7 days the signal expires.
"""

from signalengine.exits.levels import bracket_atr
from signalengine.library.averages import fold_sma, sma_slots
from signalengine.library.momentum import fold_roc, roc_slots
from signalengine.library.volatility import atr_slots, fold_atr
from signalengine.strategy.form import (
    CLOSE,
    HIGH,
    LOW,
    QUOTE_VOLUME,
    Buffer,
    Numbers,
    Parameters,
    State,
    Strategy,
    Universe,
    Values,
)

P = Parameters()
DAYS = P.whole("days", 7, least=2, most=60, about="days of the return that is ranked")
SHARE = P.number("share", 0.2, least=0.01, most=0.5, about="part of the universe on each side")
SL_ATR = P.number("sl_atr", 3.0, least=0.5, most=10.0, about="distance of the stop, ATRs")
TP_ATR = P.number("tp_atr", 9.0, least=0.5, most=30.0, about="distance of the target, ATRs")

V = Values()
PRICE = V.price("close", about="close of the day")
RETURN = V.number("return", about="change over the last days, per cent")
VOLUME = V.number("volume", about="mean quote volume of the last 30 days")
ATR = V.number("atr", about="average true range of 14 days, in quote currency")
RANK = V.rank("rank", of=RETURN, about="rank of the return over the universe, 0 to 1")

S = State(V)
CHANGE = roc_slots(S, "change", most=60)
TURNOVER = sma_slots(S, "turnover", most=30)
RANGE = atr_slots(S, "range")

STRATEGY = Strategy(
    name="momentum",
    version=1,
    every="1d",
    clock=0,
    parameters=P,
    values=V,
    state=S,
    universe=Universe(top=50, by=VOLUME, age_days=180),
    warm_up={"1d": 120},
    ttl_minutes=7 * 1440,
    about="A week's strongest and weakest symbols; no edge shown.",
)


def fold_1d(s: Buffer, bar: Numbers, p: Numbers) -> None:
    s[PRICE] = bar[CLOSE]
    s[RETURN] = fold_roc(s, CHANGE, bar[CLOSE], p[DAYS])
    s[VOLUME] = fold_sma(s, TURNOVER, bar[QUOTE_VOLUME], 30.0)
    s[ATR] = fold_atr(s, RANGE, bar[HIGH], bar[LOW], bar[CLOSE], 14.0)


def entry(v: Numbers, f: Numbers, side: float, p: Numbers) -> bool:
    if not v[ATR] > 0.0:
        return False
    if side > 0.0:
        return 1.0 - v[RANK] <= p[SHARE]
    return v[RANK] <= p[SHARE]


def exits(v: Numbers, f: Numbers, side: float, p: Numbers, out: Buffer) -> None:
    bracket_atr(out, v[PRICE], side, v[ATR], p[TP_ATR], p[SL_ATR])
