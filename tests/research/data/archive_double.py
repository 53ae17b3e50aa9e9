"""Downloads of published days from a double of Binance's archive."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path

from signalengine.intervals import DAY_MS

from research.data.loader import (
    bulk_download_klines,
)
from research.data.times import day_of
from tests.research.data.binance_double import Binance, VirtualTime
from tests.research.data.recordings import MINUTE, START, csv, market, zipped

NOW = START + 10 * DAY_MS + 9 * 60 * MINUTE
"""2026-02-11 09:00."""
FIRST = "futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2026-02-01.zip"


@cache
def published_day(day: int) -> tuple[str, bytes]:
    """Return path and zip of a day of 1m bars, counted from START's."""
    start = START + day * DAY_MS
    name = f"BTCUSDT-1m-{day_of(start)}"
    bars = market((day + 1) * 1440).between(start)
    text = csv(bars, header=day % 2 == 0)
    return f"futures/um/daily/klines/BTCUSDT/1m/{name}.zip", zipped(f"{name}.csv", text)


def with_binance(
    use: Callable[[Binance, VirtualTime], Awaitable[object]], days: int = 3
) -> tuple[Binance, VirtualTime]:
    clock, binance = VirtualTime(NOW), Binance(NOW)
    for day in range(days):
        binance.publish(*published_day(day))

    async def run() -> None:
        async with binance.running():
            await use(binance, clock)

    asyncio.run(run())
    return binance, clock


def get(folder: Path, days: int = 3, symbol: str = "BTCUSDT"):
    """Return a use that downloads the first days."""

    async def use(binance: Binance, clock: VirtualTime):
        return await bulk_download_klines(
            symbol, "1m", start=START, end=START + days * DAY_MS,
            folder=folder, base_url=binance.base_url, timing=clock.timing(),
        )  # fmt: skip

    return use
