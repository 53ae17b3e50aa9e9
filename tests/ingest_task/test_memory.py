"""The task's memory is bounded: after three hours nothing more is added."""

import gc
from collections import Counter

import pytest
from signalengine.bars.as_of import MEMORY
from signalengine.market_data import OpenInterest

from tests.ingest_task.recorder_harness import SYMBOLS, RecorderHarness
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, liquidation, mark

MINUTE = 60_000


def objects() -> Counter[str]:
    """Count the objects in memory of our own kinds."""
    gc.collect()
    found = (type(thing) for thing in gc.get_objects())
    ours = ("signalengine", "ingest_task")
    return Counter(kind.__name__ for kind in found if str(kind.__module__).startswith(ours))


def play(harness: RecorderHarness, minutes: range) -> None:
    """Play minutes with everything in them, and drop the facts sent."""
    for minute in minutes:
        start = T0 + minute * MINUTE
        for symbol in SYMBOLS:
            harness.recorder.on_open_interest(OpenInterest(symbol, start + 1, 5.0))
            harness.send(kline(symbol, minute_bar(symbol, minute), start + 30_000))
            harness.send(liquidation(symbol, start + 40_000 + minute, 500.0))
        harness.send([mark(symbol, start + MINUTE) for symbol in SYMBOLS])
        for symbol in SYMBOLS:
            harness.close(symbol, minute)
        harness.outlet.facts.clear()
        harness.requests.clear()


@pytest.mark.slow
def test_after_three_hours_no_more_objects_are_stored() -> None:
    harness = RecorderHarness(market="live")
    play(harness, range(60))
    after_one = objects()
    play(harness, range(60, MEMORY + 5))
    after_three = objects()
    play(harness, range(MEMORY + 5, 2 * MEMORY))
    assert after_one["MarkPrice"] < after_three["MarkPrice"], "it does fill until then"
    grown = objects() - after_three
    assert set(grown) <= {"Liquidation"}, "orders are remembered up to their own bound"
