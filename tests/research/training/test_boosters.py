"""Every library's trees give the same raw scores in the engine as in the library."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.training.boosters import Library
from research.training.lightgbm_trees import LightGbm
from research.training.xgboost_trees import Xgboost
from tests.examples import examples
from tests.research.training.trees import (
    fitted,
    in_the_engine,
    random_table,
    rows_around,
    same_bits,
    scores,
)

LIBRARIES: list[tuple[Library, dict[str, Any]]] = [
    (LightGbm(), {"min_data_in_leaf": 5}),
    (Xgboost(), {"min_child_weight": 1.0}),
]
libraries = pytest.mark.parametrize(("library", "small"), LIBRARIES, ids=["lightgbm", "xgboost"])


@libraries
@examples(25)
@given(seed=st.integers(0, 2**31 - 1))
def test_the_engine_gives_the_librarys_scores_to_the_last_bit(
    library: Library, small: dict[str, Any], seed: int
) -> None:
    booster = fitted(library, seed, small)
    trees = in_the_engine(booster)
    rows = rows_around(trees, seed)
    assert same_bits(scores(trees, rows), booster.raw(rows))


@libraries
def test_the_same_rows_and_seed_give_the_same_trees(
    library: Library, small: dict[str, Any]
) -> None:
    first, again = (fitted(library, 3, small).trees() for _ in range(2))
    assert first == again
    assert fitted(library, 4, small).trees() != first


@libraries
def test_inputs_that_are_split_on_have_a_gain(library: Library, small: dict[str, Any]) -> None:
    booster = fitted(library, 5, small)
    split_on = {k for tree in in_the_engine(booster) for k in tree.input}
    assert booster.used().tolist() == sorted(split_on)
    assert np.flatnonzero(booster.gains()).tolist() == sorted(split_on)


@libraries
def test_rows_that_all_end_alike_give_trees_without_splits(
    library: Library, small: dict[str, Any]
) -> None:
    values, won, weight = random_table(6)
    booster = library.fit(values, np.ones_like(won), weight, library.parameters, 3, 6)
    trees = in_the_engine(booster)
    assert {len(tree.leaf) for tree in trees} == {1}
    assert same_bits(scores(trees, values), booster.raw(values))
