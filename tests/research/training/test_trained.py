"""The engine evaluates a trained model exactly, and a model is saved for it."""

from pathlib import Path

import numpy as np
import pytest
from signalengine.errors import ModelError
from signalengine.models.inputs import find
from signalengine.models.model import load_model, probability, raw_score
from signalengine.rules import OUT_SIZE
from signalengine.snapshot import SIZE

from research.training.trainer import train_lightgbm
from tests.research.training.tables import FEATURES, QUICK, rows, trained


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
