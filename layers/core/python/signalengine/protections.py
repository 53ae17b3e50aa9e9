"""Protections: recent outcomes, or the number of open signals, forbid a new signal.

All of it is event time. A close at T is evaluated by what was certain at T − `lag_ms`: outcomes
with `closed_at` up to then, signals that opened up to then. So it does not matter how fast anything
was stored, and live, replay and backtest agree. What opens within the same lag is not counted.

A symbol that is not evaluated up to T − `lag_ms` yet is `behind`: it counts as of the time it has
reached. The decision stores that time, so that a backtest decides the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .signals import RETURN_SCALE, Outcome, Settlement, Signal


@dataclass(frozen=True, slots=True)
class Protections:
    """The policy's protections; a rule whose number is 0 is off."""

    lag_ms: int
    stops: int
    """Stop-losses of one symbol that pause it, when they come within `stops_within_ms`."""
    stops_within_ms: int
    stops_pause_ms: int
    loss: int
    """Summed net return (1e-8, positive) that pauses the market when it is lost so fast."""
    loss_within_ms: int
    loss_pause_ms: int
    open_signals: int
    """Most signals of the market that may be open at once."""

    @property
    def on(self) -> bool:
        return bool(self.stops or self.loss or self.open_signals)

    @property
    def market_wide(self) -> bool:
        """Whether other symbols' signals count too."""
        return bool(self.loss or self.open_signals)

    def known_at(self, t: int) -> int:
        """Return the time up to which outcomes and openings count for a close at `t`."""
        return t - self.lag_ms

    def memory_ms(self, ttl_ms: int) -> int:
        """Return how long before a close a signal may have opened and still matter to it."""
        spans = [self.lag_ms]
        if self.stops:
            spans.append(self.stops_within_ms + self.stops_pause_ms)
        if self.loss:
            spans.append(self.loss_within_ms + self.loss_pause_ms)
        return max(spans) + ttl_ms


@dataclass(frozen=True, slots=True)
class Past:
    """What the protections need of an opened signal."""

    symbol: str
    opened_at: int
    expires_at: int
    closed_at: int | None
    """None: open, or its bars never came (then it counts as open until it expires)."""
    stopped: bool
    net_return: int


Recent = Sequence[Past]
"""Signals of one policy and market, in any order."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A protection that is active, and why."""

    rule: str
    reason: str


def past_of(signal: Signal) -> Past:
    """Return what the protections need of a signal; a forced expiry counts as open."""
    end = signal.settlement
    if end is None or end.forced:
        return Past(signal.symbol, signal.close_time, signal.expires_at, None, False, 0)
    return Past(
        symbol=signal.symbol,
        opened_at=signal.close_time,
        expires_at=signal.expires_at,
        closed_at=end.closed_at,
        stopped=_is_stop_loss(signal, end),
        net_return=end.net_return,
    )


def _is_stop_loss(signal: Signal, end: Settlement) -> bool:
    """Return whether a stop ended a signal with a loss: a moved one may have ended it with none."""
    lost = signal.exits is None or end.gross_return < 0
    return end.outcome is Outcome.SL_HIT and lost


def as_reached(recent: Recent, behind: Mapping[str, int]) -> list[Past]:
    """Return the signals as they were certain when symbols were `behind`.

    `behind` is the time (ms) that each of those symbols had reached: what opened later is left out,
    what closed later counts as open.
    """
    found = []
    for past in recent:
        reached = behind.get(past.symbol, past.opened_at)
        if past.opened_at > reached:
            continue
        late = past.symbol in behind and past.closed_at is not None and past.closed_at > reached
        found.append(replace(past, closed_at=None, stopped=False, net_return=0) if late else past)
    return found


def refusals(recent: Recent, symbol: str, t: int, p: Protections) -> tuple[Refusal, ...]:
    """Return the protections that forbid a signal of `symbol` at `t`."""
    known = p.known_at(t)
    found = [
        _stops(recent, symbol, t, known, p) if p.stops else None,
        _loss(recent, t, known, p) if p.loss else None,
        _open(recent, known, p) if p.open_signals else None,
    ]
    return tuple(refusal for refusal in found if refusal is not None)


def _stops(recent: Recent, symbol: str, t: int, known: int, p: Protections) -> Refusal | None:
    """From the closing that makes them `stops` within the span, for the pause."""
    times = sorted(
        past.closed_at
        for past in recent
        if past.stopped
        and past.symbol == symbol
        and past.closed_at is not None
        and past.closed_at <= known
    )
    until = 0
    for first, last in zip(times, times[p.stops - 1 :], strict=False):
        if last - first < p.stops_within_ms:
            until = last + p.stops_pause_ms
    if t >= until:
        return None
    from .text.formatting import duration, remaining  # not at every cold start

    words = f"{p.stops} stop-losses within {duration(p.stops_within_ms)}"
    return Refusal("stops", f"{words}: paused for {remaining(until - t)}")


def _loss(recent: Recent, t: int, known: int, p: Protections) -> Refusal | None:
    """From any closing that leaves so much lost within the span, for the pause."""
    closed = sorted(
        (past.closed_at, past.net_return)
        for past in recent
        if past.closed_at is not None and past.closed_at <= known
    )
    until, lost, total, oldest = 0, 0, 0, 0
    for number, (at, net_return) in enumerate(closed):
        total += net_return
        while closed[oldest][0] <= at - p.loss_within_ms:
            total -= closed[oldest][1]
            oldest += 1
        last_of_its_time = number + 1 == len(closed) or closed[number + 1][0] > at
        if last_of_its_time and total <= -p.loss:
            until, lost = at + p.loss_pause_ms, -total
    if t >= until:
        return None
    from .text.formatting import duration, fixed, remaining  # not at every cold start

    lost_pct, within = fixed(lost / RETURN_SCALE * 100.0, 2), duration(p.loss_within_ms)
    words = f"closed signals lost {lost_pct}% within {within}"
    return Refusal("loss", f"{words}: paused for {remaining(until - t)}")


def _open(recent: Recent, known: int, p: Protections) -> Refusal | None:
    count = sum(past.opened_at <= known < _end(past) for past in recent)
    if count < p.open_signals:
        return None
    return Refusal("open_signals", f"open signals: {count}, allowed: {p.open_signals}")


def _end(past: Past) -> int:
    return past.expires_at if past.closed_at is None else past.closed_at
