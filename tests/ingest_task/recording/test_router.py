"""Messages: each is read, or counted with the reason why it is not used."""

from typing import Any

import pytest
from signalengine.facts.stream import BarsFact
from signalengine.market_data import ContractInfo

from tests.ingest_task.recorder_harness import RecorderHarness
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, mark


@pytest.mark.parametrize(
    "junk", [None, 7, "x", [], [1], {"e": "kline"}, {"e": "forceOrder", "o": 1}]
)
def test_an_unreadable_message_is_counted_and_stops_nothing(junk: Any) -> None:
    harness = RecorderHarness()
    harness.send(junk)
    harness.close("BTCUSDT", 0)
    assert len(harness.outlet.of(BarsFact)) == 1
    assert harness.recorder.status()["messages"] == 2


def test_longer_klines_and_other_symbols_are_ignored() -> None:
    harness = RecorderHarness()
    five = minute_bar("BTCUSDT", 0)
    data = kline("BTCUSDT", five, five.close_time + 240_000, closed=True)
    data["k"] |= {"i": "5m", "T": five.open_time + 299_999}
    harness.send(data)
    harness.close("XRPUSDT", 0)
    assert harness.outlet.of(BarsFact) == []


def test_one_frame_from_the_far_future_moves_nothing_and_two_mean_an_outage() -> None:
    harness = RecorderHarness()
    harness.send(mark("BTCUSDT", T0 + 1000), mark("BTCUSDT", T0 + 10**9))
    assert harness.recorder.clock == T0 + 1000
    assert harness.recorder.status()["malformed"] == 1
    harness.send(mark("BTCUSDT", T0 + 3_600_000))
    assert harness.recorder.clock == T0 + 1000
    harness.send(mark("BTCUSDT", T0 + 3_600_250))
    assert harness.recorder.clock == T0 + 3_600_250


def test_a_kline_sent_before_its_time_is_malformed() -> None:
    harness = RecorderHarness()
    bar = minute_bar("BTCUSDT", 5)
    harness.send(kline("BTCUSDT", bar, T0 + 1000, closed=True))
    harness.send(kline("BTCUSDT", bar, T0 + 1000))
    assert harness.recorder.status()["malformed"] == 2
    assert harness.requests == []
    harness.close("BTCUSDT", 0)
    assert len(harness.outlet.of(BarsFact)) == 1


def test_changes_of_contracts_are_passed_on_whether_followed_or_not() -> None:
    harness, received = RecorderHarness(), list[ContractInfo]()
    harness.recorder.on_contract = received.append
    raw = {"e": "contractInfo", "E": T0 + 5, "s": "NEWUSDT", "ct": "PERPETUAL", "cs": "TRADING"}
    harness.send(raw, raw | {"s": "NEWUSD_PERP", "st": 2})
    assert received == [ContractInfo("NEWUSDT", T0 + 5, "trading", "TRADING")]
