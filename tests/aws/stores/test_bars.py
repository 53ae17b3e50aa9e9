"""Stored bars."""

import json

import pytest
from signalengine.facts.stream import Bar, BarsFact, PathPoint, Quality
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import StoredBar
from signalengine_aws.stores.bars import (
    DynamoBars,
    PutResult,
    bar_body,
    put_if_absent,
    stored_bar,
)
from signalengine_aws.stores.tables import BarItem, bind

from tests.aws.positions import T, minute, store_minutes
from tests.aws.world import World


def test_the_first_bar_stays(world: World) -> None:
    bars = DynamoBars("bars_table")
    first, other = minute("BTCUSDT", 0), minute("BTCUSDT", 0, high=105.0)
    assert bars.put(first, first.bars[0]) is PutResult.NEW
    assert bars.put(first, first.bars[0]) is PutResult.SAME
    assert bars.put(other, other.bars[0]) is PutResult.DIFFERENT
    (stored,) = bars.minutes("BTCUSDT", T, T + MINUTE_MS)
    assert stored.high == 100.2


def test_the_request_is_the_one_of_the_table_s_model(world: World) -> None:
    bind(BarItem, "bars_table")
    model = BarItem(series="BTCUSDT#1m", open_time=T, body="{}", ttl=7)
    absent = BarItem.series.does_not_exist()
    item = {
        "series": {"S": "BTCUSDT#1m"}, "open_time": {"N": str(T)}, "body": {"S": "{}"},
        "ttl": {"N": "7"},
    }  # fmt: skip
    expected = model.get_save_kwargs_from_instance(absent, "ALL_OLD")
    assert put_if_absent("bars_table", item) == expected


def test_minutes_are_those_that_open_in_the_span_in_order(world: World) -> None:
    store_minutes(*(minute("BTCUSDT", number) for number in (5, 3, 0, 1)), minute("ETHUSDT", 2))
    found = DynamoBars("bars_table").minutes("BTCUSDT", T + MINUTE_MS, T + 5 * MINUTE_MS)
    assert [bar.open_time for bar in found] == [T + MINUTE_MS, T + 3 * MINUTE_MS]


@pytest.mark.parametrize(
    "path", [None, (), (PathPoint(3, 99.8, 100.0), PathPoint(59, 99.8, 100.2))]
)
def test_a_stored_bar_is_read_back_exactly(path: tuple[PathPoint, ...] | None) -> None:
    bar = Bar("1m", T, 0.1, 0.30000000000000004, 0.1, 0.2, 1e-9)
    fact = BarsFact("BTCUSDT", (bar,), "live", "ws", T, Quality(), funding_paid=-0.0001, path=path)
    assert stored_bar(bar_body(fact, bar)) == StoredBar(
        T, 0.1, 0.30000000000000004, 0.1, 0.2, -0.0001, path
    )


def test_longer_bars_carry_no_path(world: World) -> None:
    fact = minute("BTCUSDT", 4, path=(PathPoint(1, 99.8, 100.2),))
    five = Bar("5m", T, 100.0, 101.0, 99.0, 100.0, 5.0)
    assert set(json.loads(bar_body(fact, five))) == {
        "interval", "open_time", "close_time", "open", "high", "low", "close", "volume"
    }  # fmt: skip
