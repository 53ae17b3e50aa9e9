"""The frames of a market are those of Binance's combined streams."""

import json

from research.benchmarks.frames import SYMBOLS, frames
from tests.research.benchmarks.samples import BARS


def test_every_minute_has_the_same_frames() -> None:
    found = [json.loads(text) for text in frames(BARS[:2])]
    kinds = [frame["data"]["e"] for frame in found]
    assert kinds.count("kline") == 2 * 7 * len(SYMBOLS)
    assert kinds.count("markPriceUpdate") == 2 * 2 * len(SYMBOLS)
    assert kinds.count("forceOrder") == 2 * 5
    assert sum(frame["data"].get("k", {}).get("x", False) for frame in found) == 2 * len(SYMBOLS)
