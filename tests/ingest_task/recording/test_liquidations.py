"""Liquidations: unknown while their stream is down or silent, and counted once."""

from signalengine.facts.stream import BarsFact, GapFact
from signalengine.market_data import Liquidation

from ingest_task.recording.liquidations import SAME_ORDERS, Liquidations
from tests.ingest_task.recorder_harness import RecorderHarness
from tests.ingest_task.samples import T0
from tests.ingest_task.small_exchange import liquidation, mark


def test_liquidations_are_unknown_for_a_minute_the_connection_was_lost_in() -> None:
    harness = RecorderHarness()
    harness.send(mark("BTCUSDT", T0), liquidation("XRPUSDT", T0 + 1000, 500.0))
    for minute in range(4):
        if minute == 1:
            harness.recorder.on_lost()
            harness.recorder.on_up()
        harness.close("BTCUSDT", minute)
        harness.send(mark("BTCUSDT", T0 + (minute + 1) * 60_000 + 500))
    flows = [fact.liq_long_usd for fact in harness.outlet.of(BarsFact)]
    assert flows == [0.0, None, None, 0.0], "back in the third minute, whole again in the fourth"


def test_a_liquidation_received_on_two_connections_counts_once() -> None:
    harness = RecorderHarness()
    order = liquidation("BTCUSDT", T0 + 1000, 500.0)
    harness.send(mark("BTCUSDT", T0), order, order)
    harness.close("BTCUSDT", 0)
    assert harness.outlet.of(BarsFact)[0].liq_long_usd == 500.0
    assert harness.recorder.status()["passed"] == {"duplicate": 1}


def test_coverage_begins_with_the_first_message_after_a_connection_and_ends_with_it() -> None:
    stream = Liquidations()
    stream.subscribed()
    stream.received(T0, was_silent=False)
    assert not stream.coverage.covers(T0, T0 + 1), "no message of any stream has moved the clock"
    stream.reached(T0)
    stream.lost(T0 + 60_000)
    assert stream.coverage.covers(T0, T0 + 60_000)
    assert not stream.coverage.covers(T0, T0 + 60_001)


def test_orders_are_remembered_up_to_a_bound() -> None:
    stream = Liquidations()
    orders = [Liquidation("BTCUSDT", n, "long", 1.0) for n in range(SAME_ORDERS + 1)]
    assert all(stream.is_new(order) for order in orders)
    assert not stream.is_new(orders[-1])
    assert stream.is_new(orders[0]), "the oldest one is dropped"


def test_a_liquidation_that_comes_after_its_bar_is_in_the_ledger_and_on_no_bar() -> None:
    harness = RecorderHarness()
    harness.send(mark("BTCUSDT", T0), liquidation("BTCUSDT", T0 + 1000, 500.0))
    harness.close("BTCUSDT", 0)
    harness.send(mark("BTCUSDT", T0 + 61_000), liquidation("BTCUSDT", T0 + 59_000, 70.0))
    harness.close("BTCUSDT", 1)
    flows = [fact.liq_long_usd for fact in harness.outlet.of(BarsFact)]
    assert flows == [500.0, 0.0], "a sum may be too low, and is never that of another minute"
    (entry,) = (gap for gap in harness.outlet.of(GapFact) if gap.cause == "late")
    assert (entry.stream, entry.symbol, entry.outcome) == ("liquidation", "BTCUSDT", "noted")
    assert (entry.start, entry.end) == (T0, T0 + 60_000)
    assert harness.recorder.status()["passed"] == {"late": 1}
