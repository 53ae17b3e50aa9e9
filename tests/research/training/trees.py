"""Boosters of random tables, and rows at and around their thresholds."""

from typing import Any

import numpy as np
from signalengine.models.model import Tree, raw_score

from research.training.boosters import Booster, Floats, Library


def random_table(seed: int, count: int = 300) -> tuple[Floats, Floats, Floats]:
    """Return values of four inputs of any scale, a tenth of them unknown; outcomes; weights."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(count, 4)) * 10.0 ** rng.integers(-6, 7, 4)
    values[:, 1] = np.where(rng.random(count) < 0.5, 0.0, values[:, 1])
    noise = rng.normal(size=count) * values[:, 0].std()
    won = (values[:, 0] + noise > 0.0).astype(float)
    values[rng.random(values.shape) < 0.1] = np.nan
    return values, won, rng.random(count) + 0.1


def fitted(library: Library, seed: int, parameters: dict[str, Any], rounds: int = 12) -> Booster:
    """Train on a random table, with leaves of few rows."""
    given = {**library.parameters, **parameters}
    return library.fit(*random_table(seed), given, rounds, seed)


def in_the_engine(booster: Booster) -> tuple[Tree, ...]:
    return tuple(
        Tree(**{name: tuple(part) for name, part in raw.items()}) for raw in booster.trees()
    )


def rows_around(trees: tuple[Tree, ...], seed: int) -> Floats:
    """Return random rows, with unknown values, and rows at the thresholds and next to them."""
    values, _, _ = random_table(seed + 1)
    found = np.array([x for tree in trees for x in tree.threshold] or [0.0])
    found = found[np.abs(found) < 1e30]
    single = found.astype(np.float32)
    near = [
        found, np.nextafter(found, np.inf), np.nextafter(found, -np.inf), single,
        np.nextafter(single, np.float32(np.inf)), np.nextafter(single, np.float32(-np.inf)),
    ]  # fmt: skip
    edges = np.concatenate([part.astype(np.float64) for part in near])
    return np.vstack([values, np.random.default_rng(seed).choice(edges, (600, 4))])


def scores(trees: tuple[Tree, ...], rows: Floats) -> Floats:
    """Return the engine's raw score of each row."""
    return np.array([raw_score(trees, row) for row in rows.tolist()])


def same_bits(mine: Floats, theirs: Floats) -> bool:
    return np.array_equal(mine.view(np.int64), theirs.view(np.int64))
