"""Waiting: for a hole to be filled, and in a replay for open interest."""

import threading

import pytest
from signalengine.facts.stream import BarsFact, HeartbeatFact, TicksFact
from signalengine.market_data import OpenInterest

from ingest_task.recording import waits
from tests.ingest_task.recorder_harness import RecorderHarness
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, mark


def test_a_hole_stops_reading_only_when_very_many_bars_wait_for_it() -> None:
    harness = RecorderHarness()
    for minute in range(1, waits.HELD_BOUND + 2):
        harness.close("BTCUSDT", minute)
    assert harness.recorder.crowded
    assert not harness.recorder.wait_for_room(0.0)
    harness.recorder.on_backfill(harness.requests[0], [minute_bar("BTCUSDT", 0)], [])
    assert not harness.recorder.crowded
    assert harness.recorder.wait_for_room(0.0)
    assert len(harness.outlet.of(BarsFact)) == waits.HELD_BOUND + 2


def test_a_replayed_bar_waits_for_its_open_interest_and_the_next_second_for_the_bar() -> None:
    harness = RecorderHarness(replayed=True)
    harness.send(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + 59_000))
    harness.close("BTCUSDT", 0)
    harness.close("ETHUSDT", 0)
    assert harness.outlet.of(BarsFact) == [], "nothing is sent, and reading goes on"
    known = [OpenInterest("BTCUSDT", T0 + 60_000, 77.0), OpenInterest("XRPUSDT", T0, 1.0)]
    answer = threading.Timer(0.05, harness.recorder.on_replayed_open_interest, (known, T0 + 60_000))
    answer.start()
    harness.send(mark("BTCUSDT", T0 + 61_000))
    answer.join()
    facts = harness.outlet.of(BarsFact)
    assert [(f.symbol, f.open_interest) for f in facts] == [("BTCUSDT", 77.0), ("ETHUSDT", None)]
    times = [fact.time for fact in harness.outlet.facts if isinstance(fact, TicksFact)]
    assert times == [T0 + 59_000, T0 + 61_000], "the second of these waited"
    last = max(n for n, fact in enumerate(harness.outlet.facts) if isinstance(fact, BarsFact))
    assert all(
        fact.time <= T0 + 60_000
        for fact in harness.outlet.facts[:last]
        if isinstance(fact, TicksFact | HeartbeatFact)
    )


@pytest.mark.parametrize("ending", [False, True])
def test_a_replay_does_not_wait_without_end(monkeypatch: pytest.MonkeyPatch, ending: bool) -> None:
    monkeypatch.setattr(waits, "OPEN_INTEREST_WITHIN_S", 0.01)
    harness = RecorderHarness(replayed=True)
    harness.close("BTCUSDT", 0)
    if ending:
        harness.recorder.end()
    harness.send(mark("BTCUSDT", T0 + 61_000))
    facts = harness.outlet.of(BarsFact)
    assert [fact.open_interest for fact in facts] == ([] if ending else [None])
