"""Rows with a planted edge, and a model trained on them."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from research.training.trained import TrainedModel
from research.training.trainer import train_lightgbm

MINUTE = 60_000
FEATURES = ("15m_rsi_mid", "1m_volume_z", "along_15m_vwap_dist", "score")
QUICK: dict[str, Any] = {"rounds": 25, "folds": 3, "repeats": 1}


def rows(count: int = 3000, strength: float = 2.0, seed: int = 5) -> pd.DataFrame:
    """Rows of 40 days: the first feature decides with this strength, the others do not."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(count, len(FEATURES)))
    values[rng.random(count) < 0.1, 1] = np.nan
    opened = 1_747_612_800_000 + np.sort(rng.integers(0, 40 * 1440, count)) * MINUTE
    won = rng.random(count) < 1.0 / (1.0 + np.exp(-(strength * values[:, 0] - 0.4)))
    frame = pd.DataFrame(values, columns=list(FEATURES))
    return frame.assign(
        symbol=rng.choice(["BTCUSDT", "ETHUSDT"], count), opened=opened,
        closed_at=opened + rng.integers(1, 60, count) * MINUTE,
        win=won.astype(int), net_bps=np.where(won, 30.0, -25.0),
    )  # fmt: skip


@cache
def trained() -> tuple[TrainedModel, dict[str, Any]]:
    return train_lightgbm(rows(), FEATURES, "win", **QUICK)
