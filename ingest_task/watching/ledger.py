"""The ledger: an entry for all data that was missed, published when noticed and when it is over.

Only the task with the lease publishes; entries still open when a task gets the lease are published
then. Every task counts and logs its own.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from signalengine.facts.stream import GapFact, Market

from ..logs import Log

OPEN_BOUND: Final = 2_000
"""Entries that may be open at once; the oldest is dropped first."""
_LOG = Log("ledger")

Key: TypeAlias = tuple[str, str, str | None]
"""Stream class, cause, symbol (None: all): of each at most one is open."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Bars that were missing, and how many of them were repaired."""

    missing: int = 0
    repaired: int = 0

    @property
    def outcome(self) -> str:
        """The word for the result, as stored."""
        if self.missing == 0:
            return "noted"
        return "repaired" if self.repaired >= self.missing else "lost"


class Ledger:
    """Open entries, and the counts of all. Not thread-safe: its owner locks."""

    def __init__(self, put: Callable[[GapFact], None], market: Market, task: str) -> None:
        self._put, self._market, self._task = put, market, task
        self._open: dict[Key, GapFact] = {}
        self._publishing = False
        self.counts: Counter[str] = Counter()

    def set_publishing(self, publishing: bool) -> None:
        """Start or stop publishing; the open entries are published at the start."""
        if publishing and not self._publishing:
            for entry in self._open.values():
                self._put(entry)
        self._publishing = publishing

    def opened(self, key: Key, now: int, since: int, detail: str = "") -> None:
        """Open an entry; one that is open already stays as it is."""
        if key in self._open:
            return
        entry = self._entry(key, now, since, detail)
        self._open[key] = entry
        while len(self._open) > OPEN_BOUND:
            del self._open[next(iter(self._open))]
        self._record(entry)

    def is_open(self, key: Key) -> bool:
        """Return whether an entry is open."""
        return key in self._open

    def closed(self, key: Key, now: int, loss: Loss | None = None, end: int | None = None) -> None:
        """Close an open entry; without one, do nothing."""
        entry = self._open.pop(key, None)
        if entry is not None:
            outcome = "repaired" if loss is None else loss.outcome
            self._over(entry, now, loss or Loss(), end, outcome)

    def noted(
        self,
        key: Key,
        now: int,
        span: tuple[int, int],
        loss: Loss,
        detail: str = "",
        *,
        over: int | None = None,
    ) -> None:
        """Record something noticed at `now` and over at `over`; an open entry of it is closed."""
        entry = self._open.pop(key, None) or self._entry(key, now, span[0], detail)
        self._over(entry, now if over is None else over, loss, span[1], loss.outcome)

    def differs(self, symbol: str, now: int, span: tuple[int, int], detail: str) -> None:
        """Record a bar received twice with different values; `detail` names the used one."""
        entry = self._entry(("kline", "mismatch", symbol), now, span[0], detail)
        self._over(entry, now, Loss(), span[1], "differs")

    def _entry(self, key: Key, now: int, since: int, detail: str) -> GapFact:
        stream, cause, symbol = key
        return GapFact(
            time=now, market=self._market, task=self._task, symbol=symbol, stream=stream,
            cause=cause, start=min(since, now), end=None, noticed_at=now, repaired_at=None,
            bars_missing=0, bars_repaired=0, outcome="open", detail=detail[:60],
        )  # fmt: skip

    def _over(self, entry: GapFact, now: int, loss: Loss, end: int | None, outcome: str) -> None:
        self.counts["bars_missed"] += loss.missing
        self.counts["bars_repaired"] += loss.repaired
        self.counts["bars_lost"] += max(0, loss.missing - loss.repaired)
        self._record(
            replace(
                entry, time=now, end=now if end is None else end, repaired_at=max(now, entry.start),
                bars_missing=loss.missing, bars_repaired=loss.repaired, outcome=outcome,
            )
        )  # fmt: skip

    def _record(self, entry: GapFact) -> None:
        self.counts["entries"] += 1
        _LOG.info(
            "gap", stream=entry.stream, cause=entry.cause, symbol=entry.symbol,
            outcome=entry.outcome, start=entry.start, end=entry.end,
            missing=entry.bars_missing, repaired=entry.bars_repaired, detail=entry.detail,
        )  # fmt: skip
        if self._publishing:
            self._put(entry)
