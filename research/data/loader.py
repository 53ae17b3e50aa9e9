"""Research data: download it, read it.

::

    import asyncio
    from research.data.loader import bulk_download_klines, data_folder, load

    asyncio.run(bulk_download_klines("BTCUSDT", "1m", days=90))
    table = load(data_folder(), "BTCUSDT", "2026-01-01", "2026-02-01")
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict, Unpack

from rich.console import Console
from signalengine.facts.stream import Market

from .bars import BarTable
from .binance import rest, vision
from .binance.budget import Timing
from .binance.client import Client
from .binance.licence import show_once
from .binance.sources import Source, opened
from .download import Download, checked_symbol, data_folder, span_of
from .errors import DataError
from .recordings import Recordings, checked_interval, scan
from .times import Moment

_TIMING: Final = Timing()
_ARCHIVE_PERIOD: Final = "5m"

__all__ = [
    "bulk_download_funding", "bulk_download_klines", "bulk_download_open_interest", "data_folder",
    "interval_of", "load", "load_each", "passed_over", "symbols",
]  # fmt: skip


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


async def bulk_download_klines(
    symbol: str, interval: str, days: int | None = None, **options: Unpack[DownloadOptions]
) -> Download:
    """Download the bars of [start, end), or of the last `days` days, to the data folder.

    Whole days are downloaded; from the archive whole months where one file is smaller than its
    days. Files that are here and verified are not fetched again, so an interrupted call can be
    repeated. Raises DataError (ChecksumError, RefusedError) or SourceAwayError; the message names
    the fix.
    """
    checked_interval(interval)

    def series(client: Client, _: int) -> rest.Series:
        return rest.klines(client, symbol, interval)

    return await _download(_Wanted("klines", symbol, interval, series), days, **options)


async def bulk_download_open_interest(
    symbol: str, period: str, days: int | None = None, **options: Unpack[DownloadOptions]
) -> Download:
    """Download open interest to the data folder, like `bulk_download_klines`.

    The archive has it since 2020 in steps of 5 minutes (its `metrics`, which are applied 5 minutes
    after their stamp, so that nothing looks ahead); REST in any period, for the last month.
    """
    if period not in rest.PERIODS_MS:
        raise DataError(f"period {period!r}: use one of {', '.join(rest.PERIODS_MS)}.")
    if options.get("source", "archive") == "archive" and period != _ARCHIVE_PERIOD:
        raise DataError(f"The archive has {_ARCHIVE_PERIOD} only: use that, or source='rest'.")

    def series(client: Client, now: int) -> rest.Series:
        return rest.open_interest(client, symbol, period, now)

    return await _download(_Wanted("metrics", symbol, "", series), days, **options)


async def bulk_download_funding(
    symbol: str, days: int | None = None, **options: Unpack[DownloadOptions]
) -> Download:
    """Download the funding rates paid to the data folder, whole months.

    The archive publishes a month after it is over: for the running one use source='rest'.
    """

    def series(client: Client, _: int) -> rest.Series:
        return rest.funding(client, symbol)

    return await _download(_Wanted("fundingRate", symbol, "", series), days, **options)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One series of a symbol, as the archive and as REST name it."""

    kind: str
    symbol: str
    interval: str
    series: Callable[[Client, int], rest.Series]
    """From the client and the exchange's time, ms."""

    @property
    def spans(self) -> Callable[[int, int], list[tuple[str, int, int]]]:
        return rest.months_of if self.kind == "fundingRate" else rest.days_of


async def _download(
    wanted: _Wanted,
    days: int | None,
    *,
    start: Moment | None = None,
    end: Moment | None = None,
    source: Source = "archive",
    folder: Path | None = None,
    base_url: str | None = None,
    timing: Timing = _TIMING,
) -> Download:
    checked_symbol(wanted.symbol)
    target = folder or data_folder()
    async with opened(source, base_url, timing) as client:
        if source == "archive":
            span = span_of(days, start, end, timing.wall_ms())
            return await _from_archive(client, wanted, span, target)
        now = await rest.server_time(client)
        first, last = span_of(days, start, end, now)
        series = wanted.series(client, now)
        return await rest.fetch(series, wanted.spans(first, last), now, target)


async def _from_archive(
    client: Client, wanted: _Wanted, span: tuple[int, int], folder: Path
) -> Download:
    show_once(folder, Console(stderr=True))
    kind, symbol, interval = wanted.kind, wanted.symbol, wanted.interval
    planned = vision.plan(kind, symbol, interval, *span, client.timing.wall_ms())
    if not planned:
        raise DataError("The archive publishes a day after it is over: choose an earlier start.")
    return await vision.fetch(client, planned, folder, f"{symbol} {interval or kind}")


def load(
    path: Path | str | Recordings,
    symbol: str,
    start: Moment | None = None,
    end: Moment | None = None,
    *,
    interval: str = "1m",
    market: Market | None = None,
) -> BarTable:
    """Read the bars of a symbol with start <= open time < end, and their side data.

    `path` is a file or a folder (subfolders too) of Binance's archive as CSV or zip, of freqtrade's
    feather files, of REST downloads, of files in a layout that a mapping declares, or of our own
    archive of the stream (1m bars; `market` chooses where it has several). Repairs are listed in
    `.repairs`; what cannot be repaired is a DataError naming file, row and fix.
    """
    return scan(path).load(symbol, start, end, interval=interval, market=market)


def load_each(
    path: Path | str | Recordings,
    names: Iterable[str],
    start: Moment | None = None,
    end: Moment | None = None,
    *,
    interval: str = "1m",
) -> Iterator[BarTable]:
    """Yield the bars of several symbols as `load` reads them; the folder is looked through once.

    Raises DataError as `load`.
    """
    found = scan(path)
    return (found.load(symbol, start, end, interval=interval) for symbol in names)


def interval_of(path: Path | str | Recordings, symbol: str) -> str | None:
    """Return the only interval in which a file, or an archive of the stream, has bars.

    It is that of the rows where the file's name has none; None where `load` may find several, or
    none that it reads.
    """
    return scan(path).interval_of(symbol)


def passed_over(path: Path | str | Recordings) -> str:
    """Return a sentence that names the data of a file or folder that `load` passes over, or ""."""
    return scan(path).passed_over()


def symbols(path: Path | str | Recordings, interval: str = "1m") -> tuple[str, ...]:
    """Return the symbols that `load` can read from a file or folder, in alphabetical order."""
    return scan(path).symbols(interval)
