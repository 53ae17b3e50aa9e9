"""The report: what heartbeats and the status contain."""

from typing import Any

from signalengine.facts.stream import HeartbeatFact

from tests.ingest_task.recorder_harness import SYMBOLS, OtherHolds, RecorderHarness
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, mark


class Streams:
    """Connections of which nothing is done."""

    def replace(self, shard: int, why: str) -> None: ...

    def renew(self, symbol: str) -> None: ...

    def shard_of(self, symbol: str) -> int:
        return 0


def beat(harness: RecorderHarness) -> HeartbeatFact:
    harness.recorder.heartbeat()
    last: HeartbeatFact = harness.outlet.of(HeartbeatFact)[-1]
    return last


def test_a_heartbeat_has_prices_ages_and_counts() -> None:
    harness = RecorderHarness()
    bar = minute_bar("BTCUSDT", 0)
    harness.send(kline("BTCUSDT", bar, T0 + 500), mark("ETHUSDT", T0 + 900), "junk", {"e": "kline"})
    harness.recorder.halt("ETHUSDT", "SETTLING")
    fact = beat(harness)
    assert (fact.time, fact.symbols, fact.halted) == (T0 + 900, SYMBOLS, ("ETHUSDT",))
    assert fact.prices == {"BTCUSDT": bar.close, "ETHUSDT": minute_bar("ETHUSDT", -1).close}
    assert (fact.stream_ages_ms["kline"], fact.stream_ages_ms["mark"]) == (400, 0)
    assert (fact.counts["malformed"], fact.counts["differing"], fact.connections) == (2, 0, 1)
    assert fact.skew_ms is None


def test_the_clock_error_of_the_machine_is_in_both() -> None:
    harness = RecorderHarness()
    harness.recorder.attach(Streams(), lambda: -700)
    assert beat(harness).skew_ms == -700
    assert harness.recorder.status()["skew_ms"] == -700


def test_the_status_shows_who_holds_the_lease() -> None:
    lease: Any = OtherHolds()
    status = RecorderHarness(lease=lease).recorder.status()
    assert (status["holds_lease"], status["symbols"], status["clock"]) == (False, 2, T0)
