"""Texts of strategy files for tests."""

import json

from signalengine.errors import StrategyError
from signalengine.strategy.deployed import defined
from signalengine.strategy.loading import Loaded, load_text
from signalengine.strategy.promotion import Promotion
from signalengine.strategy.sets import StrategySet, set_of

ON_TRIAL = Promotion("on trial")
"""A promotion without evidence."""
CHANNEL = '''\
"""A close above the highest close of the last bars, or below the lowest."""

from math import nan

from signalengine.strategy.form import CLOSE, Parameters, State, Strategy, Values

P = Parameters()
BARS = P.whole("bars", 3, least=1, most=20, about="length of the channel")
REACH = P.number("reach", 0.02, least=0.001, most=0.5)
V = Values()
PRICE = V.price("close")
TOP = V.price("top", about="highest close of the bars before")
BOTTOM = V.price("bottom")
S = State(V)
RING = S.many("ring", 20)
SEEN = S.one("seen")

STRATEGY = Strategy(
    name="channel",
    version=1,
    every="1h",
    parameters=P,
    values=V,
    state=S,
    warm_up={"1h": 21},
    ttl_minutes=2880,
)


def fold_1h(s, bar, p):
    """Take the channel of the bars before this one, then remember it."""
    top = nan
    bottom = nan
    seen = int(s[SEEN])
    bars = int(p[BARS])
    if seen >= bars:
        top = 0.0
        bottom = 1e300
        for k in range(bars):
            close = s[RING + (seen - 1 - k) % 20]
            if close > top:
                top = close
            if close < bottom:
                bottom = close
    s[RING + seen % 20] = bar[CLOSE]
    s[SEEN] = s[SEEN] + 1.0
    s[PRICE] = bar[CLOSE]
    s[TOP] = top
    s[BOTTOM] = bottom


def entry(v, f, side, p):
    if side > 0.0:
        return v[PRICE] > v[TOP]
    return v[PRICE] < v[BOTTOM]


def exits(v, f, side, p, out):
    out[0] = v[PRICE] * (1.0 - side * p[REACH])
    out[1] = v[PRICE] * (1.0 + side * p[REACH])
'''

RUNNER = '''\
"""A close beyond the last minutes' highs and lows, while the session's VWAP is known."""

from signalengine.strategy.features import VWAP_BARS
from signalengine.strategy.form import CLOSE, HIGH, LOW, Parameters, State, Strategy, Values

P = Parameters()
PART = P.number("part", 0.1, least=0.0, most=1.0)
V = Values()
PRICE = V.price("price")
TOP = V.price("top")
BOTTOM = V.price("bottom")
S = State(V)
HIGHS = S.many("highs", 5, fresh=0.0)
LOWS = S.many("lows", 5, fresh=0.0)
SEEN = S.one("seen")

STRATEGY = Strategy(
    name="runner", version=1, every="5m", parameters=P, values=V, state=S,
    warm_up={"1m": 6, "5m": 2, "15m": 2}, features=("15m",), ttl_minutes=15,
)


def fold_1m(s, bar, p):
    k = int(s[SEEN]) % 5
    s[HIGHS + k] = bar[HIGH]
    s[LOWS + k] = bar[LOW]
    s[SEEN] = s[SEEN] + 1.0


def fold_5m(s, bar, p):
    top = s[HIGHS]
    bottom = s[LOWS]
    for k in range(5):
        if s[HIGHS + k] > top:
            top = s[HIGHS + k]
        if s[LOWS + k] < bottom:
            bottom = s[LOWS + k]
    s[PRICE] = bar[CLOSE]
    s[TOP] = top - p[PART] * (top - bottom)
    s[BOTTOM] = bottom + p[PART] * (top - bottom)


def entry(v, f, side, p):
    if not f[VWAP_BARS] > 0.0:
        return False
    if side > 0.0:
        return v[PRICE] > v[TOP]
    return v[PRICE] < v[BOTTOM]


def exits(v, f, side, p, out):
    out[0] = v[PRICE] * (1.0 - side * 0.004)
    out[1] = v[PRICE] * (1.0 + side * 0.004)
'''

RANKED = '''\
"""The strongest of all symbols is bought, the weakest sold."""

from math import nan

from signalengine.exits.levels import bracket
from signalengine.strategy.form import CLOSE, QUOTE_VOLUME, State, Strategy, Universe, Values

V = Values()
PRICE = V.price("close")
WORTH = V.number("worth")
SIZE = V.number("size")
RANK = V.rank("rank", of=WORTH)
LEAD = V.of("lead", "BTCUSDT", WORTH)
S = State(V)
BEFORE = S.one("before")

STRATEGY = Strategy(
    name="ranked", version=1, every="5m", values=V, state=S, warm_up={"5m": 2},
    ttl_minutes=15UNIVERSE
)


def fold_5m(s, bar, p):
    s[PRICE] = bar[CLOSE]
    s[WORTH] = bar[CLOSE] / s[BEFORE] - 1.0 if s[BEFORE] > 0.0 else nan
    s[SIZE] = bar[QUOTE_VOLUME]
    s[BEFORE] = bar[CLOSE]


def entry(v, f, side, p):
    if side > 0.0:
        return v[RANK] >= 1.0
    return v[RANK] <= 0.0


def exits(v, f, side, p, out):
    bracket(out, v[PRICE] * (1.0 + side * 0.004), v[PRICE] * (1.0 - side * 0.004))
'''


def load_ranked(universe: str = "") -> Loaded:
    """Return a strategy that compares symbols; `universe` is a further argument."""
    text = RANKED.replace("UNIVERSE", universe or ",")
    if not universe:
        text = text.replace("Universe, Values", "Values")
    return load_text(text, "ranked.py")


def channel() -> Loaded:
    return load_text(CHANNEL, "channel.py")


def find_channel(name: str) -> Loaded:
    if name != "channel":
        raise StrategyError(f"there is no strategy {name!r}")
    return _LOADED


def set_text(bars: int = 5, name: str = "fast") -> str:
    """Return a parameter set of the channel."""
    return json.dumps({"strategy": "channel", "name": name, "parameters": {"bars": bars}})


def definition(bars: int = 5, name: str = "fast") -> StrategySet:
    return defined(set_text(bars, name), find_channel)


def with_line(line: str, *, inside: str = "fold_1h") -> str:
    """Return the channel's text with one more line at the start of a function."""
    head, found, tail = CHANNEL.partition(f"def {inside}(")
    signature, _, body = tail.partition(":\n")
    return f"{head}{found}{signature}:\n    {line}\n{body}"


def with_top(line: str) -> str:
    """Return the channel's text with one more line at its top level."""
    return CHANNEL.replace("P = Parameters()\n", f"P = Parameters()\n{line}\n", 1)


_LOADED = channel()


def runner_set(name: str = "default", part: float = 0.1, text: str = RUNNER) -> StrategySet:
    """Return a set of a strategy whose entries come every few minutes."""
    loaded = load_text(text, "runner.py")
    return set_of(loaded, {"name": name, "parameters": {"part": part}})
