"""Second pass over the decisions that a model or the policy's protections can change.

The compiled loop applies neither models nor protections: outcomes and the other symbols are not
available there. Runs are first made without them; then every close whose decision they can change
is decided again by the core's own rules, across all symbols in the order of time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from signalengine.decisions import Sides, apply_rules, opinion_of, sides_of
from signalengine.exits.levels import STOP, TARGET
from signalengine.intervals import MINUTE_MS
from signalengine.models.model import Model
from signalengine.params import ATR_FEATURE
from signalengine.protections import Past, as_reached, past_of, refusals
from signalengine.rules import (
    CODE,
    COOL_SIZE,
    LONG_SCORE,
    SHORT_SCORE,
    SIDE,
    cool_down,
    protect,
)
from signalengine.verdicts import COOLDOWN, EMITTED, GAP, NOT_WARM

from research.backtest.kernel import DECISION_FIELDS, OUTCOME_FIELDS, SIGNAL_FIELDS
from research.backtest.kernel import kernel as compiled
from research.backtest.result import Run
from research.data.series import Floats
from research.features.snapshots import snapshots

_BASE = len(DECISION_FIELDS)


Behind: TypeAlias = Mapping[tuple[str, int], Mapping[str, int]]
"""By symbol and close (ms) of a live decision: the symbols that were behind, and by how far."""


def decided_again(
    runs: Sequence[Run], model: Model | None = None, behind: Behind | None = None
) -> list[Run]:
    """Return the runs of one market and policy with the model and the protections applied.

    `behind` repeats what live decisions could not know; a backtest knows everything in time.
    """
    if not runs or (model is None and not runs[0].policy.protections.on):
        return list(runs)
    replays = [SymbolReplay.of(run, model) for run in runs]
    closes = [
        (replay.run.close_time(number), k, number)
        for k, replay in enumerate(replays)
        for number in replay.numbers
    ]
    recent: list[Past] = []
    memory = runs[0].policy.protections.memory_ms(runs[0].policy.ttl_ms)
    for t, k, number in sorted(closes):
        recent = [past for past in recent if past.opened_at >= t - memory]
        late = (behind or {}).get((replays[k].run.symbol, t), {})
        opened = replays[k].decide(number, t, recent, late)
        recent += [] if opened is None else [opened]
    return [replay.done() for replay in replays]


def _changeable(run: Run) -> list[int]:
    """Return the decision rows that a model or the protections can change."""
    policy, codes = run.policy, run.decision_rows[:, _BASE + CODE]
    if policy.ai.mode == "blend":
        return list(range(len(codes)))
    if policy.ai.mode == "off" and not policy.protections.on:
        return []
    found: list[int] = np.flatnonzero((codes == EMITTED) | (codes == COOLDOWN)).tolist()
    return found


@dataclass
class SymbolReplay:
    """One symbol's closes that are decided again."""

    run: Run
    numbers: list[int]
    """Their decision rows."""
    features: dict[int, list[float]]
    """Flat snapshots of them, by row."""
    rows: Floats
    cool: list[float] = field(default_factory=lambda: [0.0] * COOL_SIZE)
    signals: list[Floats] = field(default_factory=list)
    outcomes: list[Floats] = field(default_factory=list)
    refused: dict[int, tuple[str, ...]] = field(default_factory=dict)
    behind: dict[int, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, model: Model | None) -> "SymbolReplay":
        numbers, rows = _changeable(run), run.decision_rows
        read = numbers if model is None else list(range(len(rows)))
        found = snapshots(run.feed, run.policy, rows[read, 0].astype(np.int64)).tolist()
        features = dict(zip(read, found, strict=True))
        if model is not None:
            opinions = {
                number: opinion_of(model, f, rows[number, _BASE:].tolist(), run.policy)
                for number, f in features.items()
            }
            run = replace(run, model=model, opinions=opinions)
        return cls(run, numbers, features, rows.copy())

    def decide(
        self, number: int, t: int, recent: Sequence[Past], behind: Mapping[str, int]
    ) -> Past | None:
        """Decide a close again; returns the signal it opens."""
        f, policy, p = self.features[number], self.run.policy, self.run.policy.numbers
        out = self.rows[number, _BASE:].tolist()
        minute = int(self.rows[number, 0])
        late_ms, tick = float(self.run.feed.late_ms[minute]), float(self.run.feed.tick[minute])
        unfit = out[CODE] == NOT_WARM, out[CODE] == GAP
        opinion = self.run.opinions.get(number)
        sides = sides_of((), f, policy)
        apply_rules(opinion, sides, float(t), late_ms, tick, *unfit, self.cool, policy, out)
        if out[CODE] == EMITTED:
            self.behind[number] = behind
            known = as_reached(recent, behind)
            found = refusals(known, self.run.symbol, t, policy.protections)
            if found:
                protect(out)
                self.refused[number] = tuple(one.rule for one in found)
        self.rows[number, _BASE:] = out
        side = out[SIDE] if out[CODE] == EMITTED else 0.0
        cool_down(self.cool, float(t), side, p)
        return None if side == 0.0 else self._open(number, f, side, sides, out)

    def _open(
        self, number: int, f: list[float], side: float, sides: Sides, out: list[float]
    ) -> Past:
        run, p = self.run, self.run.policy.numbers
        score = out[LONG_SCORE if side > 0.0 else SHORT_SCORE]
        atr = f[int(p[ATR_FEATURE])]
        x = sides.long_exits if side > 0.0 else sides.short_exits
        values = (number, self.rows[number, 0], side, score, f[0], x[TARGET], x[STOP], atr)
        row, outcome = np.array([values]), np.full((1, len(OUTCOME_FIELDS)), np.nan)
        compiled().settle(run.feed.columns, row, run.policy.ttl_ms // MINUTE_MS, outcome)
        self.signals.append(row[0])
        self.outcomes.append(outcome[0])
        (signal,) = replace(run, signal_rows=row, outcome_rows=outcome).signals
        return past_of(signal)

    def done(self) -> Run:
        """Return the run with its new decisions; the original run where none could change."""
        if not self.numbers:
            return self.run
        return replace(
            self.run,
            decision_rows=self.rows,
            signal_rows=_stacked(self.signals, len(SIGNAL_FIELDS)),
            outcome_rows=_stacked(self.outcomes, len(OUTCOME_FIELDS)),
            refused=self.refused,
            behind=self.behind,
        )


def _stacked(rows: list[Floats], width: int) -> Floats:
    return np.array(rows).reshape(len(rows), width)
