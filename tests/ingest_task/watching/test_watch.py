"""Problems of the streams, noticed and acted on: through the recorder, as the feed calls it."""

from dataclasses import replace
from typing import Any

import pytest
from signalengine.facts.stream import BarsFact, GapFact, HeartbeatFact

from tests.ingest_task.recorder_harness import RecorderHarness
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, liquidation, mark

MINUTE = 60_000


class Connections:
    """Connections that record what is done to them."""

    def __init__(self) -> None:
        self.replaced: list[tuple[int, str]] = []
        self.renewed: list[str] = []

    def replace(self, shard: int, why: str) -> None:
        self.replaced.append((shard, why))

    def renew(self, symbol: str) -> None:
        self.renewed.append(symbol)

    def shard_of(self, symbol: str) -> int:
        return 0


def watched(**options: Any) -> tuple[RecorderHarness, Connections]:
    harness, streams = RecorderHarness(**options), Connections()
    harness.recorder.attach(streams)
    return harness, streams


def entries(harness: RecorderHarness) -> list[tuple[str, str, str | None, str]]:
    """The ledger after its beginning."""
    return [
        (fact.stream, fact.cause, fact.symbol, fact.outcome)
        for fact in harness.outlet.of(GapFact)
        if fact.stream not in ("task", "universe")
    ]


def marks(harness: RecorderHarness, first: int, last: int) -> None:
    """One mark price a second."""
    for second in range(first, last + 1):
        harness.send([mark("BTCUSDT", T0 + second * 1000)])


def test_a_silent_stream_is_replaced_recorded_and_over_with_its_next_message() -> None:
    harness, streams = watched()
    harness.send(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + 500))
    marks(harness, 1, 41)
    assert streams.replaced == [(0, "kline silent")]
    assert harness.outlet.of(HeartbeatFact)[-1].silent == ("kline",)
    harness.send(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + 41_500))
    both = [("kline", "silent", None, outcome) for outcome in ("open", "repaired")]
    assert entries(harness) == both
    first, last = (f for f in harness.outlet.of(GapFact) if f.stream == "kline")
    assert (first.start, first.noticed_at, last.end) == (T0 + 500, T0 + 31_000, T0 + 41_500)


def test_a_stream_that_repeats_its_last_message_is_silent_until_a_new_one() -> None:
    harness, streams = watched(market="live")
    last = kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + 500)
    for second in range(1, 121):
        marks(harness, second, second)
        harness.send(last)
    assert streams.replaced == [(0, "kline silent")] * 2, "noticed, and again a minute later"
    assert harness.outlet.of(HeartbeatFact)[-1].silent == ("kline",)
    assert entries(harness) == [("kline", "silent", None, "open")]
    harness.send(kline("BTCUSDT", minute_bar("BTCUSDT", 2), T0 + 120_500))
    assert entries(harness)[-1] == ("kline", "silent", None, "repaired")


def test_a_market_that_repeats_its_last_messages_is_silent() -> None:
    now = [0.0]
    harness, streams = watched(market="live", wall=lambda: now[0])
    last = (kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + 500), [mark("BTCUSDT", T0 + 1000)])
    for second in range(40):
        now[0] = float(second)
        harness.send(*last)
        harness.recorder.check()
    assert sorted(streams.replaced) == [(0, "kline silent"), (0, "mark silent")]


def test_marks_that_never_began_are_noticed() -> None:
    harness, streams = watched()
    for second in range(1, 15):
        harness.send(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + second * 1000))
    assert streams.replaced == [(0, "mark silent")]


def test_a_symbol_with_trades_by_rest_and_none_by_its_stream_is_subscribed_again() -> None:
    harness, streams = watched()
    for minute in range(3):
        harness.close("ETHUSDT", minute)
        marks(harness, minute * 60 + 60, minute * 60 + 64)
        (request,) = harness.requests[minute:]
        harness.recorder.on_backfill(request, [minute_bar("BTCUSDT", minute)], [])
    assert streams.renewed == ["BTCUSDT", "BTCUSDT"]
    assert ("kline", "silent", "BTCUSDT", "open") in entries(harness)
    marks(harness, 190, 190)
    assert harness.outlet.of(HeartbeatFact)[-1].silent_symbols == 1
    harness.close("BTCUSDT", 3)
    assert entries(harness)[-1] == ("kline", "silent", "BTCUSDT", "repaired")
    assert len([f for f in harness.outlet.of(BarsFact) if f.symbol == "BTCUSDT"]) == 4


def test_a_symbol_that_repeats_its_last_message_is_subscribed_again() -> None:
    harness, streams = watched()
    last = kline("BTCUSDT", minute_bar("BTCUSDT", -1), T0 + 10, closed=True)
    for minute in range(3):
        harness.send(last)
        harness.close("ETHUSDT", minute)
        marks(harness, minute * 60 + 60, minute * 60 + 64)
        harness.recorder.on_backfill(harness.requests[-1], [minute_bar("BTCUSDT", minute)], [])
    assert streams.renewed == ["BTCUSDT", "BTCUSDT"]


def test_minutes_without_trades_are_not_silence() -> None:
    harness, streams = watched()
    for minute in range(3):
        harness.close("ETHUSDT", minute)
        marks(harness, minute * 60 + 60, minute * 60 + 64)
        quiet = replace(minute_bar("BTCUSDT", minute), volume=0.0, trades=0)
        harness.recorder.on_backfill(harness.requests[-1], [quiet], [])
    assert streams.renewed == []


def test_a_late_bar_with_other_values_is_recorded_and_the_first_stays() -> None:
    harness, _ = watched()
    harness.close("BTCUSDT", 0)
    other = replace(minute_bar("BTCUSDT", 0), volume=99.0, trades=10_000)
    harness.send(kline("BTCUSDT", other, T0 + 70_000, closed=True))
    assert entries(harness) == [("kline", "mismatch", "BTCUSDT", "differs")]
    assert harness.outlet.of(BarsFact)[0].bars[0] == minute_bar("BTCUSDT", 0)


def test_a_hole_is_recorded_when_it_is_over_with_the_bars_lost() -> None:
    harness, _ = watched()
    harness.close("BTCUSDT", 0)
    harness.close("BTCUSDT", 3)
    for found in ([minute_bar("BTCUSDT", 1)], []):
        request = [request for request in harness.requests if request.symbol == "BTCUSDT"][-1]
        harness.recorder.on_backfill(request, found, [])
    missing = [f for f in harness.outlet.of(GapFact) if f.cause == "missing"]
    assert sum(f.bars_lost for f in missing) == 2 - 1
    assert missing[-1].outcome == "lost"
    assert [f.quality.gap_s for f in harness.outlet.of(BarsFact)] == [0.0, 0.0, 60.0]


def test_liquidations_that_fall_silent_are_unknown_from_the_first_bar_after_the_notice_on() -> None:
    """Bars sent stay as they are; the entry's start shows since when sums may be too low."""
    harness, streams = watched(market="live")
    symbol, other = "BTCUSDT", "ETHUSDT"

    def live(minute: int, liquidations_until: int = 60) -> BarsFact:
        start = T0 + minute * MINUTE
        for second in range(60):
            harness.send([mark(other, start + second * 1000)])
            harness.send(kline(symbol, minute_bar(symbol, minute), start + second * 1000 + 500))
            if second % 10 == 0 and second < liquidations_until:
                harness.send(liquidation(symbol, start + second * 1000 + 600, 500.0))
        harness.close(symbol, minute)
        fact: BarsFact = [f for f in harness.outlet.of(BarsFact) if f.symbol == symbol][-1]
        return fact

    for minute in range(12):
        live(minute)
    assert live(12, 30).liq_long_usd == 3 * 500.0, "the rest may have been calm"
    assert live(13, 0).liq_long_usd is None
    entry = next(f for f in harness.outlet.of(GapFact) if f.stream == "liquidation")
    assert (entry.start, entry.outcome) == (T0 + 12 * MINUTE + 20_600, "open")
    assert entry.noticed_at - entry.start < 62_000
    assert "liquidation silent" in {why for _, why in streams.replaced}
    assert live(14).liq_long_usd is None, "it was back within this minute"
    assert live(15).liq_long_usd == 6 * 500.0
    assert ("liquidation", "silent", None, "repaired") in entries(harness)


def test_connections_that_come_and_go_are_in_the_ledger() -> None:
    harness, _ = watched()
    harness.send(mark("BTCUSDT", T0 + 1000))
    harness.recorder.on_lost(0, "cut")
    harness.send(mark("BTCUSDT", T0 + 4000))
    harness.recorder.on_up(0, "reconnected")
    harness.recorder.on_up(0, "planned")
    assert entries(harness) == [
        ("connection", "lost", None, "open"), ("connection", "lost", None, "repaired"),
        ("connection", "planned", None, "noted"),
    ]  # fmt: skip
    assert harness.recorder.status()["reconnects"] == 1


def test_no_bars_are_expected_of_a_halted_symbol_until_it_resumes() -> None:
    harness, _ = watched()
    harness.recorder.halt("BTCUSDT", "SETTLING")
    marks(harness, 1, 190)
    assert {request.symbol for request in harness.requests} == {"ETHUSDT"}
    assert harness.outlet.of(HeartbeatFact)[-1].halted == ("BTCUSDT",)
    assert harness.recorder.trading == ("ETHUSDT",)
    harness.recorder.resume("BTCUSDT")
    harness.close("BTCUSDT", 3)
    request = next(request for request in harness.requests if request.symbol == "BTCUSDT")
    harness.recorder.on_backfill(request, [], [])
    (fact,) = (f for f in harness.outlet.of(BarsFact) if f.symbol == "BTCUSDT")
    assert fact.quality.gap_s == 180.0
    halts = [e for e in entries(harness) if e[1] == "halted"]
    assert [outcome for *_, outcome in halts] == ["open", "noted"]


def test_a_symbol_that_is_dropped_leaves_nothing_behind() -> None:
    harness, _ = watched()
    harness.close("BTCUSDT", 1)
    harness.recorder.unfollow("BTCUSDT", "CLOSE")
    harness.recorder.on_backfill(harness.requests[0], [minute_bar("BTCUSDT", 0)], [])
    harness.close("BTCUSDT", 2)
    assert harness.outlet.of(BarsFact) == []
    assert harness.recorder.symbols == ("ETHUSDT",)


@pytest.mark.parametrize("offset", [-5_000, 5_000])
def test_an_exchange_whose_clock_is_off_loses_no_bar_and_moves_none(offset: int) -> None:
    """Event times are off; a minute's own times are not."""
    harness, _ = watched()
    for minute in range(3):
        bar = minute_bar("BTCUSDT", minute)
        for ms in range(1000, 60_000, 1000):
            harness.send(kline("BTCUSDT", bar, bar.open_time + ms + offset))
        harness.send(kline("BTCUSDT", bar, bar.close_time + 10 + offset, closed=True))
    facts = harness.outlet.of(BarsFact)
    assert [fact.bars[0] for fact in facts] == [minute_bar("BTCUSDT", n) for n in range(3)]
    assert {fact.source for fact in facts} == {"ws"}
    assert [request for request in harness.requests if request.symbol == "BTCUSDT"] == []
