"""serve_api: stored data as JSON, in pages, with strict parameters."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from signalengine.facts.lots import ContractSizes, LotSize
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Signal, public
from signalengine_aws.api.parameters import write_cursor
from signalengine_aws.api.queries import performance
from signalengine_aws.application.heartbeats import status
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.events import DynamoEvents
from signalengine_aws.stores.items.performance import PerformanceItem
from signalengine_aws.stores.items.state import CONTRACTS_KEY, StateItem
from signalengine_aws.stores.outbox import DynamoOutbox
from signalengine_aws.stores.pagination import EMPTY_DAYS, Place
from signalengine_aws.stores.state import DynamoFeed, Progress
from signalengine_aws.stores.tables import client

from functions.serve_api import handler
from tests.aws.market import heartbeat
from tests.aws.positions import T, open_signals, signal
from tests.aws.world import Trouble, World
from tests.core.samples import evaluation
from tests.functions.api_requests import get


def beat(world: World, time: int = T + 3_600_000, *, ago: int = 0, **changes: Any) -> None:
    """Store a heartbeat received so many ms ago."""
    fact = heartbeat(time, "BTCUSDT", "ETHUSDT")
    body = status(
        fact,
        watermark=time,
        received_at=world.now - ago,
        up_since=world.now - ago - 3_600_000,
        open_signals=0,
    )
    feed = DynamoFeed("state_table")
    feed.put_heartbeat(body | changes)
    feed.put_progress(Progress(time), None)


def close(one: Signal, high: float = 102.5) -> None:
    """By its target, or after an hour in which nothing happened."""
    bars = [StoredBar(one.close_time + n * MINUTE_MS, 100.0, high, 99.5, 100.0) for n in range(60)]
    end = settle(one, bars)
    assert end is not None
    assert DynamoClosings("signals_table", "performance_table").close(one, end)


def walk(between: Callable[[], object] = bool, **query: str) -> list[str]:
    """All ids, page by page; something may happen between two pages."""
    found: list[str] = []
    cursor: str | None = None
    for _ in range(50):
        code, page = get("/signals", **query, **({"cursor": cursor} if cursor else {}))
        assert code == 200
        assert page["count"] == len(page["signals"])
        found += [one["id"] for one in page["signals"]]
        cursor = page["cursor"]
        if cursor is None:
            return found
        between()
    raise AssertionError("the list has no end")


def test_health_is_ok_while_heartbeats_arrive(world: World) -> None:
    beat(world, ago=12_000)
    code, body = get("/health")
    assert code == 200
    assert body["status"] == "ok"
    assert body["uptime_seconds"] == 3612
    assert body["feed_age_seconds"] == 12.0
    assert body["watermark"] == T + 3_600_000
    stages = ("feed", "streams", "fold", "scoring", "publication", "telegram")
    assert body["components"] == dict.fromkeys(("database", *stages, "gaps"), "ok")


@pytest.mark.parametrize(
    ("ago", "ages", "component", "words"),
    [
        (61_000, {"kline": 100}, "feed", "silent"),
        (0, {"kline": 100, "mark": 61_000}, "streams", "silent: mark"),
        (0, {"kline": None, "mark": 100}, "streams", "silent: kline"),
    ],
)
def test_health_names_silent_streams(
    world: World, ago: int, ages: dict[str, int | None], component: str, words: str
) -> None:
    beat(world, ago=ago, stream_ages_ms=ages)
    _, body = get("/health")
    assert body["status"] == "degraded"
    assert body["components"][component] == words


def test_quiet_liquidations_do_not_degrade_health(world: World) -> None:
    beat(world, stream_ages_ms={"kline": 1, "mark": 1, "liquidation": None})
    assert get("/health")[1]["status"] == "ok"


def test_health_before_the_first_heartbeat_is_degraded(world: World) -> None:
    code, body = get("/health")
    assert (code, body["status"]) == (200, "degraded")
    assert body["components"]["feed"] == "never seen"


def test_health_reports_an_unreachable_database(world: World) -> None:
    world.trouble = Trouble(0, "throttled")
    code, body = get("/health")
    assert (code, body["status"]) == (200, "degraded")
    assert body["components"] == {"database": "unreachable"}


def test_symbols_have_the_sizes_of_contracts_that_are_known(world: World) -> None:
    beat(world, tick_sizes={"ETHUSDT": 0.5})  # as a version before stored them
    lots = {"BTCUSDT": LotSize(0.001, 0.001, 5.0), "OLDUSDT": LotSize(1.0)}
    feed = DynamoFeed("state_table")
    feed.put_contracts(ContractSizes({"BTCUSDT": 0.1, "OLDUSDT": 1.0}, lots))
    body = get("/symbols")[1]
    assert body["tick_sizes"] == {"BTCUSDT": 0.1}
    assert body["lot_sizes"] == {
        "BTCUSDT": {"step": 0.001, "min_quantity": 0.001, "min_notional": 5.0}
    }
    for broken in ('{"v":1,"BTCUSDT":[]}', '{"v":1,"tick_sizes":{"BTCUSDT":[]},"lot_sizes":{}}'):
        StateItem(symbol=CONTRACTS_KEY, body=broken).save()
        body = get("/symbols")[1]
        assert (body["tick_sizes"], body["lot_sizes"]) == ({}, {}), "it cannot be read"


def test_symbols_are_those_of_the_feed(world: World) -> None:
    beat(world)
    assert get("/symbols") == (
        200,
        {
            "symbols": ["BTCUSDT", "ETHUSDT"],
            "count": 2,
            "prices": {"BTCUSDT": 100.0, "ETHUSDT": 100.0},
            "tick_sizes": {},
            "lot_sizes": {},
            "costs": {"fee_bps": 5.0, "slippage_bps": 1.0},
            "time": T + 3_600_000,
        },
    )


def test_symbols_before_the_first_heartbeat_are_none(world: World) -> None:
    assert get("/symbols")[1]["symbols"] == []


def test_signals_come_newest_first_across_days_and_pages(world: World) -> None:
    beat(world)
    times = [T - day * DAY_MS - minute * MINUTE_MS for day in (0, 1, 4) for minute in range(3)]
    stored = [signal(name, close_time=t) for t in times for name in ("AUSDT", "BUSDT")]
    open_signals(*stored)
    for limit in ("4", "15", "200"):
        ids = walk(limit=limit)
        assert len(ids) == len(stored)
        assert set(ids) == {one.signal_id for one in stored}
        by_id = {one.signal_id: one.close_time for one in stored}
        assert [by_id[i] for i in ids] == sorted(by_id.values(), reverse=True)


def test_signals_of_a_symbol_come_newest_first(world: World) -> None:
    beat(world)
    mine = [signal("AUSDT", close_time=T - n * 7 * DAY_MS) for n in range(5)]
    open_signals(*mine, signal("BUSDT"))
    assert walk(symbol="ausdt", limit="2") == [one.signal_id for one in mine]
    assert walk(symbol="NONEUSDT") == []


@pytest.mark.parametrize("name", ["币安人生USDT", "1000PEPEUSDT", "BTCUSDT_251226"])
def test_lists_of_a_symbol_of_any_script_have_pages(world: World, name: str) -> None:
    beat(world)
    mine = [signal(name, close_time=T - n * MINUTE_MS) for n in range(5)]
    open_signals(*mine, signal("BTCUSDT"))
    ids = [one.signal_id for one in mine]
    for text in (name, name.lower(), f" {name},"):
        assert walk(symbol=text, limit="2") == ids


@pytest.mark.parametrize(
    "text", ["btc", "BTC/USDT", "BINANCE:BTCUSDT.P", "ＢＴＣ", "BTC-USDT-SWAP"]
)
def test_a_symbol_in_a_query_may_be_spelled(world: World, text: str) -> None:
    beat(world)
    one = signal("BTCUSDT")
    open_signals(one, signal("ETHUSDT"))
    assert walk(symbol=text) == [one.signal_id]


@pytest.mark.parametrize("text", ["2025-05-19T12:00:00+02:00", "2025-05-19T12:00:00 02:00"])
def test_an_offset_in_a_query_is_read_decoded_or_not(world: World, text: str) -> None:
    time = 1747648800000
    beat(world, time + MINUTE_MS)
    before, at = signal(close_time=time - MINUTE_MS), signal(close_time=time)
    open_signals(before, at)
    assert walk(**{"from": text}) == [at.signal_id]
    assert walk(to=text) == [before.signal_id]


def test_a_signal_has_its_public_form(world: World) -> None:
    beat(world)
    one = signal()
    open_signals(one)
    _, body = get("/signals")
    assert body["signals"] == [json.loads(json.dumps(public(one)))]
    assert body["cursor"] is None


def test_many_empty_days_end_the_list_and_few_do_not(world: World) -> None:
    beat(world)
    near = T - (EMPTY_DAYS - 1) * DAY_MS
    far = near - (EMPTY_DAYS + 1) * DAY_MS
    open_signals(signal(close_time=near), signal("FARUSDT", close_time=far))
    assert [one["close_time"] for one in get("/signals")[1]["signals"]] == [near]


def test_a_signal_newer_than_the_heartbeat_is_seen(world: World) -> None:
    midnight = T - T % DAY_MS
    beat(world, midnight - 3_000)
    open_signals(signal(close_time=midnight))
    assert get("/signals")[1]["count"] == 1


def test_without_a_heartbeat_the_list_begins_today(world: World) -> None:
    today = world.now - world.now % MINUTE_MS
    open_signals(signal(close_time=today))
    assert get("/signals")[1]["count"] == 1


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"}, {"limit": "201"}, {"limit": "-1"}, {"limit": "ten"}, {"limit": "1.5"},
        {"limit": ""}, {"limit": "٣"}, {"limit": "9" * 5000}, {"limit": "+5"},
        {"symbol": ""}, {"symbol": "BTC/EUR"}, {"symbol": "BTCUSD_PERP"}, {"symbol": "A" * 31},
        {"symbol": "BTCUSDT#1m"}, {"symbol": "BTC\nETH"}, {"from": "1747612800"},
        {"to": "20250519"},        {"to": "2025-05-18", "from": "2025-05-19"},
        {"cursor": ""}, {"cursor": "!"}, {"cursor": "AAAA"}, {"cursor": "W10="}, {"cursor": "é"},
        {"cursor": "bnVsbA=="}, {"cursor": "W3RydWUsImEiXQ=="}, {"cursor": "A" * 5000},
    ],
)  # fmt: skip
def test_an_invalid_request_is_refused_with_a_reason(world: World, query: dict[str, str]) -> None:
    code, body = get("/signals", **query)
    assert code == 400
    assert body["detail"].startswith(next(iter(query)))


def test_an_unknown_path_is_not_found(world: World) -> None:
    code, body = get("/nothing")
    assert (code, body["status"]) == (404, 404)


def test_an_unreachable_database_is_503(world: World) -> None:
    world.trouble = Trouble(0, "throttled")
    code, body = get("/signals")
    assert (code, body["status"]) == (503, 503)


def test_statistics_are_of_this_policy_on_this_market(world: World) -> None:
    beat(world)
    won, lost = signal("AUSDT"), signal("BUSDT")
    made_up = signal("CUSDT", market="simulated")
    open_signals(won, lost, made_up, signal("DUSDT"), signal("EUSDT", market="simulated"))
    close(won)
    close(lost, high=100.6)
    close(made_up)
    code, body = get("/signals/stats")
    assert code == 200
    assert (body["total_signals"], body["n"], body["open_signals"]) == (3, 2, 1)
    assert body["by_direction"] == {"long": 3, "short": 0}
    assert body["win_rate"] == 0.5
    assert body["avg_return"] == pytest.approx(((2.0 - 0.12) + (0.0 - 0.12)) / 2)
    assert (body["best_symbol"], body["worst_symbol"]) == ("AUSDT", "BUSDT")
    assert (body["market"], body["policy_digest"]) == ("live", won.policy_digest)
    beat(world, market="simulated")
    assert get("/signals/stats")[1]["total_signals"] == 2


def test_sides_are_null_where_some_closed_before_they_were_counted(world: World) -> None:
    beat(world)
    before, after = signal("AUSDT"), signal("BUSDT", "short")
    open_signals(before, after)
    close(before)
    PerformanceItem(before.stats_key, "AUSDT").update(
        actions=[PerformanceItem.longs.remove(), PerformanceItem.shorts.remove()]
    )
    close(after)
    body = get("/signals/stats")[1]
    assert (body["total_signals"], body["by_direction"]) == (2, {"long": None, "short": None})


def test_the_json_of_earlier_versions_counts_threads_and_what_waits(world: World) -> None:
    beat(world)
    open_signals(signal("AUSDT"), signal("BUSDT", "short"))
    body = get("/metrics/legacy")[1]
    assert body["gauges"]["signal_queue_size"] == 2
    DynamoOutbox("signals_table").published(signal("AUSDT").signal_id, "opened")
    stored = DynamoFeed("state_table").heartbeat() or {}
    beat(world, metrics=stored["metrics"] | {"threads": 9})
    body = get("/metrics/legacy")[1]
    assert (body["gauges"]["signal_queue_size"], body["system"]["threads"]) == (1, 9)
    assert (body["counters"]["signal_long"], body["counters"]["signal_short"]) == (1, 1)


def test_events_are_listed_within_a_period(world: World) -> None:
    log = DynamoEvents("events_table")
    times = [T + n * MINUTE_MS for n in range(6)]
    beat(world)
    for time in times:
        log.put(evaluation(close_time=time))
    found, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = get("/events", **{"from": str(times[1]), "to": str(times[4])}, limit="1", **more)[1]
        found += [row["close_time"] for row in page["events"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert list(dict.fromkeys(found)) == times[3:0:-1]
    late = {"to": str(times[1]), "cursor": write_cursor(Place(times[4], "BTCUSDT"))}
    assert get("/events", **late)[0] == 400


def test_statistics_without_signals_are_null_not_zero(world: World) -> None:
    _, body = get("/signals/stats")
    assert (body["total_signals"], body["win_rate"], body["best_symbol"]) == (0, None, None)


def test_symbols_beyond_ascii_are_no_days(world: World) -> None:
    """Day rows live beside symbols' rows and must never be summed with them."""
    beat(world)
    strange = [signal(name) for name in ("币安人生USDT", "0GUSDT", "ZUSDT")]
    open_signals(*strange)
    for one in strange:
        close(one)
    assert get("/signals/stats")[1]["total_signals"] == 3


def test_signals_stored_meanwhile_shift_no_page(world: World) -> None:
    beat(world)
    stored = [signal(f"{n:03}USDT", close_time=T - n * 7 * MINUTE_MS) for n in range(25)]
    open_signals(*stored)
    coming = iter(signal(f"NEW{n}USDT", close_time=T + n * MINUTE_MS) for n in range(60))
    found = walk(lambda: open_signals(next(coming)), limit="3")
    assert found == [one.signal_id for one in stored]


def test_filters_select_the_matching_signals(world: World) -> None:
    beat(world)
    long, short = signal("AUSDT", "long"), signal("BUSDT", "short", close_time=T - DAY_MS)
    won, gone = (
        signal("CUSDT", close_time=T - MINUTE_MS),
        signal("DUSDT", close_time=T - 9 * MINUTE_MS),
    )
    open_signals(long, short, won, gone)
    close(won)
    close(gone, high=100.6)

    def ids(**query: str) -> set[str]:
        return {row["symbol"][0] for row in get("/signals", **query)[1]["signals"]}

    assert ids() == {"A", "B", "C", "D"}
    assert ids(status="open") == {"A", "B"}
    assert ids(status="open", direction="short") == {"B"}
    assert ids(status="closed") == {"C", "D"}
    assert ids(status="tp_hit") == {"C"}
    assert ids(status="expired") == {"D"}
    assert ids(status="sl_hit") == set()
    assert ids(direction="long") == {"A", "C", "D"}
    assert ids(symbol="cusdt", status="tp_hit") == {"C"}
    assert ids(**{"from": str(T)}) == {"A"}
    assert ids(to=str(T)) == {"B", "C", "D"}
    assert ids(**{"from": "2025-05-18", "to": "2025-05-19"}) == {"B"}
    assert ids(**{"from": "2025-05-19T11:55:00Z", "status": "open"}) == {"A"}


def test_a_month_that_has_ended_is_cached_for_a_minute(world: World) -> None:
    beat(world, T + 15 * DAY_MS)
    first, second = signal("AUSDT"), signal("BUSDT")
    open_signals(first)
    close(first)
    assert get("/performance", days="30")[1]["n"] == 1
    open_signals(second)
    close(second)
    world.trouble = counter = Trouble(-1, "before")
    assert get("/performance", days="30")[1]["n"] == 1, "kept"
    calls = counter.names.count("Query")
    world.trouble = None
    world.now += 60_000
    assert get("/performance", days="30")[1]["n"] == 2
    assert calls == 1, "only the month that may change is read"


def test_months_without_signals_are_forgotten_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(performance, "MAX_CACHED", 5)
    beat(world, T)
    assert get("/performance", days="366")[0] == 200
    queries = handler.services().query(performance.PerformanceQueries)
    assert 0 < len(queries._months) <= 5


def test_the_running_month_is_not_cached(world: World) -> None:
    beat(world, T + 3 * DAY_MS)
    late = signal()
    open_signals(late)
    assert get("/performance", days="7")[1]["n"] == 0
    close(late)
    assert get("/performance", days="7")[1]["n"] == 1


def test_the_longest_window_takes_a_query_a_month_and_reads_little(world: World) -> None:
    """What a request costs is the number of its queries, and the size of what they return."""
    beat(world, T)
    for number in range(30):
        one = signal(close_time=T - number * 12 * DAY_MS)
        open_signals(one)
        close(one)
    read: list[int] = []

    def sizes(parsed: Any, **_: Any) -> None:
        read.extend(len(json.dumps(item)) for item in parsed["Items"])

    events = client().client.meta.events  # type: ignore[attr-defined]  # of botocore's client
    events.register("after-call.dynamodb.Query", sizes)
    world.trouble = counter = Trouble(-1, "before")
    body = get("/performance", days="366")[1]
    world.trouble = None
    assert counter.names.count("Query") == 13, "366 days are of 13 months"
    assert (body["n"], len(read)) == (30, 30)
    world.trouble = counter = Trouble(-1, "before")
    assert get("/performance", days="366", symbol="BTCUSDT")[1]["n"] == 30
    world.trouble = None
    assert counter.names.count("Query") == 1
    events.unregister("after-call.dynamodb.Query", sizes)
    assert len(read) == 60
    assert max(read) < 700


def test_a_record_takes_the_newest_signals_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(performance, "MAX_CLOSED", 3)
    beat(world, T)
    for number in range(5):
        one = signal("ABCDE"[number] + "USDT", close_time=T - number * 20 * DAY_MS)
        open_signals(one)
        close(one)
    body = get("/performance", days="366")[1]
    assert (body["n"], body["truncated"]) == (3, True)
    assert [row["symbol"] for row in body["equity"]] == ["CUSDT", "BUSDT", "AUSDT"]
    assert [row["n"] for row in body["policies"]] == [3]
    recent = get("/performance", days="41")[1]
    assert (recent["n"], recent["truncated"]) == (3, False)
    alone = get("/performance", days="366", symbol="EUSDT")[1]
    assert (alone["n"], alone["truncated"]) == (1, False)
