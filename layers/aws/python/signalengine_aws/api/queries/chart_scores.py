"""The scores of a symbol over time: at each close of a chart of minutes, else at decisions."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from signalengine.current_scores import current_scores
from signalengine.fold import SymbolState, advance
from signalengine.intervals import MINUTE_MS
from signalengine.policy import Policy
from signalengine.signals import DirectionScore

from ...stores.decisions import DynamoDecisionLog
from ...stores.log.groups import DynamoGroups
from ...stores.log.log import DynamoLog
from ...stores.log.replay import readable
from ...stores.log.retained_states import RetainedState
from ...stores.pagination import Span

PAST_MS: Final = 10 * MINUTE_MS
"""How far a log is read on for bars that came later than others of their time."""
MAX_ENTRIES: Final = 2_000
"""Entries of a group's log that one chart reads: some one or two a minute."""


class ScoredClose(NamedTuple):
    """Both directions' scores at a close (ms)."""

    close_time: int
    long: DirectionScore
    short: DirectionScore


class ChartScores:
    """Scores of the past."""

    def __init__(
        self,
        *,
        log: DynamoLog,
        groups: DynamoGroups,
        decisions: DynamoDecisionLog,
        policy: Policy,
    ) -> None:
        self._log, self._groups, self._decisions = log, groups, decisions
        self._policy = policy

    def of(
        self,
        symbol: str,
        span: Span,
        retained: Sequence[tuple[RetainedState, SymbolState]],
        limit: int,
    ) -> dict[str, Any]:
        """Return the scores at closes in a span: all that follow the first retained state.

        Without one, those of the newest decisions, up to `limit`.
        """
        if retained:
            rows = list(self._closes(symbol, span, *retained[0]))
            return _columns("closes", span.start, rows)
        closes = Span(span.start + 1, span.end + 1)
        chunk = self._decisions.of_symbol(symbol, closes, None, limit)
        rows = [
            ScoredClose(one.close_time, one.scores["long"], one.scores["short"])
            for _, one in reversed(chunk.rows)
        ]
        cut = chunk.last is not None and bool(rows)
        return _columns("decisions", rows[0].close_time if cut else span.start, rows)

    def _closes(
        self, symbol: str, span: Span, retained: RetainedState, state: SymbolState
    ) -> Iterator[ScoredClose]:
        for one in self._states(symbol, span.end, retained, state):
            if span.start < one.last_close_time <= span.end:
                found = current_scores(symbol, one.buffer, self._policy)
                if not found.unwarm:
                    yield ScoredClose(found.close_time, found.long, found.short)

    def _states(
        self, symbol: str, end: int, retained: RetainedState, state: SymbolState | None
    ) -> Iterator[SymbolState]:
        """Yield a symbol's states after a retained one, as the live fold had them."""
        group = self._groups.of([symbol]).get(symbol)
        entries = () if group is None else self._log.onwards(group, retained.number + 1)
        if state is not None:
            yield state
        for count, numbered in enumerate(entries):
            entry = numbered.entry()
            if entry is None or count >= MAX_ENTRIES:
                return
            reset = entry.resets.get(symbol)
            state = state if reset is None else readable(symbol, reset.data)
            for fact in entry.facts:
                if fact.symbol == symbol and state is not None:
                    state = advance(state, fact, self._policy).state
                    yield state
            reached = 0 if state is None else state.last_close_time
            if reached >= end or entry.newest >= end + PAST_MS:
                return


def _columns(basis: str, since: int, rows: Sequence[ScoredClose]) -> dict[str, Any]:
    return {
        "basis": basis,
        "since": since,
        "close_times": [one.close_time for one in rows],
        "long": _side([one.long for one in rows]),
        "short": _side([one.short for one in rows]),
    }


def _side(scores: Sequence[DirectionScore]) -> dict[str, Any]:
    names = dict.fromkeys(name for one in scores for name in one.components)
    return {
        "score": [one.score for one in scores],
        "components": {name: [one.components.get(name) for one in scores] for name in names},
    }
