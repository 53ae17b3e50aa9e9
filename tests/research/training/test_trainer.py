"""Training: what is planted is found, noise is called noise, the engine evaluates exactly."""

import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from signalengine.errors import ModelError
from signalengine.models.inputs import find
from signalengine.models.model import load_model, probability, raw_score
from signalengine.rules import OUT_SIZE
from signalengine.snapshot import SIZE

from research.training.tracker import MlflowTracker, flattened
from research.training.trained import TrainedModel
from research.training.trainer import train_lightgbm

MINUTE = 60_000
FEATURES = ("15m_rsi_mid", "1m_volume_z", "along_15m_vwap_dist", "score")
QUICK: dict[str, Any] = {"rounds": 25, "folds": 3, "repeats": 1}


def rows(count: int = 3000, strength: float = 2.0, seed: int = 5) -> pd.DataFrame:
    """Rows of 40 days: the first feature decides as strongly as is said, the others do not."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(count, len(FEATURES)))
    values[rng.random(count) < 0.1, 1] = np.nan
    opened = 1_747_612_800_000 + np.sort(rng.integers(0, 40 * 1440, count)) * MINUTE
    won = rng.random(count) < 1.0 / (1.0 + np.exp(-(strength * values[:, 0] - 0.4)))
    frame = pd.DataFrame(values, columns=list(FEATURES))
    return frame.assign(
        symbol=rng.choice(["BTCUSDT", "ETHUSDT"], count), opened=opened,
        closed_at=opened + rng.integers(1, 60, count) * MINUTE,
        win=won.astype(int), net_bps=np.where(won, 30.0, -25.0),
    )  # fmt: skip


@cache
def trained() -> tuple[TrainedModel, dict[str, Any]]:
    return train_lightgbm(rows(), FEATURES, "win", **QUICK)


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


def test_noise_is_called_noise() -> None:
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


def test_every_fold_says_its_span_and_its_rows() -> None:
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


def test_the_engine_evaluates_the_trees_to_the_last_bit() -> None:
    model, _ = trained()
    frame = rows(400, seed=9)
    raw = model.raw(frame)
    trees = model.production.trees
    mine = [raw_score(trees, row) for row in frame[list(FEATURES)].to_numpy().tolist()]
    assert np.array_equal(np.array(mine), raw)
    assert any(2 in tree.missing or 1 in tree.missing for tree in trees)


def test_a_probability_of_a_snapshot_is_the_models_prediction() -> None:
    model, _ = trained()
    frame = rows(50, seed=11)
    predicted = model.predict(frame)
    for n, values in enumerate(frame[list(FEATURES)].to_numpy().tolist()):
        f, out = [np.nan] * SIZE, [np.nan] * OUT_SIZE
        f[0], out[find("score").long] = 100.0, values[3]
        f[find("15m_rsi_mid").long] = values[0] + 50.0
        f[find("1m_volume_z").long] = values[1]
        f[find("15m_vwap").long] = 100.0 * (1.0 - values[2])
        assert probability(model.production, f, 1.0, out) == pytest.approx(predicted[n], abs=2e-3)


def test_a_model_is_saved_for_the_engine_and_for_lightgbm(tmp_path: Path) -> None:
    model, _ = trained()
    mine = load_model(model.save_model(tmp_path / "models" / "model.json").read_text())
    assert mine.digest == model.production.digest
    assert mine.about["rows"] == 3000
    import lightgbm as lgb

    theirs = lgb.Booster(model_file=str(model.save_model(tmp_path / "model.txt")))
    frame = rows(20)
    raw = theirs.predict(frame[list(FEATURES)].to_numpy(), raw_score=True)
    assert np.array_equal(raw, model.raw(frame))


def test_a_model_of_columns_that_the_engine_lacks_is_not_written(tmp_path: Path) -> None:
    frame = rows().rename(columns={"score": "my_secret"})
    model, _ = train_lightgbm(frame, [*FEATURES[:3], "my_secret"], "win", **QUICK)
    with pytest.raises(ModelError, match="my_secret"):
        model.save_model(tmp_path / "model.json")
    assert list(tmp_path.iterdir()) == []


def test_a_parquet_file_with_an_index_of_times_will_do(tmp_path: Path) -> None:
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


def test_an_experiment_is_recorded_and_found_again(tmp_path: Path) -> None:
    model, metrics = trained()
    tracker = MlflowTracker(tmp_path)
    run_id = tracker.record(name="first", parameters={"seed": 7}, metrics=metrics, model=model)
    (run,) = tracker.runs()
    assert (run["id"], run["name"], run["parameters"]) == (run_id, "first", {"seed": "7"})
    assert run["metrics"]["held_out.auc"] == metrics["held_out"]["auc"]
    kept = {path.name for path in tmp_path.rglob("artifacts/*")}
    assert kept == {"metrics.json", "model.txt"}


def test_nested_metrics_have_dotted_names() -> None:
    nested = {"a": 1, "b": {"c": 0.5, "d": {"e": True}, "f": [1, 2], "g": None}}
    assert dict(flattened(nested)) == {"a": 1.0, "b.c": 0.5, "b.d.e": 1.0}
