"""Limits a full-speed playback to the pace of the engine.

Without it a whole day would be published in seconds and wait in the stream, and every latency would
measure that queue.
"""

import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from infra.local.replay.collector import ReplayCollector
from infra.local.replay.reading import UNREADABLE
from infra.local.stack.system import LocalSystem

LEAD_MS = 15 * 60_000
"""How far the market may be ahead: enough to keep every part busy."""
PACE_S = 0.1


class Pacer:
    """A thread that moves the exchange's limit along with the engine."""

    def __init__(
        self, system: LocalSystem, collector: ReplayCollector, lead_ms: int = LEAD_MS
    ) -> None:
        self._system = system
        self._collector = collector
        self.lead_ms = lead_ms
        self.engine = collector.start
        """The close time (ms) up to which every symbol's bars were folded at the last look."""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pacer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join(timeout=30.0)

    def _run(self) -> None:
        while not self._done.is_set():
            with suppress(*UNREADABLE):  # a part that has ended is reported by the main thread
                self.engine = self._collector.engine_time()
                self._system.exchange_post("/_local/pace", {"until": self.engine + self.lead_ms})
            self._done.wait(PACE_S)
