"""Symbols that rise for days, and the bar of each that opens a signal under the default policy."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from signalengine.decisions import decide
from signalengine.facts.stream import Bar, BarsFact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS, closing_at
from signalengine.policy import Policy, default_policy

from infra.local.benchmarks.api import longer

WARM: Final = 70 * 60
"""Minutes of the past: every feature is known after them."""
BARS: Final = 499
TRIES: Final = 40
"""Bars tried for a symbol; one of the first three opens a signal as a rule."""
DRIFT: Final = 0.00005
"""Rise of a step, four of which are a minute: without a trend few bars open a signal."""
MARKET: Final = "simulated"


@dataclass(frozen=True, slots=True)
class Opening:
    """A symbol's past, the bar that opens its signal, and that signal."""

    symbol: str
    history: tuple[HistoryFact, ...]
    fact: BarsFact
    signal_id: str

    @property
    def event_id(self) -> str:
        """Of the message about the opening."""
        return f"{self.signal_id}#opened"


def openings(count: int, opens: int) -> list[Opening]:
    """Return symbols whose bar of the minute that begins at `opens` opens a signal."""
    policy, found = default_policy(), list[Opening]()
    for number in range(10 * count):
        if len(found) == count:
            break
        one = opening(f"L{number:03}USDT", opens, policy)
        found += [] if one is None else [one]
    return found


def opening(symbol: str, opens: int, policy: Policy) -> Opening | None:
    """Return a symbol's bar that opens a signal, None when none of those tried does."""
    past = _walk(symbol, opens)
    history = tuple(_history(symbol, past))
    state = SymbolState.fresh(symbol)
    for fact in history:
        state = advance(state, fact, policy).state
    for bar in _next(symbol, past[-1]):
        facts = _closing(symbol, past, bar)
        evaluation = advance(state, facts, policy).evaluation
        if evaluation is None:
            continue
        signal = decide(evaluation, None, policy, "benchmark", None, None, None).signal
        if signal is not None:
            return Opening(symbol, history, facts, signal.signal_id)
    return None


def _walk(symbol: str, end: int) -> list[Bar]:
    chance, price, bars = random.Random(symbol), 100.0, list[Bar]()
    for time in range(end - WARM * MINUTE_MS, end, MINUTE_MS):
        path = [price := price * (1.0 + chance.gauss(DRIFT, 0.0004)) for _ in range(4)]
        volume = 0.1 + abs(chance.gauss(10.0, 3.0))
        bars.append(
            Bar("1m", time, path[0], max(path), min(path), path[-1], volume, volume * path[0])
        )
    return bars


def _history(symbol: str, past: list[Bar]) -> Iterator[HistoryFact]:
    end = past[-1].open_time + MINUTE_MS
    for interval in reversed(INTERVALS):
        span = INTERVAL_MS[interval]
        size, whole = span // MINUTE_MS, len(past) - end % span // MINUTE_MS
        first = whole % size
        bars = [longer(interval, past[i : i + size]) for i in range(first, whole, size)]
        yield HistoryFact(symbol, interval, tuple(bars[-BARS:]), MARKET)


def _next(symbol: str, last: Bar) -> Iterator[Bar]:
    """Yield what the next minute may be: a move on much volume."""
    chance, begin = random.Random(symbol), last.close
    for _ in range(TRIES):
        end = begin * (1 + chance.gauss(0, 0.004))
        high = max(begin, end) * (1 + abs(chance.gauss(0, 0.0003)))
        low = min(begin, end) * (1 - abs(chance.gauss(0, 0.0003)))
        volume = last.volume * chance.uniform(1, 12)
        time = last.open_time + MINUTE_MS
        yield Bar("1m", time, begin, high, low, end, volume, volume * (begin + end) / 2)


def _closing(symbol: str, past: list[Bar], bar: Bar) -> BarsFact:
    """Return the fact of a minute: its bar, and the longer ones that end with it."""
    bars = [*past, bar]
    ending = tuple(
        longer(name, bars[-(INTERVAL_MS[name] // MINUTE_MS) :])
        for name in closing_at(bar.close_time)
    )
    return BarsFact(symbol, ending, MARKET, "ws", bar.close_time + 100)
