"""Training finds a planted edge, reports noise as noise, and refuses unusable data."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from signalengine.models.model import load_model, raw_score

from research.training.trainer import train_lightgbm, train_xgboost
from tests.research.training.tables import FEATURES, QUICK, rows, trained


def test_a_planted_edge_is_found_and_attributed() -> None:
    _, metrics = trained()
    assert metrics["held_out"]["auc"] > 0.8
    assert metrics["held_out"]["brier_skill"] > 0.2
    assert metrics["held_out"]["calibration_error"] < 0.06
    assert metrics["held_out"]["best_net_bps"] > metrics["held_out"]["net_bps"] + 20.0
    assert metrics["skill_shown"]
    assert metrics["edge_shown"]
    first, *others = metrics["importance"]
    assert first["feature"] == FEATURES[0]
    assert first["auc_drop"] > 10.0 * max(abs(row["auc_drop"]) for row in others)


def test_noise_is_reported_as_noise() -> None:
    _, metrics = train_lightgbm(rows(strength=0.0), FEATURES, "win", **QUICK)
    low, high = metrics["held_out"]["auc_95"]
    assert low < 0.5 < high
    assert not metrics["skill_shown"]
    assert not metrics["edge_shown"]
    assert metrics["held_out"]["brier_skill"] < 0.01


def test_skill_that_earns_nothing_is_no_edge() -> None:
    poor = rows().assign(net_bps=-10.0)
    _, metrics = train_lightgbm(poor, FEATURES, "win", **QUICK)
    assert metrics["skill_shown"]
    assert metrics["held_out"]["best_net_bps_95"] == [-10.0, -10.0]
    assert not metrics["edge_shown"]
    _, untold = train_lightgbm(poor.drop(columns="net_bps"), FEATURES, "win", **QUICK)
    assert not untold["edge_shown"]


def test_every_fold_has_its_span_and_its_rows() -> None:
    _, metrics = trained()
    folds = metrics["folds"]
    assert len(folds) == 3
    assert all(a["to"] < b["from"] for a, b in pairwise(folds))
    assert sum(fold["n"] for fold in folds) == metrics["held_out"]["n"]
    assert metrics["held_out"]["n_independent"] < metrics["held_out"]["n"]
    assert sum(row["n"] for row in metrics["reliability"]) == metrics["held_out"]["n"]
    json.dumps(metrics, allow_nan=False)


def test_the_same_data_and_seed_give_the_same_model() -> None:
    again, metrics = train_lightgbm(rows(), FEATURES, "win", **QUICK)
    model, before = trained()
    assert again.to_json() == model.to_json()
    assert metrics == before


def test_a_parquet_file_with_an_index_of_times_is_accepted(tmp_path: Path) -> None:
    """The example of the documentation: features of a close, and a direction."""
    frame = rows()
    index = pd.to_datetime(frame["opened"], unit="ms", utc=True)
    plain = pd.DataFrame(
        {"rsi": frame["15m_rsi_mid"].to_numpy(), "signal_direction": frame["win"].to_numpy()},
        index=pd.DatetimeIndex(index, name="close_time"),
    )
    plain.to_parquet(tmp_path / "train.parquet")
    model, metrics = train_lightgbm(
        train_data=str(tmp_path / "train.parquet"), features=["rsi"], target="signal_direction",
        **QUICK,
    )  # fmt: skip
    assert model.predicts == model.production.predicts == "direction"
    assert metrics["held_out"]["auc"] > 0.75


def test_xgboost_finds_the_same_edge_and_its_model_runs_in_the_engine(tmp_path: Path) -> None:
    model, metrics = train_xgboost(rows(), FEATURES, "win", **QUICK)
    assert metrics["held_out"]["auc"] > 0.8
    assert metrics["skill_shown"]
    assert metrics["importance"][0]["feature"] == FEATURES[0]
    frame = rows(200, seed=9)
    mine = [raw_score(model.production.trees, row) for row in frame[list(FEATURES)].values.tolist()]
    assert mine == model.raw(frame).tolist()
    saved = load_model(model.save_model(tmp_path / "model.json").read_text())
    assert saved.digest == model.production.digest
    assert model.save_model(tmp_path / "model.ubj").read_bytes() == model.booster.own_form()


def test_a_model_of_longer_bars_reads_their_features() -> None:
    frame = rows().rename(columns={"15m_rsi_mid": "rsi", "score": "atr"})
    frame.attrs["interval"] = "5m"
    model, _ = train_lightgbm(frame, ["rsi", "atr"], "win", **QUICK)
    assert model.features == ("rsi", "atr")
    assert [one.name for one in model.production.inputs] == ["5m_rsi", "15m_atr"]


@pytest.mark.parametrize(
    ("change", "features", "target", "words"),
    [
        ({}, [*FEATURES, "win"], "win", "among the features"),
        ({}, FEATURES, "luck", "luck"),
        ({}, ["luck"], "win", "luck"),
        ({"win": 1}, FEATURES, "win", "two are needed"),
        ({"win": None}, FEATURES, "win", "No row"),
        ({"opened": 0, "closed_at": 1}, FEATURES, "win", "too few rows"),
    ],
)
def test_data_that_cannot_be_trained_on_is_refused(
    change: dict[str, Any], features: list[str], target: str, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        train_lightgbm(rows(300).assign(**change), features, target, **QUICK)


def test_rows_without_times_are_refused() -> None:
    with pytest.raises(ValueError, match="times"):
        train_lightgbm(rows().drop(columns=["opened", "closed_at"]), FEATURES, "win", **QUICK)
