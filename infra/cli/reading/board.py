"""The table of `signals --watch`: the newest signals, as they open and close. Pure.

A change that arrives twice (a resume overlaps) counts once; filtered changes are ignored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

KINDS = ("signal", "signal_closed")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filters:
    """The signals to show; None matches all."""

    symbol: str | None = None
    direction: str | None = None
    status: str | None = None

    def __contains__(self, row: Mapping[str, Any]) -> bool:
        return (
            self.symbol in (None, row["symbol"])
            and self.direction in (None, row["direction"])
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
            known = self._rows.get(row["id"])
            if known is None or known["status"] == "open":
                self._put(row)

    def take(self, message: Mapping[str, Any]) -> bool:
        """Add a WebSocket message; return whether it is a new change that passes the filters."""
        kind = message.get("type")
        if kind == "status":
            self.prices |= message["data"].get("prices", {})
            self.market_time = message["data"].get("time", self.market_time)
        if kind not in KINDS or message["event_id"] in self._seen:
            return False
        self._seen.add(str(message["event_id"]))
        row = message["data"]
        known = self._rows.get(row["id"])
        if known is None or known["status"] == "open":  # an opening may be resent after the closing
            self._put(row)
        return row in self._filters

    def rows(self) -> list[Row]:
        """Return the signals to show, newest first."""
        found = sorted(self._rows.values(), key=lambda row: (row["close_time"], row["id"]))
        return found[::-1][: self._size]

    def _put(self, row: Row) -> None:
        """Store a row that passes the filters, and remove one that no longer does."""
        if row in self._filters:
            self._rows[row["id"]] = row
        else:
            self._rows.pop(row["id"], None)
