"""Training tables: features never depend on what follows."""

import numpy as np
import pandas as pd
import pytest
from signalengine.models.inputs import ALIASES
from signalengine.policy import default_policy

from research.backtest.feed import feed_of_table
from research.data.errors import MissingBarsError
from research.features.builder import FeatureBuilder
from research.policies import varied
from research.training.datasets import (
    CLOSE_FEATURES,
    FEATURES,
    every_close,
    scored_closes,
    with_direction,
)
from tests.research.features.test_builder import BEGIN, everything
from tests.research.training.recorded import needs_data, recorded


@needs_data
def test_features_are_the_same_when_the_future_is_cut_off() -> None:
    whole = scored_closes(recorded())
    end = int(whole["opened"].iloc[len(whole) // 2])
    cut = scored_closes(recorded().between(None, end))
    assert len(cut) > 100
    columns = ["opened", "side", "verdict", *FEATURES]
    pd.testing.assert_frame_equal(cut[columns], whole.loc[cut.index, columns], check_exact=True)
    assert (cut["closed_at"] <= end).all()


def test_every_close_has_the_side_that_did_better() -> None:
    frame = every_close(everything(), start=BEGIN, step=7)
    better = np.where(frame["signal_direction"] == 1, 1.0, -1.0)
    assert ((frame["long_net_bps"] - frame["short_net_bps"]) * better > 0.0).all()
    assert set(CLOSE_FEATURES) <= set(frame.columns)
    assert (frame["closed_at"] > frame["opened"]).all()
    assert (frame["closed_at"] <= frame["opened"] + default_policy().ttl_ms).all()


@pytest.mark.parametrize("interval", ["1m", "5m"])
def test_a_builders_frame_gets_the_directions_of_every_close(interval: str) -> None:
    table = everything()
    bars = table if interval == "1m" else table.resample(interval)
    frame = with_direction(FeatureBuilder(bars).build_features("BTCUSDT", BEGIN), table)
    whole = every_close(table, start=BEGIN, step=1)
    there = whole.loc[frame.index]
    assert len(frame) == len(whole) if interval == "1m" else len(frame) > 20
    ends = ["symbol", "opened", "closed_at", "long_net_bps", "short_net_bps", "signal_direction"]
    pd.testing.assert_frame_equal(frame[ends], there[ends], check_exact=True)
    same = [*ALIASES] if interval == "1m" else ["atr"]
    pd.testing.assert_frame_equal(frame[same], there[same], check_exact=True)
    assert frame.attrs["interval"] == interval


@pytest.mark.parametrize(("interval", "atr"), [("1h", "15m"), ("15m", "5m"), ("5m", "1m")])
def test_bars_longer_than_the_atr_of_the_levels_take_it_from_the_minutes(
    interval: str, atr: str
) -> None:
    table, policy = everything(), varied({"atr_interval": atr})
    features = FeatureBuilder(table.resample(interval), policy).build_features("BTCUSDT", BEGIN)
    frame = with_direction(features, table, policy)
    whole = every_close(table, policy, start=BEGIN, step=1)
    ends = ["symbol", "opened", "closed_at", "long_net_bps", "short_net_bps", "signal_direction"]
    there = whole.loc[whole.index.intersection(features.index), ends]
    assert len(there) >= 2
    pd.testing.assert_frame_equal(frame[ends], there, check_exact=True)
    backwards = with_direction(features.iloc[::-1], table, policy)
    pd.testing.assert_frame_equal(backwards.iloc[::-1], frame, check_exact=True)
    assert features[f"{atr}_atr"].isna().all()


def test_directions_are_settled_by_minutes_alone() -> None:
    bars = everything().resample("5m")
    frame = FeatureBuilder(bars).build_features("BTCUSDT", BEGIN)
    with pytest.raises(MissingBarsError, match=r"bulk_download_klines\('BTCUSDT', '1m', days=90\)"):
        with_direction(frame, bars)


def test_a_close_without_an_end_in_the_data_has_no_row() -> None:
    table = everything()
    frame = every_close(table, start=BEGIN, step=1)
    last = feed_of_table(table, BEGIN).bars[-1, 0] + 60_000
    assert frame["closed_at"].max() <= last
