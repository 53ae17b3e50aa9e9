"""A policy's protections over runs: decisions that hang on what came of earlier ones.

The compiled loop knows nothing of outcomes, and one symbol's loop nothing of the others. So runs
are made without protections first; then the closes that a cooldown or a protection can change are
ruled on again, all symbols in the order of time, by the core's own rules.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from signalengine.intervals import MINUTE_MS
from signalengine.params import ATR_FEATURE
from signalengine.policy import Policy
from signalengine.protections import Past, past_of, refusals
from signalengine.rules import (
    CODE,
    COOL_SIZE,
    COOLDOWN,
    EMITTED,
    LONG_SCORE,
    SHORT_SCORE,
    SIDE,
    cool_down,
    protect,
    rule,
    stop_loss,
    take_profit,
)

from research.backtest.kernel import DECISION_FIELDS, OUTCOME_FIELDS, SIGNAL_FIELDS
from research.backtest.kernel import kernel as compiled
from research.backtest.run import Feed, Floats, Run, unprotected
from research.features.snapshots import snapshots

_BASE = len(DECISION_FIELDS)


def run_market(feeds: Iterable[Feed], policy: Policy) -> list[Run]:
    """Run the engine over the feeds of a market's symbols, as one market."""
    return protected([unprotected(feed, policy) for feed in feeds])


def protected(runs: Sequence[Run]) -> list[Run]:
    """Return the runs of one market and policy as its protections leave them."""
    if not runs or not runs[0].policy.protections.on:
        return list(runs)
    desks = [_Desk.of(run) for run in runs]
    turns = [
        (desk.run.close_time(number), k, place)
        for k, desk in enumerate(desks)
        for place, number in enumerate(desk.numbers)
    ]
    recent: list[Past] = []
    memory = runs[0].policy.protections.memory_ms(runs[0].policy.ttl_ms)
    for t, k, place in sorted(turns):
        recent = [past for past in recent if past.opened_at >= t - memory]
        opened = desks[k].rule(place, t, recent)
        recent += [] if opened is None else [opened]
    return [desk.done() for desk in desks]


@dataclass
class _Desk:
    """One symbol's closes that are ruled on again."""

    run: Run
    numbers: list[int]
    """Decision rows that would be emitted, but for a cooldown perhaps."""
    features: Floats
    rows: Floats
    cool: list[float] = field(default_factory=lambda: [0.0] * COOL_SIZE)
    signals: list[Floats] = field(default_factory=list)
    outcomes: list[Floats] = field(default_factory=list)
    refused: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run) -> "_Desk":
        codes = run.decision_rows[:, _BASE + CODE]
        numbers = np.flatnonzero((codes == EMITTED) | (codes == COOLDOWN))
        minutes = run.decision_rows[numbers, 0].astype(np.int64)
        features = snapshots(run.feed, run.policy, minutes)
        return cls(run, numbers.tolist(), features, run.decision_rows.copy())

    def rule(self, place: int, t: int, recent: Sequence[Past]) -> Past | None:
        """Rule on a close again; returns the signal it opens."""
        number, f = self.numbers[place], self.features[place].tolist()
        policy, p = self.run.policy, self.run.policy.numbers
        out = self.rows[number, _BASE:].tolist()
        rule(f, float(t), 0.0, False, False, self.cool, p, out)
        if out[CODE] == EMITTED:
            found = refusals(recent, self.run.symbol, t, policy.protections)
            if found:
                protect(out)
                self.refused[number] = tuple(one.rule for one in found)
        self.rows[number, _BASE:] = out
        side = out[SIDE] if out[CODE] == EMITTED else 0.0
        cool_down(self.cool, float(t), side, p)
        return None if side == 0.0 else self._open(number, f, side, out)

    def _open(self, number: int, f: list[float], side: float, out: list[float]) -> Past:
        run, p = self.run, self.run.policy.numbers
        score = out[LONG_SCORE if side > 0.0 else SHORT_SCORE]
        levels = take_profit(f, side, p), stop_loss(f, side, p)
        atr = f[int(p[ATR_FEATURE])]
        values = (number, self.rows[number, 0], side, score, f[0], *levels, atr)
        row, outcome = np.array([values]), np.full((1, len(OUTCOME_FIELDS)), np.nan)
        compiled().settle(run.feed.bars, row, run.policy.ttl_ms // MINUTE_MS, outcome)
        self.signals.append(row[0])
        self.outcomes.append(outcome[0])
        (signal,) = replace(run, signal_rows=row, outcome_rows=outcome).signals
        return past_of(signal)

    def done(self) -> Run:
        return replace(
            self.run,
            decision_rows=self.rows,
            signal_rows=_stacked(self.signals, len(SIGNAL_FIELDS)),
            outcome_rows=_stacked(self.outcomes, len(OUTCOME_FIELDS)),
            refused=self.refused,
        )


def _stacked(rows: list[Floats], width: int) -> Floats:
    return np.array(rows).reshape(len(rows), width)
