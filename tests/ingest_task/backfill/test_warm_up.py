"""Warm-up: a symbol's past, longest interval first."""

from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS

from ingest_task.backfill.warm_up import warm_up
from tests.ingest_task.backfill.bench import KLINES, Bench
from tests.ingest_task.samples import T0, minute_bar


def test_the_past_comes_longest_interval_first_and_ends_before_now(bench: Bench) -> None:
    bench.exchange.first_minute = -1600
    bench.exchange.now = T0 + 42_000
    facts = list(warm_up(bench.rest, "BTCUSDT", bench.exchange.now, "simulated"))
    assert [fact.interval for fact in facts] == ["1d", "4h", "1h", "15m", "5m", "1m", "1m", "1m"]
    assert [len(fact.bars) for fact in facts[5:]] == [500, 500, 500]
    for fact in facts:
        ends = [bar.close_time for bar in fact.bars]
        assert ends == sorted(set(ends))
        assert ends[-1] <= T0
    assert facts[-1].bars[-1] == minute_bar("BTCUSDT", -1)
    for query in bench.exchange.queries(KLINES):
        assert query["limit"] == ("1500" if query["interval"] == "1m" else "499")


def test_a_symbol_without_a_past_still_has_an_empty_history(bench: Bench) -> None:
    bench.exchange.first_minute = 10
    facts = list(warm_up(bench.rest, "BTCUSDT", T0, "live"))
    assert [(fact.interval, fact.bars) for fact in facts] == [
        ("1d", ()), ("4h", ()), ("1h", ()), ("15m", ()), ("5m", ()), ("1m", ()),
    ]  # fmt: skip


def test_the_bar_that_is_still_forming_is_left_out(bench: Bench) -> None:
    bench.exchange.first_minute = -2 * 1440
    bench.exchange.now = T0 + 30 * MINUTE_MS + 1
    for interval in INTERVALS[1:]:
        bars = bench.rest.closed_bars("BTCUSDT", interval, bench.exchange.now, 499)
        assert (
            bars[-1].close_time
            == bench.exchange.now // INTERVAL_MS[interval] * INTERVAL_MS[interval]
        )
