"""Research data: bring it here, read it.

::

    import asyncio
    from research.data.loader import bulk_download_klines, data_folder, load

    asyncio.run(bulk_download_klines("BTCUSDT", "1m", days=90))
    table = load(data_folder(), "BTCUSDT", "2026-01-01", "2026-02-01")
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import aiohttp
from rich.console import Console
from signalengine.facts.stream import Market
from signalengine.intervals import INTERVAL_MS

from . import files, rest, stream_archive, vision
from .bars import BarTable
from .budget import Timing
from .client import Client
from .download import Download, checked_symbol, data_folder, span_of
from .errors import DataError
from .holdings import FACTS, FUNDING, INTEREST, MARK, METRICS, Holding, bar_files, of_kind, survey
from .licence import show_once
from .repairs import Repair, joined
from .rows import Rows, gap, short
from .series import Steps
from .times import Moment, moment, time_ms

Source: TypeAlias = Literal["archive", "rest"]

_TIMING: Final = Timing()
_ARCHIVE_PERIOD: Final = "5m"

__all__ = [
    "bulk_download_funding", "bulk_download_klines", "bulk_download_open_interest", "data_folder",
    "load", "symbols",
]  # fmt: skip


async def bulk_download_klines(
    symbol: str,
    interval: str,
    days: int | None = None,
    *,
    start: Moment | None = None,
    end: Moment | None = None,
    source: Source = "archive",
    folder: Path | None = None,
    base_url: str | None = None,
    timing: Timing = _TIMING,
) -> Download:
    """Bring the bars of [start, end), or of the last `days` days, to the data folder.

    Whole days (archive: whole months where they are lighter). What is here and verified is not
    fetched again, so a call that broke off is simply made again. Raises DataError (ChecksumError,
    RefusedError) or SourceAwayError; the message names the fix.
    """
    if interval not in INTERVAL_MS:
        raise DataError(f"interval {interval!r}: use one of {', '.join(INTERVAL_MS)}.")
    checked_symbol(symbol)
    async with _client(source, base_url, timing) as client:
        if source == "archive":
            span = span_of(days, start, end, timing.wall_ms())
            return await _from_archive(client, "klines", symbol, interval, span, folder)
        now = await rest.server_time(client)
        first, last = span_of(days, start, end, now)
        series = rest.klines(client, symbol, interval)
        return await rest.fetch(series, rest.days_of(first, last), now, folder or data_folder())


async def bulk_download_open_interest(
    symbol: str,
    period: str,
    days: int | None = None,
    *,
    start: Moment | None = None,
    end: Moment | None = None,
    source: Source = "archive",
    folder: Path | None = None,
    base_url: str | None = None,
    timing: Timing = _TIMING,
) -> Download:
    """Bring open interest to the data folder, like `bulk_download_klines`.

    The archive has it since 2020 in steps of 5 minutes (its `metrics`, which are used 5 minutes
    late: POLICY of the engine, no look-ahead); REST in any period, for one month back.
    """
    if period not in rest.PERIODS_MS:
        raise DataError(f"period {period!r}: use one of {', '.join(rest.PERIODS_MS)}.")
    if source == "archive" and period != _ARCHIVE_PERIOD:
        raise DataError(f"The archive has {_ARCHIVE_PERIOD} only: use that, or source='rest'.")
    checked_symbol(symbol)
    async with _client(source, base_url, timing) as client:
        if source == "archive":
            span = span_of(days, start, end, timing.wall_ms())
            return await _from_archive(client, "metrics", symbol, "", span, folder)
        now = await rest.server_time(client)
        first, last = span_of(days, start, end, now)
        series = rest.open_interest(client, symbol, period, now)
        return await rest.fetch(series, rest.days_of(first, last), now, folder or data_folder())


async def bulk_download_funding(
    symbol: str,
    days: int | None = None,
    *,
    start: Moment | None = None,
    end: Moment | None = None,
    source: Source = "archive",
    folder: Path | None = None,
    base_url: str | None = None,
    timing: Timing = _TIMING,
) -> Download:
    """Bring the funding rates paid to the data folder, whole months.

    The archive publishes a month after it is over: for the running one use source='rest'.
    """
    checked_symbol(symbol)
    async with _client(source, base_url, timing) as client:
        if source == "archive":
            span = span_of(days, start, end, timing.wall_ms())
            return await _from_archive(client, "fundingRate", symbol, "", span, folder)
        now = await rest.server_time(client)
        first, last = span_of(days, start, end, now)
        series = rest.funding(client, symbol)
        return await rest.fetch(series, rest.months_of(first, last), now, folder or data_folder())


async def _from_archive(
    client: Client,
    kind: str,
    symbol: str,
    interval: str,
    span: tuple[int, int],
    folder: Path | None,
) -> Download:
    target = folder or data_folder()
    show_once(target, Console(stderr=True))
    wanted = vision.plan(kind, symbol, interval, *span, client.timing.wall_ms())
    if not wanted:
        raise DataError("The archive publishes a day when it is over: ask for an earlier start.")
    return await vision.fetch(client, wanted, target, f"{symbol} {interval or kind}")


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
    async with aiohttp.ClientSession() as session:
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
    """Read the bars of a symbol with start <= open time < end, and what lies beside them.

    `path` is a file or a folder (subfolders too) of Binance's archive as CSV or zip, of freqtrade's
    feather files, of REST downloads, or of our own archive of the stream (1m bars; `market` chooses
    where it has several). What had to be repaired is in `.repairs`; anything that cannot be is a
    DataError naming file, row and fix.
    """
    if interval not in INTERVAL_MS:
        raise DataError(f"interval {interval!r}: use one of {', '.join(INTERVAL_MS)}.")
    low = None if start is None else time_ms(start)
    high = None if end is None else time_ms(end)
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
        raise DataError(
            f"{table.symbol}: no bars in that span; there are {moment(table.start)} .. "
            f"{moment(table.end)} UTC."
        )
    kept = [repair for repair in table.repairs if repair.kind != "gap"]
    missing = gap(cut.open_time, cut.interval_ms)
    edges = short(cut.open_time, start, end, cut.interval_ms)
    return replace(cut, repairs=joined([*kept, *missing, *edges]))
