"""Binance's REST interface: queries, weights and the count of weight used."""

import pytest
from signalengine.exchanges.binance.rest import BinanceRest, klines_weight
from signalengine.intervals import MINUTE_MS

from tests.core.exchanges.binance.test_messages import ROW

REST = BinanceRest()
T0 = 1_747_612_800_000


def test_a_span_of_bars_is_a_limit_and_two_times_within_it() -> None:
    request = REST.bars_between("BTCUSDT", "1m", T0, T0 + 3 * MINUTE_MS)
    assert (request.path, request.weight) == ("/fapi/v1/klines", 1)
    assert request.query == {
        "symbol": "BTCUSDT", "interval": "1m", "limit": 3, "startTime": T0,
        "endTime": T0 + 3 * MINUTE_MS - 1,
    }  # fmt: skip
    assert request.parse([ROW])[0].interval == "1m"


def test_the_last_bars_end_with_the_last_one_that_has_closed() -> None:
    request = REST.last_bars("BTCUSDT", "1h", T0 + 90 * MINUTE_MS, 499)
    assert (request.query["endTime"], request.query["limit"]) == (T0 + 60 * MINUTE_MS - 1, 499)


@pytest.mark.parametrize(
    ("limit", "weight"), [(1, 1), (99, 1), (100, 2), (499, 2), (500, 5), (1000, 5), (1001, 10)]
)
def test_more_klines_weigh_more(limit: int, weight: int) -> None:
    assert klines_weight(limit) == weight


@pytest.mark.parametrize(("text", "used"), [("17", 17), ("", None), ("-1", None), ("٣", None)])
def test_the_weight_used_is_read_from_its_header(text: str, used: int | None) -> None:
    assert REST.weight_used({"X-MBX-USED-WEIGHT-1M": text}) == used
    assert REST.weight_used({}) is None
