"""A symbol's chart: bars, and what the fold made of them, from retained states and stored bars."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from signalengine.chart.overlays import GROUPS, Anchor, overlays, reached
from signalengine.facts.stream import Bar
from signalengine.fold import SymbolState
from signalengine.intervals import INTERVAL_MS
from signalengine.policy import Policy

from ...stores.bars import DynamoBars
from ...stores.decisions import DynamoDecisionLog
from ...stores.events import DynamoEventLog
from ...stores.log.groups import DynamoGroups
from ...stores.log.log import DynamoLog
from ...stores.log.retained_states import DynamoRetainedStates, RetainedState
from ...stores.pagination import Place, Span
from ...stores.state import DynamoFeed
from ..parameters import CHART_LIMIT, check_cursor, write_cursor
from .chart_scores import ChartScores
from .chart_sets import ChartSets
from .feed import newest_time, window
from .sets import RegisteredSets

if TYPE_CHECKING:
    from ..services import Services

MAX_LEAD: Final = 400
"""Bars between a retained state and a chart: of four hours there are 260 at most."""
MAX_ITEMS: Final = 400
"""Closes with events, or decisions, of a chart: the newest."""
_HOUR_MS: Final = INTERVAL_MS["1h"]


class _Found(NamedTuple):
    """The bars of a chart, and what leads to them."""

    lead: Sequence[Bar]
    """Bars between the first retained state and the chart."""
    bars: Sequence[Bar]
    retained: Sequence[RetainedState]
    states: Sequence[SymbolState]
    """Of `retained`."""


class ChartQueries:
    """Charts of symbols."""

    def __init__(
        self,
        *,
        bars: DynamoBars,
        retained: DynamoRetainedStates,
        events: DynamoEventLog,
        scores: ChartScores,
        sets: ChartSets,
        feed: DynamoFeed,
        policy: Policy,
        newest_time: Callable[[], int],
    ) -> None:
        self._bars, self._retained, self._events = bars, retained, events
        self._scores, self._sets = scores, sets
        self._feed, self._policy, self._newest_time = feed, policy, newest_time

    @classmethod
    def of(cls, services: "Services") -> Self:
        env, policy = services.env, services.policy
        bars = DynamoBars(env.bars_table, env.state_table)
        retained = DynamoRetainedStates(env.bars_table)
        return cls(
            bars=bars,
            retained=retained,
            events=DynamoEventLog(env.events_table),
            scores=ChartScores(
                log=DynamoLog(env.bars_table),
                groups=DynamoGroups(env.state_table),
                decisions=DynamoDecisionLog(env.decisions_table),
                policy=policy,
            ),
            sets=ChartSets(services.query(RegisteredSets), bars, retained),
            feed=services.feed,
            policy=policy,
            newest_time=partial(newest_time, services.feed),
        )

    def chart(
        self,
        symbol: str,
        interval: str = "1m",
        overlays: Sequence[str] = tuple(GROUPS),
        end: int | None = None,
        limit: int = CHART_LIMIT,
        cursor: Place | None = None,
    ) -> dict[str, Any]:
        """Return the newest bars that close by `end` and open before those of the last page."""
        check_cursor(cursor, symbol=symbol, end=end)
        span = window(None, end, self._newest_time())
        until = span.end if end is None else end - INTERVAL_MS[interval] + 1
        before = until if cursor is None else min(until, cursor.time)
        bars, unreadable = list[Bar](), 0
        if span.start < before:
            bars, unreadable = self._bars.candles(
                symbol, interval, Span(span.start, before), limit, newest=True
            )
        more = len(bars) == limit
        return {
            "symbol": symbol,
            "interval": interval,
            "tick_size": self._feed.contracts().tick_sizes.get(symbol),
            "bars": [[b.open_time, b.open, b.high, b.low, b.close, b.volume] for b in bars],
            "count": len(bars),
            **self._of_bars(
                symbol, interval, bars, overlays, newest=cursor is None and end is None
            ),
            "cursor": write_cursor(Place(bars[0].open_time, symbol)) if more else None,
            "unreadable": unreadable,
        }

    def _of_bars(
        self,
        symbol: str,
        interval: str,
        bars: Sequence[Bar],
        chosen: Sequence[str],
        *,
        newest: bool,
    ) -> dict[str, Any]:
        """Return what was chosen of a chart's bars; of the newest ones up to now."""
        answer: dict[str, Any] = {
            "overlays": {}, "events": None, "scores": None, "strategies": None,
        }  # fmt: skip
        if not bars:
            return answer
        last = bars[-1].open_time + INTERVAL_MS[interval]
        span = Span(bars[0].open_time, max(last, self._newest_time()) if newest else last)
        groups = [name for name in GROUPS if name in chosen]
        scored = "scores" in chosen and interval == "1m"
        found = self._leading(symbol, interval, bars) if groups or scored else None
        if found is not None and groups:
            answer["overlays"] = self._overlays(found, groups)
        if "events" in chosen:
            answer["events"] = self._events_of(symbol, interval, span)
        if "scores" in chosen:
            states = () if found is None else tuple(zip(found.retained, found.states, strict=True))
            answer["scores"] = self._scores.of(symbol, span, states, MAX_ITEMS)
        if "strategies" in chosen:
            answer["strategies"] = self._sets.of(symbol, span)
        return answer

    def _leading(self, symbol: str, interval: str, bars: Sequence[Bar]) -> _Found:
        """Return what leads to a chart's bars: the newest state before them, and those between.

        Of the latter only those that history has made, unless bars are missing.
        """
        step, first = INTERVAL_MS[interval], bars[0].open_time
        start = self._retained.newest(symbol, first + step)
        state = None if start is None else start.read(symbol)
        begun = -1 if state is None else reached(Anchor(0, state.buffer), interval)
        lacking = (first - begun) // step - 1 if begun >= 0 else 0
        lead: list[Bar] = []
        if 0 < lacking <= MAX_LEAD:
            lead, _ = self._bars.candles(
                symbol, interval, Span(begun + step, first), lacking, newest=False
            )
        opens = [begun, *(bar.open_time for bar in (*lead, *bars) if bar.open_time > begun)]
        whole = begun >= 0 and all(b - a == step for a, b in pairwise(opens))
        since = first if start is None else start.close_time
        retained = self._retained.between(symbol, since, bars[-1].open_time + step, resets=whole)
        known = [*([] if start is None else [start]), *retained]
        read = [(one, one.read(symbol)) for one in known]
        readable = [(one, state) for one, state in read if state is not None]
        return _Found(lead, bars, [one for one, _ in readable], [state for _, state in readable])

    def _overlays(self, found: _Found, groups: Sequence[str]) -> Mapping[str, Any]:
        anchors = [Anchor(state.last_close_time, state.buffer) for state in found.states]
        columns = overlays([*found.lead, *found.bars], anchors, groups, self._policy)
        return {name: column[len(found.lead) :] for name, column in columns.items()}

    def _events_of(self, symbol: str, interval: str, span: Span) -> dict[str, Any]:
        """Return the events of the chart's interval and longer ones, oldest first."""
        closes = Span(span.start + 1, span.end + 1)
        chunk = self._events.of_symbol(symbol, closes, None, MAX_ITEMS)
        least = min(INTERVAL_MS[interval], _HOUR_MS)
        rows = [
            {
                "close_time": one.close_time,
                "event_type": event.kind,
                "interval": event.interval,
                "direction": event.direction,
                "strength": event.strength,
            }
            for _, one in reversed(chunk.rows)
            for event in one.events
            if INTERVAL_MS[event.interval] >= least
        ]
        cut = chunk.last is not None and bool(chunk.rows)
        return {"since": chunk.rows[-1][1].close_time if cut else span.start, "rows": rows}
