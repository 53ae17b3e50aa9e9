"""A market played from recorded 1m bars, as `research.data` reads and repairs them.

Known from the files: bars, and funding and open interest where present. Not known, and so:

* the path inside a minute is made up (`price_path.recorded`);
* mark, average and index price are the last price;
* the funding rate, where the running one was not recorded, is the last settled one, from one minute
  before its settlement on (only the bar that ends at a settlement may have its rate); without any
  funding it is empty, with next funding time 0, as for Binance's contracts without funding;
* quote volume, where not recorded, is volume x (high + low + close) / 3, which gives the VWAP
  computed from bars alone; trades and taker volumes are 0; the taker's quote volume is its share;
* there are no liquidations, and no open interest without files of it;
* the tick size is that of `research.data.tick_sizes`, as the backtest of these bars has it.

During a gap in a recording there are no klines, and the marks do not change.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mode
from typing import Final, Literal

import numpy as np
from signalengine.text.symbol_reader import SymbolError, find_symbol

from research.data import series
from research.data.bars import BarTable
from research.data.errors import DataError
from research.data.holdings import SEEN_AS
from research.data.loader import load_each, passed_over
from research.data.loader import symbols as recorded_symbols
from research.data.tick_sizes import decimals_of, tick_listed
from research.data.times import moment

from .bars import DAY_MS, HOUR_MS, MINUTE_MS, Series
from .instruments import EXACT, Instrument, fitted
from .price_path import PricePath, recorded
from .source import Funding, Mark, Minute, SourceError, Steps

_WARM_MS: Final = 64 * HOUR_MS
"""History that the longest interval needs to warm up, at least."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to play; None selects the default."""

    path: Path
    symbols: tuple[str, ...] | None
    start: int | None
    end: int | None
    seed: str


class RecordedMarket:
    """A `source.Source` over files."""

    market: Literal["recording"] = "recording"

    def __init__(self, request: Request, notice: Callable[[str], None]) -> None:
        """Read the files; raises SourceError. `notice` gets a line per repair or gap."""
        try:
            found = load_each(request.path, _symbols(request))
            tables = {table.symbol: table for table in found}
        except DataError as error:
            raise SourceError(str(error)) from error
        self.start, self.end = _span(tables, request)
        self.instruments: dict[str, Instrument] = {
            s: _fit(t, self.start) for s, t in tables.items()
        }
        self._rows = {symbol: _bars(table) for symbol, table in tables.items()}
        self._seed = request.seed
        self.fundings: dict[str, list[Funding]] = {s: _fundings(t) for s, t in tables.items()}
        self._rates = {
            s: _steps(t.funding if t.funding_rate is None else t.funding_rate)
            for s, t in tables.items()
        }
        self.interests: dict[str, Steps] = {
            s: _steps(t.open_interest) for s, t in tables.items() if t.open_interest is not None
        }
        if others := passed_over(request.path):
            notice(others)
        for table in tables.values():
            self._report(table, notice)

    def past(self, symbol: str) -> Series:
        """Return the 1m bars that closed at `start` or before."""
        rows = self._rows[symbol]
        return rows.head(rows.at_or_after(self.start))

    def older(self, symbol: str) -> None:
        """Return nothing: what is recorded is `past`."""

    def minute(self, open_time: int) -> Minute:
        """Return one minute: paths of the recorded bars, marks of all symbols."""
        paths, marks = {}, {}
        for symbol, rows in self._rows.items():
            index = rows.at_or_after(open_time)
            bar = rows[index] if index < len(rows) else None
            if bar is not None and bar.open_time == open_time:
                paths[symbol] = recorded(bar, self.instruments[symbol], self._seed)
            marks[symbol] = self._marks(symbol, open_time, paths.get(symbol), rows, index)
        return Minute(open_time, paths, marks)

    def _marks(
        self, symbol: str, open_time: int, path: PricePath | None, rows: Series, index: int
    ) -> Sequence[Mark]:
        close_time = open_time + MINUTE_MS
        rate = self._rates[symbol].as_of(close_time)
        hours = self.instruments[symbol].funding_hours * HOUR_MS
        upcoming = _next_funding(close_time - 1, hours) if rate is not None else 0
        after = _next_funding(close_time, hours) if rate is not None else 0
        if path is None:
            price = rows[index - 1].close if index else rows[0].open
            prices = [price] * 60
        else:
            prices = [path.price_at(second * 1_000) for second in range(1, 61)]
        marks = [Mark(price, price, price, rate, upcoming) for price in prices[:-1]]
        return [*marks, Mark(prices[-1], prices[-1], prices[-1], rate, after)]

    def _report(self, table: BarTable, notice: Callable[[str], None]) -> None:
        symbol, opens = table.symbol, table.open_time
        for repair in table.repairs:
            if repair.kind != "gap":  # gaps within the span played are reported below
                notice(f"{symbol}: {repair}.")
        inside = opens[(opens >= self.start) & (opens < self.end)]
        edges = np.concatenate([[self.start - MINUTE_MS], inside, [self.end]])
        holes = np.flatnonzero(np.diff(edges) > MINUTE_MS)
        if holes.size:
            at = int(edges[holes[0]]) + MINUTE_MS
            missing = int((np.diff(edges)[holes] - MINUTE_MS).sum()) // MINUTE_MS
            notice(
                f"{symbol}: the recording has {holes.size} gap(s), {missing} minutes in all, the "
                f"first at {moment(at)} UTC: no klines during them."
            )
        if table.funding is None:
            notice(f"{symbol}: no funding file beside the bars: the funding rate is unknown.")
        if table.open_interest is None:
            notice(f"{symbol}: no open interest beside the bars: /openInterest answers -4108.")


def _symbols(request: Request) -> tuple[str, ...]:
    """Return the symbols to play; raises SourceError naming those available."""
    known = recorded_symbols(request.path)
    requested = request.symbols or known
    if not requested:
        raise SourceError(
            f"{request.path} has no 1m bars whose file name contains a symbol. Known are "
            f"{SEEN_AS}. A single file may have any name if --symbols names its symbol."
        )
    if not known and len(requested) > 1:
        raise SourceError(f"{request.path} does not name its symbols: give --symbols exactly one.")
    try:
        found = [find_symbol(symbol, known or requested).symbol for symbol in requested]
    except SymbolError as error:
        raise SourceError(
            f"{error.text}: not recorded there. Choose --symbols from: {', '.join(known)}."
        ) from error
    return tuple(dict.fromkeys(found))


def _span(tables: Mapping[str, BarTable], request: Request) -> tuple[int, int]:
    spans = {symbol: (table.start, table.end) for symbol, table in tables.items()}
    first, last = max(a for a, _ in spans.values()), min(b for _, b in spans.values())
    if first >= last:
        found = "; ".join(f"{s} {moment(a)} .. {moment(b)}" for s, (a, b) in spans.items())
        raise SourceError(f"The recordings do not overlap: {found}. Choose other --symbols.")
    start = _default_start(first, last) if request.start is None else request.start
    end = last if request.end is None else request.end
    for option, time in (("--from", start), ("--to", end)):
        if not first <= time <= last:
            raise SourceError(
                f"{option} {moment(time)} is outside the recording of {', '.join(tables)}: "
                f"choose within {moment(first)} .. {moment(last)} UTC."
            )
    if start >= end:
        raise SourceError(f"--from {moment(start)} is not before --to {moment(end)}.")
    return start, end


def _default_start(first: int, last: int) -> int:
    """Return the first midnight with enough history to warm up, else the beginning."""
    midnight = -(-(first + _WARM_MS) // DAY_MS) * DAY_MS
    return midnight if midnight < last else first


def _fit(table: BarTable, start: int) -> Instrument:
    prices = (table.open, table.high, table.low, table.close)
    volumes = (table.volume, np.nan_to_num(table.taker_buy_volume))
    decimals = [EXACT if n is None else n for n in map(decimals_of, (prices, volumes))]
    made = fitted(table.symbol, *decimals)
    tick = tick_listed(table, int(np.searchsorted(table.open_time, start)))
    hours = () if table.funding is None else series.hours_apart(table.funding).value.tolist()
    usual = mode(hours) if hours else made.funding_hours
    return replace(made, funding_hours=int(usual), listed_tick=0.0 if np.isnan(tick) else tick)


def _bars(table: BarTable) -> Series:
    """Return the bars in columns, unknown values filled in (see the module)."""
    volume, taker = table.volume, np.nan_to_num(table.taker_buy_volume)
    typical = (table.high + table.low + table.close) / 3.0
    quote = np.where(np.isnan(table.quote_volume), volume * typical, table.quote_volume)
    share = np.divide(taker, volume, out=np.zeros_like(volume), where=volume > 0.0)
    bars = Series()
    columns = (
        table.open, table.high, table.low, table.close, volume, quote,
        np.nan_to_num(table.trades), taker, quote * share,
    )  # fmt: skip
    bars.extend(table.open_time.tolist(), [column.tolist() for column in columns])
    return bars


def _fundings(table: BarTable) -> list[Funding]:
    """Return the settled fundings, with mark prices where mark bars are recorded."""
    if table.funding is None:
        return []
    times = table.funding.time
    marks = np.full(len(times), np.nan) if table.mark is None else table.mark.at(times)
    return [
        Funding(time, rate, None if np.isnan(mark) else mark)
        for time, rate, mark in zip(
            times.tolist(), table.funding.value.tolist(), marks.tolist(), strict=True
        )
    ]


def _steps(known: series.Steps | None) -> Steps:
    if known is None:
        return Steps()
    return Steps(array("q", known.time.tolist()), array("d", known.value.tolist()))


def _next_funding(time: int, period: int) -> int:
    return time - time % period + period
