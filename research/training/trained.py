"""A trained model: it predicts frames, and is saved in its library's form or in the engine's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from signalengine.models.model import FORMAT, VERSION, Model, load_model

from machine.files import write
from research.training import calibration
from research.training.boosters import Booster
from research.training.calibration import Points

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TrainedModel:
    """A booster with its calibration; `predicts` as in `signalengine.models.model`."""

    booster: Booster
    features: tuple[str, ...]
    """The columns that it reads."""
    inputs: tuple[str, ...]
    """What the engine reads in their place: its names of the same numbers."""
    calibration: Points
    predicts: Literal["win", "direction"]
    name: str
    about: Mapping[str, Any]

    def predict(self, frame: pd.DataFrame) -> Floats:
        """Return a probability for each row of a frame that has the features."""
        return calibration.apply(self.calibration, self.raw(frame))

    def raw(self, frame: pd.DataFrame) -> Floats:
        """Return the raw score of each row: the sum of its leaves."""
        return self.booster.raw(matrix(frame, self.features))

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
            "inputs": list(self.inputs),
            "trees": self.booster.trees(),
            "calibration": [list(point) for point in self.calibration],
            "about": dict(self.about),
        }
        return json.dumps(content, separators=(",", ":"))

    def save_model(self, path: Path | str) -> Path:
        """Write the model: `*.json` in the engine's form (AI_MODEL_PATH), else in the library's.

        Raises ModelError, and writes nothing, where the engine could not read it.
        """
        target = Path(path)
        if target.suffix != ".json":
            write(target, self.booster.own_form())
            return target
        text = self.to_json()
        load_model(text)
        write(target, text)
        return target


def matrix(frame: pd.DataFrame, features: Sequence[str]) -> Floats:
    """Return the features as float64 (n, features); raises ValueError naming what lacks."""
    missing = [name for name in features if name not in frame.columns]
    if missing:
        raise ValueError(f"The data has no column {missing[0]!r}.")
    return frame[list(features)].to_numpy(dtype=np.float64, na_value=np.nan)
