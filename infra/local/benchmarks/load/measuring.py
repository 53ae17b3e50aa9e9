"""Runs the ingest task against a whole market, and measures its process."""

import asyncio
import os
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psutil
from signalengine.facts.stream import BarsFact, HeartbeatFact, decode

from infra.local.benchmarks.load.market import MINUTE_MS, Market
from infra.local.faults.stream import LocalStream
from infra.local.stack.processes import Child

READY_S: Final = 900.0
"""Warming up 500 symbols takes minutes: some 8,000 request units at 2,400 a minute."""
SETTLE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The process at one moment: seconds since the measurement began, CPU seconds, bytes."""

    at_s: float
    cpu_s: float
    rss: int


def measure(count: int, minutes: int, report: Callable[[str], None]) -> dict[str, Any]:
    """Return the task's resource use and lags for `count` symbols over `minutes` of wall time."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="market", daemon=True)
    thread.start()
    market = Market(count)
    asyncio.run_coroutine_threadsafe(market.start(), loop).result(10.0)
    now = lambda: time.time_ns() // 1_000_000  # noqa: E731 - the market's clock is wall time
    try:
        with TemporaryDirectory() as folder, LocalStream(now) as stream:
            return _measured(market, stream, Path(folder), minutes, report)
    finally:
        asyncio.run_coroutine_threadsafe(market.stop(), loop).result(10.0)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _measured(
    market: Market, stream: LocalStream, folder: Path, minutes: int, report: Callable[[str], None]
) -> dict[str, Any]:
    child = Child("ingest", ["ingest_task"], env=_environment(market, stream, folder),
                  log_dir=folder)  # fmt: skip
    began = time.monotonic()
    try:
        report(f"warming up {len(market.symbols)} symbols")
        child.ready(READY_S)
        warm_s = time.monotonic() - began
        time.sleep(SETTLE_S)
        before, since = market.messages, time.time()
        samples = _watched(child, minutes * 60.0, report)
        return {
            "symbols": len(market.symbols), "minutes": minutes, "warm_up_s": round(warm_s, 1),
            "messages_per_s": round((market.messages - before) / (time.time() - since)),
            **_usage(samples), **_lags(market, stream, since), **_counts(stream),
        }  # fmt: skip
    finally:
        child.stop()


def _environment(market: Market, stream: LocalStream, folder: Path) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return plain | {
        "AWS_ENDPOINT_URL": stream.endpoint, "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "ap-northeast-1", "FEED_STREAM": "feed",
        "SYMBOLS": ",".join(market.symbols), "MARKET": "live", "SPOOL_DIR": str(folder / "spool"),
        "TASK_NAME": "load", "BINANCE_REST_BASE": f"http://127.0.0.1:{market.port}",
        "BINANCE_WS_BASE": f"ws://127.0.0.1:{market.port}",
    }  # fmt: skip


def _watched(child: Child, seconds: float, report: Callable[[str], None]) -> list[Sample]:
    process, began = psutil.Process(child.pid), time.monotonic()
    samples = []
    while (at := time.monotonic() - began) < seconds:
        child.check()
        used = process.cpu_times()
        samples.append(Sample(at, used.user + used.system, process.memory_info().rss))
        report(f"{at:.0f} of {seconds:.0f} s")
        time.sleep(1.0)
    return samples


def _usage(samples: Sequence[Sample]) -> dict[str, Any]:
    """Return CPU of one core and memory; growth in megabytes an hour by least squares."""
    first, last = samples[0], samples[-1]
    spans = [(b.cpu_s - a.cpu_s) / (b.at_s - a.at_s)
             for a, b in zip(samples, samples[10:], strict=False)]  # fmt: skip
    line = statistics.linear_regression([s.at_s for s in samples], [s.rss for s in samples])
    return {
        "cpu_percent": round(100.0 * (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s), 1),
        "cpu_percent_busiest_10s": round(100.0 * max(spans, default=0.0), 1),
        "rss_mb_first": round(first.rss / 1e6, 1), "rss_mb_last": round(last.rss / 1e6, 1),
        "rss_mb_most": round(max(s.rss for s in samples) / 1e6, 1),
        "rss_mb_per_hour": round(line.slope * 3600.0 / 1e6, 2),
        "rss_mb_each_minute": [round(s.rss / 1e6, 1) for s in samples[::60]],
    }  # fmt: skip


def _lags(market: Market, stream: LocalStream, since: float) -> dict[str, Any]:
    """Return milliseconds from a closing kline's write to the socket to its fact in the stream."""
    lags = []
    for one in stream.taken:
        if b'"kind":"bars"' not in one.data[:40]:
            continue
        fact = decode(one.data)
        assert isinstance(fact, BarsFact)  # noqa: S101 - its kind was read above
        sent = market.sent_at.get((fact.symbol, fact.close_time))
        if sent is not None and sent >= since:
            lags.append((one.wall - sent) * 1_000.0)
    expected = sum(at >= since and close % MINUTE_MS == 0
                   for (_, close), at in market.sent_at.items())  # fmt: skip
    ordered = sorted(lags) or [0.0]
    return {
        "bars": len(lags), "bars_told": expected,
        "lag_ms_p50": round(ordered[len(ordered) // 2], 1),
        "lag_ms_p99": round(ordered[int(len(ordered) * 0.99)], 1),
        "lag_ms_most": round(ordered[-1], 1),
    }  # fmt: skip


def _counts(stream: LocalStream) -> dict[str, Any]:
    """Return the counts of the task's last heartbeat."""
    for one in reversed(stream.taken):
        if one.key == "heartbeat":
            beat = decode(one.data)
            assert isinstance(beat, HeartbeatFact)  # noqa: S101 - its key says so
            return {"own_cpu_percent": beat.cpu_percent, "gaps": beat.gaps,
                    "connections": beat.connections, "calls": stream.counts.calls}  # fmt: skip
    return {}
