"""Boosted trees of LightGBM, and their plain form for the engine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import lightgbm as lgb
import numpy as np
from signalengine.errors import ModelError

from research.training.boosters import Floats, Whole

PARAMETERS: Final[Mapping[str, Any]] = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
}
"""Small trees, strongly regularised: market data is nearly all noise."""
_MISSING = {"None": 0, "NaN": 1}
"""How LightGBM names what a node does with NaN; 1 becomes 2 where NaN goes right."""
_ZERO: Final = float(np.float32(1e-35))


@dataclass(frozen=True, slots=True)
class LightGbmTrees:
    """A booster of LightGBM."""

    booster: lgb.Booster

    def raw(self, values: Floats) -> Floats:
        """Return the raw score of each row: the sum of its leaves."""
        return np.asarray(self.booster.predict(values, raw_score=True), dtype=np.float64)

    def used(self) -> Whole:
        """Return the numbers of the inputs that a tree splits on, ascending."""
        return np.flatnonzero(self.booster.feature_importance("split"))

    def gains(self) -> Floats:
        """Return the total gain of each input's splits."""
        return np.asarray(self.booster.feature_importance("gain"), dtype=np.float64)

    def trees(self) -> list[dict[str, list[Any]]]:
        """Return the trees as the engine's arrays; raises ModelError for splits it lacks."""
        return [_tree(item["tree_structure"]) for item in self.booster.dump_model()["tree_info"]]

    def own_form(self) -> str:
        """Return the model as LightGBM reads it."""
        return str(self.booster.model_to_string())


class LightGbm:
    """LightGBM as a library of boosters."""

    parameters = PARAMETERS

    def fit(
        self,
        values: Floats,
        won: Floats,
        weight: Floats,
        parameters: Mapping[str, Any],
        rounds: int,
        seed: int,
    ) -> LightGbmTrees:
        """Train `rounds` trees; the same arguments give the same booster."""
        fixed = {
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
            "num_threads": min(os.cpu_count() or 1, 1 + len(values) // 20_000),
        }
        data = lgb.Dataset(
            values,
            won,
            weight=weight,
            params={"verbosity": -1},
            free_raw_data=True,
        )
        return LightGbmTrees(lgb.train({**parameters, **fixed}, data, num_boost_round=rounds))


def _tree(root: Mapping[str, Any]) -> dict[str, list[Any]]:
    nodes, leaves = _nodes(root), _leaves(root)
    return {
        "input": [node["split_feature"] for node in nodes],
        "threshold": [_threshold(node["threshold"]) for node in nodes],
        "left": [_child(node["left_child"]) for node in nodes],
        "right": [_child(node["right_child"]) for node in nodes],
        "missing": [_missing(node) for node in nodes],
        "leaf": [leaf["leaf_value"] for leaf in leaves],
    }


def _threshold(value: float) -> float:
    """Return a threshold for values as they are: LightGBM reads those up to `_ZERO` as 0."""
    return float(np.nextafter(value, -np.inf)) if value == -_ZERO else value


def _walk(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "split_index" not in node:
        return [node]
    return [node, *_walk(node["left_child"]), *_walk(node["right_child"])]


def _nodes(root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = [node for node in _walk(root) if "split_index" in node]
    return sorted(found, key=lambda node: int(node["split_index"]))


def _leaves(root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = [node for node in _walk(root) if "split_index" not in node]
    return sorted(found, key=lambda leaf: int(leaf.get("leaf_index", 0)))


def _child(node: Mapping[str, Any]) -> int:
    return int(node["split_index"]) if "split_index" in node else -int(node["leaf_index"]) - 1


def _missing(node: Mapping[str, Any]) -> int:
    kind = node["missing_type"]
    if node["decision_type"] != "<=" or kind not in _MISSING:
        raise ModelError(f"model: the engine has no {node['decision_type']} split ({kind})")
    return _MISSING[kind] if kind == "None" or node["default_left"] else 2
