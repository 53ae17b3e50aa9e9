"""A strategy that obeys every law, and small markets for it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from signalengine.strategy.code import Code
from signalengine.strategy.loading import Loaded, load_text

from research.strategies.markets import CALM, Market, Regime, market
from research.strategies.runs import Seen, trace
from research.strategies.subject import Subject
from tests.core.strategy.texts import CHANNEL

P = (3.0, 0.02)
GOOD = (
    CHANNEL.partition("def exits(")[0].replace(
        "from signalengine.strategy.form",
        "from signalengine.exits.levels import bracket\nfrom signalengine.strategy.form",
    )
    + """def exits(v, f, side, p, out):
    reach = v[PRICE] * p[REACH]
    bracket(out, v[PRICE] + side * reach, v[PRICE] - side * reach)
"""
)


def subject(text: str = GOOD, load: Callable[[str, str], Loaded] = load_text) -> Subject:
    """Return a strategy under the laws; `compile` is plain, so that nothing has to be compiled."""
    return Subject(text, "channel.py", P, load=load, compile=load_text)


def inside(line: str, text: str = GOOD) -> str:
    """Return the text with one more line in its fold, where `seen` is known."""
    return text.replace("    bars = int(p[BARS])\n", f"    bars = int(p[BARS])\n    {line}\n")


def line_of(part: str, text: str) -> int:
    """Return the number of the first line that has this part."""
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


@cache
def bars(regime: Regime = CALM, seed: int = 5) -> Market:
    return market(regime, ("1h",), {"1h": 30}, seed, "1h")


def seen(one: Subject, where: Market | None = None) -> list[Seen]:
    return trace(one.run(), (where or bars()).steps)


def with_code(change: Callable[[Code], Code]) -> Callable[[str, str], Loaded]:
    """Return how to load the strategy with other functions, past the allow-list."""

    def load(text: str, origin: str) -> Loaded:
        loaded = load_text(text, origin)
        return replace(loaded, code=change(loaded.code))

    return load
