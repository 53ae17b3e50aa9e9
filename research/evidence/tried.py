"""How many parameter sets were tried: those of sweeps of the strategy, and those looked at here."""

from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

from research.evidence.looks import Looks
from research.sweeps.results import Results


def sweep_rows(folder: Path, strategy: str, symbols: Collection[str]) -> pd.DataFrame:
    """Return the rows of all sweeps in a folder, and in folders in it, of a strategy and symbols.

    Rows without a strategy's name were written by an earlier version; they count too.
    """
    places = sorted({path.parent for path in folder.rglob("part-*.parquet")})
    frames = [Results(place).frame() for place in places]
    if not frames:
        return pd.DataFrame({"policy": [], "strategy": [], "symbol": []})
    rows = pd.concat(frames, ignore_index=True)
    mine = rows["strategy"].isna() | (rows["strategy"] == strategy)
    return rows[mine & rows["symbol"].isin(list(symbols))].reset_index(drop=True)


def count_tried(parameter_set: str, rows: pd.DataFrame, looks: Looks) -> int:
    """Return how many different parameter sets were tried, this one among them.

    Of the looks, all at this recording count, whatever the strategy: each was a try at it.
    """
    swept: Iterable[str] = rows["policy"]
    return len({parameter_set, *swept, *(one.parameter_set for one in looks.entries)})
