"""Series of symbols from one of Binance's sources: planned, estimated and downloaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict, Unpack

import aiohttp
from rich.console import Console
from signalengine.intervals import DAY_MS, INTERVAL_MS

from research.data.download import Download, checked_symbol, data_folder, span_of
from research.data.errors import DataError
from research.data.times import Moment

from . import rest, vision
from .budget import FILES_PER_MINUTE, SHARE, Timing
from .client import Client
from .licence import show_once
from .sources import SOURCES, UNKNOWN_SOURCE, Source, opened

_TIMING: Final = Timing()
_ARCHIVE_PERIOD: Final = "5m"
_METRICS: Final = "metrics"
_FUNDING: Final = "fundingRate"
_ZIPPED_ROW: Final = {"klines": 45, _METRICS: 27, _FUNDING: 16}
_PLAIN_ROW: Final = {"klines": 125, _METRICS: 60, _FUNDING: 35}
"""Bytes of a row, measured on files of large and of small contracts."""
_FILE_BYTES: Final = 250
"""Of a zip without rows, and of its checksum."""


class DownloadOptions(TypedDict, total=False):
    """Options that all downloads share; each may be left out."""

    start: Moment | None
    """Start of the span, in place of `days`."""
    end: Moment | None
    """End of the span; now by default."""
    source: Source
    """`archive` (default) or `rest`."""
    folder: Path | None
    """Where files go; `data_folder()` by default."""
    base_url: str | None
    """The source's address, in place of Binance's."""
    timing: Timing


@dataclass(frozen=True, slots=True)
class Wanted:
    """One series of a symbol, as the archive and as REST name it."""

    kind: str
    symbol: str
    interval: str
    step_ms: int
    series: Callable[[Client, int], rest.Series]
    """From the client and the exchange's time, ms."""
    since: int = 0
    """When the symbol was listed: nothing older is requested."""
    until: int | None = None
    """When it was delisted; None: it is listed, or that is unknown."""

    def files(self, span: tuple[int, int], now: int) -> list[vision.File]:
        """Return the archive's files of a span, as far as the symbol was listed."""
        return vision.plan(self.kind, self.symbol, self.interval, *self._within(span), now)

    def spans(self, span: tuple[int, int]) -> list[rest.Span]:
        """Return the spans of the files in which REST's rows of a span are stored."""
        first, last = self._within(span)
        if first >= last:
            return []
        cut = rest.months_of if self.kind == _FUNDING else rest.days_of
        return cut(first, last)

    def _within(self, span: tuple[int, int]) -> tuple[int, int]:
        first, last = span
        return max(first, self.since), last if self.until is None else min(last, self.until)

    def __str__(self) -> str:
        return f"{self.symbol} {self.interval or self.kind}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a download will bring; files that are here are not counted."""

    files: int
    present: int
    bytes: int
    requests: int
    seconds: float
    """At least, by the source's limits."""


def klines(symbol: str, interval: str) -> Wanted:
    """Return the bars of a symbol."""

    def series(client: Client, _: int) -> rest.Series:
        return rest.klines(client, symbol, interval)

    return Wanted("klines", checked_symbol(symbol), interval, INTERVAL_MS[interval], series)


def open_interest(symbol: str, period: str, source: str) -> Wanted:
    """Return the open interest of a symbol; raises DataError for a period the source lacks."""
    if period not in rest.PERIODS_MS:
        raise DataError(f"period {period!r}: use one of {', '.join(rest.PERIODS_MS)}.")
    if source == "archive" and period != _ARCHIVE_PERIOD:
        raise DataError(f"The archive has {_ARCHIVE_PERIOD} only: use that, or source='rest'.")

    def series(client: Client, now: int) -> rest.Series:
        return rest.open_interest(client, symbol, period, now)

    return Wanted(_METRICS, checked_symbol(symbol), "", rest.PERIODS_MS[period], series)


def funding(symbol: str) -> Wanted:
    """Return the funding rates of a symbol."""

    def series(client: Client, _: int) -> rest.Series:
        return rest.funding(client, symbol)

    return Wanted(_FUNDING, checked_symbol(symbol), "", rest.FUNDING_PERIOD_MS, series)


async def download(
    wanted: Sequence[Wanted], days: int | None = None, **options: Unpack[DownloadOptions]
) -> Download:
    """Bring [start, end), or the last `days` days, of all these series to the data folder.

    What is here and whole is not fetched again. Raises DataError (ChecksumError, RefusedError) or
    SourceAwayError; what was fetched by then stays.
    """
    source, timing = options.get("source", "archive"), options.get("timing", _TIMING)
    target = options.get("folder") or data_folder()
    start, end = options.get("start"), options.get("end")
    async with opened(source, options.get("base_url"), timing) as client:
        if source == "archive":
            span = span_of(days, start, end, timing.wall_ms())
            planned = _planned(wanted, span, timing.wall_ms())
            if not planned:
                raise DataError(_NOT_YET)
            show_once(target, Console(stderr=True))
            text = str(wanted[0]) if len(wanted) == 1 else f"{len(wanted)} series"
            return await vision.fetch(client, planned, target, text)
        now = await rest.server_time(client)
        first, last = span_of(days, start, end, now)
        each = [(one.series(client, now), one.spans((first, last))) for one in wanted]
        return await rest.fetch(each, now, target)


_NOT_YET: Final = "The archive publishes a day after it is over: choose an earlier start."


async def estimate(
    wanted: Sequence[Wanted], days: int | None = None, **options: Unpack[DownloadOptions]
) -> Estimate:
    """Estimate a download from its span and from what is here, without a request.

    Raises DataError as `download` does for its options.
    """
    source, timing = options.get("source", "archive"), options.get("timing", _TIMING)
    if source not in SOURCES:
        raise DataError(UNKNOWN_SOURCE.format(source))
    folder, now = options.get("folder") or data_folder(), timing.wall_ms()
    span = span_of(days, options.get("start"), options.get("end"), now)
    if source == "archive":
        return _of_archive(wanted, span, folder, now)
    async with aiohttp.ClientSession() as session:  # it is not used: nothing is requested
        client = Client(session, "", timing)
        return _of_rest([(one, one.series(client, now)) for one in wanted], span, folder, now)


def _planned(wanted: Sequence[Wanted], span: tuple[int, int], now: int) -> list[vision.File]:
    return [file for one in wanted for file in one.files(span, now)]


def _of_archive(
    wanted: Sequence[Wanted], span: tuple[int, int], folder: Path, now: int
) -> Estimate:
    files = present = size = 0
    for one in wanted:
        for file in one.files(span, now):
            if vision.is_here(file, folder):
                present += 1
                continue
            files += 1
            days = 30 if file.span == "monthly" else 1
            size += _FILE_BYTES + days * DAY_MS // one.step_ms * _ZIPPED_ROW[one.kind]
    return Estimate(files, present, size, 2 * files, 2 * files / FILES_PER_MINUTE * 60.0)


def _of_rest(
    wanted: Sequence[tuple[Wanted, rest.Series]], span: tuple[int, int], folder: Path, now: int
) -> Estimate:
    files = present = size = requests = 0
    weight = seconds = 0.0
    for one, series in wanted:
        for each in one.spans(span):
            _, start, end = each
            rows = max(0, min(end, now) - max(start, series.oldest)) // one.step_ms
            if rest.is_whole(series, each, now, folder):
                present += 1
            elif rows:
                files, size = files + 1, size + rows * _PLAIN_ROW[one.kind]
                pages = -(-rows // rest.KLINES_A_REQUEST) if one.kind == "klines" else 1
                requests += pages
                weight += 2 * pages if one.kind == "klines" else 0
                seconds += {"klines": 0.0, _METRICS: 0.3, _FUNDING: 0.6}[one.kind] / SHARE
    return Estimate(files, present, size, requests, seconds + weight / (2_400 * SHARE) * 60.0)
