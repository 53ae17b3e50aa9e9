"""From raw scores to probabilities that mean what they say.

A calibration is a table of (raw score, probability) that the core reads with straight lines
between its points (`signalengine.models.model.calibrated`): isotonic regression is such a table by
nature; Platt's sigmoid is written as one.
"""

from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

Floats: TypeAlias = npt.NDArray[np.float64]
Points: TypeAlias = list[tuple[float, float]]
Method: TypeAlias = Literal["auto", "isotonic", "platt"]
ENOUGH_FOR_ISOTONIC: Final = 1000
"""With fewer rows its steps are noise: then `auto` takes Platt's."""
_PLATT_POINTS: Final = 129


def fit(raw: Floats, won: Floats, method: Method = "auto") -> Points:
    """Return a calibration of held-out raw scores; it never falls, and never reaches 0 or 1."""
    if method == "auto":
        method = "isotonic" if len(raw) >= ENOUGH_FOR_ISOTONIC else "platt"
    edge = 1.0 / (len(raw) + 2.0)
    points = _isotonic(raw, won) if method == "isotonic" else _platt(raw, won)
    return [(x, min(max(y, edge), 1.0 - edge)) for x, y in points]


def apply(points: Points, raw: Floats) -> Floats:
    """Return the probabilities of raw scores, as the core would to within rounding."""
    xs, ys = zip(*points, strict=True)
    return np.asarray(np.interp(raw, xs, ys), dtype=np.float64)


def _isotonic(raw: Floats, won: Floats) -> Points:
    found = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(raw, won)
    xs, ys = found.X_thresholds_, found.y_thresholds_
    if len(xs) < 2:
        return _flat(raw, won)
    return [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]


def _platt(raw: Floats, won: Floats) -> Points:
    if len(np.unique(won)) < 2:
        return _flat(raw, won)
    found = LogisticRegression(C=1e6).fit(raw[:, None], won)
    slope, level = float(found.coef_[0, 0]), float(found.intercept_[0])
    if slope <= 0.0:  # the scores say the opposite of what happened: believe none of them
        return _flat(raw, won)
    xs = np.linspace(float(raw.min()) - 1.0, float(raw.max()) + 1.0, _PLATT_POINTS)
    return [(float(x), float(1.0 / (1.0 + np.exp(-(slope * x + level))))) for x in xs]


def _flat(raw: Floats, won: Floats) -> Points:
    low = float(raw.min()) if len(raw) else 0.0
    rate = float(won.mean()) if len(won) else 0.5
    return [(low, rate), (low + 1.0, rate)]
