"""A market played from recorded 1m bars.

Known from the files: bars; funding and open interest where they lie beside. Not known, and so:

* the path inside a minute is made up (`path.recorded`);
* mark, average and index price are the last price;
* the funding rate is the last settled one, from one minute before its settlement on (a bar that
  ends at a settlement may know its rate, none before it may); without a funding file it is empty,
  with next funding time 0, as Binance shows contracts without funding;
* quote volume, where not recorded, is volume x (high + low + close) / 3; trades and taker volumes
  are 0;
* there are no liquidations, and no open interest without `metrics` files.

A gap in a recording is a time without klines, in which the marks stand still.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Final, Literal

import numpy as np

from .bars import DAY_MS, HOUR_MS, MINUTE_MS, Series
from .files import Floats, Holdings, Klines, fundings, interests, klines, moment, survey
from .instruments import EXACT, Instrument, fitted
from .path import Path, recorded
from .source import Funding, Mark, Minute, SourceError, Steps

_WARM_MS: Final = 64 * HOUR_MS
"""The past that the longest interval of an indicator engine asks for at least."""
_MOST_DECIMALS: Final = 8


@dataclass(frozen=True, slots=True)
class Request:
    """What to play; None means: choose."""

    path: FilePath
    symbols: tuple[str, ...] | None
    start: int | None
    end: int | None
    seed: str


class RecordedMarket:
    """A `source.Source` over files."""

    market: Literal["recording"] = "recording"

    def __init__(self, request: Request, notice: Callable[[str], None]) -> None:
        """Read the files; raises SourceError. `notice` gets a line per gap or missing part."""
        holdings = survey(request.path)
        symbols = request.symbols or tuple(sorted(holdings.klines))
        rows = {symbol: klines(_files(holdings, symbol)) for symbol in symbols}
        self.start, self.end = _span(rows, request)
        self.instruments: dict[str, Instrument] = {s: _fit(s, k) for s, k in rows.items()}
        self._rows = {symbol: _series(part) for symbol, part in rows.items()}
        self._seed = request.seed
        self._last: dict[str, float] = {}
        self.fundings: dict[str, list[Funding]] = {
            s: fundings(holdings.funding[s], holdings.marks[s]) for s in symbols
        }
        self._rates = {s: _rates(items) for s, items in self.fundings.items()}
        self.interests: dict[str, Steps] = {
            s: interests(holdings.metrics[s]) for s in symbols if holdings.metrics[s]
        }
        for symbol in symbols:
            self._tell(symbol, rows[symbol], notice)

    def past(self, symbol: str) -> Series:
        """Return the 1m bars that closed at `start` or before."""
        rows = self._rows[symbol]
        return rows.head(rows.at_or_after(self.start))

    def minute(self, open_time: int) -> Minute:
        """Return one minute: paths of the bars that are there, marks of all symbols."""
        paths, marks = {}, {}
        for symbol, rows in self._rows.items():
            index = rows.at_or_after(open_time)
            bar = rows[index] if index < len(rows) else None
            if bar is not None and bar.open_time == open_time:
                paths[symbol] = recorded(bar, self.instruments[symbol], self._seed)
            marks[symbol] = self._marks(symbol, open_time, paths.get(symbol), rows, index)
        return Minute(open_time, paths, marks)

    def _marks(
        self, symbol: str, open_time: int, path: Path | None, rows: Series, index: int
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

    def _tell(self, symbol: str, rows: Klines, notice: Callable[[str], None]) -> None:
        inside = rows.times[(rows.times >= self.start) & (rows.times < self.end)]
        edges = np.concatenate([[self.start - MINUTE_MS], inside, [self.end]])
        holes = np.flatnonzero(np.diff(edges) > MINUTE_MS)
        if holes.size:
            at = int(edges[holes[0]]) + MINUTE_MS
            missing = int((np.diff(edges)[holes] - MINUTE_MS).sum()) // MINUTE_MS
            notice(
                f"{symbol}: the recording has {holes.size} gap(s), {missing} minutes in all, the "
                f"first at {moment(at)} UTC: no klines then."
            )
        if not self.fundings[symbol]:
            notice(f"{symbol}: no funding file beside the bars: the funding rate is unknown.")
        if symbol not in self.interests:
            notice(f"{symbol}: no metrics file beside the bars: /openInterest answers -4108.")


def _files(holdings: Holdings, symbol: str) -> list[FilePath]:
    intervals = holdings.klines.get(symbol)
    if intervals is None:
        known = ", ".join(sorted(holdings.klines))
        raise SourceError(f"{symbol} is not recorded there. Choose --symbols from: {known}.")
    if "1m" not in intervals:
        held = ", ".join(sorted(intervals))
        raise SourceError(f"{symbol} is recorded as {held} only. Bring its 1m bars.")
    return intervals["1m"]


def _span(rows: Mapping[str, Klines], request: Request) -> tuple[int, int]:
    spans = {s: (int(k.times[0]), int(k.times[-1]) + MINUTE_MS) for s, k in rows.items()}
    first, last = max(a for a, _ in spans.values()), min(b for _, b in spans.values())
    if first >= last:
        told = "; ".join(f"{s} {moment(a)} .. {moment(b)}" for s, (a, b) in spans.items())
        raise SourceError(f"The recordings do not overlap: {told}. Choose other --symbols.")
    start = _default_start(first, last) if request.start is None else request.start
    end = last if request.end is None else request.end
    for option, time in (("--from", start), ("--to", end)):
        if not first <= time <= last:
            raise SourceError(
                f"{option} {moment(time)} is outside the recording of {', '.join(rows)}: "
                f"choose within {moment(first)} .. {moment(last)} UTC."
            )
    if start >= end:
        raise SourceError(f"--from {moment(start)} is not before --to {moment(end)}.")
    return start, end


def _default_start(first: int, last: int) -> int:
    """The first midnight with enough past to warm up on, else the very beginning."""
    midnight = -(-(first + _WARM_MS) // DAY_MS) * DAY_MS
    return midnight if midnight < last else first


def _fit(symbol: str, rows: Klines) -> Instrument:
    volumes = (rows.columns[4], rows.columns[7])
    return fitted(symbol, _decimals(rows.columns[:4]), _decimals(volumes))


def _decimals(columns: Sequence[Floats]) -> int:
    """Return the fewest decimals that write all values exactly, EXACT where eight do not do.

    A whole number divided by a power of ten is the float nearest to that decimal, so the test
    below holds just for those floats that read back the same from the text.
    """
    for decimals in range(_MOST_DECIMALS + 1):
        scale = 10.0**decimals
        if all(np.array_equal(np.rint(values * scale) / scale, values) for values in columns):
            return decimals
    return EXACT


def _series(rows: Klines) -> Series:
    series = Series()
    series.extend(rows.times.tolist(), [column.tolist() for column in rows.columns])
    return series


def _rates(items: Sequence[Funding]) -> Steps:
    steps = Steps()
    for item in items:
        steps.append(round(item.time / MINUTE_MS) * MINUTE_MS, item.rate)
    return steps


def _next_funding(time: int, period: int) -> int:
    return time - time % period + period
