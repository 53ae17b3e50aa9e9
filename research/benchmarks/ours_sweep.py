"""The engine's sweep: sets of `classic` over seven symbols and a month, from files to the results.

The time has everything from the policies to the results on the disk; for two processes also their
start and the reading of the files, which one process has read in its check.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd

from machine.files import replacing
from research.sweeps.grid import Variant, grid
from research.sweeps.sweep import Sweep, sweep

from .market import Bars
from .month import SYMBOLS, months

VALUES: Final = {
    "threshold": [round(0.40 + 0.02 * n, 2) for n in range(10)],
    "tp_atr": [round(1.0 + 0.25 * n, 2) for n in range(10)],
    "sl_atr": [round(0.5 + 0.15 * n, 2) for n in range(10)],
}
"""Ten values each of three fields: a thousand sets, each with decisions of its own."""
_COLUMNS: Final = ("date", "open", "high", "low", "close", "volume")


class OneCore:
    """In this process: what a set costs a core."""

    workers = 1
    in_children = False
    values = VALUES

    def __init__(self, bars: Bars) -> None:
        self.folder = TemporaryDirectory()
        self.data = Path(self.folder.name)
        for symbol, part in months(bars, warm=True).items():
            write(part, self.data / feather_name(symbol, "1m"))
        month = next(iter(months(bars).values()))
        self.period = int(month[0, 0]), int(month[-1, 0]) + 60_000
        self.policies = grid(self.values)

    def check(self) -> dict[str, float]:
        rows = self._swept(self.policies[:1]).rows
        return {"trades": float(rows["closed"].sum())}

    def run(self) -> int:
        done = self._swept(self.policies)
        if len(done.failed):
            raise RuntimeError(str(done.failed["error"].iloc[0]))
        return len(self.policies)

    def _swept(self, policies: Sequence[Variant]) -> Sweep:
        with TemporaryDirectory() as out:
            return sweep(
                policies, SYMBOLS, [self.period], data=self.data, out=out,
                workers=self.workers, processes=self.in_children,
            )  # fmt: skip


class TwoCores(OneCore):
    """On two processes, as the command does: how long a person waits."""

    workers = 2
    in_children = True


def feather_name(symbol: str, interval: str) -> str:
    """Return the name of a file as freqtrade writes them."""
    return f"{symbol.removesuffix('USDT')}_USDT_USDT-{interval}-futures.feather"


def write(bars: Bars, path: Path) -> None:
    """Write bars as freqtrade does."""
    frame = pd.DataFrame(bars[:, : len(_COLUMNS)], columns=list(_COLUMNS))
    frame["date"] = pd.to_datetime(frame["date"], unit="ms", utc=True)
    with replacing(path, durable=False) as part:
        frame.to_feather(part)
