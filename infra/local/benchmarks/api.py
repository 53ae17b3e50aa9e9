"""How fast the HTTP API answers on a table of 100,000 signals, in the embedded AWS.

    python -m infra.local.benchmarks.api --signals 100000 --requests 40

Not a test: it takes minutes, and its times are this machine's. Twenty synthetic markets (seeded)
are folded, decided and stored as the engine does, with signals of the 250 days before; then every
endpoint is requested over HTTP from the deployed stack with IAM enforced. The first row reads no
table: the time of another row beyond it is reading tables and writing JSON.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import requests
from pynamodb.models import Model
from signalengine.decisions import decide
from signalengine.facts.stream import Bar, BarsFact, HeartbeatFact, HistoryFact, Quality
from signalengine.fold import SymbolState, advance
from signalengine.intervals import DAY_MS, INTERVAL_MS, INTERVALS, MINUTE_MS, closing_at
from signalengine.policy import default_policy
from signalengine.settlement import StoredBar, settle
from signalengine.signals import (
    COMPONENTS,
    DIRECTIONS,
    Direction,
    Event,
    Settlement,
    Signal,
    signal_id,
    to_json,
)
from signalengine.stats.closed_signal import closed_signal, closed_to_json
from signalengine.stats.performance import Performance, add, outcome_row, total
from signalengine.stats.ratios import quantile
from signalengine_aws.application.heartbeats import status
from signalengine_aws.runtime.clock import day_of, month_of
from signalengine_aws.stores.items.groups import GroupsItem
from signalengine_aws.stores.items.state import GROUPS_KEY
from signalengine_aws.stores.log.entry import Entry, Reached, pack, pack_bars
from signalengine_aws.stores.log.groups import SIZE
from signalengine_aws.stores.log.log import bars_of, log_of
from signalengine_aws.stores.log.replay import Derived
from signalengine_aws.stores.performance import DAY_PREFIX, row_item
from signalengine_aws.stores.signals import opened_item
from signalengine_aws.stores.state import DynamoFeed, Progress
from signalengine_aws.stores.strategies import CLASSIC
from signalengine_aws.stores.tables import (
    MODELS,
    BarItem,
    DecisionItem,
    EventItem,
    SignalItem,
    StateItem,
    bind,
)

from machine.terminal import program

from ..stack.aws import EmbeddedAws

POLICY: Final = default_policy()
SYMBOLS: Final = tuple(f"S{n:02}USDT" for n in range(20))
NOW: Final = 1_767_225_600_000
"""2026-01-01 00:00 UTC: the newest close."""
DAYS: Final = 250
WARM: Final = 70 * 60
FOLDED: Final = 360
FAR_S: Final = 10**10
"""A TTL in the far future."""


# --- stored data ------------------------------------------------------------------------------


def minutes(symbol: str) -> list[Bar]:
    """Return a random walk of 1m bars that ends now."""
    chance, price = random.Random(symbol), 100.0
    out = []
    for number in range(WARM + FOLDED):
        wild = 4.0 if (number // 45) % 7 == 3 else 1.0
        path = [price := price * (1.0 + chance.gauss(0.0, 0.0004 * wild)) for _ in range(4)]
        volume = wild * (0.1 + abs(chance.gauss(10.0, 3.0)))
        opened = NOW - (WARM + FOLDED - number) * MINUTE_MS
        out.append(
            Bar("1m", opened, path[0], max(path), min(path), path[-1], volume, volume * path[0])
        )
    return out


def longer(interval: str, bars: list[Bar]) -> Bar:
    high, low = max(b.high for b in bars), min(b.low for b in bars)
    volume, quote = sum(b.volume for b in bars), sum(b.quote_volume or 0.0 for b in bars)
    first, last = bars[0], bars[-1]
    return Bar(interval, first.open_time, first.open, high, low, last.close, volume, quote)


def facts(symbol: str) -> Iterator[HistoryFact | BarsFact]:
    """Yield the warm-up, then each minute as it closes."""
    bars = minutes(symbol)
    for interval in reversed(INTERVALS):
        size = INTERVAL_MS[interval] // MINUTE_MS
        first = -bars[0].open_time // MINUTE_MS % size
        past = [longer(interval, bars[i : i + size]) for i in range(first, WARM - size + 1, size)]
        yield HistoryFact(symbol, interval, tuple(past[-499:]), "live")
    for number in range(WARM, len(bars)):
        minute = bars[number]
        ending = [
            longer(name, bars[number + 1 - INTERVAL_MS[name] // MINUTE_MS : number + 1])
            for name in closing_at(minute.close_time)
        ]
        yield BarsFact(symbol, tuple(ending), "live", "ws", minute.close_time + 100)


def folded(symbol: str) -> Iterator[Model]:
    """Yield every item that folding and deciding a market stores."""
    state, cooldown = SymbolState.fresh(symbol), None
    for fact in facts(symbol):
        step = advance(state, fact, POLICY)
        state = step.state
        if step.evaluation is None:
            continue
        closed_at = step.evaluation.close_time
        keys: dict[str, Any] = {"series": CLASSIC.key(symbol), "close_time": closed_at}
        keys |= {"day": CLASSIC.key(day_of(closed_at)), "ttl": FAR_S}
        yield EventItem(**keys, body=to_json(step.evaluation))
        decided = decide(step.evaluation, cooldown, POLICY, "bench")
        cooldown = decided.cooldown
        yield DecisionItem(**keys, body=to_json(decided.decision))
    closed_at, data = state.last_close_time, state.to_bytes()
    yield StateItem(symbol=symbol, data=data, close_time=closed_at, entry=FOLDED)


def logs() -> Iterator[Model]:
    """Yield the groups of the symbols, and their logs."""
    yield GroupsItem(symbol=GROUPS_KEY, last=len(SYMBOLS), body=json.dumps(SYMBOLS))
    for group in range(-(-len(SYMBOLS) // SIZE)):
        symbols = SYMBOLS[group * SIZE : (group + 1) * SIZE]
        each = [[one for one in facts(s) if isinstance(one, BarsFact)] for s in symbols]
        for number, minute in enumerate(zip(*each, strict=True), start=1):
            closed_at = minute[0].close_time
            reached = {symbol: Reached(closed_at, 0) for symbol in symbols}
            entry = Entry(number - 1, closed_at, reached, minute)
            yield BarItem(log_of(group), number, data=pack(entry), ttl=FAR_S)
            longer_ones = tuple((one.symbol, bar) for one in minute for bar in one.bars[1:])
            for bars in Derived((), longer_ones).by_time():
                bar = next(iter(bars.values()))
                key, position = bars_of(group, bar.interval), bar.open_time + number
                yield BarItem(key, position, data=pack_bars(bars), ttl=FAR_S)


def signals(count: int) -> Iterator[tuple[Signal, Settlement]]:
    """Yield `count` closed signals over the days before, alternating all symbols."""
    chance = random.Random(7)
    apart = DAYS * DAY_MS // count
    for number in range(count):
        symbol, direction = SYMBOLS[number % 20], DIRECTIONS[number % 3 % 2]
        minute = (NOW - (number + 1) * apart) // MINUTE_MS * MINUTE_MS
        one = signal(symbol, direction, minute, chance)
        moved = one.entry_price * (1.0 + one.side * chance.choice((0.02, 0.004, -0.004, -0.012)))
        low, high = sorted((one.entry_price, moved))
        end = settle(one, [StoredBar(minute, one.entry_price, high, low, moved)])
        assert end is not None  # noqa: S101 - it ends within one bar
        yield one, end


def signal(symbol: str, direction: Direction, at: int, chance: random.Random) -> Signal:
    side = 1.0 if direction == "long" else -1.0
    price = chance.uniform(50.0, 150.0)
    spread = {"spread": chance.random(), "atr": chance.random()}
    return Signal(
        signal_id=signal_id(POLICY.digest, symbol, at, direction), symbol=symbol,
        direction=direction, score=round(chance.uniform(0.5, 0.9), 6), close_time=at,
        entry_price=price, tp_price=price * (1.0 + side * 0.01),
        sl_price=price * (1.0 - side * 0.005), atr=price * 0.005, atr_interval="15m",
        expires_at=at + MINUTE_MS, components={name: chance.random() for name in COMPONENTS},
        missing=(), events=(Event("ema_cross", "5m", direction, chance.random(), spread),),
        quality=Quality(), market="live", policy_digest=POLICY.digest, code_version="bench",
        fee_bps=5.0, slippage_bps=1.0,
    )  # fmt: skip


def closed_item(one: Signal, end: Settlement) -> SignalItem:
    item = opened_item(one, end.closed_at)
    item.settlement = to_json(end)
    item.result, item.month = closed_to_json(closed_signal(one, end)), month_of(one.close_time)
    item.open = item.outbox = item.pending = None
    return item


def store(outputs: Mapping[str, str], count: int) -> str:
    """Fill the tables; returns the id of one signal among them."""
    for variable, model in MODELS.items():
        words = variable.split("_")
        bind(model, outputs["".join(word.capitalize() for word in words)])
    bind(GroupsItem, StateItem.Meta.table_name)
    for symbol in SYMBOLS:
        store_items(folded(symbol))
    store_items(logs())
    rows: dict[str, Performance] = {}
    newest = ""
    items = []
    for one, end in signals(count):
        newest = newest or one.signal_id
        rows[one.symbol] = add(rows.get(one.symbol, Performance.empty()), end, one.direction)
        day = DAY_PREFIX + day_of(one.close_time)
        rows[day] = total((rows.get(day, Performance.empty()), outcome_row(end, one.direction)))
        items.append(closed_item(one, end))
    store_items(iter(items))
    key = f"{POLICY.digest}:live"
    store_items(row_item(key, name, row) for name, row in rows.items())
    beat()
    return newest


def store_items(items: Iterator[Model]) -> None:
    """Write in batches, a table at a time."""
    groups: dict[type[Model], list[Model]] = {}
    for item in items:
        groups.setdefault(type(item), []).append(item)
    for model, group in groups.items():
        with model.batch_write() as batch:
            for item in group:
                batch.save(item)


def beat() -> None:
    fact = HeartbeatFact(
        time=NOW + 2_000, market="live", task="bench", symbols=SYMBOLS,
        prices=dict.fromkeys(SYMBOLS, 100.0), stream_ages_ms={"kline": 250, "mark": 900},
        reconnects=0, backlog=0, gaps=0, sent={}, cpu_percent=1.0, rss_bytes=50_000_000,
    )  # fmt: skip
    wall = time.time_ns() // 1_000_000
    feed = DynamoFeed(StateItem.Meta.table_name)
    feed.put_heartbeat(status(fact, watermark=NOW, received_at=wall, up_since=wall, open_signals=0))
    feed.put_progress(Progress(NOW), None)


# --- requests -------------------------------------------------------------------------------


def requests_of(newest: str) -> list[str]:
    """Return the paths to request, the one that reads no table first."""
    middle, page = "from=2025-06-01&to=2025-06-02", "limit=200"
    return [
        "/openapi.json", "/health", "/symbols", "/signals", f"/signals?{page}",
        f"/signals?{middle}", "/signals?symbol=S00USDT", "/signals?status=open",
        "/signals?status=tp_hit&direction=short", "/signals/stats", f"/signals/{newest}",
        "/decisions", "/decisions?symbol=S00USDT&verdict=emitted", "/events",
        "/events?type=oi_expansion", "/events/stats", "/performance?days=1", "/performance?days=7",
        "/performance?days=30", "/performance?days=30&symbol=S00USDT", "/performance?days=366",
        "/performance/stats", "/equity", "/top?limit=20", "/bars?symbol=S00USDT",
        "/bars?symbol=S00USDT&limit=1500", "/gaps", "/system", "/metrics", "/metrics/legacy",
    ]  # fmt: skip


def request(api: str, path: str, times: int) -> tuple[list[float], int]:
    """Return the ms of each request after the first, and the bytes of an answer unpacked."""
    took: list[float] = []
    size = 0
    with requests.Session() as session:
        for number in range(times + 1):
            began = time.perf_counter()
            answer = session.get(api + path, timeout=60)
            if number:
                took.append((time.perf_counter() - began) * 1000)
            answer.raise_for_status()
            size = len(answer.content)
    return took, size


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the HTTP API in the embedded AWS.")
    parser.add_argument("--signals", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=40)
    options = parser.parse_args()
    with EmbeddedAws() as aws:
        outputs = aws.deploy()
        os.environ.update({k: v for k, v in aws.env().items() if k.startswith("AWS_")})
        stop_following(aws)
        began = time.perf_counter()
        newest = store(outputs, options.signals)
        report(f"stored {options.signals} signals in {time.perf_counter() - began:.0f} s")
        report("| request | p50 ms | p95 ms | KB |\n|---|---|---|---|")
        for path in requests_of(newest):
            took, size = request(outputs["HttpUrl"], path, options.requests)
            row: list[Any] = [f"`{path}`", f"{quantile(took, 0.5):.0f}"]
            row += [f"{quantile(took, 0.95):.0f}", f"{size / 1000:.1f}"]
            report(f"| {' | '.join(row)} |")


def stop_following(aws: EmbeddedAws) -> None:
    """Disable the functions on the tables' streams: they would read 100,000 signals meanwhile."""
    client = aws.client("lambda")
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def report(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command's own output


if __name__ == "__main__":
    program(main)
