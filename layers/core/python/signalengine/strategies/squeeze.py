"""A market that was calm moves again: long or short in the direction of the momentum. Form only.

An example of how such a rule is written, not advice: no data here can test it, and a study of
rules like it found no edge (docs/evidence.md). The market is calm while Bollinger's bands lie
inside Keltner's channel. They leave it after at least `bars` closes of 4h: long where the close is
above its mean of 20 and farther from it than a bar ago, short where it is below and farther. Stop
and target are multiples of the ATR of 4h; after five days the signal expires.
"""

from signalengine.exits.levels import bracket_atr
from signalengine.library.channels import (
    CHANNEL_LOWER,
    CHANNEL_UPPER,
    bollinger_slots,
    fold_bollinger,
    fold_keltner,
    keltner_slots,
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

MOST = 60.0

P = Parameters()
BARS = P.whole("bars", 6, least=1, most=30, about="closes inside the channel before it moves")
WIDTH = P.number("width", 1.5, least=0.5, most=4.0, about="half of Keltner's channel, ATRs")
SL_ATR = P.number("sl_atr", 2.0, least=0.5, most=10.0, about="distance of the stop, ATRs")
TP_ATR = P.number("tp_atr", 4.0, least=0.5, most=30.0, about="distance of the target, ATRs")

V = Values()
PRICE = V.price("close", about="close of the bar")
CALM = V.number("calm", about="closes in a row with the bands inside the channel, up to 60")
BEFORE = V.number("before", about="the same, a bar ago")
MOMENTUM = V.number("momentum", about="distance of the close from the mean of 20 closes")
PAST = V.number("past", about="that distance a bar ago")
ATR = V.number("atr", about="average true range of 14 bars, in quote currency")

S = State(V)
BANDS = bollinger_slots(S, "bands", most=20)
CHANNEL = keltner_slots(S, "channel")
RANGE = atr_slots(S, "range")

STRATEGY = Strategy(
    name="squeeze",
    version=1,
    every="4h",
    parameters=P,
    values=V,
    state=S,
    warm_up={"4h": 240},
    ttl_minutes=5 * 1440,
    about="A calm market that moves again; form only, no data here can test it.",
)


def fold_4h(s: Buffer, bar: Numbers, p: Numbers) -> None:
    s[PRICE] = bar[CLOSE]
    s[BEFORE] = s[CALM]
    s[PAST] = s[MOMENTUM]
    mean = fold_bollinger(s, BANDS, bar[CLOSE], 20.0, 2.0)
    fold_keltner(s, CHANNEL, bar[HIGH], bar[LOW], bar[CLOSE], 20.0, 20.0, p[WIDTH])
    s[MOMENTUM] = bar[CLOSE] - mean
    s[ATR] = fold_atr(s, RANGE, bar[HIGH], bar[LOW], bar[CLOSE], 14.0)
    s[CALM] = calm(s, s[BEFORE])


def calm(s: Buffer, before: float) -> float:
    """Return the closes in a row with the bands inside the channel; 0 where they are not."""
    above = s[CHANNEL + CHANNEL_UPPER] > s[BANDS + CHANNEL_UPPER]
    below = s[CHANNEL + CHANNEL_LOWER] < s[BANDS + CHANNEL_LOWER]
    if not (above and below):
        return 0.0
    if before >= MOST:
        return MOST
    return before + 1.0 if before >= 0.0 else 1.0  # unknown before the first


def entry(v: Numbers, f: Numbers, side: float, p: Numbers) -> bool:
    if not (v[ATR] > 0.0 and v[CALM] == 0.0 and v[BEFORE] >= p[BARS]):
        return False
    return side * v[MOMENTUM] > 0.0 and side * (v[MOMENTUM] - v[PAST]) > 0.0


def exits(v: Numbers, f: Numbers, side: float, p: Numbers, out: Buffer) -> None:
    bracket_atr(out, v[PRICE], side, v[ATR], p[TP_ATR], p[SL_ATR])
