"""The recorder: its clock is the market's, and a closed bar goes out the moment it is complete."""

import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import pytest
from signalengine.bars.builder import BarRequest
from signalengine.exchanges.binance.messages import OpenInterest
from signalengine.facts.stream import BarsFact, Fact, HeartbeatFact, Market, TicksFact

from ingest_task.lease import Alone
from ingest_task.output.sink import SinkCounts
from ingest_task.recording import recorder as recorder_module
from ingest_task.recording.recorder import Recorder
from ingest_task.recording.standby import HOLD_BACK_S
from ingest_task.watching.liveness import BEAT_S, STILL_S, Stillness, stream_class
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, liquidation, mark

SYMBOLS = ("BTCUSDT", "ETHUSDT")


class MemoryOutlet:
    """Keeps the facts it gets; satisfies Outlet."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def put(self, fact: Fact) -> None:
        self.facts.append(fact)

    def counts(self) -> SinkCounts:
        return SinkCounts({"bars": 3}, 4, 0, 0, 0, 0, 0)

    def of(self, kind: type[Any]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


class NotMine:
    """A lease somebody else holds, until the test says otherwise."""

    holder = "other"
    mine = False

    def holds(self) -> bool:
        return self.mine


class Desk:
    """A recorder with everything around it in memory."""

    def __init__(
        self,
        market: Market = "simulated",
        lease: Any = None,
        symbols: Sequence[str] = SYMBOLS,
        *,
        replayed: bool = False,
        wall: Callable[[], float] = monotonic,
    ) -> None:
        self.outlet, self.wants = MemoryOutlet(), list[BarRequest]()
        self.recorder = Recorder(
            symbols, market, self.outlet, self.wants.append, lease or Alone(), task="desk",
            replayed=replayed, wall=wall,
        )  # fmt: skip
        self.recorder.start_at(T0)
        for symbol in symbols:
            self.recorder.follow(symbol, [minute_bar(symbol, n) for n in range(-60, 0)])
        self.recorder.on_up()

    def hear(self, *payloads: Any) -> None:
        for data in payloads:
            self.recorder.on_message(data)

    def close(self, symbol: str, minute: int, after_ms: int = 10) -> None:
        bar = minute_bar(symbol, minute)
        self.hear(kline(symbol, bar, bar.close_time + after_ms, closed=True))


def test_a_closed_bar_goes_out_at_once_without_waiting_for_other_symbols() -> None:
    desk = Desk()
    desk.close("BTCUSDT", 0)
    (fact,) = desk.outlet.of(BarsFact)
    assert fact.bars == (minute_bar("BTCUSDT", 0),)
    assert (fact.sent_at, fact.source, fact.quality.stream_age_ms) == (T0 + 60_010, "ws", 0)
    desk.close("ETHUSDT", 0)
    assert [fact.symbol for fact in desk.outlet.of(BarsFact)] == ["BTCUSDT", "ETHUSDT"]


def test_once_a_second_all_running_minutes_are_one_fact() -> None:
    desk = Desk()
    for ms in (100, 300, 900, 1200, 1700, 2100):
        for symbol in SYMBOLS:
            desk.hear(kline(symbol, minute_bar(symbol, 0), T0 + ms))
    facts = desk.outlet.of(TicksFact)
    assert [fact.time for fact in facts] == [T0 + 1000, T0 + 2000]
    for fact in facts:
        assert set(fact.ticks) == set(SYMBOLS)
        assert fact.ticks["BTCUSDT"].high == minute_bar("BTCUSDT", 0).high


def test_a_second_is_sampled_before_the_message_that_ends_it_is_heard() -> None:
    desk = Desk()
    first, second = minute_bar("BTCUSDT", 0), minute_bar("BTCUSDT", 1)
    desk.hear(kline("BTCUSDT", first, T0 + 500))
    desk.hear(kline("BTCUSDT", second, second.open_time))
    (fact,) = desk.outlet.of(TicksFact)
    assert fact.time == second.open_time
    assert fact.ticks["BTCUSDT"].open_time == first.open_time


def test_the_clock_never_goes_back() -> None:
    desk = Desk()
    desk.hear(mark("BTCUSDT", T0 + 5000), mark("BTCUSDT", T0 + 1000))
    assert desk.recorder.clock == T0 + 5000


def test_every_ten_seconds_of_the_market_there_is_a_heartbeat() -> None:
    desk = Desk()
    for second in range(1, 36):
        desk.hear([mark("BTCUSDT", T0 + second * 1000)])
    beats = desk.outlet.of(HeartbeatFact)
    assert [beat.time - T0 for beat in beats] == [1000, 10_000, 20_000, 30_000]
    assert beats[-1].symbols == SYMBOLS
    assert beats[-1].prices["ETHUSDT"] == minute_bar("ETHUSDT", -1).close
    assert beats[-1].stream_ages_ms == {
        "kline": None, "mark": 1000, "liquidation": None, "open_interest": None,
    }  # fmt: skip
    assert (beats[-1].backlog, beats[-1].sent, beats[-1].task) == (4, {"bars": 3}, "desk")
    assert beats[-1].rss_bytes > 0


def test_a_clock_that_stands_still_is_reported_soon_and_then_every_ten_seconds() -> None:
    still = Stillness()
    assert not still.due(T0, 100.0)
    assert not still.due(T0, 100.0 + STILL_S - 0.1)
    assert still.due(T0, 100.0 + STILL_S)
    still.spoke(T0, 100.0 + STILL_S)
    assert not still.due(T0, 100.0 + STILL_S + BEAT_S - 0.1)
    assert still.due(T0, 100.0 + STILL_S + BEAT_S)
    assert not still.due(T0 + 1, 200.0), "it moves again"


def test_a_still_market_still_has_a_heartbeat() -> None:
    wall = [50.0]
    desk = Desk(wall=lambda: wall[0])
    desk.hear([mark("BTCUSDT", T0 + 1000)])
    for wall[0] in (50.0, 51.0, 52.5, 53.5, 60.0, 62.6):
        desk.recorder.look()
    assert [beat.time for beat in desk.outlet.of(HeartbeatFact)] == [T0 + 1000] * 2


def test_only_the_holder_of_the_lease_sends_ticks_and_heartbeats() -> None:
    desk = Desk(lease=NotMine())
    for second in range(1, 15):
        desk.hear(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + second * 1000))
    desk.recorder.beat()
    assert desk.outlet.facts == []


def test_who_stands_by_says_the_same_bars_later_and_all_at_once_when_it_takes_over() -> None:
    lease, wall = NotMine(), [100.0]
    desk = Desk(lease=lease, wall=lambda: wall[0])
    desk.close("BTCUSDT", 0)
    wall[0] += HOLD_BACK_S - 0.1
    desk.hear(mark("BTCUSDT", T0 + 62_000))
    assert desk.outlet.facts == []
    wall[0] += 0.1
    desk.hear(mark("BTCUSDT", T0 + 63_000))
    assert [fact.sent_at for fact in desk.outlet.of(BarsFact)] == [T0 + 63_000]
    for minute in (1, 2):
        desk.close("BTCUSDT", minute)
    lease.mine = True
    desk.recorder.look()
    assert [fact.bars[0] for fact in desk.outlet.of(BarsFact)] == [
        minute_bar("BTCUSDT", n) for n in range(3)
    ]  # fmt: skip


def test_who_stands_by_keeps_nothing_for_itself_at_its_end() -> None:
    desk = Desk(lease=NotMine())
    desk.close("BTCUSDT", 0)
    desk.recorder.end()
    assert len(desk.outlet.of(BarsFact)) == 1


def test_a_late_bar_is_asked_for_and_the_answer_goes_out() -> None:
    desk = Desk()
    desk.close("ETHUSDT", 0)
    desk.hear(mark("BTCUSDT", T0 + 62_900))
    assert desk.wants == []
    desk.hear(mark("BTCUSDT", T0 + 63_100))
    (want,) = desk.wants
    assert want == BarRequest("BTCUSDT", "1m", T0, T0 + 60_000)
    desk.hear(mark("BTCUSDT", T0 + 65_000))
    assert desk.wants == [want], "asked once"
    desk.recorder.supply(want, [minute_bar("BTCUSDT", 0)], [])
    assert [(f.symbol, f.source) for f in desk.outlet.of(BarsFact)] == [
        ("ETHUSDT", "ws"), ("BTCUSDT", "rest"),
    ]  # fmt: skip


def test_a_hole_stops_reading_only_when_very_many_bars_wait_for_it() -> None:
    desk = Desk()
    for minute in range(1, recorder_module.HELD_BOUND + 2):
        desk.close("BTCUSDT", minute)
    assert desk.recorder.crowded
    assert not desk.recorder.wait_until_calm(0.0)
    desk.recorder.supply(desk.wants[0], [minute_bar("BTCUSDT", 0)], [])
    assert not desk.recorder.crowded
    assert desk.recorder.wait_until_calm(0.0)
    assert len(desk.outlet.of(BarsFact)) == recorder_module.HELD_BOUND + 2


def test_open_interest_and_liquidations_are_on_the_bar() -> None:
    desk = Desk()
    desk.recorder.on_open_interest(OpenInterest("BTCUSDT", T0 + 30_000, 77.0))
    desk.hear(mark("BTCUSDT", T0, 98.0), liquidation("BTCUSDT", T0 + 1000, 500.0))
    desk.hear(mark("BTCUSDT", T0 + 59_000, 99.0))
    desk.close("BTCUSDT", 0)
    (fact,) = desk.outlet.of(BarsFact)
    assert (fact.open_interest, fact.open_interest_time) == (77.0, T0 + 30_000)
    assert (fact.liq_long_usd, fact.liq_short_usd, fact.mark_price) == (500.0, 0.0, 99.0)


def test_a_replayed_bar_waits_for_its_open_interest_and_the_next_second_for_the_bar() -> None:
    desk = Desk(replayed=True)
    desk.hear(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + 59_000))
    desk.close("BTCUSDT", 0)
    desk.close("ETHUSDT", 0)
    assert desk.outlet.of(BarsFact) == [], "nothing is sent, and reading on is not hindered"
    known = [OpenInterest("BTCUSDT", T0 + 60_000, 77.0), OpenInterest("XRPUSDT", T0, 1.0)]
    answer = threading.Timer(0.05, desk.recorder.inform, (known, T0 + 60_000))
    answer.start()
    desk.hear(mark("BTCUSDT", T0 + 61_000))
    answer.join()
    facts = desk.outlet.of(BarsFact)
    assert [(f.symbol, f.open_interest) for f in facts] == [("BTCUSDT", 77.0), ("ETHUSDT", None)]
    times = [fact.time for fact in desk.outlet.facts if isinstance(fact, TicksFact)]
    assert times == [T0 + 60_000], "sampled before the bars; the new minute has not traded yet"
    last = max(n for n, fact in enumerate(desk.outlet.facts) if isinstance(fact, BarsFact))
    assert all(
        fact.time <= T0 + 60_000
        for fact in desk.outlet.facts[:last]
        if isinstance(fact, TicksFact | HeartbeatFact)
    )


@pytest.mark.parametrize("ending", [False, True])
def test_a_replay_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch, ending: bool) -> None:
    monkeypatch.setattr(recorder_module, "INFORMED_WITHIN_S", 0.01)
    desk = Desk(replayed=True)
    desk.close("BTCUSDT", 0)
    if ending:
        desk.recorder.end()
    desk.hear(mark("BTCUSDT", T0 + 61_000))
    facts = desk.outlet.of(BarsFact)
    assert [fact.open_interest for fact in facts] == ([] if ending else [None])


def test_liquidations_are_unknown_for_a_minute_the_connection_was_lost_in() -> None:
    desk = Desk()
    desk.hear(mark("BTCUSDT", T0), liquidation("XRPUSDT", T0 + 1000, 500.0))
    for minute in range(4):
        if minute == 1:
            desk.recorder.on_lost()
            desk.recorder.on_up()
        desk.close("BTCUSDT", minute)
        desk.hear(mark("BTCUSDT", T0 + (minute + 1) * 60_000 + 500))
    flows = [fact.liq_long_usd for fact in desk.outlet.of(BarsFact)]
    assert flows == [0.0, None, None, 0.0], "back in the third minute, whole again in the fourth"


@pytest.mark.parametrize(
    "junk", [None, 7, "x", [], [1], {"e": "kline"}, {"e": "forceOrder", "o": 1}]
)
def test_what_cannot_be_read_is_counted_and_stops_nothing(junk: Any) -> None:
    desk = Desk()
    desk.hear(junk)
    desk.close("BTCUSDT", 0)
    assert len(desk.outlet.of(BarsFact)) == 1
    assert desk.recorder.status()["messages"] == 2


def test_longer_klines_and_other_symbols_are_ignored() -> None:
    desk = Desk()
    five = minute_bar("BTCUSDT", 0)
    data = kline("BTCUSDT", five, five.close_time + 240_000, closed=True)
    data["k"] |= {"i": "5m", "T": five.open_time + 299_999}
    desk.hear(data)
    desk.close("XRPUSDT", 0)
    assert desk.outlet.of(BarsFact) == []


def test_stream_classes_are_told_by_event_in_arrays_too() -> None:
    assert stream_class([mark("BTCUSDT", T0)]) == "mark"
    assert stream_class(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0)) == "kline"
    assert stream_class(liquidation("X", T0, 1.0)) == "liquidation"
    assert stream_class({"e": "contractInfo"}) == "contract"
    assert stream_class({"e": "bookTicker"}) is None


def test_one_frame_from_the_far_future_moves_nothing_and_two_mean_an_outage() -> None:
    desk = Desk()
    desk.hear(mark("BTCUSDT", T0 + 1000), mark("BTCUSDT", T0 + 10**9))
    assert desk.recorder.clock == T0 + 1000
    assert desk.recorder.status()["malformed"] == 1
    desk.hear(mark("BTCUSDT", T0 + 3_600_000))
    assert desk.recorder.clock == T0 + 1000
    desk.hear(mark("BTCUSDT", T0 + 3_600_250))
    assert desk.recorder.clock == T0 + 3_600_250


def test_a_kline_told_before_its_time_is_malformed() -> None:
    desk = Desk()
    bar = minute_bar("BTCUSDT", 5)
    desk.hear(kline("BTCUSDT", bar, T0 + 1000, closed=True))
    desk.hear(kline("BTCUSDT", bar, T0 + 1000))
    assert desk.recorder.status()["malformed"] == 2
    assert desk.wants == []
    desk.close("BTCUSDT", 0)
    assert len(desk.outlet.of(BarsFact)) == 1
