"""Research data: download it, read it.

::

    import asyncio
    from research.data.loader import bulk_download_klines, data_folder, load

    asyncio.run(bulk_download_klines("BTCUSDT", "1m", days=90))
    table = load(data_folder(), "BTCUSDT", "2026-01-01", "2026-02-01")
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypedDict, Unpack

import aiohttp
from rich.console import Console
from signalengine.facts.stream import Market
from signalengine.intervals import INTERVAL_MS, INTERVALS

from . import files, holdings, rest, stream_archive, vision
from .bars import BarTable
from .budget import Timing
from .client import Client
from .download import Download, checked_symbol, data_folder, span_of
from .errors import DataError, IntervalError, MissingBarsError
from .holdings import FACTS, FUNDING, INTEREST, MARK, METRICS, Holding, bar_files, of_kind, survey
from .licence import show_once
from .repairs import Repair, joined
from .rows import Rows, gap, short
from .series import Steps
from .times import Moment, checked_period, moment, time_ms

Source: TypeAlias = Literal["archive", "rest"]

_TIMING: Final = Timing()
_ARCHIVE_PERIOD: Final = "5m"

__all__ = [
    "bulk_download_funding", "bulk_download_klines", "bulk_download_open_interest", "data_folder",
    "interval_of", "load", "passed_over", "symbols",
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
    if interval not in INTERVAL_MS:
        raise DataError(f"interval {interval!r}: use one of {', '.join(INTERVAL_MS)}.")

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
    async with _client(source, base_url, timing) as client:
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


@asynccontextmanager
async def _client(source: str, base_url: str | None, timing: Timing) -> AsyncIterator[Client]:
    bases = {
        "archive": (vision.BASE_VARIABLE, vision.BASE_URL),
        "rest": (rest.BASE_VARIABLE, rest.BASE_URL),
    }
    if source not in bases:
        raise DataError(f"source {source!r}: use 'archive' or 'rest'.")
    variable, default = bases[source]
    base = base_url or os.environ.get(variable) or default
    async with aiohttp.ClientSession(trust_env=True) as session:  # the environment's proxy
        yield Client(session, base.rstrip("/"), timing)


def load(
    path: Path | str,
    symbol: str,
    start: Moment | None = None,
    end: Moment | None = None,
    *,
    interval: str = "1m",
    market: Market | None = None,
) -> BarTable:
    """Read the bars of a symbol with start <= open time < end, and their side data.

    `path` is a file or a folder (subfolders too) of Binance's archive as CSV or zip, of freqtrade's
    feather files, of REST downloads, or of our own archive of the stream (1m bars; `market` chooses
    where it has several). Repairs are listed in `.repairs`; what cannot be repaired is a
    DataError naming file, row and fix.
    """
    if interval not in INTERVAL_MS:
        raise DataError(f"interval {interval!r}: use one of {', '.join(INTERVAL_MS)}.")
    low = None if start is None else time_ms(start)
    high = None if end is None else time_ms(end)
    checked_period(low, high)
    where = Path(path).expanduser()
    held = survey(where)
    facts = [item.path for item in held if item.kind == FACTS]
    if facts and any(item.symbol == symbol for item in held):
        raise DataError(
            f"{where} holds {symbol} both as files of bars and in an archive of the stream. Name "
            "the folder of one of them."
        )
    if facts:
        if interval != "1m":
            raise DataError(f"The stream's archive gives 1m bars: use .resample({interval!r}).")
        table = stream_archive.table_of(facts, symbol, market)
    else:
        table = _recorded(held, where, symbol, interval)
    return _cut(table, low, high)


def interval_of(path: Path | str, symbol: str) -> str | None:
    """Return the only interval in which a file, or an archive of the stream, has bars.

    It is that of the rows where the file's name has none; None where `load` may find several, or
    none that it reads.
    """
    where = Path(path).expanduser()
    held = survey(where)
    if any(item.kind == FACTS for item in held):
        return INTERVALS[0]
    if where.is_dir():
        return None
    if held[0].kind:
        return held[0].kind if held[0].kind in INTERVALS else None
    for interval in INTERVALS:
        with suppress(IntervalError):
            files.bars([where], symbol, interval)
            return interval
    return None


def passed_over(path: Path | str) -> str:
    """Return a sentence that names the data of a file or folder that `load` passes over, or ""."""
    return holdings.passed_over(survey(Path(path).expanduser()))


def symbols(path: Path | str, interval: str = "1m") -> tuple[str, ...]:
    """Return the symbols that `load` can read from a file or folder, in alphabetical order."""
    held = survey(Path(path).expanduser())
    named = {item.symbol for item in held if item.kind == interval and item.symbol}
    facts = [item.path for item in held if item.kind == FACTS]
    return tuple(sorted(named or {fact.symbol for fact in stream_archive.read_facts(facts)}))


def _recorded(held: list[Holding], path: Path, symbol: str, interval: str) -> BarTable:
    rows = files.bars(bar_files(held, path, symbol, interval), symbol, interval)
    funding, funding_repairs = files.funding(of_kind(held, symbol, FUNDING))
    mark, mark_repairs = files.marks(of_kind(held, symbol, MARK))
    interest, interest_repairs = _interest(held, symbol)
    repairs = joined([*rows.repairs, *funding_repairs, *mark_repairs, *interest_repairs])
    table = BarTable.of_rows(symbol, Rows(rows.times, rows.columns, repairs), interval)
    return replace(table, open_interest=interest, funding=funding, mark=mark)


def _interest(held: list[Holding], symbol: str) -> tuple[Steps | None, tuple[Repair, ...]]:
    """Open interest of REST is exact; the archive's fills in where there is none of it."""
    exact, repairs = files.interest(of_kind(held, symbol, INTEREST), symbol)
    lagged, more = files.metrics(of_kind(held, symbol, METRICS), symbol)
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
