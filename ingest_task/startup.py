"""Reports what holds up the start, as lines for the process that started this one.

A line is a JSON object: `cause` and `fix` (sentences) and `retry_in_s` while something does not
answer, `{}` when it does again. The start is over once the task is ready: nothing is written then.
"""

import json
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from .causes import Cause, cause_of

SLOW_S: Final = 2.0
"""Seconds without an answer after which that is reported."""
REPEAT_S: Final = 15.0
SKEW_MS: Final = 2_000


class Startup:
    """What the start waits for. Thread-safe."""

    def __init__(
        self, write: Callable[[str], None], slow_s: float = SLOW_S, *, clocks: bool = True
    ) -> None:
        """`clocks`: compare this machine's clock; not of a replay, which has another time."""
        self._write, self._slow_s, self._clocks = write, slow_s, clocks
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._requested: dict[int, tuple[float, str]] = {}
        self._cause: Cause | None = None
        self._shown_at = 0.0
        self._skew_shown = False

    def start(self) -> None:
        """Report slow answers from now on."""
        threading.Thread(target=self._run, name="startup", daemon=True).start()

    def end(self) -> None:
        """The task is ready: report nothing any more."""
        self._over.set()

    def requested(self, url: str) -> None:
        """This thread requests something of `url`."""
        with self._lock:
            self._requested[threading.get_ident()] = (time.monotonic(), url)

    def answered(self) -> None:
        """This thread has its answer."""
        with self._lock:
            self._requested.pop(threading.get_ident(), None)
            if self._cause is not None:
                self._cause = None
                self._put({})

    def failed(self, url: str, error: BaseException, retry_in_s: float) -> None:
        """This thread's request has failed, and is tried again."""
        with self._lock:
            self._requested.pop(threading.get_ident(), None)
            self._show(cause_of(error, url), retry_in_s)

    def retries(self, wait_s: float) -> None:
        """What has failed is tried again after so many seconds."""
        with self._lock:
            if self._cause is not None:
                self._put_cause(self._cause, wait_s)

    def skewed(self, skew_ms: int) -> None:
        """This machine's clock was compared with the exchange's."""
        with self._lock:
            if abs(skew_ms) < SKEW_MS or self._skew_shown or not self._clocks:
                return
            self._skew_shown = True
            word = "ahead of" if skew_ms > 0 else "behind"
            text = f"this machine's clock is {abs(skew_ms) / 1000:.0f} s {word} the exchange's"
            self._put({"cause": text, "fix": "Set it by NTP: latencies and ages are wrong else."})

    def _run(self) -> None:
        while not self._over.wait(self._slow_s / 6):
            with self._lock:
                at, url = min(self._requested.values(), default=(time.monotonic(), ""))
                if time.monotonic() - at >= self._slow_s:
                    self._show(cause_of(TimeoutError(), url), 0.0)

    def _show(self, cause: Cause, retry_in_s: float) -> None:
        if cause != self._cause or time.monotonic() - self._shown_at >= REPEAT_S:
            self._put_cause(cause, retry_in_s)

    def _put_cause(self, cause: Cause, retry_in_s: float) -> None:
        self._cause, self._shown_at = cause, time.monotonic()
        self._put({"cause": cause.text, "fix": cause.fix, "retry_in_s": round(retry_in_s, 1)})

    def _put(self, line: dict[str, Any]) -> None:
        if not self._over.is_set():
            self._write(json.dumps(line))


def silent() -> Startup:
    """Return one that reports nothing: nobody watches the start."""
    return Startup(lambda _line: None)
