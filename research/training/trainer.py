"""Train a model on recorded closes and measure it on later ones: with LightGBM, or XGBoost.

::

    from research.training.trainer import train_lightgbm

    model, metrics = train_lightgbm(
        train_data="train.parquet",
        features=["rsi", "ema_9", "ema_21", "atr", "oi_delta", "vwap_dist"],
        target="signal_direction",
    )
    model.save_model("research/models/model.json")

`metrics` are measured on rows after those of the training (purged walk-forward). The returned model
is trained on all rows; its calibration is fitted on held-out ones. `skill_shown`: it separates
winners from losers better than chance (the interval of the AUC is above 0.5). `edge_shown`: its top
decile nets a gain (the interval of the mean is above 0); this needs `net_bps` in the data. Skill
without edge is common: volatility is predictable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypedDict, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd
from signalengine.models.inputs import of_close
from signalengine.policy import default_policy

from research.data.arrow_sizes import check_parquet
from research.data.progress import Waiting
from research.features.short_names import engine_names
from research.training import calibration, scores
from research.training.boosters import Booster, Library
from research.training.lightgbm_trees import LightGbm
from research.training.splits import Split, tail, uniqueness, walk_forward
from research.training.tracker import Tracker
from research.training.trained import TrainedModel, matrix
from research.training.xgboost_trees import Xgboost

Floats: TypeAlias = npt.NDArray[np.float64]
Whole: TypeAlias = npt.NDArray[np.int64]
Predicts: TypeAlias = Literal["win", "direction"]
DIRECTION_TARGETS: Final = ("signal_direction",)
_HELD_BACK: Final = 0.25
"""Share of a fold's training rows that its calibration is fitted on."""
_TOP: Final = 0.1


@dataclass(frozen=True)
class _Rows:
    values: Floats
    won: Floats
    opened: Whole
    closed_at: Whole
    weight: Floats
    net_bps: Floats | None


@dataclass(frozen=True)
class _Plan:
    library: Library
    parameters: Mapping[str, Any]
    rounds: int
    embargo_ms: int
    method: calibration.Method
    seed: int
    repeats: int


@dataclass(frozen=True)
class _Fold:
    """One test span: `raw` and `p` of its rows, by the model of the past."""

    test: Whole
    raw: Floats
    p: Floats
    best: Whole
    """Those of the test rows that score as high as the best tenth of the rows before them."""
    metrics: dict[str, Any]
    drops: Floats


class TrainingOptions(TypedDict, total=False):
    """Options that all trainings share; each may be left out."""

    folds: int
    """Test spans, 5 by default."""
    embargo_s: int
    """Between a training label's end and the first test row; 3600 by default."""
    calibrate: calibration.Method
    predicts: Predicts | None
    """What the model predicts, where the target's name does not say it."""
    parameters: Mapping[str, Any] | None
    """The library's own, over those of its module here."""
    rounds: int
    """Trees, 150 by default."""
    seed: int
    repeats: int
    """Shuffles of each feature, of which the importance is the mean; 3 by default."""
    tracker: Tracker | None
    name: str


def train_lightgbm(
    train_data: pd.DataFrame | Path | str,
    features: Sequence[str],
    target: str,
    **options: Unpack[TrainingOptions],
) -> tuple[TrainedModel, dict[str, Any]]:
    """Train on a frame or Parquet file; returns the model and its held-out metrics.

    Columns: the features, the target (two values; the greater is the positive), and for the splits
    `opened` and `closed_at` (ms: from when to when the label was open). Without them the index, or
    a column close_time, gives the time at which rows opened, and labels last as long as the default
    policy's signals. `symbol` and `net_bps` are used where they are. Same data and seed, same
    model. Raises ValueError naming what is wrong with the data.
    """
    return _train(LightGbm(), train_data, features, target, **options)


def train_xgboost(
    train_data: pd.DataFrame | Path | str,
    features: Sequence[str],
    target: str,
    **options: Unpack[TrainingOptions],
) -> tuple[TrainedModel, dict[str, Any]]:
    """Train with XGBoost in place of LightGBM; all else is as in `train_lightgbm`."""
    return _train(Xgboost(), train_data, features, target, **options)


def _train(
    library: Library,
    data: pd.DataFrame | Path | str,
    features: Sequence[str],
    target: str,
    *,
    folds: int = 5,
    embargo_s: int = 3600,
    calibrate: calibration.Method = "auto",
    predicts: Predicts | None = None,
    parameters: Mapping[str, Any] | None = None,
    rounds: int = 150,
    seed: int = 7,
    repeats: int = 3,
    tracker: Tracker | None = None,
    name: str = "model",
) -> tuple[TrainedModel, dict[str, Any]]:
    frame = _frame(data, features, target)
    rows = _rows(frame, features, target)
    plan = _Plan(
        library=library, parameters={**library.parameters, **(parameters or {})}, rounds=rounds,
        embargo_ms=embargo_s * 1000, method=calibrate, seed=seed, repeats=repeats,
    )  # fmt: skip
    done, booster = _trained(rows, folds, plan)
    metrics = _metrics(rows, done, booster, features, plan)
    metrics |= {"target": target, "folds_wanted": folds, "features": list(features)}
    inputs = engine_names(frame, features)
    model = TrainedModel(
        booster=booster,
        features=tuple(features),
        inputs=inputs,
        calibration=_calibrated(rows, done, plan),
        predicts=predicts or _predicts(inputs, target),
        name=name,
        about=_about(metrics, rows, plan),
    )
    if tracker is not None:
        tracker.record(name=name, parameters=_settings(plan), metrics=metrics, model=model)
    return model, metrics


def _trained(rows: _Rows, folds: int, plan: _Plan) -> tuple[list[_Fold], Booster]:
    """Measure on each test span by a model of its past; then train on everything."""
    done = []
    with Waiting("training", folds + 1) as waiting:
        for split in walk_forward(rows.opened, rows.closed_at, folds, plan.embargo_ms):
            done.append(_fold(rows, split, plan))
            waiting.step()
        booster = _boosted(rows, np.arange(len(rows.won)), plan)
        waiting.step()
    return done, booster


def _calibrated(rows: _Rows, done: Sequence[_Fold], plan: _Plan) -> calibration.Points:
    """Fit the calibration on the folds' predictions for rows that they had not seen."""
    raw = np.concatenate([fold.raw for fold in done])
    won = np.concatenate([rows.won[fold.test] for fold in done])
    return calibration.fit(raw, won, plan.method)


def _read(file: Path) -> pd.DataFrame:
    check_parquet(file)
    return pd.read_parquet(file)


def _frame(data: pd.DataFrame | Path | str, features: Sequence[str], target: str) -> pd.DataFrame:
    frame = data if isinstance(data, pd.DataFrame) else _read(Path(data))
    if target in features:
        raise ValueError(f"The target {target!r} is among the features.")
    if target not in frame.columns:
        raise ValueError(f"The data has no target column {target!r}.")
    known = frame[frame[target].notna()]
    if known.empty:
        raise ValueError(f"No row has a target {target!r}.")
    return known


def _rows(frame: pd.DataFrame, features: Sequence[str], target: str) -> _Rows:
    values = sorted(frame[target].unique())
    if len(values) != 2:
        raise ValueError(f"The target {target!r} has {len(values)} values; two are needed.")
    opened, closed_at = _spans(frame)
    symbol = frame["symbol"].to_numpy() if "symbol" in frame else np.zeros(len(frame))
    order = np.argsort(opened, kind="stable")
    net = frame["net_bps"].to_numpy(np.float64)[order] if "net_bps" in frame else None
    return _Rows(
        values=matrix(frame, features)[order],
        won=(frame[target] == values[1]).to_numpy(np.float64)[order],
        opened=opened[order],
        closed_at=closed_at[order],
        weight=uniqueness(opened, closed_at, symbol)[order],
        net_bps=net,
    )


def _spans(frame: pd.DataFrame) -> tuple[Whole, Whole]:
    if "opened" in frame and "closed_at" in frame:
        return frame["opened"].to_numpy(np.int64), frame["closed_at"].to_numpy(np.int64)
    if not isinstance(frame.index, pd.DatetimeIndex) and "close_time" not in frame:
        raise ValueError(
            "The data has no times: columns opened and closed_at, or an index, are needed."
        )
    stamps = pd.DatetimeIndex(pd.to_datetime(frame.get("close_time", frame.index), utc=True))
    opened = stamps.as_unit("ms").asi8.astype(np.int64)
    return opened, opened + default_policy().ttl_ms


def _fold(rows: _Rows, split: Split, plan: _Plan) -> _Fold:
    """Fit on the earlier part of the past, calibrate on the later one, measure on the test."""
    fit, held = tail(rows.opened, rows.closed_at, split.train, _HELD_BACK, plan.embargo_ms)
    if not len(fit) or len(np.unique(rows.won[fit])) < 2:
        raise ValueError("Too few rows to train a fold on: fewer folds, or more data.")
    booster = _boosted(rows, fit, plan)
    held_raw = booster.raw(rows.values[held])
    points = calibration.fit(held_raw, rows.won[held], plan.method)
    raw = booster.raw(rows.values[split.test])
    p, won = calibration.apply(points, raw), rows.won[split.test]
    base = float(rows.won[split.train].mean())
    best = split.test[raw >= np.quantile(held_raw, 1.0 - _TOP)]
    metrics: dict[str, Any] = {
        "from": int(rows.opened[split.test].min()),
        "to": int(rows.opened[split.test].max()),
        "n_train": len(split.train),
        "n_fit": len(fit),
        **scores.quality(won, p, base),
        **_money(rows, split.test, best),
    }
    return _Fold(split.test, raw, p, best, metrics, _drops(booster, rows, split.test, plan))


def _boosted(rows: _Rows, chosen: Whole, plan: _Plan) -> Booster:
    return plan.library.fit(
        rows.values[chosen], rows.won[chosen], rows.weight[chosen],
        plan.parameters, plan.rounds, plan.seed,
    )  # fmt: skip


def _money(rows: _Rows, test: Whole, best: Whole) -> dict[str, Any]:
    """Mean net return of all test rows, and of the model's top decile."""
    if rows.net_bps is None:
        return {}
    return {
        "net_bps": float(rows.net_bps[test].mean()),
        "best_n": len(best),
        "best_net_bps": float(rows.net_bps[best].mean()) if len(best) else None,
    }


def _drops(booster: Booster, rows: _Rows, test: Whole, plan: _Plan) -> Floats:
    """Permutation importance: how much AUC the test span loses when a feature is shuffled."""
    values, won = rows.values[test], rows.won[test]
    whole = scores.auc(won, booster.raw(values))
    drops = np.zeros(values.shape[1])
    if whole is None:
        return drops
    rng = np.random.default_rng(plan.seed)
    used = booster.used()  # shuffling the others does nothing
    for k in used:
        for _ in range(plan.repeats):
            shuffled = values.copy()
            shuffled[:, k] = rng.permutation(shuffled[:, k])
            drops[k] += whole - (scores.auc(won, booster.raw(shuffled)) or 0.0)
    return drops / max(plan.repeats, 1)


def _metrics(
    rows: _Rows, folds: list[_Fold], booster: Booster, features: Sequence[str], plan: _Plan
) -> dict[str, Any]:
    test = np.concatenate([fold.test for fold in folds])
    p, won = np.concatenate([fold.p for fold in folds]), rows.won[test]
    table = scores.reliability(won, p)
    pooled: dict[str, Any] = scores.quality(won, p, float(rows.won.mean()))
    interval = scores.auc_interval(won, p, rows.opened[test], plan.seed)
    pooled |= {
        "auc_95": interval,
        "calibration_error": scores.calibration_error(table),
        "n_independent": float(rows.weight[test].sum()),
        **_pooled_money(rows, test, np.concatenate([fold.best for fold in folds]), plan.seed),
    }
    gains = booster.gains()
    drops = np.mean([fold.drops for fold in folds], axis=0)
    order = np.argsort(-drops, kind="stable")
    return {
        "held_out": pooled,
        "folds": [fold.metrics for fold in folds],
        "reliability": table,
        "importance": [
            {"feature": features[k], "auc_drop": float(drops[k]), "gain": float(gains[k])}
            for k in order
        ],
        "skill_shown": interval is not None and interval[0] > 0.5,
        "edge_shown": (pooled.get("best_net_bps_95") or [0.0])[0] > 0.0,
    }


def _pooled_money(rows: _Rows, test: Whole, best: Whole, seed: int) -> dict[str, Any]:
    money = _money(rows, test, best)
    if rows.net_bps is None:
        return money
    interval = scores.mean_interval(rows.net_bps[best], rows.opened[best], seed)
    return {**money, "best_net_bps_95": interval}


def _predicts(features: Sequence[str], target: str) -> Predicts:
    known = target in DIRECTION_TARGETS and all(of_close(name) for name in features)
    return "direction" if known else "win"


def _settings(plan: _Plan) -> dict[str, Any]:
    return {
        **plan.parameters, "rounds": plan.rounds, "embargo_ms": plan.embargo_ms,
        "calibrate": plan.method, "seed": plan.seed,
    }  # fmt: skip


def _about(metrics: Mapping[str, Any], rows: _Rows, plan: _Plan) -> dict[str, Any]:
    return {
        "target": metrics["target"],
        "rows": len(rows.won),
        "first": int(rows.opened.min()),
        "last": int(rows.closed_at.max()),
        "held_out": metrics["held_out"],
        "skill_shown": metrics["skill_shown"],
        "edge_shown": metrics["edge_shown"],
        "settings": _settings(plan),
    }
