"""Where things are: the project's root, and the recorded market data that may lie beside it."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SHARED: Final = ROOT.parent / "shared" / "data"
"""Recorded data; absent on most machines. Tests that need it skip with that reason."""
RECORDINGS: Final = SHARED / "klines_1m" / "typhonun"
"""1m bars of seven symbols, a month, as freqtrade stores them."""
HISTORY: Final = ROOT.parent / "shared" / "history" / "klines_1h" / "roshan"
"""1h bars of six symbols, 2019 to mid-2024, with funding."""
