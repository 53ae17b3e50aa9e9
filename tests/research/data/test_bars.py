"""Bar tables: only tradable bars, cut and resampled as the engine would."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.bars.aggregator import aggregate
from signalengine.intervals import INTERVAL_MS

from research.data.bars import BESIDE, BarTable
from research.data.errors import DataError
from research.data.rows import COLUMNS
from research.data.series import Liquidations, Steps
from tests.research.data.recordings import MINUTE, START, market, same

HOUR = 60 * MINUTE


def without(table: BarTable, missing: list[int]) -> BarTable:
    """Return the table with a hole at each of these rows."""
    return BarTable.of_bars(
        table.symbol, [bar for i, bar in enumerate(table.bars()) if i not in set(missing)]
    )


def changed(table: BarTable, name: str, row: int, value: float) -> BarTable:
    columns = {key: np.array(getattr(table, key)) for key in ("open_time", *COLUMNS)}
    columns[name][row] = value
    return BarTable(table.symbol, **columns, interval=table.interval)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("open", np.nan, "not a finite number"),
        ("close", -1.0, "outside low .. high"),
        ("low", -1.0, "not above 0"),
        ("low", 0.0, "not above 0"),
        ("high", 0.5, "outside low .. high"),
        ("high", np.inf, "not a finite number"),
        ("volume", -1.0, "volume below 0"),
        ("volume", np.nan, "not a finite number"),
        ("quote_volume", -1.0, "volume or count below 0"),
        ("trades", np.inf, "volume or count below 0"),
        ("open_time", START + 3 * MINUTE + 1, "does not open where"),
        ("open_time", START + MINUTE, "not newer than the row before"),
        ("open_time", START + 2 * MINUTE, "not newer than the row before"),
    ],
)
def test_a_table_that_could_not_have_been_traded_is_refused_by_row(name, value, message):
    with pytest.raises(DataError, match=r"BTCUSDT: row 4 \(2026-02-01 00:0\d UTC\) .*" + message):
        changed(market(10), name, 3, value)


@pytest.mark.parametrize("name", ["quote_volume", "trades", "taker_buy_volume"])
def test_an_unknown_optional_column_is_nan_and_none(name):
    table = changed(market(3), name, 1, np.nan)
    assert getattr(table.bar(1), name) is None
    assert getattr(table.bar(0), name) is not None


def test_columns_of_different_lengths_and_unknown_intervals_are_refused():
    table = market(5)
    columns = {name: getattr(table, name) for name in COLUMNS}
    with pytest.raises(DataError, match="column open is not as long"):
        BarTable("BTCUSDT", table.open_time[:4], **columns)
    with pytest.raises(DataError, match="interval '2m' is not one of 1m, 5m"):
        BarTable("BTCUSDT", table.open_time, **columns, interval="2m")


def test_columns_cannot_be_written_to():
    table = market(5)
    with pytest.raises(ValueError, match="read-only"):
        table.close[0] = 1.0


def test_bars_go_in_and_come_out_the_same():
    table = market(50)
    assert same(BarTable.of_bars("BTCUSDT", table.bars()), table)
    assert len(BarTable.of_bars("BTCUSDT", [])) == 0


@settings(deadline=None, max_examples=40)
@given(
    count=st.integers(1, 200),
    offset=st.integers(0, 70),
    missing=st.lists(st.integers(0, 199), max_size=3),
    unknown=st.lists(st.integers(0, 199), max_size=3),
    interval=st.sampled_from(["5m", "15m", "1h"]),
    seed=st.integers(0, 9),
)
def test_longer_bars_are_those_of_the_engine_to_the_last_bit(
    count, offset, missing, unknown, interval, seed
):
    table = market(count, seed=seed, start=START + offset * MINUTE)
    for row in unknown:
        if row < count:
            table = changed(table, "quote_volume", row, np.nan)
    table = without(table, missing)
    minutes = {bar.open_time: bar for bar in table.bars()}
    span = INTERVAL_MS[interval]
    expected = []
    for start in range(START, START + 5 * HOUR, span):
        parts = [minutes.get(time) for time in range(start, start + span, MINUTE)]
        if all(part is not None for part in parts):
            expected.append(aggregate(interval, [part for part in parts if part]))
    assert list(table.resample(interval).bars()) == expected


def test_longer_bars_of_longer_bars_need_all_their_parts():
    table = market(180)
    assert len(table.resample("5m").resample("1h")) == 3
    with pytest.raises(DataError, match="1h bars do not make bars of '5m'"):
        table.resample("1h").resample("5m")
    with pytest.raises(DataError, match="do not make bars of '7m'"):
        table.resample("7m")


@given(st.integers(-10, 110), st.integers(-10, 110), st.integers(0, 59_999))
def test_a_span_holds_the_bars_that_open_in_it(low, high, offset):
    table = market(100)
    start, end = START + low * MINUTE + offset, START + high * MINUTE + offset
    inside = [bar for bar in table.bars() if start <= bar.open_time < end]
    assert list(table.between(start, end).bars()) == inside
    assert same(table.between(start).between(end=end), table.between(start, end))


def test_spans_may_be_written_as_people_do():
    table = market(3000)
    assert table.between("2026-02-02", "2026-02-02T00:10").start == START + 24 * HOUR
    assert len(table.between("2026-02-02", "2026-02-02T00:10")) == 10
    with pytest.raises(DataError, match="tomorrow is not a time"):
        table.between("tomorrow")
    with pytest.raises(DataError, match="Is it in s or µs"):
        table.between(1_769_904_000)


def test_a_span_holds_nothing_from_after_its_end():
    table = market(10)
    steps = Steps.of((START + i * MINUTE, float(i)) for i in range(10))
    flows = Liquidations(table.open_time, np.ones(10), np.ones(10))
    columns = {name: getattr(table, name) for name in COLUMNS}
    whole = BarTable(
        "BTCUSDT", table.open_time, **columns,
        open_interest=steps, funding=steps, funding_rate=steps, mark=steps, liquidations=flows,
    )  # fmt: skip
    cut = whole.between(START + 2 * MINUTE, START + 4 * MINUTE)
    for known in (cut.open_interest, cut.funding, cut.funding_rate, cut.mark):
        assert known is not None
        assert known.time[-1] == cut.end == START + 4 * MINUTE
    assert cut.liquidations is not None
    assert cut.liquidations.time[-1] == START + 3 * MINUTE


def test_holes_are_listed_and_not_filled():
    table = without(market(30), [3, 4, 20])
    assert table.gaps() == [
        (START + 3 * MINUTE, START + 5 * MINUTE),
        (START + 20 * MINUTE, START + 21 * MINUTE),
    ]
    assert len(table) == 27


def test_what_is_beside_a_bar_is_what_was_known_at_its_close():
    table = market(12)
    close = [START + (i + 1) * MINUTE for i in range(12)]
    columns = {name: getattr(table, name) for name in COLUMNS}
    full = BarTable(
        "BTCUSDT", table.open_time, **columns,
        open_interest=Steps.of([(close[2], 50.0), (close[2] + 1, 51.0)]),
        funding=Steps.of([(close[4], 0.0001)]),
        mark=Steps.of([(close[1] - 5_000, 99.0)]),
        liquidations=Liquidations(np.array([START]), np.array([5.0]), np.array([0.0])),
    )  # fmt: skip
    beside = full.beside()
    assert tuple(beside) == BESIDE
    interest = beside["open_interest"]
    assert interest[2] == 50.0  # a ms later there is a newer one, not known yet
    assert interest[3] == interest[7] == 51.0  # 4 min 59.999 s later
    assert np.isnan(interest[8])  # 5 min 59.999 s
    assert np.isnan(interest[1])  # before the first
    assert np.flatnonzero(beside["funding_paid"] == 0.0001).tolist() == [4]
    assert beside["funding_rate"][4:].tolist() == [0.0001] * 8
    assert np.isnan(beside["funding_rate"][:4]).all()
    assert np.flatnonzero(~np.isnan(beside["mark_price"])).tolist() == [1]
    assert beside["liq_long_usd"][0] == 5.0
    assert beside["liq_short_usd"][0] == 0.0
    assert np.isnan(beside["liq_long_usd"][1:]).all()  # unknown, not quiet
    assert np.isnan(beside["funding_hours"]).all()  # one payment gives no distance


def test_recorded_hours_count_for_their_own_minute():
    table = replace(
        market(3),
        funding=Steps.of([(START - 480 * MINUTE, 0.1), (START, 0.1)]),
        funding_rate=Steps.of([(START + 2 * MINUTE, 0.1)]),
        funding_hours=Steps.of([(START + 2 * MINUTE, 4.0)]),
    )
    assert np.isnan(table.beside()["funding_hours"]).tolist() == [True, False, True]
    without_them = replace(table, funding_rate=None, funding_hours=None).beside()["funding_hours"]
    assert without_them.tolist() == [8.0, 8.0, 8.0]


def test_a_frame_is_indexed_by_open_time_in_utc():
    frame = market(3).to_frame()
    assert str(frame.index[1]) == "2026-02-01 00:01:00+00:00"
    assert str(frame["close_time"].iloc[1]) == "2026-02-01 00:02:00+00:00"
    assert list(frame.columns) == ["close_time", *COLUMNS, *BESIDE]
    assert frame["close"].tolist() == market(3).close.tolist()


def test_an_empty_table_has_neither_start_nor_end():
    empty = market(3).between(end=START)
    assert len(empty) == 0
    assert empty.gaps() == []
    assert len(empty.resample("5m")) == 0
    assert "empty" in repr(empty)
    with pytest.raises(DataError, match="no bars in this span"):
        _ = empty.start
