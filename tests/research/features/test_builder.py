"""Feature frames: the live snapshot at every close, to the last bit, and never a minute ahead."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import BarsFact, Fact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import (
    CLASSIC_INTERVALS,
    DAY_MS,
    INTERVAL_MS,
    INTERVALS,
    MINUTE_MS,
    numbers_of,
)
from signalengine.policy import default_policy
from signalengine.snapshot import CONTEXT, NAMES, SIZE, snapshot
from signalengine.volume_profile import BINS

from research.data.bars import BarTable
from research.data.errors import DataError, MissingBarsError
from research.data.loader import load
from research.data.series import Liquidations, Steps
from research.features.builder import COLUMNS, FeatureBuilder, places_of
from research.features.snapshots import columns_of, known_of
from tests.examples import examples
from tests.paths import RECORDINGS
from tests.research.data.recordings import (
    START,
    csv,
    market,
    write_freqtrade,
    write_stream,
    zipped,
)

DATA = RECORDINGS
BEGIN = START + 3 * DAY_MS


@cache
def everything(count: int = 3 * 1440 + 300) -> BarTable:
    """A walk with open interest, liquidations, funding and marks beside it, and two holes."""
    table = market(count)
    keep = np.ones(count, dtype=bool)
    keep[[700, 3 * 1440 + 100]] = False
    rng = np.random.default_rng(7)
    minutes = table.open_time
    contracts = 8e4 * np.cumprod(1.0 + rng.normal(0, 2e-3, count))
    return replace(
        table,
        **{name: getattr(table, name)[keep] for name in ("open_time", *COLUMN_NAMES)},
        open_interest=Steps(minutes + 30_000, contracts),
        funding_rate=Steps(minutes, rng.normal(1e-4, 3e-4, count)),
        mark=Steps(minutes, table.close),
        liquidations=Liquidations(minutes, rng.gamma(0.3, 90.0, count), rng.gamma(0.3, 90, count)),
    )


COLUMN_NAMES = (
    "open", "high", "low", "close", "volume", "quote_volume", "trades", "taker_buy_volume",
)  # fmt: skip


def facts(table: BarTable, begin: int) -> Iterator[Fact]:
    """What the ingest task would send for a table: the past as history, then the minutes."""
    typical = (table.high + table.low + table.close) / 3.0 * table.volume
    quote = np.where(np.isnan(table.quote_volume), typical, table.quote_volume)
    table = replace(table, quote_volume=quote)  # as a replay sends it where nobody recorded it
    by_interval = {"1m": table, **{i: table.resample(i) for i in INTERVALS[1:]}}
    for interval in reversed(INTERVALS):
        bars = [b for b in by_interval[interval].bars() if b.close_time <= begin]
        warm = bars[-1500:] if interval == "1m" else bars[-499:]
        yield HistoryFact(table.symbol, interval, tuple(warm), "recording")
    ending: dict[int, list[object]] = {}
    for interval in INTERVALS[1:]:
        for bar in by_interval[interval].bars():
            ending.setdefault(bar.close_time, []).append(bar)
    beside = table.beside()
    for n, bar in enumerate(table.bars()):
        if bar.open_time < begin:
            continue
        known = {
            name: None if np.isnan(column[n]) else float(column[n])
            for name, column in beside.items()
        }
        whole = (bar, *ending.get(bar.close_time, ()))
        yield BarsFact(table.symbol, whole, "recording", "rest", bar.close_time, **known)


def by_plain_fold(
    table: BarTable, begin: int, intervals: Sequence[str] = CLASSIC_INTERVALS
) -> pd.DataFrame:
    state, rows, closes = SymbolState.fresh(table.symbol), [], []
    for fact in facts(table, begin):
        state = advance(state, fact, default_policy()).state
        if isinstance(fact, BarsFact):
            f = [np.nan] * SIZE
            snapshot(list(state.buffer), f, [0.0] * BINS, numbers_of(intervals))
            rows.append([f[place] for place in places_of(intervals)])
            closes.append(fact.close_time)
    index = pd.to_datetime(closes, unit="ms", utc=True)
    return pd.DataFrame(rows, index=index, columns=columns_of(intervals))


def assert_same_bits(mine: pd.DataFrame, plain: pd.DataFrame) -> None:
    assert list(mine.index) == list(plain.index)
    for name in plain.columns:
        a, b = mine[name].to_numpy(), plain[name].to_numpy()
        assert np.array_equal(np.isnan(a), np.isnan(b)), name
        known = ~np.isnan(a)
        assert np.array_equal(a[known].view(np.int64), b[known].view(np.int64)), name


def test_a_frame_is_the_plain_fold_to_the_last_bit() -> None:
    mine = FeatureBuilder(everything()).build_features("BTCUSDT", BEGIN)
    plain = by_plain_fold(everything(), BEGIN)
    assert len(mine) == 299
    assert_same_bits(mine, plain)
    known = mine.notna().any()
    assert set(known[known].index) >= {*CONTEXT, "1m_poc", "15m_oi_delta", "1h_rsi", "oi_delta"}


def test_columns_of_4h_and_1d_are_the_plain_folds_where_they_are_asked_for() -> None:
    mine = FeatureBuilder(everything(), intervals=INTERVALS).build_features("BTCUSDT", BEGIN)
    assert_same_bits(mine, by_plain_fold(everything(), BEGIN, INTERVALS))
    assert {"4h_close", "4h_rsi", "1d_close", "1d_vwap"} <= set(mine.columns[mine.notna().any()])
    usual = FeatureBuilder(everything()).build_features("BTCUSDT", BEGIN)
    pd.testing.assert_frame_equal(mine[list(usual.columns)], usual, check_exact=True)


def test_bars_that_are_longer_than_the_rules_read_are_refused() -> None:
    daily = FeatureBuilder(everything().resample("1d"))
    with pytest.raises(MissingBarsError, match="BTCUSDT"):
        daily.build_features("BTCUSDT")


@pytest.mark.skipif(
    not DATA.is_dir(), reason=f"needs recorded markets in {DATA}, which are not part of the project"
)
@pytest.mark.parametrize("symbol", ["BTCUSDT", "ADAUSDT"])
def test_a_frame_of_a_recorded_day_is_the_plain_fold_to_the_last_bit(symbol: str) -> None:
    day, next_day = "2025-05-19", "2025-05-20"
    mine = FeatureBuilder(DATA).build_features(symbol, day, next_day)
    table = load(DATA, symbol, None, next_day)
    assert len(mine) == 1440
    assert_same_bits(mine, by_plain_fold(table, START_OF_DAY))
    assert mine["1m_close"].iloc[-1] == table.close[-1]


START_OF_DAY = 1_747_612_800_000


@examples(12)
@given(cut=st.integers(1, 298))
def test_a_value_never_depends_on_a_later_bar(cut: int) -> None:
    whole = FeatureBuilder(everything()).build_features("BTCUSDT", BEGIN)
    end = int(whole.index[cut].timestamp() * 1000) - MINUTE_MS
    earlier = FeatureBuilder(everything()).build_features("BTCUSDT", BEGIN, end)
    pd.testing.assert_frame_equal(earlier, whole.iloc[:cut], check_exact=True)


def test_bars_before_the_start_warm_up_and_have_no_rows() -> None:
    table = everything()
    cold = FeatureBuilder(table.between(BEGIN)).build_features("BTCUSDT")
    warm = FeatureBuilder(table).build_features("BTCUSDT", BEGIN)
    assert list(cold.index) == list(warm.index)
    assert warm.index[0].timestamp() * 1000 == BEGIN + MINUTE_MS
    assert np.isnan(cold["1h_ema_50"]).all()
    assert not np.isnan(warm["1h_ema_50"]).any()


def test_columns_are_named_by_interval_and_in_short() -> None:
    frame = FeatureBuilder(everything()).build_features("BTCUSDT", BEGIN)
    assert list(frame.columns[: len(COLUMNS)]) == list(COLUMNS)
    assert COLUMNS[0] == "1m_close"
    assert len(COLUMNS) == 4 * len(NAMES) + len(CONTEXT)
    same = {"rsi": "1m_rsi", "ema_9": "1m_ema_9", "ema_21": "1m_ema_21", "atr": "15m_atr"}
    for short, name in same.items():
        pd.testing.assert_series_equal(frame[short], frame[name], check_names=False)
    close, vwap = frame["1m_close"], frame["1m_vwap"]
    pd.testing.assert_series_equal(frame["vwap_dist"], (close - vwap) / close, check_names=False)


@pytest.mark.parametrize(
    ("symbol", "start", "end"),
    [("ETHUSDT", None, None), ("BTCUSDT", "2030-01-01", None), ("BTCUSDT", None, "2020-01-01")],
)
def test_a_span_without_bars_is_an_error(symbol: str, start: str | None, end: str | None) -> None:
    with pytest.raises(DataError, match=symbol):
        FeatureBuilder(everything()).build_features(symbol, start, end)


def exact() -> BarTable:
    """`everything` with volumes whose sums are exact, as those of an exchange's longer bars are."""
    table = everything()
    whole = {name: np.round(getattr(table, name) * 64.0) / 64.0 for name in COLUMN_NAMES[4:]}
    return replace(table, **whole)


@pytest.mark.parametrize("interval", ["5m", "15m", "1h"])
@pytest.mark.parametrize("late_ms", [0, 7 * MINUTE_MS], ids=["on the hour", "in between"])
def test_a_frame_of_longer_bars_is_that_of_minutes_at_their_closes(
    interval: str, late_ms: int
) -> None:
    start = BEGIN + late_ms
    begin = -(-start // INTERVAL_MS[interval]) * INTERVAL_MS[interval]
    minutes = FeatureBuilder(exact()).build_features("BTCUSDT", begin)
    longer = FeatureBuilder(exact().resample(interval)).build_features("BTCUSDT", start)
    assert len(longer) >= 3
    assert longer.index[0].timestamp() * 1000 >= begin + INTERVAL_MS[interval]
    there = minutes.loc[minutes.index.intersection(longer.index), list(COLUMNS)]
    mine = longer.loc[there.index, list(COLUMNS)]
    known = sorted(known_of(interval))
    unknown = mine[known].isna() & there[known].notna()
    assert all("oi_" in name for name in unknown.columns[unknown.any()])  # from a bar with a hole
    assert unknown.to_numpy().sum() < 5
    pd.testing.assert_frame_equal(mine[known], there[known].mask(unknown), check_exact=True)
    assert set(mine.columns[mine.notna().any()]) <= set(known)
    assert {f"{interval}_rsi", "1m_close", "funding_rate"} <= set(mine.columns[mine.notna().any()])


@pytest.mark.parametrize(
    ("interval", "rsi", "atr"),
    [("5m", "5m_rsi", "15m_atr"), ("15m", "15m_rsi", "15m_atr"), ("1h", "1h_rsi", "1h_atr")],
)
def test_short_names_are_of_the_bars_that_there_are(interval: str, rsi: str, atr: str) -> None:
    frame = FeatureBuilder(exact().resample(interval)).build_features("BTCUSDT")
    assert frame.attrs["interval"] == interval
    pd.testing.assert_series_equal(frame["rsi"], frame[rsi], check_names=False)
    pd.testing.assert_series_equal(frame["atr"], frame[atr], check_names=False)
    close, vwap = frame["1m_close"], frame[f"{interval}_vwap"]
    pd.testing.assert_series_equal(frame["vwap_dist"], (close - vwap) / close, check_names=False)


def test_minutes_are_preferred_and_longer_bars_serve_where_there_are_none(tmp_path: Path) -> None:
    table = market(3 * 1440)
    day = "BTCUSDT-{}-2026-02-0{}.csv"
    for number, interval in ((1, "1m"), (2, "5m")):
        start = START + (number - 1) * DAY_MS
        bars = table.between(start, start + DAY_MS)
        bars = bars if interval == "1m" else bars.resample(interval)
        (tmp_path / day.format(interval, number)).write_text(csv(bars))
    builder = FeatureBuilder(tmp_path)
    assert builder.bars("BTCUSDT").interval == "1m"
    second = builder.build_features("BTCUSDT", "2026-02-02")
    assert (second.attrs["interval"], len(second)) == ("5m", 288)
    with pytest.raises(MissingBarsError, match=r"BTCUSDT: no bars in that span"):
        builder.build_features("BTCUSDT", "2026-02-03")


@pytest.mark.parametrize("interval", CLASSIC_INTERVALS)
@pytest.mark.parametrize("form", ["bars.csv", "bars.zip", "bars.feather"])
def test_a_file_of_any_name_is_read_in_the_interval_of_its_rows(
    interval: str, form: str, tmp_path: Path
) -> None:
    bars = exact() if interval == "1m" else exact().resample(interval)
    file = tmp_path / form
    match file.suffix:
        case ".feather":
            write_freqtrade(tmp_path, bars, interval).rename(file)
        case ".zip":
            file.write_bytes(zipped("bars.csv", csv(bars)))
        case _:
            file.write_text(csv(bars))
    frame = FeatureBuilder(file).build_features("BTCUSDT", BEGIN)
    expected = FeatureBuilder(load(file, "BTCUSDT", interval=interval))
    assert frame.attrs["interval"] == interval
    pd.testing.assert_frame_equal(
        frame, expected.build_features("BTCUSDT", BEGIN), check_exact=True
    )
    with pytest.raises(MissingBarsError, match="BTCUSDT: no bars in that span; there are"):
        FeatureBuilder(file).build_features("BTCUSDT", "2030-01-01")


@pytest.mark.parametrize("named", [True, False], ids=["file", "folder"])
def test_rows_that_belie_the_name_of_their_file_are_the_error(named: bool, tmp_path: Path) -> None:
    """Longer bars in its place would hide that the minutes are none."""
    file = tmp_path / "BTCUSDT-1m-2026-02-01.csv"
    file.write_text(csv(exact().resample("5m")))
    with pytest.raises(DataError, match="is a bar of 300 s, not of 60"):
        FeatureBuilder(file if named else tmp_path).build_features("BTCUSDT")


def test_a_span_that_an_archive_lacks_is_the_error_that_is_raised(tmp_path: Path) -> None:
    """It has minutes only, so its refusal of longer bars says nothing about the span."""
    table = everything()
    write_stream(tmp_path / "facts.gz", list(facts(table, BEGIN + 250 * MINUTE_MS)))
    with pytest.raises(MissingBarsError, match="BTCUSDT: no bars in that span; there are"):
        FeatureBuilder(tmp_path).build_features("BTCUSDT", "2030-01-01")
