"""REST: warm-up in order, answers read for what they mean, a budget shared by all."""

import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from signalengine.bars.builder import BarRequest
from signalengine.errors import MalformedFactError
from signalengine.exchanges.binance.messages import Funding, OpenInterest
from signalengine.facts.stream import Bar
from signalengine.intervals import INTERVAL_MS, MINUTE_MS

from ingest_task.backfill import history as history_module
from ingest_task.backfill import rest as rest_module
from ingest_task.backfill.history import OpenInterestPoll, OpenInterestReplay, Repairs, warm_up
from ingest_task.backfill.rest import (
    ExchangeAwayError,
    RegionRefusedError,
    RequestRefusedError,
    Rest,
    StoppedError,
    WeightBudget,
    patiently,
)
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import SmallExchange, small_exchange

KLINES = "/fapi/v1/klines"


class Bench:
    def __init__(self, exchange: SmallExchange) -> None:
        self.exchange, self.stop = exchange, threading.Event()
        self.budget = WeightBudget()
        self.rest = Rest(exchange.rest_base, self.stop, self.budget)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(rest_module, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(history_module, "LONGEST_PAUSE_S", 0.001)
    monkeypatch.setattr(history_module, "MIN_ROUND_S", 0.001)
    with small_exchange() as exchange:
        bench = Bench(exchange)
        yield bench
        bench.stop.set()


# --- warm-up -------------------------------------------------------------------------------------


def test_the_past_comes_longest_interval_first_and_ends_before_now(bench: Bench) -> None:
    bench.exchange.first_minute = -1600
    bench.exchange.now = T0 + 42_000
    facts = list(warm_up(bench.rest, "BTCUSDT", bench.exchange.now, "simulated"))
    assert [fact.interval for fact in facts] == ["1h", "15m", "5m", "1m", "1m", "1m"]
    assert [len(fact.bars) for fact in facts[3:]] == [500, 500, 500]
    for fact in facts:
        ends = [bar.close_time for bar in fact.bars]
        assert ends == sorted(set(ends))
        assert ends[-1] <= T0
    assert facts[-1].bars[-1] == minute_bar("BTCUSDT", -1)
    for query in bench.exchange.asked(KLINES):
        assert query["limit"] == ("1500" if query["interval"] == "1m" else "499")


def test_a_symbol_without_a_past_still_has_an_empty_history(bench: Bench) -> None:
    bench.exchange.first_minute = 10
    facts = list(warm_up(bench.rest, "BTCUSDT", T0, "live"))
    assert [(fact.interval, fact.bars) for fact in facts] == [
        ("1h", ()), ("15m", ()), ("5m", ()), ("1m", ()),
    ]  # fmt: skip


def test_the_bar_that_is_still_forming_is_left_out(bench: Bench) -> None:
    bench.exchange.now = T0 + 30 * MINUTE_MS + 1
    for interval in ("5m", "15m", "1h"):
        bars = bench.rest.closed_bars("BTCUSDT", interval, bench.exchange.now, 499)
        assert (
            bars[-1].close_time
            == bench.exchange.now // INTERVAL_MS[interval] * INTERVAL_MS[interval]
        )


def test_this_machine_s_clock_is_compared_with_the_exchange_s(bench: Bench) -> None:
    assert bench.rest.skew_ms is None
    bench.exchange.now = time.time_ns() // 1_000_000 - 5_000
    bench.rest.server_time()
    assert bench.rest.skew_ms is not None
    assert 4_000 < bench.rest.skew_ms < 6_000


# --- what answers mean ---------------------------------------------------------------------------


def test_server_faults_are_tried_again(bench: Bench) -> None:
    bench.exchange.answers["/fapi/v1/time"] = [(503, {}, "busy"), (500, {}, "")]
    assert bench.rest.server_time() == T0
    assert len(bench.exchange.asked("/fapi/v1/time")) == 3


def test_an_exchange_that_stays_away_is_away(bench: Bench) -> None:
    bench.exchange.answers["/fapi/v1/time"] = [(503, {}, "busy")] * rest_module.TRIES
    with pytest.raises(ExchangeAwayError, match="503"):
        bench.rest.server_time()
    nobody = Rest("http://127.0.0.1:9", bench.stop, bench.budget)
    with pytest.raises(ExchangeAwayError):
        nobody.server_time()


def test_what_is_no_json_is_tried_again_and_malformed_if_it_never_is(bench: Bench) -> None:
    path = "/fapi/v1/time"
    bench.exchange.answers[path] = [(200, {}, "<html>")] * 2
    assert bench.rest.server_time() == bench.exchange.now
    bench.exchange.answers[path] = [(200, {}, "<html>")] * rest_module.TRIES
    with pytest.raises(MalformedFactError, match="not JSON"):
        bench.rest.server_time()


def test_our_own_mistake_is_not_tried_again(bench: Bench) -> None:
    bench.exchange.answers[KLINES] = [(400, {}, '{"code":-1121,"msg":"Invalid symbol."}')]
    with pytest.raises(RequestRefusedError, match="Invalid symbol"):
        bench.rest.closed_bars("XX", "1m", T0, 10)
    assert len(bench.exchange.asked(KLINES)) == 1


def test_a_place_binance_does_not_serve_is_fatal(bench: Bench) -> None:
    bench.exchange.answers["/fapi/v1/exchangeInfo"] = [(451, {}, "restricted location")]
    with pytest.raises(RegionRefusedError):
        patiently(bench.rest.universe, bench.stop, "exchange info")


@pytest.mark.parametrize("status", [429, 418, 403])
def test_a_limit_closes_the_budget_for_all_callers(bench: Bench, status: int) -> None:
    bench.exchange.answers["/fapi/v1/time"] = [(status, {"Retry-After": "77"}, "slow down")]
    errors: list[Exception] = []

    def ask() -> None:
        try:
            bench.rest.server_time()
        except StoppedError as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    bench.exchange.wait(lambda: len(bench.exchange.requests) == 1)
    while (closed := bench.budget.try_take(1, 1.0)) == 0.0:
        pass
    assert 70 < closed < 77.1
    bench.stop.set()
    thread.join(5)
    assert len(errors) == 1, "stopping ends the wait"


def test_the_budget_is_shared_by_importance_and_counts_what_others_used() -> None:
    budget = WeightBudget(limit=100)
    assert budget.try_take(60, share=0.7) == 0.0
    assert budget.try_take(20, share=0.7) > 50
    assert budget.try_take(20, share=0.98) == 0.0
    budget.observe(97)
    assert budget.try_take(2, share=0.98) > 50
    assert budget.try_take(1, share=0.98) == 0.0


def test_the_exchanges_own_count_is_taken_over(bench: Bench) -> None:
    used = {"X-MBX-USED-WEIGHT-1M": "2399"}
    bench.exchange.answers["/fapi/v1/time"] = [(200, used, '{"serverTime":1}')]
    assert bench.rest.server_time() == 1
    assert bench.budget.try_take(5, share=0.98) > 0


# --- repairs -------------------------------------------------------------------------------------


class Supplies:
    """Takes what repairs fetch."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.got: list[tuple[BarRequest, tuple[Bar, ...], tuple[Funding, ...]]] = []

    def __call__(self, want: BarRequest, bars: Iterable[Bar], fundings: Iterable[Funding]) -> None:
        with self.changed:
            self.got.append((want, tuple(bars), tuple(fundings)))
            self.changed.notify_all()

    def wait(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.got) == count, 10)


def repairs(bench: Bench) -> tuple[Repairs, Supplies]:
    supplies, work = Supplies(), Repairs(bench.rest, bench.stop)
    work.start(supplies)
    return work, supplies


def test_a_wanted_bar_is_fetched(bench: Bench) -> None:
    bench.exchange.now = T0 + 5 * MINUTE_MS
    work, supplies = repairs(bench)
    want = BarRequest("BTCUSDT", "1m", T0 + MINUTE_MS, T0 + 3 * MINUTE_MS)
    work.ask(want)
    supplies.wait(1)
    assert supplies.got == [(want, (minute_bar("BTCUSDT", 1), minute_bar("BTCUSDT", 2)), ())]


def test_a_bar_that_is_not_there_yet_is_asked_for_again(bench: Bench) -> None:
    bench.exchange.now = T0 + 5 * MINUTE_MS
    bench.exchange.answers[KLINES] = [(200, {}, "[]"), (503, {}, ""), (200, {}, "{broken")]
    work, supplies = repairs(bench)
    work.ask(BarRequest("BTCUSDT", "1m", T0, T0 + MINUTE_MS))
    supplies.wait(1)
    assert supplies.got[0][1] == (minute_bar("BTCUSDT", 0),)
    assert len(bench.exchange.asked(KLINES)) == 4


def test_a_row_of_a_minute_that_still_forms_is_no_bar(bench: Bench) -> None:
    bench.exchange.now = T0 + MINUTE_MS - 1
    work, supplies = repairs(bench)
    work.ask(BarRequest("BTCUSDT", "1m", T0 - MINUTE_MS, T0 + MINUTE_MS))
    supplies.wait(1)
    assert supplies.got[0][1] == (minute_bar("BTCUSDT", -1),)
    bench.exchange.now += 1
    work.ask(BarRequest("BTCUSDT", "1m", T0, T0 + MINUTE_MS))
    supplies.wait(2)
    assert supplies.got[1][1] == (minute_bar("BTCUSDT", 0),)


def test_every_want_is_answered_if_with_what_there_is(bench: Bench) -> None:
    bench.exchange.now = T0 + 5 * MINUTE_MS
    bench.exchange.hidden = {("BTCUSDT", 1)}
    work, supplies = repairs(bench)
    work.ask(BarRequest("BTCUSDT", "1m", T0 + MINUTE_MS, T0 + 3 * MINUTE_MS))
    supplies.wait(1)
    assert supplies.got[0][1] == (minute_bar("BTCUSDT", 2),)
    assert len(bench.exchange.asked(KLINES)) == history_module.ABSENT_TRIES


def test_funding_paid_inside_a_hole_is_fetched_with_it(bench: Bench) -> None:
    bench.exchange.now = T0 + 70 * MINUTE_MS
    work, supplies = repairs(bench)
    work.ask(BarRequest("BTCUSDT", "1m", T0 + 58 * MINUTE_MS, T0 + 60 * MINUTE_MS))
    supplies.wait(1)
    assert supplies.got[0][2] == (Funding("BTCUSDT", T0 + 3_600_000, 0.0004),)


# --- open interest -------------------------------------------------------------------------------


class Minutes:
    """Lets minutes pass when told to, and takes what is polled."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.minute = T0 // MINUTE_MS
        self.values: list[OpenInterest] = []
        self.until: list[int] = []
        self.trading: tuple[str, ...] = ("BTCUSDT", "ETHUSDT")

    def on_open_interest(self, value: OpenInterest) -> None:
        with self.changed:
            self.values.append(value)
            self.changed.notify_all()

    def inform(self, values: Iterable[OpenInterest], until: int) -> None:
        with self.changed:
            self.values.extend(values)
            self.until.append(until)
            self.changed.notify_all()

    def wait_minute(self, after: int, timeout: float) -> int:
        with self.changed:
            self.changed.wait_for(lambda: self.minute > after, timeout)
            return self.minute

    def next(self) -> None:
        with self.changed:
            self.minute += 1
            self.changed.notify_all()


def test_open_interest_is_polled_once_a_symbol_and_exchange_minute(bench: Bench) -> None:
    minutes = Minutes()
    OpenInterestPoll(bench.rest, minutes, bench.stop).start()
    for rounds in (1, 2, 3):
        with minutes.changed:
            assert minutes.changed.wait_for(lambda r=rounds: len(minutes.values) == 2 * r, 5)  # type: ignore[misc]  # a default binds
        minutes.next()
    symbols = [query["symbol"] for query in bench.exchange.asked("/fapi/v1/openInterest")]
    assert symbols[:6] == ["BTCUSDT", "ETHUSDT"] * 3


def test_a_symbol_without_open_interest_is_asked_ever_less_often(bench: Bench) -> None:
    minutes, path = Minutes(), "/fapi/v1/openInterest"
    bench.exchange.answers[path] = [(400, {}, '{"code":-1}')] * 50
    minutes.trading = ("BTCUSDT",)
    poll = OpenInterestPoll(bench.rest, minutes, bench.stop)
    for _ in range(30):
        poll._round()
    assert len(bench.exchange.asked(path)) == 4


@pytest.mark.parametrize("answer", [(200, {}, "<html>"), (200, {}, "[]"), (503, {}, "")])
def test_an_exchange_that_answers_nonsense_refuses_no_symbol(bench: Bench, answer: Any) -> None:
    minutes, path = Minutes(), "/fapi/v1/openInterest"
    bench.exchange.answers[path] = [answer] * rest_module.TRIES * 3
    poll = OpenInterestPoll(bench.rest, minutes, bench.stop)
    while bench.exchange.answers[path]:
        poll._round()
    minutes.values.clear()
    poll._round()
    assert [value.symbol for value in minutes.values] == ["BTCUSDT", "ETHUSDT"]


def test_a_replayed_market_is_asked_once_a_minute_for_all_symbols(bench: Bench) -> None:
    minutes, path = Minutes(), "/_local/openInterest"
    bench.exchange.answers[path] = [(200, {}, "[]"), (404, {}, "")]
    OpenInterestReplay(bench.rest, minutes, bench.stop).start()
    for count in (1, 2, 3):
        with minutes.changed:
            assert minutes.changed.wait_for(lambda n=count: len(minutes.until) == n, 5)  # type: ignore[misc]  # a default binds
        minutes.next()
    assert minutes.until == [T0, T0 + MINUTE_MS, T0 + 2 * MINUTE_MS]
    asked = [(int(q["startTime"]), int(q["endTime"])) for q in bench.exchange.asked(path)]
    assert asked[:3] == [
        (T0 - 5 * MINUTE_MS, T0), (T0, T0 + MINUTE_MS), (T0 + MINUTE_MS, T0 + 2 * MINUTE_MS),
    ]  # fmt: skip
    assert {value.symbol for value in minutes.values} == {"BTCUSDT", "ETHUSDT"}


def test_stopping_ends_every_wait(bench: Bench) -> None:
    bench.stop.set()
    bench.exchange.answers["/fapi/v1/time"] = [(503, {}, "")]
    call: Any = bench.rest.server_time
    with pytest.raises(StoppedError):
        patiently(call, bench.stop, "time")
