"""How many parameter sets were tried: those of sweeps of the strategy, and those looked at here."""

from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

from research.evidence.looks import Looks
from research.sweeps.results import PARTS, read_parts


def sweep_rows(folder: Path, strategy: str, symbols: Collection[str]) -> pd.DataFrame:
    """Return the rows of all sweeps in a folder, and in folders in it, of a strategy and symbols.

    The oldest first; a task that ran again has several. Rows without a strategy's name were written
    by an earlier version; they count too.
    """
    rows = read_parts(folder.rglob(PARTS))
    mine = rows["strategy"].isna() | (rows["strategy"] == strategy)
    return rows[mine & rows["symbol"].isin(list(symbols))].reset_index(drop=True)


def forward_rows(rows: pd.DataFrame, interval: str, end: int) -> pd.DataFrame:
    """Return the rows to walk forward: on bars of an interval, of periods that end by `end` (ms).

    Of one task that ran again, with other code or on changed data, the newest row that went well:
    its signals count once.
    """
    good = rows[rows["error"].isna() & (rows["interval"] == interval) & (rows["end"] <= end)]
    return good.drop_duplicates(["policy", "symbol", "start", "end"], keep="last")


def count_tried(parameter_set: str, rows: pd.DataFrame, looks: Looks) -> int:
    """Return how many different parameter sets were tried, this one among them.

    Of the looks, all at this recording count, and those elsewhere that may have measured its bars,
    whatever the strategy: each was a try at it.
    """
    swept: Iterable[str] = rows["policy"]
    return len({parameter_set, *swept, *(one.parameter_set for one in looks.every)})
