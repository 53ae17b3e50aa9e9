"""Rows of statistics: one a symbol under each stats key (policy and market), and one a day.

They are written only in the transaction that closes a signal, so a closing counts once.
"""

from dataclasses import asdict
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from signalengine.signals import Settlement, Signal
from signalengine.stats.performance import SUMS, Performance, outcome_row

from ..runtime.aws_errors import mapped
from ..runtime.clock import day_number
from .items.base import bind
from .items.performance import PerformanceItem

DAY_PREFIX = "day#"
NET_PREFIX = "net#"
"""Of the attributes of a day's row that sum each symbol's net returns: net#BTCUSDT."""
_AFTER_DAYS = "day$"
"""The first key after all that begin with the prefix ('$' follows '#')."""


class DynamoPerformance:
    """The table of statistics."""

    def __init__(self, table: str) -> None:
        bind(PerformanceItem, table)

    def read(self, stats_key: str, symbol: str) -> Performance:
        """Return a symbol's row (consistent read), empty when there is none."""
        with mapped("read performance"):
            try:
                item = PerformanceItem.get(stats_key, symbol, consistent_read=True)
            except PerformanceItem.DoesNotExist:
                return Performance.empty()
        return _row(item)

    def symbols(self, stats_key: str) -> dict[str, Performance]:
        """Return the rows of all symbols under a stats key."""
        days = PerformanceItem.symbol
        rows: dict[str, Performance] = {}
        with mapped("query performance"):
            for condition in (days < DAY_PREFIX, days > _AFTER_DAYS):
                found = PerformanceItem.query(stats_key, condition)
                rows |= {item.symbol: _row(item) for item in found}
        return rows

    def days(self, stats_key: str) -> dict[str, Performance]:
        """Return the rows of all days ("2025-05-19") under a stats key, oldest first."""
        with mapped("query performance"):
            found = PerformanceItem.query(
                stats_key,
                PerformanceItem.symbol.startswith(DAY_PREFIX),
                attributes_to_get=["stats_key", "symbol", *SUMS],  # not each symbol's net
            )
            return {item.symbol.removeprefix(DAY_PREFIX): _row(item) for item in found}

    def last_day(self, stats_key: str) -> str | None:
        """Return the newest day ("2025-05-19") with a closed signal; None without one."""
        with mapped("query performance"):
            found = PerformanceItem.query(
                stats_key,
                PerformanceItem.symbol.startswith(DAY_PREFIX),
                attributes_to_get=["stats_key", "symbol"],
                scan_index_forward=False,
                limit=1,
            )
            return next((item.symbol.removeprefix(DAY_PREFIX) for item in found), None)

    def nets_by_day(self, stats_key: str) -> dict[str, dict[int, int]]:
        """Return each symbol's net sums by UTC day number, of days with a closed signal."""
        found: dict[str, dict[int, int]] = {}
        days = PerformanceItem.query(stats_key, PerformanceItem.symbol.startswith(DAY_PREFIX))
        with mapped("query performance"):
            for page in days.page_iter:
                for raw in page["Items"]:
                    day = day_number(raw["symbol"]["S"].removeprefix(DAY_PREFIX))
                    for name, value in raw.items():
                        if name.startswith(NET_PREFIX):
                            nets = found.setdefault(name.removeprefix(NET_PREFIX), {})
                            nets[day] = int(value["N"])
        return found


def row_item(stats_key: str, symbol: str, row: Performance) -> PerformanceItem:
    """Return the item of a symbol's row."""
    return PerformanceItem(stats_key=stats_key, symbol=symbol, **asdict(row))


def unchanged(row: Performance) -> Condition:
    """Return the condition that the stored row is still the one that was read."""
    if row.version == 0:
        return PerformanceItem.version.does_not_exist()
    return PerformanceItem.version == row.version


def day_actions(signal: Signal, settlement: Settlement) -> list[Action]:
    """Return the actions that add a closing to its day's row, and there to its symbol's net."""
    row = outcome_row(settlement, signal.direction)
    sums: list[Action] = [getattr(PerformanceItem, name).add(getattr(row, name)) for name in SUMS]
    return [*sums, Path([NET_PREFIX + signal.symbol]).add(row.net_sum)]


def _row(item: PerformanceItem) -> Performance:
    values: dict[str, Any] = {name: getattr(item, name) or 0 for name in (*SUMS, "version")}
    return Performance(**values, best=item.best, worst=item.worst)
