"""Strategies by name or path, as research calls take them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from signalengine.strategy.finder import Finder, load_own
from signalengine.strategy.loading import Loaded
from signalengine.strategy.sets import StrategySet, set_of

FOLDER: Final = "strategies"
"""Where a user's strategies are, unless the environment's STRATEGIES names a folder."""


def loaded(strategy: Loaded | Path | str, folder: Path | None = None) -> Loaded:
    """Return a strategy by its name or the path of its file; raises StrategyError."""
    if isinstance(strategy, Loaded):
        return strategy
    if isinstance(strategy, Path) or strategy.endswith(".py") or os.sep in strategy:
        return load_own(Path(strategy).expanduser())
    place = folder or Path(os.environ.get("STRATEGIES") or FOLDER).expanduser()
    return Finder(place)(strategy)


def strategy_set(
    strategy: StrategySet | Loaded | Path | str, parameters: Mapping[str, float] | None = None
) -> StrategySet:
    """Return a strategy with chosen parameters, the others by default; raises StrategyError."""
    if isinstance(strategy, StrategySet):
        return strategy
    return set_of(loaded(strategy), {"parameters": dict(parameters or {})})
