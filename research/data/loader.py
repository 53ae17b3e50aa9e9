"""Research data: download it, read it.

::

    import asyncio
    from research.data.loader import bulk_download_klines, data_folder, load

    asyncio.run(bulk_download_klines("BTCUSDT", "1m", days=90))
    table = load(data_folder(), "BTCUSDT", "2026-01-01", "2026-02-01")
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Unpack

from signalengine.facts.stream import Market

from .bars import BarTable
from .binance.downloads import DownloadOptions, download, funding, klines, open_interest
from .download import Download, data_folder
from .recordings import Recordings, checked_interval, scan
from .times import Moment

__all__ = [
    "bulk_download_funding", "bulk_download_klines", "bulk_download_open_interest", "data_folder",
    "interval_of", "load", "load_each", "passed_over", "symbols",
]  # fmt: skip


async def bulk_download_klines(
    symbol: str, interval: str, days: int | None = None, **options: Unpack[DownloadOptions]
) -> Download:
    """Download the bars of [start, end), or of the last `days` days, to the data folder.

    Whole days are downloaded; from the archive whole months where one file is smaller than its
    days. Files that are here and verified are not fetched again, so an interrupted call can be
    repeated. Raises DataError (ChecksumError, RefusedError) or SourceAwayError; the message names
    the fix.
    """
    return await download([klines(symbol, checked_interval(interval))], days, **options)


async def bulk_download_open_interest(
    symbol: str, period: str, days: int | None = None, **options: Unpack[DownloadOptions]
) -> Download:
    """Download open interest to the data folder, like `bulk_download_klines`.

    The archive has it since 2020 in steps of 5 minutes (its `metrics`, which are applied 5 minutes
    after their stamp, so that nothing looks ahead); REST in any period, for the last month.
    """
    wanted = open_interest(symbol, period, options.get("source", "archive"))
    return await download([wanted], days, **options)


async def bulk_download_funding(
    symbol: str, days: int | None = None, **options: Unpack[DownloadOptions]
) -> Download:
    """Download the funding rates paid to the data folder, whole months.

    The archive publishes a month after it is over: for the running one use source='rest'.
    """
    return await download([funding(symbol)], days, **options)


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
