"""How a signal ends: a pure fold over the contiguous bars that follow its close, 1m bars live.

The levels that apply in a bar are those after the bar before it. Inside a bar the path decides when
it is known; with a target and the stop in one bar and no path the stop comes first, flagged
ambiguous. A hole in the bars stops the fold: the outcome waits until the bars are there. Nothing
else decides: a running minute may be streamed and have no bar later, or one without the extreme
that was seen.

A backtest without 1m bars folds longer ones by the same rules: a target and the stop in one bar is
the stop, and an expiry inside a bar is at its close.

Fills: a target at its price; the stop at the worse of the stop and the bar's open (a gap fills
where the market is); expiry and the strategy's own exit at the close. Returns are integers of 1e-8
of the entry price; net = gross − fees and slippage of both sides − funding. Those of several fills
are summed by whole ten-thousandths of the position and rounded once, half to even.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from .exits.forms import row_of
from .exits.levels import PARTS, TARGET, parts
from .exits.rules import (
    AT_TARGET,
    EXIT,
    FILLED,
    LEFT,
    OPEN,
    POSITION_SIZE,
    REST,
    STOP_NOW,
    close_bar,
    enter,
    fill_targets,
    hit_stop,
    reach,
)
from .facts.stream import PathPoint
from .intervals import DAY_MS, MINUTE_MS
from .rules import BOTH, NEITHER, SL, TP
from .signals import RETURN_SCALE, Fill, Outcome, Settlement, Signal, Step, StopMove

_WHOLE = int(PARTS)
DELISTED_MS: Final = DAY_MS
"""Exchange time without a bar after which a symbol that is not followed any more has none."""


@dataclass(frozen=True, slots=True)
class StoredBar:
    """A stored bar with what settlement needs, of 1m unless `length_ms` says otherwise."""

    open_time: int
    open: float
    high: float
    low: float
    close: float
    funding_paid: float | None = None
    path: tuple[PathPoint, ...] | None = None
    leaves: Mapping[str, int] | None = None
    """By digest of a parameter set, which of its signals close with this bar by its own condition:
    1 long ones, -1 short ones, 0 both."""
    length_ms: int = MINUTE_MS

    def closes(self, signal: Signal) -> bool:
        """Return whether the own condition of a signal's set closes it with this bar."""
        found = -signal.side if self.leaves is None else self.leaves.get(signal.policy_digest)
        return found in (0, signal.side)

    @property
    def close_time(self) -> int:
        return self.open_time + self.length_ms


@dataclass(frozen=True, slots=True)
class Position:
    """What the fold over an open signal's bars has reached; it continues from here."""

    until: int
    """Close time of the last bar folded; the signal's own before any."""
    state: tuple[float, ...]
    """Slots of `exits.rules`."""
    steps: tuple[Step, ...] = ()
    bars_held: int = 0
    lowest: float | None = None
    highest: float | None = None
    funding: int = 0
    """Paid; integers of 1e-12 of the entry price."""
    next_open: float | None = None
    last_close: float | None = None

    @property
    def stop(self) -> float:
        """The stop that applies in the next bar."""
        return self.state[STOP_NOW]

    @property
    def open_fraction(self) -> float:
        """Fraction (0..1) of the position that is open."""
        return self.state[REST] / PARTS


def settle(
    signal: Signal, bars: Sequence[StoredBar], leaves: Collection[int] = ()
) -> Settlement | None:
    """Fold the bars from the signal's close on; None while they do not decide.

    `bars` is ordered by open time; bars before the signal are skipped. `leaves` are the close times
    (ms) at which the strategy's own condition closes a signal of this side.
    """
    return advance(signal, opened(signal), bars, leaves)[1]


def progress(
    signal: Signal, bars: Sequence[StoredBar], leaves: Collection[int] = ()
) -> tuple[Step, ...]:
    """Return the partial fills and moves of the stop so far, in order; more bars only append.

    The fill that ends the signal is not among them: it is the settlement.
    """
    return advance(signal, opened(signal), bars, leaves)[0].steps


def opened(signal: Signal) -> Position:
    """Return the position of a signal before any bar."""
    state = [0.0] * POSITION_SIZE
    enter(row_of(signal), signal.entry_price, state)
    return Position(signal.close_time, tuple(state))


def advance(
    signal: Signal, position: Position, bars: Sequence[StoredBar], leaves: Collection[int] = ()
) -> tuple[Position, Settlement | None]:
    """Fold more bars into an open position; the same as all of its bars at once."""
    fold = _Fold(signal, position)
    for bar in contiguous(position.until, bars):
        end = fold.bar(bar, bar.close_time in leaves or bar.closes(signal))
        if end is not None:
            return fold.position(), fold.settlement(end, bar.close_time)
    return fold.position(), None


def force_expiry(
    signal: Signal,
    bars: Sequence[StoredBar],
    watermark: int,
    grace_ms: int,
    leaves: Collection[int] = (),
) -> Settlement | None:
    """Expire a signal whose bars never came, once exchange time is past its end by `grace_ms`.

    The exit is the close of the last contiguous bar (the entry when there is none).
    """
    if watermark < signal.expires_at + grace_ms:
        return None
    position, end = advance(signal, opened(signal), bars, leaves)
    return expire(signal, position) if end is None else None


def expire(signal: Signal, position: Position) -> Settlement:
    """Return the forced expiry of a position whose further bars never came."""
    fold = _Fold(signal, position)
    close = signal.entry_price if position.last_close is None else position.last_close
    return fold.settlement(_Exit(Outcome.EXPIRED, close, "forced"), signal.expires_at)


def delisted(signal: Signal, position: Position, now: int) -> Settlement | None:
    """Return the forced expiry at its last bar of a signal whose symbol has no bars any more.

    None while the exchange's time (ms) is less than a day past that bar, and for a signal that
    expires within that day: its expiry is forced then.
    """
    end = position.until + DELISTED_MS
    if now < end or signal.expires_at <= end:
        return None
    fold = _Fold(signal, position)
    close = signal.entry_price if position.last_close is None else position.last_close
    return fold.settlement(_Exit(Outcome.EXPIRED, close, "forced"), position.until)


def contiguous(start: int, bars: Sequence[StoredBar]) -> Iterator[StoredBar]:
    """Yield the bars from `start` on, up to the first hole."""
    expected = start
    for bar in bars:
        if bar.open_time < expected:
            continue
        if bar.open_time != expected:
            return
        yield bar
        expected = bar.close_time


def weighted(total: int) -> int:
    """Return a sum over ten-thousandths of a position as a whole return, rounded half to even."""
    quotient, rest = divmod(total, _WHOLE)
    up = 2 * rest > _WHOLE or (2 * rest == _WHOLE and quotient % 2 == 1)
    return quotient + up


# --- the fold ------------------------------------------------------------------------------------


class _Exit(NamedTuple):
    """What closes the rest of a position, and how that is known."""

    outcome: Outcome
    price: float
    resolution: Literal["path", "bar", "forced"]
    ambiguous: bool = False
    touched_at: int | None = None


_FILL_NAMES = {
    Outcome.SL_HIT: "stop",
    Outcome.EXPIRED: "expiry",
    Outcome.LEFT: "left",
}


class _Fold:
    """A position while bars are folded into it."""

    def __init__(self, signal: Signal, start: Position) -> None:
        self.signal = signal
        self.side, self.entry = float(signal.side), signal.entry_price
        self.expires_at = signal.expires_at
        self.fixed = signal.exits is None  # the stop never moves
        self.x, self.w = row_of(signal), list(start.state)
        self.steps = list(start.steps)
        self.until, self.held = start.until, start.bars_held
        self.lowest, self.highest = start.lowest, start.highest
        self.funding = start.funding
        self.next_open, self.last_close = start.next_open, start.last_close
        self.moves = sum(isinstance(step, StopMove) for step in start.steps)

    def position(self) -> Position:
        return Position(
            self.until, tuple(self.w), tuple(self.steps), self.held, self.lowest, self.highest,
            self.funding, self.next_open, self.last_close,
        )  # fmt: skip

    def bar(self, bar: StoredBar, leave: bool) -> _Exit | None:
        """Fold a bar; returns the end when it ends the signal."""
        self.until, self.held = bar.close_time, self.held + 1
        if self.next_open is None:
            self.next_open = bar.open
        which = reach(self.x, self.side, bar.low, bar.high, self.w)
        end = None if which == NEITHER else self._levels(bar, which)
        return self._close(bar, leave) if end is None else end

    def _levels(self, bar: StoredBar, which: int) -> _Exit | None:
        if which == BOTH:
            return self._inside(bar)
        if which == TP:
            return self._targets(bar, bar.low, bar.high, "bar")
        return self._stop(bar, "bar", touched_at=self._first_touch(bar, self.w[STOP_NOW], -1.0))

    def _inside(self, bar: StoredBar) -> _Exit:
        """A target and the stop in one bar: the path's order, else the stop, ambiguous."""
        for point in bar.path or ():
            which = reach(self.x, self.side, point.low, point.high, self.w)
            if which == TP:
                end = self._targets(bar, point.low, point.high, "path")
                if end is not None:
                    return end
            elif which == SL:
                return self._stop(bar, "path", touched_at=bar.open_time + point.second * 1000)
            elif which == BOTH:
                break
        return self._stop(bar, "bar", ambiguous=True)

    def _targets(
        self, bar: StoredBar, low: float, high: float, resolution: Literal["path", "bar"]
    ) -> _Exit | None:
        """Fill the targets that a range of prices reaches."""
        first = int(self.w[FILLED])
        done = fill_targets(self.x, self.side, float(bar.close_time), low, high, self.w)
        for k in range(first, int(self.w[FILLED])):
            price = self.x[TARGET + k]
            touched_at = self._first_touch(bar, price, 1.0)
            if done == AT_TARGET and k + 1 == self.w[FILLED]:
                return _Exit(Outcome.TP_HIT, price, resolution, touched_at=touched_at)
            fraction = parts(self.x, k) / PARTS
            name = f"target{k + 1}"
            self.steps.append(Fill(name, bar.close_time, price, fraction, touched_at))
        return None

    def _stop(
        self,
        bar: StoredBar,
        resolution: Literal["path", "bar"],
        ambiguous: bool = False,
        touched_at: int | None = None,
    ) -> _Exit:
        hit_stop(self.side, bar.open, ambiguous, self.w)
        return _Exit(Outcome.SL_HIT, self.w[EXIT], resolution, ambiguous, touched_at)

    def _first_touch(self, bar: StoredBar, level: float, ahead: float) -> int | None:
        """When the path reached a level ahead of the position (1) or behind it (−1)."""
        up = self.side * ahead > 0.0
        for point in bar.path or ():
            if point.high >= level if up else point.low <= level:
                return bar.open_time + point.second * 1000
        return None

    def _close(self, bar: StoredBar, leave: bool) -> _Exit | None:
        """Fold the close of a bar through which a part of the position was held."""
        low, high = bar.low, bar.high
        if self.lowest is None or low < self.lowest:
            self.lowest = low
        if self.highest is None or high > self.highest:
            self.highest = high
        self.last_close = bar.close
        if bar.funding_paid is not None:
            rate = round(bar.funding_paid * RETURN_SCALE)
            self.funding += self.signal.side * rate * int(self.w[REST])
        last = self.until >= self.expires_at
        if self.fixed and not (last or leave):
            return None
        before = self.w[STOP_NOW]
        code = close_bar(self.x, self.side, self.entry, high, low, bar.close, last, leave, self.w)
        if code != OPEN:
            return _Exit(Outcome.LEFT if code == LEFT else Outcome.EXPIRED, bar.close, "bar")
        if self.w[STOP_NOW] != before:
            self.moves += 1
            self.steps.append(StopMove(f"stop{self.moves}", bar.close_time, self.w[STOP_NOW]))
        return None

    def settlement(self, end: _Exit, closed_at: int) -> Settlement:
        fills = self._fills(end, closed_at)
        gross = weighted(
            sum(round(fill.fraction * PARTS) * self._return(fill.price) for fill in fills)
        )
        cost = round(
            2.0 * (self.signal.fee_bps + self.signal.slippage_bps) / 10_000.0 * RETURN_SCALE
        )
        funding = weighted(self.funding)
        best, worst = self._excursions(fills)
        return Settlement(
            outcome=end.outcome,
            closed_at=closed_at,
            exit_price=end.price,
            gross_return=gross,
            cost=cost,
            funding=funding,
            net_return=gross - cost - funding,
            resolution=end.resolution,
            ambiguous=end.ambiguous,
            bars_held=self.held,
            mfe=best,
            mae=worst,
            next_open=self.next_open,
            touched_at=end.touched_at,
            fills=fills if len(fills) > 1 else (),
        )

    def _fills(self, end: _Exit, closed_at: int) -> tuple[Fill, ...]:
        partial = [step for step in self.steps if isinstance(step, Fill)]
        rest = PARTS - sum(round(fill.fraction * PARTS) for fill in partial)
        name = _FILL_NAMES.get(end.outcome, f"target{len(partial) + 1}")
        return (*partial, Fill(name, closed_at, end.price, rest / PARTS, end.touched_at))

    def _return(self, price: float) -> int:
        return round(self.signal.side * (price - self.entry) / self.entry * RETURN_SCALE)

    def _excursions(self, fills: Sequence[Fill]) -> tuple[int, int]:
        """Best and worst return in the bars held to their end, and at the fills."""
        seen = [0, *(self._return(fill.price) for fill in fills)]
        if self.lowest is not None and self.highest is not None:
            seen += [self._return(self.lowest), self._return(self.highest)]
        return max(seen), min(seen)
