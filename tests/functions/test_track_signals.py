"""track_signals: open signals end as their bars say, once, whoever looks first."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signalengine.errors import TransientError
from signalengine.facts.alerts import alert_for
from signalengine.facts.stream import BarsFact, Fact, Market, PathPoint, TicksFact
from signalengine.intervals import MINUTE_MS
from signalengine.policy import default_policy
from signalengine_aws.application.track_signals import LOST_MS
from signalengine_aws.runtime import clients
from signalengine_aws.stores.alerts import DynamoAlerts, StoredAlert
from signalengine_aws.stores.connections import DynamoConnections
from signalengine_aws.stores.gaps import DynamoGaps
from signalengine_aws.stores.performance import DynamoPerformance
from signalengine_aws.stores.state import DynamoFeed
from signalengine_aws.stores.strategies import without_strategy

from functions.track_signals import handler as module
from tests.aws.capacity import Capacity
from tests.aws.law import assert_every_interruption_is_healed, clean_run, interrupted, outcome
from tests.aws.market import gap, heartbeat, history, ticks
from tests.aws.positions import T, minute, open_signals, signal, store_folded, store_minutes
from tests.aws.world import Mode, Trouble, World, kinesis_event
from tests.examples import examples

HOUR = 60 * MINUTE_MS
LATE = T + HOUR + 10 * MINUTE_MS
"""Ten minutes after the time of a signal that opened at T is up."""


@pytest.fixture
def run(world: World, context: object) -> Callable[..., None]:
    return partial(handle, context)


def handle(context: object, *facts: Fact | bytes, first: int = 0) -> None:
    module.handler(kinesis_event(*facts, first=first), context)


def sweep(context: object) -> None:
    module.handler({"sweep": True}, context)


def restart() -> None:
    module.parts.cache_clear()


def outcomes(world: World) -> dict[str, tuple[str, str]]:
    """(outcome, resolution) of each closed signal, by symbol."""
    found = {}
    for row in world.rows("SIGNALS_TABLE"):
        if "settlement" in row:
            end = json.loads(row["settlement"]["S"])
            found[without_strategy(row["series"]["S"])] = (end["outcome"], end["resolution"])
    return found


def one_of_each_kind() -> None:
    """Signals that TP, time and force will end, two that stay open, and a client."""
    DynamoConnections("connections_table").resume("listener")
    names = ("TPUSDT", "TICKUSDT", "HOLEUSDT")
    open_signals(*(signal(name) for name in names), signal("TIMEUSDT", lifetime=1))
    open_signals(signal("OPENUSDT", close_time=LATE))
    store_minutes(
        minute("TPUSDT", 0), minute("TPUSDT", 1, high=103.0), minute("TIMEUSDT", 0),
        minute("TICKUSDT", 0), minute("HOLEUSDT", 0), minute("HOLEUSDT", 2, low=90.0),
    )  # fmt: skip
    store_folded("HOLEUSDT", LATE)


EVERYTHING: tuple[Fact | bytes, ...] = (
    minute("TPUSDT", 1),
    ticks(T + 90_000, TICKUSDT=(100.0, 99.9, 102.5, 102.4)),
    b"no fact at all",
    gap(T),
    heartbeat(LATE, "TPUSDT"),
)


@pytest.mark.slow
def test_every_interruption_of_a_batch_is_healed(world: World, run: Callable[..., None]) -> None:
    calls = assert_every_interruption_is_healed(
        world, one_of_each_kind, partial(run, *EVERYTHING), restart
    )
    assert outcomes(world) == {
        "TPUSDT": ("tp_hit", "bar"),
        "TIMEUSDT": ("expired", "bar"),
        "HOLEUSDT": ("expired", "forced"),
    }
    rows = DynamoPerformance("performance_table").days(signal().stats_key)
    assert rows["2025-05-19"].closed == 3
    assert calls > 15


@pytest.mark.slow
def test_every_interruption_of_a_sweep_is_healed(world: World, context: object) -> None:
    def prepare() -> None:
        open_signals(signal("TPUSDT"), signal("HOLEUSDT"))
        store_minutes(minute("TPUSDT", 0, high=103.0))
        store_folded("HOLEUSDT", LATE)
        DynamoFeed("state_table").put_heartbeat({"watermark": LATE, "symbols": [], "halted": []})

    assert_every_interruption_is_healed(world, prepare, partial(sweep, context), restart)
    assert outcomes(world) == {"TPUSDT": ("tp_hit", "bar"), "HOLEUSDT": ("expired", "forced")}


@pytest.mark.slow
@settings(examples(8), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bars_come_in_any_batches_and_end_signals_the_same(
    world: World, run: Callable[..., None], context: object, data: st.DataObject
) -> None:
    """Stored bars, stream, sweeps and deaths interleave in any way."""
    stream = minutes_of_two_symbols()
    expected = settled_by_one_sweep(world, stream, context)
    world.reset()
    restart()
    open_signals(signal("AUSDT"), signal("BUSDT", "short"))
    stored = told = 0
    while told < len(stream):
        now_stored = data.draw(st.integers(max(stored, told), len(stream)))
        store_minutes(*stream[stored:now_stored])
        stored = now_stored
        size = data.draw(st.integers(1, 8))
        part = partial(run, *stream[told : told + size], first=told)
        if data.draw(st.booleans()):
            mode: Mode = data.draw(st.sampled_from(("before", "after", "throttled")))
            interrupted(world, Trouble(data.draw(st.integers(0, 8)), mode), part, restart)
        part()
        told += size
    store_minutes(*stream[stored:])
    sweep(context)
    assert world.rows("SIGNALS_TABLE") == expected["signals"]
    assert world.rows("PERFORMANCE_TABLE") == expected["performance"]


def minutes_of_two_symbols() -> list[BarsFact]:
    """A takes its profit in minute 4; B, short, is stopped inside minute 7."""
    found = []
    for number in range(9):
        found.append(minute("AUSDT", number, high=102.0 if number == 4 else 100.2))
        path = (PathPoint(3, 99.9, 101.5), PathPoint(40, 97.0, 101.5)) if number == 7 else None
        low, high = (97.0, 101.5) if number == 7 else (99.8, 100.2)
        found.append(minute("BUSDT", number, low=low, high=high, path=path))
    return found


def settled_by_one_sweep(world: World, stream: list[BarsFact], context: object) -> dict[str, Any]:
    world.reset()
    restart()
    open_signals(signal("AUSDT"), signal("BUSDT", "short"))
    store_minutes(*stream)
    sweep(context)
    assert outcomes(world) == {"AUSDT": ("tp_hit", "bar"), "BUSDT": ("sl_hit", "path")}
    return {
        "signals": world.rows("SIGNALS_TABLE"),
        "performance": world.rows("PERFORMANCE_TABLE"),
    }


def test_closing_leaves_the_index_of_open_signals_and_enters_the_outbox(
    world: World, run: Callable[..., None]
) -> None:
    open_signals(signal())
    store_minutes(minute("BTCUSDT", 0, high=102.0))
    world.now += 5_000
    run(minute("BTCUSDT", 0, high=102.0))
    (row,) = world.rows("SIGNALS_TABLE")
    assert "open" not in row
    assert row["outbox"] == {"S": "1"}
    assert sorted(row["pending"]["SS"]) == ["closed", "opened"]
    assert row["updated_at"] == {"N": str(world.now)}


def test_statistics_are_stored_by_symbol_and_by_day(world: World, run: Callable[..., None]) -> None:
    open_signals(signal("AUSDT"), signal("BUSDT"))
    store_minutes(minute("AUSDT", 0, high=102.0), minute("BUSDT", 0, low=98.5))
    run(heartbeat(T + MINUTE_MS, "AUSDT", "BUSDT"))
    rows = DynamoPerformance("performance_table").symbols(signal().stats_key)
    assert {name: (row.wins, row.version) for name, row in rows.items()} == {
        "AUSDT": (1, 1),
        "BUSDT": (0, 1),
    }
    assert rows["AUSDT"].net_sum == rows["AUSDT"].best == 2_000_000 - 120_000
    assert rows["BUSDT"].worst == -1_000_000 - 120_000


@pytest.mark.parametrize("market", ["live", "simulated", "recording"])
def test_ticks_settle_nothing_and_read_no_bars(
    world: World, run: Callable[..., None], market: Market
) -> None:
    """This is every second on AWS, also while a level is crossed: the minute's bar decides."""
    open_signals(signal(market=market))
    store_minutes(minute("BTCUSDT", 0))
    run(minute("BTCUSDT", 0))
    touch = ticks(T + MINUTE_MS + 1000, BTCUSDT=(100.0, 99.9, 102.5, 102.4))
    world.trouble = counter = Trouble(-1, "before")
    for number in range(5):
        run(replace(touch, market=market), first=number + 1)
    assert counter.calls == 0
    assert outcomes(world) == {}


def test_a_signal_that_opened_meanwhile_is_found_within_ten_seconds(
    world: World, run: Callable[..., None]
) -> None:
    hit = minute("BTCUSDT", 0, high=102.5)
    quiet = ticks(T + MINUTE_MS + 1000, BTCUSDT=(100.0, 99.9, 100.2, 100.1))
    store_minutes(hit)
    run(hit)
    open_signals(signal())
    run(quiet, first=1)
    assert outcomes(world) == {}
    world.now += 10_000
    run(quiet, first=2)
    assert outcomes(world) == {"BTCUSDT": ("tp_hit", "bar")}


def test_bars_that_are_stored_after_they_were_streamed_are_read_again(
    world: World, run: Callable[..., None]
) -> None:
    """compute_features may be slower than track_signals."""
    open_signals(signal())
    hit = minute("BTCUSDT", 0, high=102.0)
    run(hit)
    assert outcomes(world) == {}
    store_minutes(hit)
    run(ticks(T + MINUTE_MS + 1000, BTCUSDT=(100.0, 99.9, 100.1, 100.0)), first=1)
    assert outcomes(world) == {"BTCUSDT": ("tp_hit", "bar")}


def test_a_signals_first_minute_is_looked_at_once(world: World, run: Callable[..., None]) -> None:
    """There are no bars to read before its own first one: each second's look would cost a read."""
    world.trouble = counter = Trouble(-1, "before")
    open_signals(signal())
    run(minute("BTCUSDT", -1))
    before = counter.calls
    for second in range(1, 9):
        world.now += 1_000
        run(ticks(T + second * 1000, BTCUSDT=(100.0, 100.0, 100.0, 100.0)), first=second)
    assert counter.calls == before


def test_no_expiry_is_forced_while_bars_may_still_be_stored(
    world: World, run: Callable[..., None]
) -> None:
    """In a fast replay the feed is hours of exchange time ahead of compute_features."""
    open_signals(signal())
    store_folded("BTCUSDT", T + HOUR)
    store_folded("ETHUSDT", LATE)
    run(heartbeat(LATE, "BTCUSDT", "ETHUSDT"))
    assert outcomes(world) == {}
    store_folded("BTCUSDT", LATE)
    run(heartbeat(LATE + 10_000, "BTCUSDT"), first=1)
    assert outcomes(world) == {"BTCUSDT": ("expired", "forced")}


def test_a_delisted_symbol_s_end_is_forced_when_its_bars_can_no_longer_come(
    world: World, run: Callable[..., None], context: object
) -> None:
    open_signals(signal())
    store_minutes(minute("BTCUSDT", 0))
    DynamoConnections("connections_table").resume("listener")
    run(heartbeat(LATE, "ETHUSDT"))
    assert outcomes(world) == {}
    world.now += HOUR + LOST_MS + 1
    sweep(context)
    assert outcomes(world) == {"BTCUSDT": ("expired", "forced")}


def test_a_heartbeat_is_stored_and_published_with_the_newest_time(
    world: World, run: Callable[..., None]
) -> None:
    open_signals(signal())
    DynamoConnections("connections_table").resume("listener")
    beat = heartbeat(T, "BTCUSDT")
    run(beat, ticks(T + 700, BTCUSDT=(100.0, 99.9, 100.1, 100.0)), heartbeat(T - 1, "BTCUSDT"))
    stored = DynamoFeed("state_table").heartbeat()
    assert stored is not None
    assert (stored["time"], stored["watermark"]) == (T, T + 700)
    (told,) = world.published()
    assert told["kind"] == told["attributes"]["kind"] == "status"
    assert told["event_id"] == f"status#{T}"
    assert told["status"] == {**stored, "threshold": default_policy().threshold, "recent": []}
    assert stored["metrics"]["open_signals"] == 1


def test_between_two_heartbeats_prices_of_open_signals_are_published(
    world: World, run: Callable[..., None]
) -> None:
    """Their cost is one publication: who listens and what is open is known already."""
    tick = TicksFact(T + 5_000, "live", {}, {"BTCUSDT": 101.5, "ETHUSDT": 7.0})
    counted = Capacity(world)
    clients.sns.cache_clear()  # only a client that is made while it listens is counted
    with counted.listening():
        open_signals(signal())
        DynamoConnections("connections_table").resume("listener")
        run(tick)
        assert world.published() == [], "the process knows of no listener yet"
        run(heartbeat(T, "BTCUSDT"))
        world.now += 5_000
        before = Counter(counted.calls)
        run(tick)
        assert counted.calls - before == {"Publish": 1}
        last = world.published()[-1]
        found = (last["kind"], last["time"], last["prices"])
        assert found == ("prices", T + 5_000, {"BTCUSDT": 101.5})
        run(tick)
    assert len(world.published()) == 2
    assert outcomes(world) == {}


def test_a_heartbeat_is_stored_but_not_published_while_nobody_listens(
    world: World, run: Callable[..., None]
) -> None:
    run(heartbeat(T, "BTCUSDT"))
    assert world.published() == []
    DynamoConnections("connections_table").resume("listener")
    run(heartbeat(T + 10_000, "BTCUSDT"))
    assert [told["event_id"] for told in world.published()] == [f"status#{T + 10_000}"]
    DynamoConnections("connections_table").remove("listener")
    run(heartbeat(T + 20_000, "BTCUSDT"))
    assert len(world.published()) == 1
    stored = DynamoFeed("state_table").heartbeat()
    assert stored is not None
    assert stored["time"] == T + 20_000


def test_gaps_are_in_the_ledger_once_however_often_they_are_streamed(
    world: World, run: Callable[..., None]
) -> None:
    noticed = gap(T, outcome="open")
    over = gap(T, outcome="repaired", repaired=1)
    run(noticed, over)
    run(noticed, over, first=2)
    run(noticed, first=4)
    assert DynamoGaps("gaps_table").of_day("2025-05-19", 9) == [over]
    (row,) = world.rows("GAPS_TABLE")
    assert row["ttl"] == {"N": str(world.now // 1000 + 90 * 86_400)}


def test_the_feed_is_up_since_its_last_silence(world: World, run: Callable[..., None]) -> None:
    feed, start = DynamoFeed("state_table"), world.now
    for number in range(4):
        run(heartbeat(T + number * 10_000, "BTCUSDT"), first=number)
        world.now += 10_000
        if number == 1:
            restart()
    stored = feed.heartbeat()
    assert stored is not None
    assert stored["up_since"] == start
    world.now += 60_001
    run(heartbeat(T + 100_000, "BTCUSDT"), first=9)
    stored = feed.heartbeat()
    assert stored is not None
    assert stored["up_since"] == world.now


def test_one_symbol_s_trouble_stops_no_other_and_is_raised(
    world: World, run: Callable[..., None]
) -> None:
    open_signals(signal("AUSDT"), signal("BUSDT"))
    store_minutes(minute("AUSDT", 0, high=102.0), minute("BUSDT", 0, high=102.0))
    world.trouble = Trouble(2, "throttled")  # the first symbol's bars
    with pytest.raises(TransientError):
        run(heartbeat(T + MINUTE_MS, "AUSDT", "BUSDT"))
    world.trouble = None
    assert len(outcomes(world)) == 1
    run(heartbeat(T + MINUTE_MS, "AUSDT", "BUSDT"))
    assert len(outcomes(world)) == 2


def test_a_signal_that_another_process_closed_is_closed_once(
    world: World, context: object, run: Callable[..., None]
) -> None:
    open_signals(signal())
    run(ticks(T + 1000, BTCUSDT=(100.0, 99.9, 100.1, 100.0)))
    store_minutes(minute("BTCUSDT", 0, high=102.0))
    kept = module.parts
    restart()
    sweep(context)
    before = world.everything()
    assert kept is module.parts
    run(minute("BTCUSDT", 0, high=102.0), first=1)
    assert world.everything() == before


def test_history_is_not_track_signals_business(world: World, run: Callable[..., None]) -> None:
    run(*history("ETHUSDT"))
    assert world.letters() == []


def test_the_law_counts_the_calls_of_a_clean_run(world: World, run: Callable[..., None]) -> None:
    """One look at the open signals, one query a symbol that needs it, two calls a closing.

    Before an expiry is forced the log's newest entry is read, and the bars again. The first look at
    a log finds where it has to begin.
    """
    _, calls = clean_run(world, one_of_each_kind, partial(run, *EVERYTHING), restart)
    registry, progress, bars, closings, gaps, beat, letters = 1, 2, 5 + 2, 3 * 2, 1, 4, 1
    opened = 1 + registry
    groups, begin = 2, 2
    counts = 4  # the day's row, how far events are stored, settled ones, recent ones
    listeners = 4  # a bucket each
    alerts = 3  # a bucket each
    published = beat + counts + listeners + alerts
    reading = groups + begin + progress + bars
    assert calls == opened + reading + closings + gaps + published + letters
    assert outcome(world)["refused"] != []


def test_an_alert_fires_once_however_its_bars_come_again(
    world: World, run: Callable[..., None]
) -> None:
    one = StoredAlert(alert_for("BTCUSDT", 101.0, 100.0, 0.1, T), "telegram:42")
    waits = StoredAlert(alert_for("BTCUSDT", 109.0, 100.0, 0.1, T), "telegram:42")
    bars = [minute("BTCUSDT", n, high=100.0 + n, market="recording") for n in range(4)]

    def prepare() -> None:
        for alert in (one, waits):
            DynamoAlerts("subscriptions_table").put(alert)

    assert_every_interruption_is_healed(world, prepare, partial(run, *bars), restart)
    assert set(world.event_ids()) == {one.event_id}
    assert DynamoAlerts("subscriptions_table").all() == [waits]
    published = len(world.event_ids())
    restart()
    run(*bars)
    assert len(world.event_ids()) == published
