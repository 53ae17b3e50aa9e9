"""A standby task holds its bars back for some seconds of wall time."""

from ingest_task.recording.standby import Standby
from tests.ingest_task.samples import bars_fact


def test_a_fact_is_released_after_its_time_in_order_and_stamped_with_when_it_is_sent() -> None:
    standby, first, second = Standby(3.0), bars_fact("BTCUSDT", 0), bars_fact("BTCUSDT", 1)
    standby.hold(first, 100.0)
    standby.hold(second, 101.0)
    assert standby.release(102.9, first.sent_at, publishes=False) == []
    (sent,) = standby.release(103.0, first.sent_at + 3_000, publishes=False)
    assert (sent.bars, sent.sent_at) == (first.bars, first.sent_at + 3_000)
    assert len(standby) == 1


def test_the_holder_of_the_lease_releases_everything_at_once() -> None:
    standby, facts = Standby(3.0), [bars_fact("BTCUSDT", n) for n in range(3)]
    for fact in facts:
        standby.hold(fact, 100.0)
    assert standby.release(100.0, 0, publishes=True) == facts
    assert len(standby) == 0
