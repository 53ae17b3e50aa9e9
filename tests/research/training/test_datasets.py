"""Training tables: features never depend on what follows."""

import numpy as np
import pandas as pd
from signalengine.policy import default_policy

from research.backtest.feed import feed_of_table
from research.training.datasets import CLOSE_FEATURES, FEATURES, every_close, scored_closes
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


def test_a_close_without_an_end_in_the_data_has_no_row() -> None:
    table = everything()
    frame = every_close(table, start=BEGIN, step=1)
    last = feed_of_table(table, BEGIN).bars[-1, 0] + 60_000
    assert frame["closed_at"].max() <= last
