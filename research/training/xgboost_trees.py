"""Boosted trees of XGBoost, and their plain form for the engine.

XGBoost computes in single precision; the engine, in double, gives the same scores to the last bit:

* a value goes left when, in single precision, it is below a threshold. Rounding never changes the
  order of two values, so that is the same as "not above the greatest double that rounds to less";
* the leaves are rounded to multiples of a power of two, so small that it changes nothing (1e-6 for
  150 trees) and so large that no sum of them needs more than the 24 bits of a single. Then every
  order of addition, in either precision, is exact;
* the score that XGBoost begins with is a part of the first tree's leaves.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xgboost as xgb
from signalengine.errors import ModelError

from research.training.boosters import Floats, Whole

PARAMETERS: Final[Mapping[str, Any]] = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "grow_policy": "lossguide",
    "max_depth": 0,
    "eta": 0.03,
    "max_leaves": 15,
    "min_child_weight": 20.0,
    "colsample_bynode": 0.5,
    "subsample": 0.8,
    "lambda": 10.0,
}
"""Small trees, strongly regularised, like those of LightGBM."""
_BITS: Final = 23
"""Of a sum of leaves, in steps of the leaves: one less than a single has."""
_HALF: Final = "5E-1"
"""The base score whose raw score is 0, as a probability."""


@dataclass(frozen=True, slots=True)
class XgboostTrees:
    """A booster of XGBoost whose leaves are rounded as above; `inputs` is their number."""

    booster: xgb.Booster
    inputs: int

    def raw(self, values: Floats) -> Floats:
        """Return the raw score of each row: the sum of its leaves."""
        margins = self.booster.predict(xgb.DMatrix(values, nthread=1), output_margin=True)
        return np.asarray(margins, dtype=np.float64)

    def used(self) -> Whole:
        """Return the numbers of the inputs that a tree splits on, ascending."""
        return np.flatnonzero(self._scores("weight"))

    def gains(self) -> Floats:
        """Return the total gain of each input's splits."""
        return self._scores("total_gain")

    def trees(self) -> list[dict[str, list[Any]]]:
        """Return the trees as the engine's arrays; raises ModelError for splits it lacks."""
        return [_tree(raw) for raw in _trees_in(json.loads(self.booster.save_raw("json")))]

    def own_form(self) -> bytes:
        """Return the model as XGBoost reads it (UBJSON)."""
        return bytes(self.booster.save_raw("ubj"))

    def _scores(self, kind: str) -> Floats:
        known = self.booster.get_score(importance_type=kind)
        names = [f"f{k}" for k in range(self.inputs)]
        return np.array([known.get(name, 0.0) for name in names], dtype=np.float64)


class Xgboost:
    """XGBoost as a library of boosters."""

    parameters = PARAMETERS

    def fit(
        self,
        values: Floats,
        won: Floats,
        weight: Floats,
        parameters: Mapping[str, Any],
        rounds: int,
        seed: int,
    ) -> XgboostTrees:
        """Train `rounds` trees; the same arguments give the same booster.

        One thread: with several, sums and so trees would depend on the machine.
        """
        share = float(np.average(won, weights=weight))
        base = min(max(share, 1e-6), 1.0 - 1e-6)
        fixed = {"seed": seed, "nthread": 1, "verbosity": 0, "base_score": base}
        data = xgb.DMatrix(values, won, weight=weight, nthread=1)
        booster = xgb.train({**parameters, **fixed}, data, num_boost_round=rounds)
        return XgboostTrees(_rounded(booster, math.log(base / (1.0 - base))), values.shape[1])


def _rounded(booster: xgb.Booster, base: float) -> xgb.Booster:
    """Return the booster with its base in the first tree, and leaves that add up exactly."""
    model = json.loads(booster.save_raw("json"))
    leaves = [_leaves(tree) for tree in _trees_in(model)]
    leaves[0] = {node: value + base for node, value in leaves[0].items()}
    most = sum(max(map(abs, values.values())) for values in leaves)
    step = 2.0 ** (math.ceil(math.log2(most)) - _BITS) if most > 0.0 else 1.0
    for tree, values in zip(_trees_in(model), leaves, strict=True):
        for node, value in values.items():
            tree["split_conditions"][node] = round(value / step) * step
    about = model["learner"]["learner_model_param"]
    about["base_score"] = f"[{_HALF}]" if about["base_score"].startswith("[") else _HALF
    made = xgb.Booster({"nthread": 1})
    made.load_model(bytearray(json.dumps(model).encode()))
    return made


def _trees_in(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    learner = model["learner"]
    if learner["gradient_booster"].get("name", "gbtree") != "gbtree":
        raise ModelError("model: the engine adds up all trees with equal weights (gbtree)")
    trees: list[dict[str, Any]] = learner["gradient_booster"]["model"]["trees"]
    return trees


def _leaves(tree: Mapping[str, Any]) -> dict[int, float]:
    """Return the values of a tree's leaves by their node."""
    return {node: float(tree["split_conditions"][node]) for node in _nodes(tree, leaves=True)}


def _nodes(tree: Mapping[str, Any], *, leaves: bool) -> list[int]:
    """Return a tree's leaves or its inner nodes, each behind the node that it hangs on."""
    found, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        inner = tree["left_children"][node] >= 0
        if inner:
            waiting += [tree["right_children"][node], tree["left_children"][node]]
        if inner != leaves:
            found.append(node)
    return found


def _tree(raw: Mapping[str, Any]) -> dict[str, list[Any]]:
    nodes, leaves = _nodes(raw, leaves=False), _nodes(raw, leaves=True)
    if any(raw["split_type"][node] for node in nodes):
        raise ModelError("model: the engine has no splits by category")
    place = {node: k for k, node in enumerate(nodes)}
    place |= {node: -k - 1 for k, node in enumerate(leaves)}
    return {
        "input": [raw["split_indices"][node] for node in nodes],
        "threshold": [highest_below(raw["split_conditions"][node]) for node in nodes],
        "left": [place[raw["left_children"][node]] for node in nodes],
        "right": [place[raw["right_children"][node]] for node in nodes],
        "missing": [1 if raw["default_left"][node] else 2 for node in nodes],
        "leaf": [float(np.float32(raw["split_conditions"][node])) for node in leaves],
    }


def highest_below(threshold: float) -> float:
    """Return the greatest double that is below a threshold once rounded to single precision."""
    bound = np.float32(threshold)
    middle = (float(np.nextafter(bound, np.float32(-np.inf))) + float(bound)) / 2.0
    return middle if np.float32(middle) < bound else float(np.nextafter(middle, -np.inf))
