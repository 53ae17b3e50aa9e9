"""A trained model: it predicts frames, and is saved in LightGBM's form or in the engine's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
from signalengine.errors import ModelError
from signalengine.models.model import FORMAT, VERSION, Model, load_model

from machine.files import write
from research.training import calibration
from research.training.calibration import Points

Floats: TypeAlias = npt.NDArray[np.float64]
_MISSING = {"None": 0, "NaN": 1}
"""How LightGBM names what a node does with NaN; 1 becomes 2 where NaN goes right."""


@dataclass(frozen=True)
class TrainedModel:
    """A booster with its calibration; `predicts` as in `signalengine.models.model`."""

    booster: lgb.Booster
    features: tuple[str, ...]
    calibration: Points
    predicts: Literal["win", "direction"]
    name: str
    about: Mapping[str, Any]

    def predict(self, frame: pd.DataFrame) -> Floats:
        """Return a probability for each row of a frame that has the features."""
        return calibration.apply(self.calibration, self.raw(frame))

    def raw(self, frame: pd.DataFrame) -> Floats:
        """Return the raw score of each row: the sum of its leaves."""
        return raw_scores(self.booster, matrix(frame, self.features))

    @cached_property
    def production(self) -> Model:
        """The model as the engine evaluates it.

        Raises ModelError where it reads columns that the engine does not know.
        """
        return load_model(self.to_json())

    def to_json(self) -> str:
        """Return the engine's form (`signalengine.models.model`)."""
        content = {
            "format": FORMAT,
            "version": VERSION,
            "name": self.name,
            "predicts": self.predicts,
            "inputs": list(self.features),
            "trees": trees_of(self.booster),
            "calibration": [list(point) for point in self.calibration],
            "about": dict(self.about),
        }
        return json.dumps(content, separators=(",", ":"))

    def save_model(self, path: Path | str) -> Path:
        """Write the model: `*.json` in the engine's form (AI_MODEL_PATH), else in LightGBM's own.

        Raises ModelError, and writes nothing, where the engine could not read it.
        """
        target = Path(path)
        if target.suffix == ".json":
            text = self.to_json()
            load_model(text)
        else:
            text = self.booster.model_to_string()
        write(target, text)
        return target


def matrix(frame: pd.DataFrame, features: Sequence[str]) -> Floats:
    """Return the features as float64 (n, features); raises ValueError naming what lacks."""
    missing = [name for name in features if name not in frame.columns]
    if missing:
        raise ValueError(f"The data has no column {missing[0]!r}.")
    return frame[list(features)].to_numpy(dtype=np.float64, na_value=np.nan)


def raw_scores(booster: lgb.Booster, values: Floats) -> Floats:
    """Return the sum of leaves of each row."""
    return np.asarray(booster.predict(values, raw_score=True), dtype=np.float64)


def trees_of(booster: lgb.Booster) -> list[dict[str, list[Any]]]:
    """Return the trees as the engine's arrays; raises ModelError for a kind of split it lacks."""
    return [_tree(item["tree_structure"]) for item in booster.dump_model()["tree_info"]]


def _tree(root: Mapping[str, Any]) -> dict[str, list[Any]]:
    nodes, leaves = _nodes(root), _leaves(root)
    return {
        "input": [node["split_feature"] for node in nodes],
        "threshold": [node["threshold"] for node in nodes],
        "left": [_child(node["left_child"]) for node in nodes],
        "right": [_child(node["right_child"]) for node in nodes],
        "missing": [_missing(node) for node in nodes],
        "leaf": [leaf["leaf_value"] for leaf in leaves],
    }


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
