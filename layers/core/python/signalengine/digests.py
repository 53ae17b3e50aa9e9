"""Digests: one message for many signals, for a burst that a chat cannot be sent one by one.

A digest counts the signals that are added to it and holds the most important ones, so its size is
bounded. It is stored as JSON while it grows. Pure; `text.digests` has its text.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from .facts.typed import typed
from .signals import Direction, Outcome, Signal

TOP: Final = 10
"""Openings that are listed: those with the highest scores."""
RESULTS: Final = 5
"""Closings that are listed: those with the largest net returns, gains or losses."""
MOST_REPLIES: Final = 2
_OMITTED: Final = ("strategy", "tick_size", "reward_r", "result_r")
"""Left out where they are empty: digests of earlier versions were without them."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A line of an opening."""

    signal_id: str
    symbol: str
    direction: Direction
    score: float
    entry_price: float
    tp_price: float
    sl_price: float
    strategy: str = ""
    """Of another set than `classic`."""
    tick_size: float | None = None
    reward_r: float | None = None
    """What its farthest target gains, in R."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A line of a closing; `net_return` as stored, in 1e-8."""

    signal_id: str
    symbol: str
    direction: Direction
    outcome: Outcome
    net_return: int
    result_r: float | None = None
    """Its gross result in R."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What is said of many signals; times are exchange ms."""

    market: str
    begin: int
    """The earliest close that opened or closed one of them."""
    end: int
    opened: Mapping[str, int] = field(default_factory=dict)
    """Openings by direction."""
    closed: Mapping[str, int] = field(default_factory=dict)
    """Closings by outcome."""
    net_sum: int = 0
    top: tuple[Opening, ...] = ()
    results: tuple[Closing, ...] = ()
    replies: tuple[str, ...] = ()
    """Receipts of the messages that its closings reply to: two stand for any more."""

    @property
    def openings(self) -> int:
        return sum(self.opened.values())

    @property
    def closings(self) -> int:
        return sum(self.closed.values())

    @property
    def size(self) -> int:
        return self.openings + self.closings

    @property
    def reply_to(self) -> str | None:
        """The one message that all of it replies to; None when there is none."""
        alone = len(self.replies) == 1 and not self.opened
        return (self.replies[0] or None) if alone else None


def with_signal(digest: Digest | None, signal: Signal, reply_to: str | None = None) -> Digest:
    """Return the digest with one more opening, or closing if the signal is settled.

    `reply_to` is the receipt of a closing's opening.
    """
    end = signal.settlement
    at = signal.close_time if end is None else end.closed_at
    before = digest or Digest(signal.market, at, at)
    ranged = replace(before, begin=min(before.begin, at), end=max(before.end, at))
    if end is None:
        return _with_opening(ranged, signal)
    result = Closing(
        signal.signal_id,
        signal.symbol,
        signal.direction,
        end.outcome,
        end.net_return,
        signal.result_r,
    )
    results = sorted((*ranged.results, result), key=lambda one: (-abs(one.net_return), one.symbol))
    replies = sorted({*ranged.replies, reply_to or ""})
    return replace(
        ranged,
        closed=_counted(ranged.closed, end.outcome.value),
        net_sum=ranged.net_sum + end.net_return,
        results=tuple(results[:RESULTS]),
        replies=tuple(replies[:MOST_REPLIES]),
    )


def _with_opening(digest: Digest, signal: Signal) -> Digest:
    opening = Opening(
        signal.signal_id,
        signal.symbol,
        signal.direction,
        signal.score,
        signal.entry_price,
        signal.tp_price,
        signal.sl_price,
        signal.strategy,
        signal.tick_size,
        signal.reward_r,
    )
    top = sorted((*digest.top, opening), key=lambda one: (-one.score, one.symbol, one.signal_id))
    return replace(digest, opened=_counted(digest.opened, signal.direction), top=tuple(top[:TOP]))


def _counted(counts: Mapping[str, int], name: str) -> dict[str, int]:
    return {**counts, name: counts.get(name, 0) + 1}


# --- as JSON -------------------------------------------------------------------------------------


def digest_to_json(digest: Digest) -> str:
    """Return the stored form."""
    raw = asdict(digest)
    for one in (*raw["top"], *raw["results"]):
        for name in _OMITTED:
            if one.get(name, True) in (None, ""):
                del one[name]
    return json.dumps(raw, separators=(",", ":"), allow_nan=False)


def digest_from_json(text: str) -> Digest:
    """Read the stored form; raises ValueError, TypeError or LookupError for any other text."""
    return digest_from_dict(json.loads(text))


def digest_from_dict(raw: Mapping[str, Any]) -> Digest:
    """Read it as far as it is known: a newer version may have stored more."""
    top = tuple(typed(Opening, one) for one in raw["top"])
    results = tuple(typed(Closing, one, outcome=Outcome(one["outcome"])) for one in raw["results"])
    return typed(Digest, raw, top=top, results=results)
