"""Binance's REST history, stored as one CSV file a day (or month) in the archive's own layout.

A file whose last row is the last of its span is whole, and never requested again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

from signalengine.errors import MalformedFactError
from signalengine.exchanges.binance import messages
from signalengine.exchanges.binance import rest as paths
from signalengine.exchanges.binance.exchange import BINANCE
from signalengine.intervals import DAY_MS, INTERVAL_MS

from machine.files import write
from research.data.download import Download, each
from research.data.errors import DataError, RefusedError
from research.data.files import FUNDING, INTEREST, KLINES
from research.data.times import day_of, midnight, month_starts

from .budget import budgets_of
from .client import Client, MissingError

BASE_URL: Final = BINANCE.rest_base.default
BASE_VARIABLE: Final = BINANCE.rest_base.variable
KLINES_A_REQUEST: Final = 480
"""Below 500 a request weighs 2: more bars for the weight than any larger page."""
STATISTICS_HELD_MS: Final = 30 * DAY_MS
FUNDING_PERIOD_MS: Final = 8 * 60 * 60_000
"""The longest there is."""
PERIODS_MS: Final = {
    "5m": 300_000, "15m": 900_000, "30m": 1_800_000, "1h": 3_600_000, "2h": 7_200_000,
    "4h": 14_400_000, "6h": 21_600_000, "12h": 43_200_000, "1d": DAY_MS,
}  # fmt: skip
"""Of open interest statistics."""
_AT_ONCE: Final = 4

Row = Sequence[Any]
Span: TypeAlias = tuple[str, int, int]
"""The stamp in a file's name, start and end in ms."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series to fetch: rows of [start, end), and the layout they are stored in."""

    folder: str
    stem: str
    header: tuple[str, ...]
    step_ms: int
    """From one row to the next, at most."""
    rows: Callable[[int, int], Awaitable[list[Row]]]
    """Fetch the rows with start <= time < end; the time is a row's first field."""
    oldest: int = 0
    """What is older than this (ms) the exchange does not have."""

    def target(self, stamp: str) -> str:
        """Return the path of a span's file in the data folder."""
        return f"{self.folder}/{self.stem}-{stamp}.csv"


async def server_time(client: Client) -> int:
    """Return the exchange's time, ms: it decides which bars have closed."""
    budget = budgets_of(client.base_url).weight
    answer = await _answered(client.json(paths.SERVER_TIME, {}, budget, 1))
    return int(_parsed(messages.parse_server_time, answer))


async def fetch(
    wanted: Sequence[tuple[Series, Sequence[Span]]], now: int, folder: Path
) -> Download:
    """Bring each span of each series to its file, as far as it is over by `now`.

    Raises SourceAwayError, RefusedError; DataError when there are no rows at all.
    """
    done = Download(folder)
    jobs = [partial(_bring, series, span, now, done) for series, spans in wanted for span in spans]
    first = wanted[0][0]
    text = first.stem if len(wanted) == 1 else f"{len(wanted)} series"
    await each(text, jobs, at_once=_AT_ONCE)
    done.notes += sorted(_too_old(wanted))
    if not done.fetched + done.present:
        raise DataError(
            " ".join([f"{text}: the exchange has nothing of that span. Choose a later one.",
                      *done.notes])
        )  # fmt: skip
    return done


def _too_old(wanted: Sequence[tuple[Series, Sequence[Span]]]) -> set[str]:
    """Return a sentence if a span begins before what the exchange has."""
    return {
        f"The exchange has open interest of {STATISTICS_HELD_MS // DAY_MS} days, from "
        f"{day_of(series.oldest)} on: source='archive' has it since 2020."
        for series, spans in wanted
        if any(start < midnight(series.oldest) for _, start, _ in spans)
    }


def is_whole(series: Series, span: Span, now: int, folder: Path) -> bool:
    """Return whether the file of a span is here, and its last row is the span's last."""
    stamp, _, end = span
    return end <= now and _last_time(folder / series.target(stamp)) >= end - series.step_ms


async def _bring(series: Series, span: Span, now: int, done: Download) -> None:
    stamp, start, end = span
    name = series.target(stamp)
    target = done.folder / name
    if is_whole(series, span, now, done.folder):
        done.present += 1
        return
    rows = await series.rows(start, min(end, now))
    if not rows:
        done.missing.append(name)
        return
    lines = [",".join(series.header), *(",".join(map(str, row)) for row in rows)]
    text = "\n".join(lines) + "\n"
    write(target, text)
    done.fetched += 1
    done.bytes += len(text)


def _last_time(target: Path) -> int:
    """Return the time of a file's last row, 0 without the file."""
    if not target.exists():
        return 0
    last = target.read_text(encoding="utf-8").rstrip("\n").rsplit("\n", 1)[-1].split(",", 1)[0]
    return int(last) if last.isdigit() else 0


def days_of(start: int, end: int) -> list[Span]:
    """Return each UTC day that [start, end) touches as (stamp, start, end)."""
    return [(day_of(time), time, time + DAY_MS) for time in range(midnight(start), end, DAY_MS)]


def months_of(start: int, end: int) -> list[Span]:
    """Return each UTC month that [start, end) touches as (stamp, start, end)."""
    starts = month_starts(start, end)
    return [(day_of(first)[:7], first, after) for first, after in pairwise(starts)]


def klines(client: Client, symbol: str, interval: str) -> Series:
    """Closed bars, in the exchange's own rows."""
    step = INTERVAL_MS[interval]
    budget = budgets_of(client.base_url).weight

    async def rows(start: int, end: int) -> list[Row]:
        found: list[Row] = []
        for first in range(start, end, step * KLINES_A_REQUEST):
            last = min(first + step * KLINES_A_REQUEST, end // step * step)
            limit = (last - first) // step
            if limit < 1:
                break
            query: dict[str, str | int] = {
                "symbol": symbol, "interval": interval, "limit": limit,
                "startTime": first, "endTime": last - 1,
            }  # fmt: skip
            weight = paths.klines_weight(limit)
            answer = await _answered(client.json(paths.KLINES, query, budget, weight))
            _parsed(messages.parse_kline_rows, answer, interval)
            found += [row[: len(KLINES)] for row in answer if first <= row[0] < last]
        return found

    return Series(f"rest/klines/{symbol}/{interval}", f"{symbol}-{interval}", KLINES, step, rows)


def open_interest(client: Client, symbol: str, period: str, now: int) -> Series:
    """Open interest at the end of each period; the exchange has one month of it."""
    budget = budgets_of(client.base_url).statistics
    oldest = now - STATISTICS_HELD_MS + PERIODS_MS[period]

    async def rows(start: int, end: int) -> list[Row]:
        if end <= oldest:
            return []
        query: dict[str, str | int] = {
            "symbol": symbol, "period": period, "limit": 500,
            "startTime": max(start, oldest), "endTime": end - 1,
        }  # fmt: skip
        answer = await _answered(client.json(paths.OPEN_INTEREST_HISTORY, query, budget, 1))
        parsed = _parsed(messages.parse_open_interest_history, answer)
        values = [raw.get("sumOpenInterestValue", "") for raw in answer]
        return [
            (item.time, item.symbol, raw["sumOpenInterest"], value)
            for item, raw, value in zip(parsed, answer, values, strict=True)
            if start <= item.time < end
        ]

    stem = f"{symbol}-openInterestHist-{period}"
    folder = f"rest/openInterestHist/{symbol}/{period}"
    return Series(folder, stem, INTEREST, PERIODS_MS[period], rows, oldest)


def funding(client: Client, symbol: str) -> Series:
    """Rates paid."""
    budget = budgets_of(client.base_url).funding

    async def rows(start: int, end: int) -> list[Row]:
        query: dict[str, str | int] = {
            "symbol": symbol,
            "startTime": start,
            "endTime": end - 1,
            "limit": 1000,
        }
        answer = await _answered(client.json(paths.FUNDING_RATES, query, budget, 1))
        _parsed(messages.parse_funding_rates, answer)
        return [
            (raw["fundingTime"], "", raw["fundingRate"])
            for raw in answer
            if start <= raw["fundingTime"] < end
        ]

    stem = f"{symbol}-fundingRate"
    return Series(f"rest/fundingRate/{symbol}", stem, FUNDING, FUNDING_PERIOD_MS, rows)


async def _answered(answer: Awaitable[Any]) -> Any:
    try:
        return await answer
    except MissingError as error:
        raise RefusedError(f"{error}: no such address. Is the base URL right?") from error


def _parsed(parse: Callable[..., Any], *arguments: Any) -> Any:
    """Use the engine's own parser: rows that it would refuse are not stored."""
    try:
        return parse(*arguments)
    except MalformedFactError as error:
        raise DataError(f"The exchange answered with invalid rows: {error}.") from error
