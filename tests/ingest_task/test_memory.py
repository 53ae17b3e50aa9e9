"""What the task keeps in memory is bounded: after three hours nothing more is added."""

import gc
from collections import Counter

from signalengine.bars.as_of import MEMORY
from signalengine.exchanges.binance.messages import OpenInterest

from tests.ingest_task.recording.test_recorder import SYMBOLS, Desk
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, liquidation, mark

MINUTE = 60_000


def kept() -> Counter[str]:
    """Count the living objects of our own kinds."""
    gc.collect()
    found = (type(thing) for thing in gc.get_objects())
    ours = ("signalengine", "ingest_task")
    return Counter(kind.__name__ for kind in found if str(kind.__module__).startswith(ours))


def live(desk: Desk, minutes: range) -> None:
    """Play minutes with everything in them, and forget what was sent."""
    for minute in minutes:
        start = T0 + minute * MINUTE
        for symbol in SYMBOLS:
            desk.recorder.on_open_interest(OpenInterest(symbol, start + 1, 5.0))
            desk.hear(kline(symbol, minute_bar(symbol, minute), start + 30_000))
            desk.hear(liquidation(symbol, start + 40_000 + minute, 500.0))
        desk.hear([mark(symbol, start + MINUTE) for symbol in SYMBOLS])
        for symbol in SYMBOLS:
            desk.close(symbol, minute)
        desk.outlet.facts.clear()
        desk.wants.clear()


def test_after_three_hours_nothing_is_kept_that_was_not_kept_before() -> None:
    desk = Desk(market="live")
    live(desk, range(60))
    after_one = kept()
    live(desk, range(60, MEMORY + 5))
    after_three = kept()
    live(desk, range(MEMORY + 5, 2 * MEMORY))
    assert after_one["MarkPrice"] < after_three["MarkPrice"], "it does fill until then"
    grown = kept() - after_three
    assert set(grown) <= {"Liquidation"}, "orders are remembered up to their own bound"
