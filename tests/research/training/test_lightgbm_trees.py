"""LightGBM's trees: what the engine has no split for is refused, and its own form is readable."""

import lightgbm as lgb
import numpy as np
import pytest
from signalengine.errors import ModelError

from research.training.lightgbm_trees import LightGbm, LightGbmTrees
from tests.research.training.trees import fitted, random_table, same_bits


def test_splits_by_category_are_refused() -> None:
    values, _, _ = random_table(1)
    values[:, 2] = np.arange(len(values)) % 3
    data = lgb.Dataset(values, values[:, 2] == 1.0, categorical_feature=[2])
    given = {"objective": "binary", "verbosity": -1, "min_data_in_leaf": 5}
    booster = LightGbmTrees(lgb.train(given, data, num_boost_round=2))
    with pytest.raises(ModelError, match="== split"):
        booster.trees()


def test_its_own_form_is_read_by_the_library() -> None:
    booster = fitted(LightGbm(), 2, {})
    values, _, _ = random_table(3)
    theirs = lgb.Booster(model_str=booster.own_form())
    assert same_bits(theirs.predict(values, raw_score=True), booster.raw(values))


def test_a_value_that_the_library_reads_as_zero_goes_where_zero_goes() -> None:
    """It reads all within ±1e-35 as 0, and puts thresholds exactly there."""
    booster = fitted(LightGbm(), 2, {"min_data_in_leaf": 5})
    zero = float(np.float32(1e-35))
    found = {x for raw in booster.trees() for x in raw["threshold"] if abs(x) < 1e-30}
    assert found <= {zero, float(np.nextafter(-zero, -np.inf))}
    assert found
