"""The recorder: its clock is the market's, and a closed bar is sent as soon as it is complete."""

from signalengine.facts.stream import BarsFact

from tests.ingest_task.recorder_harness import RecorderHarness
from tests.ingest_task.samples import T0, minute_bar


def test_a_closed_bar_is_sent_at_once_without_waiting_for_other_symbols() -> None:
    harness = RecorderHarness()
    harness.close("BTCUSDT", 0)
    (fact,) = harness.outlet.of(BarsFact)
    assert fact.bars == (minute_bar("BTCUSDT", 0),)
    assert (fact.sent_at, fact.source, fact.quality.stream_age_ms) == (T0 + 60_010, "ws", 0)
    harness.close("ETHUSDT", 0)
    assert [fact.symbol for fact in harness.outlet.of(BarsFact)] == ["BTCUSDT", "ETHUSDT"]
