"""What is noticed, and what follows: through the recorder, as the feed would tell it."""

from dataclasses import replace
from typing import Any

import pytest
from signalengine.bars.builder import BarRequest
from signalengine.exchanges.binance.contracts import ContractInfo
from signalengine.facts.stream import Bar, BarsFact, GapFact, HeartbeatFact

from ingest_task.recording import verification_budget
from tests.ingest_task.recording.test_recorder import Desk
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline, liquidation, mark

MINUTE = 60_000


class Streams:
    """Streams that write down what is done about them."""

    def __init__(self) -> None:
        self.replaced: list[tuple[int, str]] = []
        self.renewed: list[str] = []

    def replace(self, shard: int, why: str) -> None:
        self.replaced.append((shard, why))

    def renew(self, symbol: str) -> None:
        self.renewed.append(symbol)

    def shard_of(self, symbol: str) -> int:
        return 0


def watched(**options: Any) -> tuple[Desk, Streams]:
    desk, streams = Desk(**options), Streams()
    desk.recorder.watch(streams)
    return desk, streams


def entries(desk: Desk) -> list[tuple[str, str, str | None, str]]:
    """The ledger after its beginning."""
    return [
        (fact.stream, fact.cause, fact.symbol, fact.outcome)
        for fact in desk.outlet.of(GapFact)
        if fact.stream not in ("task", "universe")
    ]


def marks(desk: Desk, first: int, last: int) -> None:
    """One mark price a second."""
    for second in range(first, last + 1):
        desk.hear([mark("BTCUSDT", T0 + second * 1000)])


def test_a_silent_stream_is_replaced_told_and_over_when_it_speaks() -> None:
    desk, streams = watched()
    desk.hear(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + 500))
    marks(desk, 1, 41)
    assert streams.replaced == [(0, "kline silent")]
    assert desk.outlet.of(HeartbeatFact)[-1].silent == ("kline",)
    desk.hear(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + 41_500))
    told = [("kline", "silent", None, outcome) for outcome in ("open", "repaired")]
    assert entries(desk) == told
    first, last = (f for f in desk.outlet.of(GapFact) if f.stream == "kline")
    assert (first.start, first.noticed_at, last.end) == (T0 + 500, T0 + 31_000, T0 + 41_500)


def test_marks_that_never_began_are_noticed() -> None:
    desk, streams = watched()
    for second in range(1, 15):
        desk.hear(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + second * 1000))
    assert streams.replaced == [(0, "mark silent")]


def test_a_symbol_that_rest_has_trades_of_and_the_stream_not_is_subscribed_anew() -> None:
    desk, streams = watched()
    for minute in range(3):
        desk.close("ETHUSDT", minute)
        marks(desk, minute * 60 + 60, minute * 60 + 64)
        (want,) = desk.wants[minute:]
        desk.recorder.supply(want, [minute_bar("BTCUSDT", minute)], [])
    assert streams.renewed == ["BTCUSDT", "BTCUSDT"]
    assert ("kline", "silent", "BTCUSDT", "open") in entries(desk)
    marks(desk, 190, 190)
    assert desk.outlet.of(HeartbeatFact)[-1].silent_symbols == 1
    desk.close("BTCUSDT", 3)
    assert entries(desk)[-1] == ("kline", "silent", "BTCUSDT", "repaired")
    assert len([f for f in desk.outlet.of(BarsFact) if f.symbol == "BTCUSDT"]) == 4


def test_minutes_without_trades_are_no_silence() -> None:
    desk, streams = watched()
    for minute in range(3):
        desk.close("ETHUSDT", minute)
        marks(desk, minute * 60 + 60, minute * 60 + 64)
        quiet = replace(minute_bar("BTCUSDT", minute), volume=0.0, trades=0)
        desk.recorder.supply(desk.wants[-1], [quiet], [])
    assert streams.renewed == []


def test_a_live_market_goes_on_although_nothing_is_heard_of_it() -> None:
    wall = [100.0]
    desk, streams = watched(market="live", wall=lambda: wall[0])
    desk.hear(kline("BTCUSDT", minute_bar("BTCUSDT", 0), T0 + 1000))
    for _ in range(64):
        wall[0] += 1.0
        desk.recorder.look()
    assert [(want.symbol, want.start) for want in desk.wants] == [("BTCUSDT", T0), ("ETHUSDT", T0)]
    desk.recorder.supply(desk.wants[0], [minute_bar("BTCUSDT", 0)], [])
    (fact,) = desk.outlet.of(BarsFact)
    assert (fact.source, fact.symbol) == ("rest", "BTCUSDT")
    assert {why for _, why in streams.replaced} == {"kline silent", "mark silent"}


def test_a_closing_kline_that_contradicts_its_minute_is_asked_about_and_rest_wins() -> None:
    desk, _ = watched()
    true = minute_bar("BTCUSDT", 0)
    desk.hear(kline("BTCUSDT", true, T0 + 59_000))
    wrong = replace(true, volume=true.volume / 2, close=true.open)
    desk.hear(kline("BTCUSDT", wrong, T0 + 60_010, closed=True))
    assert desk.outlet.of(BarsFact) == []
    assert desk.wants == [BarRequest("BTCUSDT", "1m", T0, T0 + MINUTE)]
    desk.recorder.supply(desk.wants[0], [true], [])
    (fact,) = desk.outlet.of(BarsFact)
    assert (fact.bars[0], fact.source) == (true, "rest")
    assert ("kline", "mismatch", "BTCUSDT", "differs") in entries(desk)


def test_a_closing_kline_of_a_minute_never_heard_forming_is_asked_about_in_a_live_market() -> None:
    desk, _ = watched(market="live")
    true = minute_bar("BTCUSDT", 0)
    wrong = replace(true, volume=true.volume / 2)
    desk.hear(kline("BTCUSDT", wrong, T0 + 60_010, closed=True))
    assert desk.outlet.of(BarsFact) == []
    desk.recorder.supply(desk.wants[0], [true], [])
    assert [fact.bars[0] for fact in desk.outlet.of(BarsFact)] == [true]
    assert ("kline", "mismatch", "BTCUSDT", "differs") in entries(desk)
    desk.close("BTCUSDT", 0)
    assert len(desk.wants) == 1, "what has gone out already is not asked about"


def test_a_minute_heard_forming_and_one_without_trades_are_believed() -> None:
    desk, _ = watched(market="live")
    traded = minute_bar("BTCUSDT", 0)
    desk.hear(kline("BTCUSDT", traded, T0 + 59_000))
    desk.close("BTCUSDT", 0)
    last = traded.close
    calm = Bar("1m", T0 + MINUTE, last, last, last, last, 0.0, 0.0, 0, 0.0)
    desk.hear(kline("BTCUSDT", calm, T0 + 2 * MINUTE + 10, closed=True))
    assert [fact.bars[0] for fact in desk.outlet.of(BarsFact)] == [traded, calm]
    assert [want for want in desk.wants if want.symbol == "BTCUSDT"] == []


def test_of_a_whole_market_first_heard_at_its_close_only_a_few_are_asked_about() -> None:
    symbols = [f"S{n:02d}USDT" for n in range(verification_budget.A_MINUTE + 10)]
    desk, _ = watched(market="live", symbols=symbols)
    for minute in (0, 1):
        desk.wants.clear()
        for symbol in symbols:
            desk.close(symbol, minute)
        assert (
            len([want for want in desk.wants if want.interval == "1m"])
            == verification_budget.A_MINUTE
        )
        for want in list(desk.wants):
            desk.recorder.supply(want, [minute_bar(want.symbol, minute)], [])
        assert len(desk.outlet.of(BarsFact)) == len(symbols) * (minute + 1)


def test_a_bar_that_comes_late_and_otherwise_is_told_and_the_first_stays() -> None:
    desk, _ = watched()
    desk.close("BTCUSDT", 0)
    other = replace(minute_bar("BTCUSDT", 0), volume=99.0, trades=10_000)
    desk.hear(kline("BTCUSDT", other, T0 + 70_000, closed=True))
    assert entries(desk) == [("kline", "mismatch", "BTCUSDT", "differs")]
    assert desk.outlet.of(BarsFact)[0].bars[0] == minute_bar("BTCUSDT", 0)


def test_a_hole_is_told_when_it_is_over_with_what_was_lost() -> None:
    desk, _ = watched()
    desk.close("BTCUSDT", 0)
    desk.close("BTCUSDT", 3)
    for found in ([minute_bar("BTCUSDT", 1)], []):
        want = [want for want in desk.wants if want.symbol == "BTCUSDT"][-1]
        desk.recorder.supply(want, found, [])
    told = [f for f in desk.outlet.of(GapFact) if f.cause == "missing"]
    assert sum(f.bars_lost for f in told) == 2 - 1
    assert told[-1].outcome == "lost"
    assert [f.quality.gap_s for f in desk.outlet.of(BarsFact)] == [0.0, 0.0, 60.0]


def test_liquidations_that_fall_silent_are_unknown_from_the_first_bar_after_the_notice_on() -> None:
    """What has been sent stays as it was; the ledger says since when it was too low."""
    desk, streams = watched(market="live")
    symbol, other = "BTCUSDT", "ETHUSDT"

    def live(minute: int, liquidations_until: int = 60) -> BarsFact:
        start = T0 + minute * MINUTE
        for second in range(60):
            desk.hear([mark(other, start + second * 1000)])
            desk.hear(kline(symbol, minute_bar(symbol, minute), start + second * 1000 + 500))
            if second % 10 == 0 and second < liquidations_until:
                desk.hear(liquidation(symbol, start + second * 1000 + 600, 500.0))
        desk.close(symbol, minute)
        fact: BarsFact = [f for f in desk.outlet.of(BarsFact) if f.symbol == symbol][-1]
        return fact

    for minute in range(12):
        live(minute)
    assert live(12, 30).liq_long_usd == 3 * 500.0, "the rest may have been calm"
    assert live(13, 0).liq_long_usd is None
    entry = next(f for f in desk.outlet.of(GapFact) if f.stream == "liquidation")
    assert (entry.start, entry.outcome) == (T0 + 12 * MINUTE + 20_600, "open")
    assert entry.noticed_at - entry.start < 62_000
    assert "liquidation silent" in {why for _, why in streams.replaced}
    assert live(14).liq_long_usd is None, "it was back within this minute"
    assert live(15).liq_long_usd == 6 * 500.0
    assert ("liquidation", "silent", None, "repaired") in entries(desk)


def test_a_liquidation_that_two_connections_tell_counts_once() -> None:
    desk, _ = watched()
    order = liquidation("BTCUSDT", T0 + 1000, 500.0)
    desk.hear(mark("BTCUSDT", T0), order, order)
    desk.close("BTCUSDT", 0)
    assert desk.outlet.of(BarsFact)[0].liq_long_usd == 500.0
    assert desk.recorder.status()["passed"] == {"told_twice": 1}


def test_connections_that_come_and_go_are_in_the_ledger() -> None:
    desk, _ = watched()
    desk.hear(mark("BTCUSDT", T0 + 1000))
    desk.recorder.on_lost(0, "cut")
    desk.hear(mark("BTCUSDT", T0 + 4000))
    desk.recorder.on_up(0, "reconnected")
    desk.recorder.on_up(0, "planned")
    assert entries(desk) == [
        ("connection", "lost", None, "open"), ("connection", "lost", None, "repaired"),
        ("connection", "planned", None, "noted"),
    ]  # fmt: skip
    assert desk.recorder.status()["reconnects"] == 1


def test_a_halted_symbol_is_expected_to_say_nothing_and_back_it_goes_on() -> None:
    desk, _ = watched()
    desk.recorder.halt("BTCUSDT", "SETTLING")
    marks(desk, 1, 190)
    assert {want.symbol for want in desk.wants} == {"ETHUSDT"}
    assert desk.outlet.of(HeartbeatFact)[-1].halted == ("BTCUSDT",)
    assert desk.recorder.trading == ("ETHUSDT",)
    desk.recorder.resume("BTCUSDT")
    desk.close("BTCUSDT", 3)
    want = next(want for want in desk.wants if want.symbol == "BTCUSDT")
    desk.recorder.supply(want, [], [])
    (fact,) = (f for f in desk.outlet.of(BarsFact) if f.symbol == "BTCUSDT")
    assert fact.quality.gap_s == 180.0
    halts = [e for e in entries(desk) if e[1] == "halted"]
    assert [outcome for *_, outcome in halts] == ["open", "noted"]


def test_a_symbol_that_is_given_up_takes_everything_with_it() -> None:
    desk, _ = watched()
    desk.close("BTCUSDT", 1)
    desk.recorder.forget("BTCUSDT", "CLOSE")
    desk.recorder.supply(desk.wants[0], [minute_bar("BTCUSDT", 0)], [])
    desk.close("BTCUSDT", 2)
    assert desk.outlet.of(BarsFact) == []
    assert desk.recorder.symbols == ("ETHUSDT",)


def test_news_of_contracts_is_passed_on_whether_followed_or_not() -> None:
    desk, told = Desk(), list[ContractInfo]()
    desk.recorder.on_contract = told.append
    raw = {"e": "contractInfo", "E": T0 + 5, "s": "NEWUSDT", "ct": "PERPETUAL", "cs": "TRADING"}
    desk.hear(raw, raw | {"s": "NEWUSD_PERP", "st": 2})
    assert told == [ContractInfo("NEWUSDT", T0 + 5, "PERPETUAL", "TRADING")]


@pytest.mark.parametrize("offset", [-5_000, 5_000])
def test_an_exchange_whose_clock_is_off_loses_no_bar_and_puts_none_elsewhere(offset: int) -> None:
    """Event times are off; a minute's own times are not."""
    desk, _ = watched()
    for minute in range(3):
        bar = minute_bar("BTCUSDT", minute)
        for ms in range(1000, 60_000, 1000):
            desk.hear(kline("BTCUSDT", bar, bar.open_time + ms + offset))
        desk.hear(kline("BTCUSDT", bar, bar.close_time + 10 + offset, closed=True))
    facts = desk.outlet.of(BarsFact)
    assert [fact.bars[0] for fact in facts] == [minute_bar("BTCUSDT", n) for n in range(3)]
    assert {fact.source for fact in facts} == {"ws"}
    assert [want for want in desk.wants if want.symbol == "BTCUSDT"] == []
