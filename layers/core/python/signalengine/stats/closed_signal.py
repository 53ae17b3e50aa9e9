"""What a track record needs of a closed signal: small, so that thousands are read at once."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..facts.typed import typed
from ..signals import Direction, Settlement, Signal

EARLIER = "an earlier event"
"""The kind of signals whose backing event came minutes before their close."""


LATER = ("score", "reward", "mfe", "mae")
"""Fields that signals closed by earlier versions are without."""


@dataclass(frozen=True, slots=True)
class ClosedSignal:
    """One closed signal; times are ms, returns net integers of 1e-8 unless named gross."""

    signal_id: str
    symbol: str
    direction: Direction
    close_time: int
    closed_at: int
    net_return: int
    gross_return: int
    risk: float
    """Distance from the entry to the stop, as a fraction of the entry."""
    kinds: tuple[str, ...]
    """Event kinds that spoke for the signal's direction at its close."""
    market: str
    policy_digest: str
    shadow: bool = False
    """Whether it was never published."""
    score: float | None = None
    """None, as the three below, of a signal that closed before they were stored here."""
    reward: float | None = None
    """Distance from the entry to the first target, as a fraction of the entry."""
    mfe: int | None = None
    """Best return while it was open, without costs."""
    mae: int | None = None
    """The same of the worst."""


def closed_signal(signal: Signal, end: Settlement) -> ClosedSignal:
    """Return what a track record needs of a signal and its settlement."""
    return ClosedSignal(
        signal_id=signal.signal_id,
        symbol=signal.symbol,
        direction=signal.direction,
        close_time=signal.close_time,
        closed_at=end.closed_at,
        net_return=end.net_return,
        gross_return=end.gross_return,
        risk=abs(signal.entry_price - signal.sl_price) / signal.entry_price,
        kinds=backing_kinds(signal),
        market=signal.market,
        policy_digest=signal.policy_digest,
        shadow=signal.shadow,
        score=signal.score,
        reward=abs(signal.tp_price - signal.entry_price) / signal.entry_price,
        mfe=end.mfe,
        mae=end.mae,
    )


def backing_kinds(signal: Signal) -> tuple[str, ...]:
    """Return the event kinds that spoke for the signal's direction at its close."""
    kinds = {event.kind for event in signal.events if event.direction == signal.direction}
    return tuple(sorted(kinds)) or (EARLIER,)


def closed_to_json(closed: ClosedSignal) -> str:
    """Return the stored form: compact JSON, keys sorted, floats round-trip exact."""
    raw = asdict(closed)
    for name in ("shadow", *LATER):
        if raw[name] is None or raw[name] is False:
            del raw[name]  # as before there were any
    return json.dumps(raw, separators=(",", ":"), sort_keys=True, allow_nan=False)


def closed_from_json(text: str) -> ClosedSignal:
    """Read the stored form, as far as it is known: a newer version may have stored more."""
    return closed_from_dict(json.loads(text))


def closed_from_dict(raw: Mapping[str, Any]) -> ClosedSignal:
    """Raises TypeError for what cannot be read."""
    return typed(ClosedSignal, raw)
