"""The values of the parameter sets that run, over the time of a chart."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from signalengine.errors import PermanentError, StateVersionError
from signalengine.facts.stream import Bar
from signalengine.intervals import INTERVAL_MS
from signalengine.strategy.lifecycle import Registered

from ...stores.bars import DynamoBars
from ...stores.log.retained_states import DynamoRetainedStates, RetainedState
from ...stores.pagination import Span
from .sets import RegisteredSets

if TYPE_CHECKING:
    from signalengine.chart.set_values import SetAnchor, ValuesAt
    from signalengine.strategy.loading import Loaded
    from signalengine.strategy.sets import StrategySet

MAX_BARS: Final = 1_500
"""Bars of an interval that are folded for a chart: of a set of minutes, the last day."""
MAX_SETS: Final = 8


class ChartSets:
    """What running sets knew."""

    def __init__(
        self, sets: RegisteredSets, bars: DynamoBars, retained: DynamoRetainedStates
    ) -> None:
        self._sets, self._bars, self._retained = sets, bars, retained

    def of(self, symbol: str, span: Span) -> list[dict[str, Any]]:
        """Return the values of each running set that reads a symbol, at its closes in a span.

        A set that cannot run here, or whose own function raises, is left out.
        """
        found = []
        for registered in self._sets.running()[:MAX_SETS]:
            one = _ready(registered)
            if one is not None and one.loaded.strategy.reads(symbol):
                rows = self._values(one, symbol, span)
                found.append(_columns(registered, one, rows))
        return found

    def _values(self, one: "StrategySet", symbol: str, span: Span) -> "list[ValuesAt]":
        from signalengine.chart.set_values import set_values
        from signalengine.strategy.set_states import wanted

        steps = {name: INTERVAL_MS[name] for name in wanted(one)}
        begin = max(span.start, span.end - MAX_BARS * min(steps.values()))
        start = self._retained.newest(symbol, begin)
        since = begin if start is None else start.close_time
        more = self._retained.between(symbol, since, span.end, resets=False)
        anchors = _anchors(one, [*([] if start is None else [start]), *more])
        if not anchors:
            return []
        bars: list[Bar] = []
        for name, step in steps.items():
            first = anchors[0].close_time - anchors[0].close_time % step
            found, _ = self._bars.candles(
                symbol, name, Span(first, span.end), MAX_BARS + 400, newest=False
            )
            bars += [bar for bar in found if bar.open_time + step <= span.end]
        try:
            return set_values(one, bars, anchors)
        except Exception:  # of the strategy's own function: the fold parks the set
            return []


def _ready(registered: Registered) -> "StrategySet | None":
    from signalengine.strategy.deployed import deployed

    try:
        return deployed(registered, _load)
    except PermanentError:
        return None


@cache
def _load(name: str) -> "Loaded":
    from signalengine.strategy.loading import load_shipped

    return load_shipped(name)


def _anchors(one: "StrategySet", retained: Sequence[RetainedState]) -> "list[SetAnchor]":
    from signalengine.chart.set_values import SetAnchor

    found = []
    for state in retained:
        try:
            buffer = state.buffer(one)
        except StateVersionError:
            continue
        if buffer is not None:
            found.append(SetAnchor(state.close_time, buffer))
    return found


def _columns(
    registered: Registered, one: "StrategySet", rows: "Sequence[ValuesAt]"
) -> dict[str, Any]:
    return {
        "strategy": registered.name,
        "status": registered.status,
        "every": one.loaded.strategy.every,
        "close_times": [row.close_time for row in rows],
        "values": [
            {
                "name": value.name,
                "price": value.price,
                "about": value.about,
                "points": [row.values.get(value.name) for row in rows],
            }
            for value in one.loaded.strategy.values.declared
        ],
    }
