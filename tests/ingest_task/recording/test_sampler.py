"""Time: seconds are sampled, heartbeats are sent, the clock only advances."""

from signalengine.facts.stream import BarsFact, HeartbeatFact, TicksFact

from tests.ingest_task.recorder_harness import SYMBOLS, RecorderHarness
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, mark
from tests.ingest_task.watching.test_watch import Connections


def ticked(*times: int) -> dict[int, bool]:
    """When ticks are sent while messages of these times (ms after the start) come.

    Whether each has prices: then those of all symbols.
    """
    harness = RecorderHarness()
    for time in times:
        harness.send(mark("BTCUSDT", T0 + time))
    facts = harness.outlet.of(TicksFact)
    assert all(fact.ticks == {} for fact in facts)
    prices = {symbol: minute_bar(symbol, -1).close for symbol in SYMBOLS}
    assert all(fact.prices in ({}, prices) for fact in facts)
    return {fact.time - T0: bool(fact.prices) for fact in facts}


def test_while_the_bars_of_a_minute_are_stored_there_are_a_few_ticks_without_prices() -> None:
    seconds = [1_000, 2_000, 3_000, 8_000]
    found = ticked(*range(500, 120_000, 250))
    without = [time for time, priced in found.items() if not priced]
    assert without == seconds[1:] + [60_000 + ms for ms in seconds]


def test_between_two_heartbeats_a_tick_has_prices() -> None:
    found = ticked(*range(500, 120_000, 250))
    priced = [time for time, has_prices in found.items() if has_prices]
    assert priced == [1_000, *range(5_000, 120_000, 10_000)], "and the first one"


def test_a_tick_whose_second_had_no_message_comes_with_the_next_one() -> None:
    times = ticked(500, 4_100, 4_900, 40_000, 59_000, 121_500)
    assert times == {4_000: True, 40_000: True, 59_000: True, 121_000: True}


def test_a_second_is_sampled_before_the_message_that_ends_it_is_used() -> None:
    """The path of the first minute has an extreme of its last second, of which it knows by then."""
    harness = RecorderHarness()
    first, second = minute_bar("BTCUSDT", 0), minute_bar("BTCUSDT", 1)
    harness.send(kline("BTCUSDT", first, T0 + 59_500))
    harness.send(kline("BTCUSDT", second, second.open_time + 500))
    harness.close("BTCUSDT", 0)
    (fact,) = harness.outlet.of(BarsFact)
    assert fact.path is not None
    assert [point.second for point in fact.path] == [60]


def test_the_clock_never_goes_back() -> None:
    harness = RecorderHarness()
    harness.send(mark("BTCUSDT", T0 + 5000), mark("BTCUSDT", T0 + 1000))
    assert harness.recorder.clock == T0 + 5000


def test_every_ten_seconds_of_the_market_there_is_a_heartbeat() -> None:
    harness = RecorderHarness()
    for second in range(1, 36):
        harness.send([mark("BTCUSDT", T0 + second * 1000)])
    beats = harness.outlet.of(HeartbeatFact)
    assert [beat.time - T0 for beat in beats] == [1000, 10_000, 20_000, 30_000]
    assert beats[-1].symbols == SYMBOLS
    assert beats[-1].prices["ETHUSDT"] == minute_bar("ETHUSDT", -1).close
    assert beats[-1].stream_ages_ms == {
        "kline": None, "mark": 1000, "liquidation": None, "open_interest": None,
    }  # fmt: skip
    assert (beats[-1].backlog, beats[-1].sent, beats[-1].task) == (4, {"bars": 3}, "harness")
    assert beats[-1].rss_bytes > 0


def test_a_still_market_still_has_a_heartbeat() -> None:
    wall = [50.0]
    harness = RecorderHarness(wall=lambda: wall[0])
    harness.send([mark("BTCUSDT", T0 + 1000)])
    for wall[0] in (50.0, 51.0, 52.5, 53.5, 60.0, 62.6):
        harness.recorder.check()
    assert [beat.time for beat in harness.outlet.of(HeartbeatFact)] == [T0 + 1000] * 2


def test_a_live_market_goes_on_while_no_message_arrives() -> None:
    wall = [100.0]
    harness, streams = RecorderHarness(market="live", wall=lambda: wall[0]), Connections()
    harness.recorder.attach(streams)
    harness.send(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + 1000))
    for _ in range(64):
        wall[0] += 1.0
        harness.recorder.check()
    assert [(request.symbol, request.start) for request in harness.requests] == [
        ("BTCUSDT", T0),
        ("ETHUSDT", T0),
    ]
    harness.recorder.on_backfill(harness.requests[0], [minute_bar("BTCUSDT", 0)], [])
    (fact,) = harness.outlet.of(BarsFact)
    assert (fact.source, fact.symbol) == ("rest", "BTCUSDT")
    assert {why for _, why in streams.replaced} == {"kline silent", "mark silent"}
