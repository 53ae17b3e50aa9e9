"""Five hundred symbols of 4h bars from files: loaded, and only read."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd

from research.data.loader import load, load_each

from .frames import SYMBOLS
from .market import Bars
from .ours_sweep import feather_name, write

INTERVAL: Final = "4h"
_MINUTES: Final = 240


class Loaded:
    """Through the loader: every row checked, a table of columns."""

    def __init__(self, bars: Bars) -> None:
        self.folder = TemporaryDirectory()
        self.data = Path(self.folder.name)
        longer = bars.copy()
        longer[:, 0] = bars[0, 0] + (bars[:, 0] - bars[0, 0]) * _MINUTES
        self.paths = {symbol: self.data / feather_name(symbol, INTERVAL) for symbol in SYMBOLS}
        for path in self.paths.values():
            write(longer, path)

    def check(self) -> dict[str, float]:
        table = load(self.data, SYMBOLS[0], interval=INTERVAL)
        return {"closes": float(table.close.sum())}

    def run(self) -> int:
        return sum(1 for _ in load_each(self.data, SYMBOLS, interval=INTERVAL))


class Read(Loaded):
    """By pandas.read_feather: nothing checked, the floor."""

    def check(self) -> dict[str, float]:
        return {"closes": float(pd.read_feather(self.paths[SYMBOLS[0]])["close"].sum())}

    def run(self) -> int:
        for path in self.paths.values():
            pd.read_feather(path)
        return len(SYMBOLS)
