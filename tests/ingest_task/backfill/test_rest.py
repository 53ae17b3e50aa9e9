"""REST: each answer is read for what it means, and all callers share one budget."""

import threading
import time
from typing import Any

import pytest
from signalengine.errors import MalformedFactError
from signalengine.exchanges.binance.exchange import BINANCE

from ingest_task.backfill import rest as rest_module
from ingest_task.backfill.rest import (
    ExchangeAwayError,
    RegionRefusedError,
    RequestRefusedError,
    RestClient,
    StoppedError,
    WeightBudget,
    until_answered,
)
from tests.ingest_task.backfill.bench import KLINES, Bench
from tests.ingest_task.samples import T0


def test_this_machine_s_clock_is_compared_with_the_exchange_s(bench: Bench) -> None:
    assert bench.rest.skew_ms is None
    bench.exchange.now = time.time_ns() // 1_000_000 - 5_000
    bench.rest.server_time()
    assert bench.rest.skew_ms is not None
    assert 4_000 < bench.rest.skew_ms < 6_000


def test_server_faults_are_retried(bench: Bench) -> None:
    bench.exchange.answers["/fapi/v1/time"] = [(503, {}, "busy"), (500, {}, "")]
    assert bench.rest.server_time() == T0
    assert len(bench.exchange.queries("/fapi/v1/time")) == 3


def test_an_exchange_that_never_answers_is_away(bench: Bench) -> None:
    bench.exchange.answers["/fapi/v1/time"] = [(503, {}, "busy")] * rest_module.TRIES
    with pytest.raises(ExchangeAwayError, match="503"):
        bench.rest.server_time()
    unreachable = RestClient(BINANCE.rest, "http://127.0.0.1:9", bench.stop, bench.budget)
    with pytest.raises(ExchangeAwayError):
        unreachable.server_time()


def test_an_answer_that_is_not_json_is_retried_and_malformed_in_the_end(bench: Bench) -> None:
    path = "/fapi/v1/time"
    bench.exchange.answers[path] = [(200, {}, "<html>")] * 2
    assert bench.rest.server_time() == bench.exchange.now
    bench.exchange.answers[path] = [(200, {}, "<html>")] * rest_module.TRIES
    with pytest.raises(MalformedFactError, match="not JSON"):
        bench.rest.server_time()


def test_a_refused_request_is_not_retried(bench: Bench) -> None:
    bench.exchange.answers[KLINES] = [(400, {}, '{"code":-1121,"msg":"Invalid symbol."}')]
    with pytest.raises(RequestRefusedError, match="Invalid symbol"):
        bench.rest.closed_bars("XX", "1m", T0, 10)
    assert len(bench.exchange.queries(KLINES)) == 1


def test_a_location_that_is_not_served_is_fatal(bench: Bench) -> None:
    bench.exchange.answers["/fapi/v1/exchangeInfo"] = [(451, {}, "restricted location")]
    with pytest.raises(RegionRefusedError):
        until_answered(bench.rest.universe, bench.stop, "exchange info")


@pytest.mark.parametrize("status", [429, 418, 403])
def test_a_rate_limit_pauses_all_callers(bench: Bench, status: int) -> None:
    bench.exchange.answers["/fapi/v1/time"] = [(status, {"Retry-After": "77"}, "slow down")]
    errors: list[Exception] = []

    def request() -> None:
        try:
            bench.rest.server_time()
        except StoppedError as error:
            errors.append(error)

    thread = threading.Thread(target=request)
    thread.start()
    bench.exchange.wait(lambda: len(bench.exchange.requests) == 1)
    while (closed := bench.budget.try_take(1, 1.0)) == 0.0:
        time.sleep(0.01)  # each look takes one of the minute's budget, which must not end first
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


def test_the_exchanges_own_count_is_used(bench: Bench) -> None:
    used = {"X-MBX-USED-WEIGHT-1M": "2399"}
    bench.exchange.answers["/fapi/v1/time"] = [(200, used, '{"serverTime":1}')]
    assert bench.rest.server_time() == 1
    assert bench.budget.try_take(5, share=0.98) > 0


def test_stopping_ends_every_wait(bench: Bench) -> None:
    bench.stop.set()
    bench.exchange.answers["/fapi/v1/time"] = [(503, {}, "")]
    call: Any = bench.rest.server_time
    with pytest.raises(StoppedError):
        until_answered(call, bench.stop, "time")
