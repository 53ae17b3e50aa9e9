"""The result of running one symbol: decisions, signals and settlements in the core's own types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from signalengine import __version__
from signalengine.facts.stream import Quality
from signalengine.intervals import MINUTE_MS
from signalengine.kinds import event_of
from signalengine.models.model import Model
from signalengine.policy import Policy
from signalengine.rules import (
    CODE,
    LONG_COVERAGE,
    LONG_PARTS,
    LONG_SCORE,
    SHORT_COVERAGE,
    SHORT_PARTS,
    SHORT_SCORE,
    SIDE,
)
from signalengine.settlement import StoredBar, settle
from signalengine.signals import (
    COMPONENTS,
    DIRECTIONS,
    Direction,
    DirectionScore,
    Event,
    Opinion,
    Signal,
    Verdict,
    settled,
    signal_id,
)

from research.backtest.feed import Feed
from research.backtest.kernel import DECISION_FIELDS, OPEN
from research.data.bars import BarTable
from research.data.series import Floats

_BASE = len(DECISION_FIELDS)
_VERDICTS = tuple(Verdict)
_SLOTS: Final[Mapping[Direction, tuple[int, int, int]]] = {
    "long": (LONG_SCORE, LONG_COVERAGE, LONG_PARTS),
    "short": (SHORT_SCORE, SHORT_COVERAGE, SHORT_PARTS),
}
"""Indexes of a direction's score, coverage and first component in the rules' output."""


@dataclass(frozen=True)
class Run:
    """The engine's result for one symbol; arrays are rows of the kernel's fields."""

    symbol: str
    policy: Policy
    feed: Feed = field(repr=False)
    decision_rows: Floats = field(repr=False)
    event_rows: Floats = field(repr=False)
    signal_rows: Floats = field(repr=False)
    outcome_rows: Floats = field(repr=False)
    table: BarTable | None = field(default=None, repr=False)
    refused: Mapping[int, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """The protections that refused a decision, by its row."""
    behind: Mapping[int, Mapping[str, int]] = field(default_factory=dict, repr=False)
    """The symbols that the protections saw only up to a time (ms), by a decision's row."""
    model: Model | None = field(default=None, repr=False)
    opinions: Mapping[int, Opinion] = field(default_factory=dict, repr=False)
    """The model's opinion on a decision, by its row; empty without a model."""

    @property
    def start(self) -> int:
        """Open time of the first bar that could cause an event."""
        return int(self.feed.bars[0, 0]) if len(self.feed.bars) else 0

    @property
    def end(self) -> int:
        """Close time of the last bar."""
        return int(self.feed.bars[-1, 0]) + MINUTE_MS if len(self.feed.bars) else 0

    @cached_property
    def verdicts(self) -> dict[str, int]:
        """Decisions by verdict."""
        codes = self.decision_rows[:, _BASE + CODE].astype(int)
        counts = np.bincount(codes, minlength=len(_VERDICTS))
        return {v.value: int(n) for v, n in zip(_VERDICTS, counts, strict=False) if n}

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        """The signals, settled by the core where the bars suffice."""
        pairs = zip(self.signal_rows, self.outcome_rows, strict=True)
        return tuple(self._signal(row, ended) for row, ended in pairs)

    def close_time(self, decision: int) -> int:
        """Close time of a decision row."""
        return int(self.feed.bars[int(self.decision_rows[decision, 0]), 0]) + MINUTE_MS

    def verdict(self, decision: int) -> Verdict:
        return _VERDICTS[int(self.decision_rows[decision, _BASE + CODE])]

    def direction(self, decision: int) -> Direction | None:
        side = self.decision_rows[decision, _BASE + SIDE]
        return None if side == 0.0 else ("long" if side > 0.0 else "short")

    def scores(self, decision: int) -> dict[str, DirectionScore]:
        """Both directions' scores of a decision row, as a live decision has them."""
        out = self.decision_rows[decision, _BASE:].tolist()
        return {direction: _score(out, direction) for direction in DIRECTIONS}

    def events(self, decision: int) -> tuple[Event, ...]:
        """The events of a decision row."""
        first, count = (int(n) for n in self.decision_rows[decision, 1:3])
        return tuple(event_of(row) for row in self.event_rows[first : first + count].tolist())

    def quality(self, decision: int) -> Quality:
        if self.feed.qualities is None:
            return Quality()
        return self.feed.qualities[int(self.decision_rows[decision, 0])]

    def _signal(self, row: Floats, ended: Floats) -> Signal:
        decision, minute = int(row[0]), int(row[1])
        side, total, entry, tp, sl, atr = row[2:].tolist()
        direction: Direction = "long" if side > 0.0 else "short"
        score = _score(self.decision_rows[decision, _BASE:].tolist(), direction)
        close_time = self.close_time(decision)
        policy, tick = self.policy, float(self.feed.tick[minute])
        signal = Signal(
            signal_id=signal_id(policy.digest, self.symbol, close_time, direction),
            symbol=self.symbol,
            direction=direction,
            score=total,
            close_time=close_time,
            entry_price=entry,
            tp_price=tp,
            sl_price=sl,
            atr=atr,
            atr_interval=policy.atr_interval,
            expires_at=close_time + policy.ttl_ms,
            components=score.components,
            missing=score.missing,
            events=self.events(decision),
            quality=self.quality(decision),
            market=self.feed.market,
            policy_digest=policy.digest,
            code_version=__version__,
            fee_bps=policy.fee_bps,
            slippage_bps=policy.slippage_bps,
            tick_size=None if tick != tick else tick,
        )
        last = minute + policy.ttl_ms // MINUTE_MS if ended[0] == OPEN else int(ended[1])
        end = settle(signal, self._stored(minute + 1, last + 1))
        return signal if end is None else settled(signal, end)

    def _stored(self, first: int, after: int) -> list[StoredBar]:
        """The bars of these minutes, as settlement reads them."""
        bars = self.feed.bars[first:after, :5].tolist()
        rates = self.feed.funding_paid[first:after].tolist()
        paths = self.feed.paths
        known = [None] * len(bars) if paths is None else paths[first:after]
        return [
            StoredBar(int(at), o, h, low, c, funding_paid=None if rate != rate else rate, path=path)
            for (at, o, h, low, c), rate, path in zip(bars, rates, known, strict=True)
        ]


def _score(out: list[float], direction: Direction) -> DirectionScore:
    at, covered, parts = _SLOTS[direction]
    values = zip(COMPONENTS, out[parts : parts + len(COMPONENTS)], strict=True)
    named = {name: x if x == x else None for name, x in values}
    return DirectionScore(
        score=out[at],
        coverage=out[covered],
        components=named,
        missing=tuple(name for name, x in named.items() if x is None),
        backed=(named["event"] or 0.0) > 0.0,
    )
