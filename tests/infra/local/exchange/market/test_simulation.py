"""The simulated market: the same for a seed, sound in its parts, and eventful."""

import pytest

from infra.local.exchange.market.bars import MINUTE_MS, OLDER_MS, bucket
from infra.local.exchange.market.simulation import SimulatedMarket
from infra.local.exchange.market.source import Minute, SourceError
from tests.infra.local.exchange.samples import MIDNIGHT, simulated

Hours = tuple[SimulatedMarket, list[Minute]]


def played(market: SimulatedMarket, count: int) -> list[Minute]:
    return [market.minute(MIDNIGHT + index * MINUTE_MS) for index in range(count)]


@pytest.fixture(scope="module")
def hours() -> Hours:
    market = simulated("BTCUSDT,ETHUSDT,DOGEUSDT", minutes=480)
    return market, played(market, 480)


def test_a_seed_is_a_market() -> None:
    one, two = simulated(seed="3"), simulated(seed="3")
    assert [*one.past("BTCUSDT").rows(0)] == [*two.past("BTCUSDT").rows(0)]
    assert played(one, 5) == played(two, 5)
    assert played(simulated(seed="4"), 5) != played(simulated(seed="3"), 5)


def test_a_symbol_is_the_same_in_any_company() -> None:
    alone, together = simulated("ETHUSDT"), simulated("BTCUSDT,ETHUSDT,XRPUSDT")
    for one, two in zip(played(alone, 5), played(together, 5), strict=True):
        assert one.paths["ETHUSDT"] == two.paths["ETHUSDT"]


def test_the_past_ends_where_the_play_begins() -> None:
    market = simulated()
    past = market.past("BTCUSDT")
    assert past.open_times[-1] + MINUTE_MS == MIDNIGHT
    assert list(past.open_times) == [*range(past.open_times[0], MIDNIGHT, MINUTE_MS)]
    assert played(market, 1)[0].paths["BTCUSDT"].bar.open == past[len(past) - 1].close
    for bar in past.between(0, len(past)):
        assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
        assert bar.volume > 0
        assert bar.low * 0.99 < bar.quote_volume / bar.volume < bar.high * 1.01


def test_open_interest_moves_and_funding_settles(hours: Hours) -> None:
    market, _ = hours
    end = MIDNIGHT + 480 * MINUTE_MS
    for symbol in market.instruments:
        steps = market.interests[symbol]
        now, before = steps.as_of(end), steps.as_of(MIDNIGHT)
        assert now is not None
        assert before is not None
        assert 0.8 < now / before < 1.25
        assert now != before
        assert market.fundings[symbol][-1].time == MIDNIGHT + 8 * 3_600_000
        assert all(abs(item.rate) <= 0.02 for item in market.fundings[symbol])


def test_the_rate_of_a_settlement_was_published_before_it(hours: Hours) -> None:
    market, minutes = hours
    for symbol in market.instruments:
        *_, before, at = minutes[-1].marks[symbol]
        assert before.next_funding == MIDNIGHT + 8 * 3_600_000
        assert at.next_funding == MIDNIGHT + 16 * 3_600_000
        assert before.rate == market.fundings[symbol][-1].rate


def test_marks_follow_the_price(hours: Hours) -> None:
    _, minutes = hours
    for minute in minutes[:60]:
        for symbol, marks in minute.marks.items():
            bar = minute.paths[symbol].bar
            assert len(marks) == 60
            assert all(bar.low * 0.98 < mark.price < bar.high * 1.02 for mark in marks)


def test_liquidations_come_in_order_and_from_both_markets(hours: Hours) -> None:
    _, minutes = hours
    orders = [order for minute in minutes for order in minute.liquidations]
    assert [order.time for order in orders] == sorted(order.time for order in orders)
    assert {order.side for order in orders} == {"BUY", "SELL"}
    assert {order.market for order in orders} == {1, 2}
    assert all(order.symbol.endswith("USD_PERP") for order in orders if order.market == 2)
    assert all(order.quantity > 0 and order.price > 0 for order in orders)


def test_something_happens_soon(hours: Hours) -> None:
    """The opening act: the first quarter of an hour moves further than usual quarters do."""
    _, minutes = hours
    bars = [minute.paths["BTCUSDT"].bar for minute in minutes]
    quarters = [abs(bars[i + 14].close / bars[i].open - 1) for i in range(0, 465, 15)]
    assert quarters[0] > sorted(quarters)[len(quarters) // 2]


@pytest.mark.parametrize("symbol", ["btcusdt", "BTC", "BTC/USDT"])
def test_a_symbol_must_look_like_one(symbol: str) -> None:
    with pytest.raises(SourceError, match="has the form BTCUSDT"):
        SimulatedMarket((symbol,), MIDNIGHT, None, "1")


def test_older_bars_of_4h_lead_to_the_past() -> None:
    """Of 500 days, so that the warm-up of 1d has what it asks for; the same for a seed."""
    market = simulated("BTCUSDT,DOGEUSDT", seed="3")
    for symbol in market.instruments:
        older, first = market.older(symbol), market.past(symbol)[0]
        assert len(older) == 500 * 6
        assert [*older.rows(0)] == [*simulated(symbol, seed="3").older(symbol).rows(0)]
        end = older.open_times[-1] + OLDER_MS
        assert list(older.open_times) == [*range(older.open_times[0], end, OLDER_MS)]
        assert end == bucket(first.open_time, OLDER_MS)
        assert older[len(older) - 1].close == first.open
        for bar in older.between(0, len(older)):
            assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
            assert bar.volume > 0
