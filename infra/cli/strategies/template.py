"""The file of a new strategy, and its test."""

from string import Template
from typing import Final

STRATEGY: Final = Template('''\
"""$title: a fast average that crosses a slow one opens a signal.

Write here what the idea is, in words: it is shown by `signalengine strategy show $name`.
"""

from signalengine.exits.levels import bracket_atr
from signalengine.library.averages import ema_slots, fold_ema
from signalengine.library.volatility import atr_slots, fold_atr
from signalengine.strategy.form import CLOSE, HIGH, LOW, Parameters, State, Strategy, Values

# Numbers that a parameter set may choose. The constant is the place in `p`.
P = Parameters()
FAST = P.whole("fast", 10, least=2, most=50, about="period of the fast average, bars")
SLOW = P.whole("slow", 30, least=3, most=100, about="period of the slow average, bars")
SL_ATR = P.number("sl_atr", 2, least=0.5, most=10, about="distance of the stop, ATRs")
TP_ATR = P.number("tp_atr", 4, least=0.5, most=20, about="distance of the target, ATRs")

# Numbers at a close that are stored and shown. The constant is the place in `s` and in `v`.
V = Values()
PRICE = V.price("close")
ABOVE = V.number("above", about="distance of the fast average above the slow one")
BEFORE = V.number("before", about="that distance a bar ago")
ATR = V.number("atr", about="average true range of 14 bars")

# What the strategy remembers from bar to bar: all of it is in `s`, and nothing anywhere else.
S = State(V)
FAST_EMA = ema_slots(S, "fast_ema")
SLOW_EMA = ema_slots(S, "slow_ema")
RANGE = atr_slots(S, "range")

STRATEGY = Strategy(
    name="$name",
    version=1,
    every="1h",  # closes at which `entry` is evaluated: 1m, 5m, 15m, 1h, 4h or 1d
    parameters=P,
    values=V,
    state=S,
    warm_up={"1h": 300},  # bars before its values mean anything; `check` says how many
    ttl_minutes=2 * 1440,  # a signal that reaches no level expires
    about="A fast average crosses a slow one.",
)


def fold_1h(s, bar, p):
    """Fold one closed bar. Numbers only: + - * /, sqrt, comparisons, for … in range(…)."""
    s[BEFORE] = s[ABOVE]
    fast = fold_ema(s, FAST_EMA, bar[CLOSE], p[FAST])
    slow = fold_ema(s, SLOW_EMA, bar[CLOSE], p[SLOW])
    s[ABOVE] = fast - slow
    s[ATR] = fold_atr(s, RANGE, bar[HIGH], bar[LOW], bar[CLOSE], 14.0)
    s[PRICE] = bar[CLOSE]


def entry(v, f, side, p):
    """Whether to open in a direction: `side` is 1 for long, -1 for short. NaN is never true."""
    return side * v[BEFORE] <= 0.0 and side * v[ABOVE] > 0.0


def exits(v, f, side, p, out):
    """Write stop and target. More in signalengine.exits.levels: targets, break_even, trail."""
    bracket_atr(out, v[PRICE], side, v[ATR], p[TP_ATR], p[SL_ATR])
''')
TEST: Final = Template('''\
"""The laws that every strategy obeys, on $name."""

from pathlib import Path

from research.strategies.check import check_file


def test_every_law_holds() -> None:
    assert check_file(Path(__file__).with_name("$name.py")) == []
''')


def texts(name: str) -> tuple[str, str]:
    """Return the texts of a new strategy and of its test."""
    title = name.replace("_", " ").capitalize()
    return STRATEGY.substitute(name=name, title=title), TEST.substitute(name=name)
