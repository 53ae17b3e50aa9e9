"""The table of `signals --watch`: the newest signals, as they open, advance and close. Pure.

A change that arrives twice (a resume overlaps) counts once; filtered changes are ignored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from signalengine.policy import CLASSIC

KINDS = ("signal", "signal_progress", "signal_closed")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filters:
    """The signals to show; None matches all."""

    symbol: str | None = None
    direction: str | None = None
    status: str | None = None
    strategy: str | None = None

    def __contains__(self, row: Mapping[str, Any]) -> bool:
        return (
            self.symbol in (None, row["symbol"])
            and self.direction in (None, row["direction"])
            and self.strategy in (None, row.get("strategy", CLASSIC))
            and self._is_in_state(row["status"])
        )

    def _is_in_state(self, status: str) -> bool:
        return self.status in (None, status) or (self.status == "closed" and status != "open")


class Board:
    """The newest `size` signals, the last prices, and the event ids received before."""

    def __init__(self, filters: Filters, size: int) -> None:
        self._filters = filters
        self._size = size
        self._rows: dict[str, Row] = {}
        self._seen: set[str] = set()
        self.prices: dict[str, float] = {}
        self.market_time: int | None = None

    def load(self, rows: Iterable[Row]) -> None:
        """Add a list from the API; signals received meanwhile are newer and stay."""
        for row in rows:
            if self._is_newer(row):
                self._put(row)

    def take(self, message: Mapping[str, Any]) -> bool:
        """Add a WebSocket message; return whether it is a new change that passes the filters."""
        kind = message.get("type")
        if kind in ("status", "prices"):
            self.prices |= message["data"].get("prices", {})
            self.market_time = message["data"].get("time", self.market_time)
        if kind not in KINDS or message["event_id"] in self._seen:
            return False
        self._seen.add(str(message["event_id"]))
        row = message["data"]
        if self._is_newer(row):
            self._put(row)
        return row in self._filters

    def rows(self) -> list[Row]:
        """Return the signals to show, newest first."""
        found = sorted(self._rows.values(), key=lambda row: (row["close_time"], row["id"]))
        return found[::-1][: self._size]

    def _is_newer(self, row: Row) -> bool:
        """Whether a row has more than the known one: an opening may be resent after a step."""
        known = self._rows.get(row["id"])
        if known is None:
            return True
        steps = len(row.get("progress", ())) >= len(known.get("progress", ()))
        return known["status"] == "open" and (row["status"] != "open" or steps)

    def _put(self, row: Row) -> None:
        """Store a row that passes the filters, and remove one that no longer does."""
        if row in self._filters:
            self._rows[row["id"]] = row
        else:
            self._rows.pop(row["id"], None)
