"""What holds up a child process, in a line for the terminal.

A child writes `STATUS {json}` lines: `cause`, `fix` and `retry_in_s` of what does not answer, `{}`
once it does; `failed` before it ends by itself.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

REPEAT_S: Final = 30.0
"""A cause is shown again when it has lasted so long."""
LONG_WAIT_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class _Shown:
    cause: str
    wait_s: float
    at: float


class Statuses:
    """Shows each cause once, again while it lasts, and when the next try is much later."""

    def __init__(
        self, show: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._show, self._clock = show, clock
        self._shown: dict[str, _Shown] = {}

    def take(self, part: str, status: Mapping[str, Any]) -> None:
        """Take a status of a part."""
        cause, wait_s = str(status.get("cause", "")), float(status.get("retry_in_s", 0.0))
        before = self._shown.get(part)
        if not cause:
            if self._shown.pop(part, None) is not None:
                self._show(f"{part}: it answers now")
        elif (
            before is None
            or cause != before.cause
            or wait_s >= max(LONG_WAIT_S, 2 * before.wait_s)
            or self._clock() - before.at >= REPEAT_S
        ):
            self._shown[part] = _Shown(cause, wait_s, self._clock())
            self._show(line(part, status))


def line(part: str, status: Mapping[str, Any]) -> str:
    """Return a status as one line: the cause, the next try with its time, the remedy."""
    text = f"{part}: {status['cause']}"
    seconds = float(status.get("retry_in_s", 0.0))
    if seconds >= 1:
        at = time.strftime("%H:%M:%S", time.localtime(time.time() + seconds))
        text += f"; next try in {seconds:.0f} s, at {at}"
    elif "retry_in_s" in status:
        text += "; trying again"
    fix = str(status.get("fix", ""))
    return f"{text}. {fix}" if fix else text
