"""An archive that has every day and month of one made market, at Binance's paths."""

import asyncio
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
from signalengine.intervals import DAY_MS, INTERVAL_MS, MINUTE_MS

from research.data.times import midnight, time_ms
from tests.research.data.binance_double import Binance
from tests.research.data.recordings import HEADER, checksum, zipped

_WAVES: Final = ((7.0, 2.1), (61.0, 1.3), (383.0, 2.9), (1789.0, 4.7))
"""Periods (minutes) and heights of which prices consist."""


class Published(dict[str, bytes]):
    """Files by path, made when they are requested."""

    def get(self, path: str, default: bytes | None = None) -> bytes | None:  # type: ignore[override]
        whole = path.removesuffix(".CHECKSUM")
        content = content_of(whole)
        if whole != path:
            return checksum(whole.rsplit("/", 1)[-1], content).encode()
        return content


@contextmanager
def archive() -> Iterator[Binance]:
    """Serve it from a thread."""
    binance = Binance(0, files=Published())
    began, ended = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with binance.running():
            began.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    began.wait()
    try:
        yield binance
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


@cache
def content_of(path: str) -> bytes:
    """Return a zip of klines or of open interest, of a day or a month."""
    name = path.rsplit("/", 1)[-1].removesuffix(".zip")
    _, kind, stamp = name.split("-", 2)
    start = time_ms(stamp if path.split("/")[2] == "daily" else f"{stamp}-01")
    end = start + DAY_MS
    if path.split("/")[2] == "monthly":
        end = time_ms(str(pd.Period(stamp, "M").end_time.date())) + DAY_MS
    return zipped(
        f"{name}.csv", interest(start, end) if kind == "metrics" else klines(start, end, kind)
    )


def klines(start: int, end: int, interval: str) -> str:
    """Return bars as the archive writes them; those of all intervals are of one walk."""
    minutes = np.arange(start // MINUTE_MS, end // MINUTE_MS)
    price = 50_000.0 + sum(20.0 * h * np.sin(minutes / p * 2.0 * np.pi) for p, h in _WAVES)
    count = INTERVAL_MS[interval] // MINUTE_MS
    shaped = np.round(price, 1).reshape(-1, count)
    opened = shaped[:, 0]
    volume = np.round(10.0 + 6.0 * np.sin(minutes / 17.0), 3).reshape(-1, count).sum(axis=1)
    times = minutes[::count] * MINUTE_MS
    zero = np.zeros(len(times), dtype=np.int64)
    columns = [
        times, opened, shaped.max(axis=1) + 3.0, shaped.min(axis=1) - 3.0, shaped[:, -1],
        volume.round(3), times + INTERVAL_MS[interval] - 1, (volume * opened).round(3),
        zero + 50, (volume * 0.5).round(3), zero, zero,
    ]  # fmt: skip
    frame = pd.DataFrame(dict(zip(HEADER.split(","), columns, strict=True)))
    return frame.to_csv(index=False, lineterminator="\n")


def interest(start: int, end: int) -> str:
    """Return a day of open interest."""
    stamps = pd.to_datetime(np.arange(midnight(start), end, 5 * MINUTE_MS), unit="ms")
    text = io.StringIO()
    for n, stamp in enumerate(stamps):
        text.write(f"{stamp:%Y-%m-%d %H:%M:%S},BTCUSDT,{8e4 + n % 40},1,1,1,1,1\n")
    return text.getvalue()
