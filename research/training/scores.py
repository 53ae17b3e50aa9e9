"""How well probabilities separate winners from losers, and how accurate they are."""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from signalengine.intervals import DAY_MS
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

Floats: TypeAlias = npt.NDArray[np.float64]
Whole: TypeAlias = npt.NDArray[np.int64]
DRAWS: Final = 400


def quality(won: Floats, p: Floats, base: float) -> dict[str, float | int | None]:
    """Score probabilities; `base` is the win rate that was known before, the rival to beat.

    `auc` is None when all rows ended alike. `brier_skill` is 1 − Brier / Brier of the base rate:
    0 or less means that the base rate alone predicts better.
    """
    flat = np.full(len(won), base)
    rival = float(brier_score_loss(won, flat))
    brier = float(brier_score_loss(won, p))
    return {
        "n": len(won),
        "won": int(won.sum()),
        "auc": auc(won, p),
        "log_loss": float(log_loss(won, p, labels=[0, 1])),
        "base_log_loss": float(log_loss(won, flat, labels=[0, 1])),
        "brier": brier,
        "base_brier": rival,
        "brier_skill": 1.0 - brier / rival if rival > 0.0 else 0.0,
    }


def auc(won: Floats, p: Floats) -> float | None:
    """Return the area under the ROC curve: 0.5 is chance; None without both kinds of rows."""
    return float(roc_auc_score(won, p)) if 0.0 < won.mean() < 1.0 else None


def auc_interval(won: Floats, p: Floats, opened: Whole, seed: int) -> list[float] | None:
    """Return the 95 % interval of the AUC; None below 10 days."""
    areas = [auc(won[rows], p[rows]) for rows in _drawn_days(opened, seed)]
    return _middle([area for area in areas if area is not None])


def mean_interval(values: Floats, opened: Whole, seed: int) -> list[float] | None:
    """Return the 95 % interval of the mean; None below 10 days."""
    return _middle([float(values[rows].mean()) for rows in _drawn_days(opened, seed)])


def _drawn_days(opened: Whole, seed: int) -> Iterator[Whole]:
    """Yield the rows of drawn days. Labels of one day hang together, across symbols too: single
    rows drawn would flatter everything."""
    days = opened // DAY_MS
    rows = [np.flatnonzero(days == day) for day in np.unique(days)]
    if len(rows) < 10:
        return
    rng = np.random.default_rng(seed)
    for _ in range(DRAWS):
        yield np.concatenate([rows[k] for k in rng.integers(0, len(rows), len(rows))])


def _middle(found: list[float]) -> list[float] | None:
    return [float(x) for x in np.quantile(found, [0.025, 0.975])] if found else None


def reliability(won: Floats, p: Floats, bins: int = 10) -> list[dict[str, Any]]:
    """Return bins of equally many rows: mean prediction (`said`) and share that `happened`."""
    order = np.argsort(p, kind="stable")
    return [
        {"n": len(part), "said": float(p[part].mean()), "happened": float(won[part].mean())}
        for part in np.array_split(order, min(bins, len(p)))
        if len(part)
    ]


def calibration_error(table: list[dict[str, Any]]) -> float:
    """Return the mean distance between prediction and outcome, weighted by rows (ECE)."""
    total = sum(row["n"] for row in table)
    return float(sum(row["n"] * abs(row["said"] - row["happened"]) for row in table) / total)
