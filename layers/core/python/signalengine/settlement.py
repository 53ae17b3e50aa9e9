"""How a signal ends: a pure fold over the contiguous 1m bars that follow its close.

The first bar that crosses a level decides. Inside that bar the path decides when it is known; with
both levels in one bar and no path it is SL, flagged ambiguous. A hole in the bars stops the fold:
the outcome waits until the bars are there. Nothing else decides: a running minute may be streamed
and have no bar later, or one without the extreme that was seen.

Fills: TP at TP; SL at the worse of SL and the bar's open (a gap fills where the market is). Returns
are integers of 1e-8 of the entry price; net = gross − fees and slippage of both sides − funding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .facts.stream import PathPoint
from .intervals import MINUTE_MS
from .rules import BOTH, NEITHER, SL, TP, stop_fill, touched
from .signals import RETURN_SCALE, Outcome, Settlement, Signal


@dataclass(frozen=True, slots=True)
class StoredBar:
    """A stored 1m bar with what settlement needs."""

    open_time: int
    open: float
    high: float
    low: float
    close: float
    funding_paid: float | None = None
    path: tuple[PathPoint, ...] | None = None

    @property
    def close_time(self) -> int:
        return self.open_time + MINUTE_MS


@dataclass(frozen=True, slots=True)
class _Exit:
    """Where a signal ends, and how that is known."""

    outcome: Outcome
    price: float
    resolution: Literal["path", "bar", "forced"]
    ambiguous: bool = False
    touched_at: int | None = None


def settle(signal: Signal, bars: Sequence[StoredBar]) -> Settlement | None:
    """Fold the bars from the signal's close on; None while they do not decide.

    `bars` is ordered by open time; bars before the signal are skipped.
    """
    side, tp, sl = float(signal.side), signal.tp_price, signal.sl_price
    held: list[StoredBar] = []
    for bar in contiguous(signal.close_time, bars):
        held.append(bar)
        which = touched(side, tp, sl, bar.low, bar.high)
        if which != NEITHER:
            return _settlement(signal, held, bar.close_time, _decide(signal, bar, which))
        if bar.close_time >= signal.expires_at:
            return _settlement(
                signal, held, bar.close_time, _Exit(Outcome.EXPIRED, bar.close, "bar")
            )
    return None


def force_expiry(
    signal: Signal, bars: Sequence[StoredBar], watermark: int, grace_ms: int
) -> Settlement | None:
    """Expire a signal whose bars never came, once exchange time is past its end by `grace_ms`.

    The exit is the close of the last contiguous bar (the entry when there is none).
    """
    if watermark < signal.expires_at + grace_ms or settle(signal, bars) is not None:
        return None
    held = list(contiguous(signal.close_time, bars))
    price = held[-1].close if held else signal.entry_price
    return _settlement(signal, held, signal.expires_at, _Exit(Outcome.EXPIRED, price, "forced"))


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


def _decide(signal: Signal, bar: StoredBar, which: int) -> _Exit:
    """The exit in a bar that reached a level, or both."""
    if which == BOTH:
        return _decide_inside(signal, bar)
    at = _first_touch(signal, bar)
    if which == TP:
        return _Exit(Outcome.TP_HIT, signal.tp_price, "bar", touched_at=at)
    return _Exit(Outcome.SL_HIT, _stop_fill(signal, bar.open), "bar", touched_at=at)


def _decide_inside(signal: Signal, bar: StoredBar) -> _Exit:
    """Both levels in one bar: the path's first crossing decides, else SL, ambiguous."""
    for point in bar.path or ():
        which = _touched(signal, point.low, point.high)
        at = bar.open_time + point.second * 1000
        if which == TP:
            return _Exit(Outcome.TP_HIT, signal.tp_price, "path", touched_at=at)
        if which == SL:
            return _Exit(Outcome.SL_HIT, _stop_fill(signal, bar.open), "path", touched_at=at)
        if which == BOTH:
            break
    return _Exit(Outcome.SL_HIT, _stop_fill(signal, bar.open), "bar", ambiguous=True)


def _first_touch(signal: Signal, bar: StoredBar) -> int | None:
    for point in bar.path or ():
        if _touched(signal, point.low, point.high) != NEITHER:
            return bar.open_time + point.second * 1000
    return None


def _touched(signal: Signal, low: float, high: float) -> int:
    return touched(float(signal.side), signal.tp_price, signal.sl_price, low, high)


def _stop_fill(signal: Signal, open_price: float) -> float:
    return stop_fill(float(signal.side), signal.sl_price, open_price)


def _settlement(
    signal: Signal, held: Sequence[StoredBar], closed_at: int, end: _Exit
) -> Settlement:
    gross = _return(signal, end.price)
    cost = round(2.0 * (signal.fee_bps + signal.slippage_bps) / 10_000.0 * RETURN_SCALE)
    whole = held if end.outcome is Outcome.EXPIRED else held[:-1]  # a level is hit before the close
    paid = [bar.funding_paid for bar in whole if bar.funding_paid is not None]
    funding = sum(signal.side * round(rate * RETURN_SCALE) for rate in paid)
    best, worst = _excursions(signal, whole, end.price)
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
        bars_held=len(held),
        mfe=best,
        mae=worst,
        next_open=held[0].open if held else None,
        touched_at=end.touched_at,
    )


def _return(signal: Signal, price: float) -> int:
    return round(signal.side * (price - signal.entry_price) / signal.entry_price * RETURN_SCALE)


def _excursions(signal: Signal, whole: Sequence[StoredBar], exit_price: float) -> tuple[int, int]:
    """Best and worst return in the bars held to their end, and at the exit."""
    seen = [0, _return(signal, exit_price)]
    if whole:  # a return rises or falls with the price: its extremes are those of the prices
        seen.append(_return(signal, min([bar.low for bar in whole])))
        seen.append(_return(signal, max([bar.high for bar in whole])))
    return max(seen), min(seen)
