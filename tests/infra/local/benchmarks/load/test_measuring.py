"""Measurements of the task: CPU, memory and lag from samples."""

from signalengine.facts.stream import encode

from infra.local.benchmarks.load.market import Market
from infra.local.benchmarks.load.measuring import Sample, _lags, _usage
from infra.local.faults.stream import LocalStream, Taken
from tests.ingest_task.samples import bars_fact


def test_usage_is_a_rate_and_a_slope() -> None:
    samples = [Sample(float(n), 0.1 * n, 50_000_000 + 1_000 * n) for n in range(61)]
    found = _usage(samples)
    assert (found["cpu_percent"], found["cpu_percent_busiest_10s"]) == (10.0, 10.0)
    assert (found["rss_mb_first"], found["rss_mb_per_hour"]) == (50.0, 3.6)


def test_a_lag_is_from_the_socket_to_the_stream() -> None:
    market, stream = Market(1), LocalStream(lambda: 0)
    fact = bars_fact("BTCUSDT", 0)
    market.sent_at["BTCUSDT", fact.close_time] = 100.0
    stream.taken.append(Taken("BTCUSDT", encode(fact), 100.25, 0))
    stream.taken.append(Taken("heartbeat", b"{}", 101.0, 0))
    found = _lags(market, stream, since=99.0)
    assert (found["bars"], found["lag_ms_p50"], found["lag_ms_most"]) == (1, 250.0, 250.0)
    assert _lags(market, stream, since=100.5)["bars"] == 0
    stream._loop.close()
