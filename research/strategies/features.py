"""Shared features as of the closes of a market, as the engine's own fold gives them."""

from dataclasses import replace
from math import isnan, nan

from signalengine.events import MAX_EVENTS, ROW
from signalengine.facts.stream import Bar
from signalengine.fold import fold_one
from signalengine.intervals import INTERVAL_MS, INTERVALS, numbers_of
from signalengine.layout import fresh_buffer
from signalengine.policy import default_policy
from signalengine.snapshot import SIZE, WIDTH, snapshot
from signalengine.strategy.running import Row
from signalengine.volume_profile import BINS

from .markets import Market, Step
from .subject import Subject


def with_features(subject: Subject, market: Market) -> Market:
    """Return a market with the features that the strategy declares; of others they are unknown."""
    strategy = subject.strategy
    if not strategy.features:
        return market
    shown = [name for name in INTERVALS if name == "1m" or name in strategy.features]
    s, numbers = fresh_buffer(), default_policy().numbers

    def folded(step: Step) -> Step:
        events = [0.0] * (1 + ROW * MAX_EVENTS)
        for row in sorted(step.rows, key=lambda one: -INTERVAL_MS[one.interval]):
            fold_one(s, _bar(row), numbers, events)
        if all(row.interval != strategy.every for row in step.rows):
            return step
        f = [nan] * SIZE
        snapshot(s, f, [0.0] * BINS, numbers_of(shown))
        if "1m" not in strategy.features:  # the features of the symbol need it
            f[1:WIDTH] = [nan] * (WIDTH - 1)  # and the price is passed in any case
        return replace(step, f=tuple(f))

    longest_first = sorted(market.past, key=lambda name: -INTERVAL_MS[name])
    past = {name: tuple(map(folded, market.past[name])) for name in longest_first}
    return replace(market, past=past, live=tuple(map(folded, market.live)))


def _bar(row: Row) -> Bar:
    at, o, h, lo, c, volume, quote = row.numbers
    known = None if isnan(quote) else quote
    return Bar(row.interval, int(at), o, h, lo, c, volume, known)
