"""The short names of features: `rsi`, `ema_9`, …, and what the engine calls them.

They are those of the core (`signalengine.models.inputs.ALIASES`). In a frame of longer bars, which
has `.attrs["interval"]`, an interval that is shorter is replaced by that of the bars.
"""

from collections.abc import Sequence
from typing import Final

import pandas as pd
from signalengine.intervals import INTERVAL_MS, INTERVALS
from signalengine.models.inputs import ALIASES

INTERVAL: Final = "interval"
"""The attribute of a frame with the interval of its bars; Parquet files of pandas have it too."""


def named_for(interval: str) -> dict[str, str]:
    """Return the engine's name of each short one, in a frame of bars of that interval."""
    return {short: _at_least(name, interval) for short, name in ALIASES.items()}


def engine_names(frame: pd.DataFrame, features: Sequence[str]) -> tuple[str, ...]:
    """Return the engine's names of a frame's columns: a short name depends on the bars."""
    interval = frame.attrs.get(INTERVAL, INTERVALS[0])
    if interval == INTERVALS[0]:
        return tuple(features)  # the core's own short names
    named = named_for(interval)
    return tuple(named.get(name, name) for name in features)


def _at_least(name: str, interval: str) -> str:
    own, _, feature = name.partition("_")
    longer = max(own, interval, key=INTERVAL_MS.__getitem__)
    return f"{longer}_{feature}"
