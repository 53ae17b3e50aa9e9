"""Bars of all symbols: requested when late, verified when they contradict, sent when complete."""

from dataclasses import replace

from signalengine.bars.builder import BarRequest
from signalengine.facts.stream import Bar, BarsFact
from signalengine.market_data import OpenInterest

from ingest_task.recording import verification_budget
from tests.ingest_task.recorder_harness import RecorderHarness
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, liquidation, mark
from tests.ingest_task.watching.test_watch import MINUTE, entries, watched


def test_a_late_bar_is_requested_and_the_answer_is_sent() -> None:
    harness = RecorderHarness()
    harness.close("ETHUSDT", 0)
    harness.send(mark("BTCUSDT", T0 + 62_900))
    assert harness.requests == []
    harness.send(mark("BTCUSDT", T0 + 63_100))
    (request,) = harness.requests
    assert request == BarRequest("BTCUSDT", "1m", T0, T0 + 60_000)
    harness.send(mark("BTCUSDT", T0 + 65_000))
    assert harness.requests == [request], "requested once"
    harness.recorder.on_backfill(request, [minute_bar("BTCUSDT", 0)], [])
    assert [(f.symbol, f.source) for f in harness.outlet.of(BarsFact)] == [
        ("ETHUSDT", "ws"), ("BTCUSDT", "rest"),
    ]  # fmt: skip


def test_open_interest_and_liquidations_are_on_the_bar() -> None:
    harness = RecorderHarness()
    harness.recorder.on_open_interest(OpenInterest("BTCUSDT", T0 + 30_000, 77.0))
    harness.send(mark("BTCUSDT", T0, 98.0), liquidation("BTCUSDT", T0 + 1000, 500.0))
    harness.send(mark("BTCUSDT", T0 + 59_000, 99.0))
    harness.close("BTCUSDT", 0)
    (fact,) = harness.outlet.of(BarsFact)
    assert (fact.open_interest, fact.open_interest_time) == (77.0, T0 + 30_000)
    assert (fact.liq_long_usd, fact.liq_short_usd, fact.mark_price) == (500.0, 0.0, 99.0)


def test_a_bar_has_the_newest_tick_size_and_a_listing_of_later_its_own() -> None:
    harness = RecorderHarness()
    harness.recorder.on_tick_sizes({"BTCUSDT": 0.1, "NEWUSDT": 0.5})
    harness.close("BTCUSDT", 0)
    harness.recorder.on_tick_sizes({"BTCUSDT": 0.01, "NEWUSDT": 0.5})
    harness.recorder.follow("NEWUSDT", [minute_bar("NEWUSDT", 0)])
    harness.close("BTCUSDT", 1)
    harness.close("NEWUSDT", 1)
    sizes = [(fact.symbol, fact.tick_size) for fact in harness.outlet.of(BarsFact)]
    assert sizes == [("BTCUSDT", 0.1), ("BTCUSDT", 0.01), ("NEWUSDT", 0.5)]


def test_a_closing_kline_that_contradicts_its_minute_is_verified_and_rest_wins() -> None:
    harness, _ = watched()
    true = minute_bar("BTCUSDT", 0)
    harness.send(kline("BTCUSDT", true, T0 + 59_000))
    wrong = replace(true, volume=true.volume / 2, close=true.open)
    harness.send(kline("BTCUSDT", wrong, T0 + 60_010, closed=True))
    assert harness.outlet.of(BarsFact) == []
    assert harness.requests == [BarRequest("BTCUSDT", "1m", T0, T0 + MINUTE)]
    harness.recorder.on_backfill(harness.requests[0], [true], [])
    (fact,) = harness.outlet.of(BarsFact)
    assert (fact.bars[0], fact.source) == (true, "rest")
    assert ("kline", "mismatch", "BTCUSDT", "differs") in entries(harness)


def test_a_closing_kline_without_forming_ones_is_verified_in_a_live_market() -> None:
    harness, _ = watched(market="live")
    true = minute_bar("BTCUSDT", 0)
    wrong = replace(true, volume=true.volume / 2)
    harness.send(kline("BTCUSDT", wrong, T0 + 60_010, closed=True))
    assert harness.outlet.of(BarsFact) == []
    harness.recorder.on_backfill(harness.requests[0], [true], [])
    assert [fact.bars[0] for fact in harness.outlet.of(BarsFact)] == [true]
    assert ("kline", "mismatch", "BTCUSDT", "differs") in entries(harness)
    harness.close("BTCUSDT", 0)
    assert len(harness.requests) == 1, "a bar that has been sent is not verified"


def test_a_minute_received_while_it_formed_and_one_without_trades_are_trusted() -> None:
    harness, _ = watched(market="live")
    traded = minute_bar("BTCUSDT", 0)
    harness.send(kline("BTCUSDT", traded, T0 + 59_000))
    harness.close("BTCUSDT", 0)
    last = traded.close
    calm = Bar("1m", T0 + MINUTE, last, last, last, last, 0.0, 0.0, 0, 0.0)
    harness.send(kline("BTCUSDT", calm, T0 + 2 * MINUTE + 10, closed=True))
    assert [fact.bars[0] for fact in harness.outlet.of(BarsFact)] == [traded, calm]
    assert [request for request in harness.requests if request.symbol == "BTCUSDT"] == []


def test_of_a_whole_market_without_forming_klines_only_a_few_are_verified() -> None:
    symbols = [f"S{n:02d}USDT" for n in range(verification_budget.PER_MINUTE + 10)]
    harness, _ = watched(market="live", symbols=symbols)
    for minute in (0, 1):
        harness.requests.clear()
        for symbol in symbols:
            harness.close(symbol, minute)
        assert (
            len([request for request in harness.requests if request.interval == "1m"])
            == verification_budget.PER_MINUTE
        )
        for request in list(harness.requests):
            harness.recorder.on_backfill(request, [minute_bar(request.symbol, minute)], [])
        assert len(harness.outlet.of(BarsFact)) == len(symbols) * (minute + 1)
