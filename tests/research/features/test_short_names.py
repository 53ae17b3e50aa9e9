"""Short names: which features of the engine they are, in frames of any bars."""

from pathlib import Path

import pandas as pd
import pytest
from signalengine.intervals import CLASSIC_INTERVALS
from signalengine.models.inputs import ALIASES, find

from research.features.short_names import engine_names, named_for


@pytest.mark.parametrize("interval", CLASSIC_INTERVALS)
def test_every_short_name_is_one_of_the_engines(interval: str) -> None:
    named = named_for(interval)
    assert list(named) == list(ALIASES)
    for name in named.values():
        assert find(name).name == name


def test_minutes_have_the_cores_own_short_names() -> None:
    assert named_for("1m") == dict(ALIASES)
    assert engine_names(pd.DataFrame(), ["rsi", "1h_rsi"]) == ("rsi", "1h_rsi")


def test_a_parquet_file_and_a_part_of_a_frame_remember_their_bars(tmp_path: Path) -> None:
    frame = pd.DataFrame({"rsi": [50.0], "atr": [1.0]})
    frame.attrs["interval"] = "5m"
    frame[["rsi"]].assign(target=1).to_parquet(tmp_path / "train.parquet")
    again = pd.read_parquet(tmp_path / "train.parquet")
    assert engine_names(again, ["rsi", "atr", "1h_rsi"]) == ("5m_rsi", "15m_atr", "1h_rsi")
