"""When each closing 1m kline was written to a socket: for measuring latency and loss."""

import time
from typing import Final

from ..protocol.hub import Closing

_MOMENTS: Final = 100_000
"""Times stored per symbol: more than two months of minutes."""


class Ledger:
    """Wall time (ms) at which each closing kline was first written, and counts per symbol."""

    def __init__(self, symbols: list[str]) -> None:
        self.written: dict[str, dict[int, int]] = {symbol: {} for symbol in symbols}
        self.counts = dict.fromkeys(symbols, 0)

    def note(self, closing: Closing) -> None:
        """Record that this closing kline is being written now."""
        moments = self.written[closing.symbol]
        if closing.close_time in moments:
            return
        moments[closing.close_time] = time.time_ns() // 1_000_000
        self.counts[closing.symbol] += 1
        if len(moments) > _MOMENTS:
            del moments[next(iter(moments))]
