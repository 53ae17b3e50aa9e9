"""XGBoost's trees: single precision and rounded leaves, exact in double."""

from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import ModelError

from research.training.xgboost_trees import Xgboost, XgboostTrees, highest_below
from tests.examples import examples
from tests.research.training.trees import fitted, random_table, same_bits


@examples(200)
@given(threshold=st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-(2.0**126)))
def test_the_highest_value_below_a_threshold_is_the_last_that_rounds_to_less(
    threshold: float,
) -> None:
    bound, highest = np.float32(threshold), highest_below(threshold)
    assert np.float32(highest) < bound
    assert np.float32(np.nextafter(highest, np.inf)) >= bound


def test_leaves_are_rounded_to_so_little_that_sums_of_them_are_exact() -> None:
    booster = fitted(Xgboost(), 1, {"min_child_weight": 1.0}, rounds=150)
    leaves = [raw["leaf"] for raw in booster.trees()]
    most = sum(max(map(abs, values)) for values in leaves)
    step = 2.0**-24 * 2.0 ** np.ceil(np.log2(2.0 * most))
    assert all(float(value / step).is_integer() for values in leaves for value in values)
    assert most / step < 2**24
    assert step < 2e-6


def test_rounding_hardly_moves_a_score() -> None:
    library, (values, won, weight) = Xgboost(), random_table(2)
    booster = library.fit(values, won, weight, library.parameters, 50, 2)
    base = float(np.average(won, weights=weight))
    fixed = {"seed": 2, "nthread": 1, "verbosity": 0, "base_score": base}
    data = xgb.DMatrix(values, won, weight=weight, nthread=1)
    plain = xgb.train({**library.parameters, **fixed}, data, num_boost_round=50)
    raw = plain.predict(data, output_margin=True)
    assert np.abs(booster.raw(values) - raw).max() < 5e-5
    assert not same_bits(booster.raw(values), raw.astype(np.float64))


def test_its_own_form_is_read_by_the_library(tmp_path: Path) -> None:
    booster = fitted(Xgboost(), 2, {"min_child_weight": 1.0})
    values, _, _ = random_table(3)
    file = tmp_path / "model.ubj"
    file.write_bytes(booster.own_form())
    theirs = xgb.Booster(model_file=str(file))
    raw = theirs.predict(xgb.DMatrix(values), output_margin=True)
    assert same_bits(raw.astype(np.float64), booster.raw(values))


def test_splits_by_category_and_weighted_trees_are_refused() -> None:
    values, won, _ = random_table(1)
    values[:, 2] = np.arange(len(values)) % 3
    data = xgb.DMatrix(values, values[:, 2] == 1.0, feature_types=["q", "q", "c", "q"])
    given = {"objective": "binary:logistic", "tree_method": "hist", "max_cat_to_onehot": 8}
    booster = XgboostTrees(xgb.train(given, data, num_boost_round=1), 4)
    with pytest.raises(ModelError, match="category"):
        booster.trees()
    with pytest.raises(ModelError, match="gbtree"):
        Xgboost().fit(values, won, np.ones_like(won), {"booster": "dart"}, 2, 1)
