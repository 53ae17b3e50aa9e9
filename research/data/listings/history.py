"""Listings and delistings from snapshots: which symbols traded at a time.

A contract is listed from its `onboardDate`. It ends at its `deliveryDate` where that lies before
the next snapshot; one that disappears between two snapshots without such a date ended at an unknown
time between them. What was delisted and removed before the first snapshot is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .snapshots import Contract, Snapshot, snapshots


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing of a symbol: [start, end); `end_known_by` is later where the end is unknown."""

    symbol: str
    start: int
    end: int | None = None
    """From when on it may be gone; None: still listed."""
    end_known_by: int | None = None
    """From when on it is gone for certain."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The symbols at a time, as far as the snapshots can say."""

    time: int
    symbols: frozenset[str]
    """Listed, and trading in the last snapshot before."""
    unsure: frozenset[str]
    """Delisted at some time between two snapshots, one before and one after."""
    halted: frozenset[str]
    """Listed, and not trading in the last snapshot before."""
    complete: bool
    """False before the first snapshot: symbols that were removed before it are unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Listings:
    """The listings that snapshots show."""

    snapshots: tuple[Snapshot, ...]
    listings: tuple[Listing, ...]

    @property
    def first(self) -> int | None:
        """The time of the first snapshot; None without any."""
        return self.snapshots[0].time if self.snapshots else None

    def universe_at(self, time: int) -> Listed:
        """Return the symbols that traded at a time (ms)."""
        there = [one for one in self.listings if one.start <= time]
        sure = {one.symbol: one.start for one in there if one.end is None or time < one.end}
        unsure = {
            one.symbol
            for one in there
            if one.end is not None and one.end <= time < (one.end_known_by or one.end)
        }
        before = [one for one in self.snapshots if one.time <= time]
        known = before[-1].contracts if before else {}
        halted = {
            name
            for name, start in sure.items()
            if name in known and known[name].onboard == start and not known[name].trading
        }
        return Listed(
            time,
            frozenset(sure.keys() - halted),
            frozenset(unsure - sure.keys()),
            frozenset(halted),
            bool(before),
        )

    def end_of(self, symbol: str) -> int | None:
        """Return when a symbol's last listing ended for certain; None: it is listed, or unknown."""
        ends = [one.end_known_by or one.end for one in self.listings if one.symbol == symbol]
        return ends[-1] if ends else None


def listings_of(folder: Path) -> Listings:
    """Return the listings that the snapshots below a folder show; raises DataError."""
    return listings(snapshots(folder))


def listings(found: Sequence[Snapshot]) -> Listings:
    """Return the listings that snapshots (oldest first) show."""
    periods: dict[tuple[str, int], int] = {}
    for at, snapshot in enumerate(found):
        for contract in snapshot.contracts.values():
            periods[contract.symbol, contract.onboard] = at
    made = [_listing(found, found[at].contracts[symbol], at) for (symbol, _), at in periods.items()]
    return Listings(tuple(found), tuple(sorted(made, key=lambda one: (one.symbol, one.start))))


def _listing(found: Sequence[Snapshot], last: Contract, at: int) -> Listing:
    """Return a listing from the last snapshot (number `at`) that has it."""
    symbol, start, end = last.symbol, last.onboard, last.delivery
    seen = found[at].time
    after = found[at + 1].time if at + 1 < len(found) else None
    if end <= seen or (after is not None and end <= after):
        return Listing(symbol, start, end, end)
    if after is None:  # as far as it is known
        return Listing(symbol, start)
    return Listing(symbol, start, seen, after)
