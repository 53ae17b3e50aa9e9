"""Keeps a full-speed play near the engine, so that `max` means as fast as the engine takes it.

Without it the market of a day is told in seconds and waits in the stream; every latency would be
the length of that queue.
"""

import threading
from types import TracebackType
from typing import Self

from infra.local.replay.collector import ReplayCollector
from infra.local.stack.system import LocalSystem

LEAD_MS = 15 * 60_000
"""How far the market may be ahead: enough to keep every hop busy."""
PACE_S = 0.1


class Pacer:
    """A thread that moves the exchange's limit along with the engine."""

    def __init__(self, system: LocalSystem, collector: ReplayCollector) -> None:
        self._system = system
        self._collector = collector
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
            until = self._collector.engine_time() + LEAD_MS
            self._system.exchange_post("/_local/pace", {"until": until})
            self._done.wait(PACE_S)
