"""What training needs of a library of boosted trees; each library has a module of its own."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Whole: TypeAlias = npt.NDArray[np.int64]


class Booster(Protocol):
    """Trained trees; `values` is float64 (n, inputs), NaN is unknown."""

    def raw(self, values: Floats) -> Floats:
        """Return the raw score of each row: the sum of its leaves."""

    def used(self) -> Whole:
        """Return the numbers of the inputs that a tree splits on, ascending."""

    def gains(self) -> Floats:
        """Return the total gain of each input's splits."""

    def trees(self) -> list[dict[str, list[Any]]]:
        """Return the trees as the engine's arrays; raises ModelError for splits it lacks."""

    def own_form(self) -> str | bytes:
        """Return the model in the library's own form."""


class Library(Protocol):
    """A library that makes boosters."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters unless others are given."""

    def fit(
        self,
        values: Floats,
        won: Floats,
        weight: Floats,
        parameters: Mapping[str, Any],
        rounds: int,
        seed: int,
    ) -> Booster:
        """Train `rounds` trees; the same arguments give the same booster."""  # fmt: skip
