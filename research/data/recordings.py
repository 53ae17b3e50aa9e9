"""The recordings of a file or folder, looked through once and read symbol by symbol."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from signalengine.facts.stream import Market
from signalengine.intervals import INTERVAL_MS, INTERVALS

from . import files, holdings, stream_archive
from .bars import BarTable
from .errors import DataError, IntervalError, MissingBarsError
from .holdings import (
    FACTS,
    FUNDING,
    INTEREST,
    LIQUIDATIONS,
    MARK,
    METRICS,
    Holding,
    bar_files,
    of_kind,
    refuse_unread,
    survey,
)
from .repairs import Repair, joined
from .rows import Rows, gap, short
from .series import Steps
from .times import Moment, checked_period, moment, time_ms


@dataclass(frozen=True, slots=True, eq=False)
class Recordings:
    """What a file or folder held when it was looked through; `scan` makes it."""

    path: Path
    held: tuple[Holding, ...]
    by_symbol: dict[str, list[Holding]]
    """The holdings of each symbol; "" has those of no symbol's name, which may be of any."""

    def load(
        self,
        symbol: str,
        start: Moment | None = None,
        end: Moment | None = None,
        *,
        interval: str = "1m",
        market: Market | None = None,
    ) -> BarTable:
        """Read the bars of a symbol and their side data, as `loader.load`; raises DataError."""
        checked_interval(interval)
        low = None if start is None else time_ms(start)
        high = None if end is None else time_ms(end)
        checked_period(low, high)
        facts = self.facts()
        if facts and symbol in self.by_symbol:
            raise DataError(
                f"{self.path} holds {symbol} both as files of bars and in an archive of the "
                "stream. Name the folder of one of them."
            )
        if facts and interval != "1m":
            raise DataError(f"The stream's archive gives 1m bars: use .resample({interval!r}).")
        if facts:
            table = stream_archive.table_of(facts, symbol, market)
        else:
            table = self._recorded(symbol, interval)
        return _cut(table, low, high)

    def facts(self) -> list[Path]:
        """Return the files of our own archive of the stream."""
        return [item.path for item in self.by_symbol.get("", ()) if item.kind == FACTS]

    def symbols(self, interval: str = "1m") -> tuple[str, ...]:
        """Return the symbols that can be read, in alphabetical order."""
        named = {item.symbol for item in self.held if item.kind == interval and item.symbol}
        if named:
            return tuple(sorted(named))
        if not self.facts() and not self.by_symbol.keys() - {""}:
            refuse_unread(self.held, "", interval)
        return tuple(sorted({fact.symbol for fact in stream_archive.read_facts(self.facts())}))

    def interval_of(self, symbol: str) -> str | None:
        """Return the only interval of a file or of an archive of the stream; else None."""
        if self.facts():
            return INTERVALS[0]
        if self.path.is_dir():
            return None
        kinds = {item.kind for item in self.held if item.path == self.path}
        if kinds != {""}:
            kind = kinds.pop()
            return kind if kind in INTERVALS and not kinds else None
        for interval in INTERVALS:
            with suppress(IntervalError):
                files.bars([self.path], symbol, interval)
                return interval
        return None

    def passed_over(self) -> str:
        """Return a sentence that names the data that is passed over, or ""."""
        return holdings.passed_over(self.held)

    def of_symbol(self, symbol: str) -> list[Holding]:
        """Return the holdings of a symbol, and those that may be of any."""
        return [*self.by_symbol.get(symbol, ()), *self.by_symbol.get("", ())]

    def _recorded(self, symbol: str, interval: str) -> BarTable:
        held = self.of_symbol(symbol)
        refuse_unread(held, symbol, interval)
        if not any(item.kind in (interval, "") for item in held):
            bar_files(self.held, self.path, symbol, interval)  # raises, naming what there is
        rows = files.bars(bar_files(held, self.path, symbol, interval), symbol, interval)
        funding, funding_repairs = files.funding(of_kind(held, symbol, FUNDING))
        mark, mark_repairs = files.marks(of_kind(held, symbol, MARK))
        interest, interest_repairs = _interest(held, symbol)
        flows, flow_repairs = files.liquidations(of_kind(held, symbol, LIQUIDATIONS))
        beside = (*funding_repairs, *mark_repairs, *interest_repairs, *flow_repairs)
        repairs = joined([*rows.repairs, *beside])
        table = BarTable.of_rows(symbol, Rows(rows.times, rows.columns, repairs), interval)
        return replace(
            table, open_interest=interest, funding=funding, mark=mark, liquidations=flows
        )


def scan(path: Path | str | Recordings, mapping: Path | None = None) -> Recordings:
    """Look through a file or folder once; `mapping` declares the layout of other people's files.

    Recordings are returned as they are. Raises DataError where there is nothing, or where a
    mapping cannot be used.
    """
    if isinstance(path, Recordings):
        return path
    where = Path(path).expanduser()
    held = survey(where, mapping)
    by_symbol: dict[str, list[Holding]] = {}
    for item in held:
        by_symbol.setdefault(item.symbol, []).append(item)
    return Recordings(where, tuple(held), by_symbol)


def checked_interval(interval: str) -> str:
    """Return an interval of bars; raises DataError."""
    if interval not in INTERVAL_MS:
        raise DataError(f"interval {interval!r}: use one of {', '.join(INTERVAL_MS)}.")
    return interval


def _interest(held: Iterable[Holding], symbol: str) -> tuple[Steps | None, tuple[Repair, ...]]:
    """Open interest of REST is exact; the archive's fills in where there is none of it."""
    listed = list(held)
    exact, repairs = files.interest(of_kind(listed, symbol, INTEREST), symbol)
    lagged, more = files.metrics(of_kind(listed, symbol, METRICS), symbol)
    if exact is None or lagged is None:
        return exact or lagged, repairs + more
    pairs = [
        *zip(lagged.time.tolist(), lagged.value.tolist(), strict=True),
        *zip(exact.time.tolist(), exact.value.tolist(), strict=True),
    ]
    return Steps.of(pairs), repairs + more


def _cut(table: BarTable, start: int | None, end: int | None) -> BarTable:
    cut = table.between(start, end) if start is not None or end is not None else table
    if not len(cut):
        raise MissingBarsError(
            f"{table.symbol}: no bars in that span; there are {moment(table.start)} .. "
            f"{moment(table.end)} UTC."
        )
    others = [repair for repair in table.repairs if repair.kind != "gap"]
    missing = gap(cut.open_time, cut.interval_ms)
    edges = short(cut.open_time, start, end, cut.interval_ms)
    return replace(cut, repairs=joined([*others, *missing, *edges]))
