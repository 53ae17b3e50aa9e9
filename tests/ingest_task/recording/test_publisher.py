"""The lease: its holder publishes, a standby task sends its bars later."""

from signalengine.facts.lots import LotSize
from signalengine.facts.stream import BarsFact, HeartbeatFact

from ingest_task.recording.standby import HOLD_BACK_S
from tests.ingest_task.recorder_harness import OtherHolds, RecorderHarness
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, mark


def test_only_the_holder_of_the_lease_sends_ticks_and_heartbeats() -> None:
    harness = RecorderHarness(lease=OtherHolds())
    for second in range(1, 15):
        harness.send(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + second * 1000))
    harness.recorder.heartbeat()
    assert harness.outlet.facts == []


def test_sizes_of_contracts_are_sent_once_an_hour() -> None:
    harness = RecorderHarness()
    lots = {"BTCUSDT": LotSize(0.001, 0.001, 5.0), "XRPUSDT": LotSize(0.1)}
    harness.recorder.on_lot_sizes(lots)
    harness.recorder.on_tick_sizes({"BTCUSDT": 0.1, "SOLUSDT": 0.01})
    for minutes in (1, 2, 59, 60, 61, 119, 120):
        harness.send(mark("BTCUSDT", T0 + minutes * 60_000 + 1_000))
    beats = harness.outlet.of(HeartbeatFact)
    sent = [(fact.time - T0) // 60_000 for fact in beats if fact.lot_sizes or fact.tick_sizes]
    assert sent == [1, 60, 120]
    assert [fact.lot_sizes for fact in beats if fact.lot_sizes] == [
        {"BTCUSDT": lots["BTCUSDT"]}
    ] * 3
    assert [fact.tick_sizes for fact in beats if fact.tick_sizes] == [{"BTCUSDT": 0.1}] * 3


def test_sizes_of_a_new_symbol_and_changed_ones_come_with_the_next_heartbeat() -> None:
    harness = RecorderHarness()
    harness.recorder.on_tick_sizes({"BTCUSDT": 0.1, "ETHUSDT": 0.01})
    sizes = []
    for minutes in (1, 2, 3, 4, 5):
        if minutes == 2:
            harness.recorder.on_lot_sizes({"BTCUSDT": LotSize(0.001), "ETHUSDT": LotSize(0.01)})
        if minutes == 4:
            harness.recorder.on_lot_sizes({"BTCUSDT": LotSize(0.002), "ETHUSDT": LotSize(0.01)})
        harness.send(mark("BTCUSDT", T0 + minutes * 60_000 + 1_000))
        sizes.append(harness.outlet.of(HeartbeatFact)[-1].lot_sizes.get("BTCUSDT"))
    assert sizes == [None, LotSize(0.001), None, LotSize(0.002), None]


def test_a_standby_task_sends_the_same_bars_later_and_all_at_once_when_it_takes_over() -> None:
    lease, wall = OtherHolds(), [100.0]
    harness = RecorderHarness(lease=lease, wall=lambda: wall[0])
    harness.close("BTCUSDT", 0)
    wall[0] += HOLD_BACK_S - 0.1
    harness.send(mark("BTCUSDT", T0 + 62_000))
    assert harness.outlet.facts == []
    wall[0] += 0.1
    harness.send(mark("BTCUSDT", T0 + 63_000))
    assert [fact.sent_at for fact in harness.outlet.of(BarsFact)] == [T0 + 63_000]
    for minute in (1, 2):
        harness.close("BTCUSDT", minute)
    lease.mine = True
    harness.recorder.check()
    assert [fact.bars[0] for fact in harness.outlet.of(BarsFact)] == [
        minute_bar("BTCUSDT", n) for n in range(3)
    ]  # fmt: skip


def test_a_standby_task_sends_all_its_bars_at_its_end() -> None:
    harness = RecorderHarness(lease=OtherHolds())
    harness.close("BTCUSDT", 0)
    harness.recorder.end()
    assert len(harness.outlet.of(BarsFact)) == 1
