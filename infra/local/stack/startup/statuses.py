"""What holds up a child process, in a line for the terminal.

A child writes `STATUS {json}` lines: `cause`, `fix` and `retry_in_s` of what does not answer, `{}`
once it does; `failed` before it ends by itself.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

REPEAT_S: Final = 30.0
"""A cause is shown again when it has lasted so long."""


class Statuses:
    """Shows each cause once, and again while it lasts."""

    def __init__(
        self, show: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._show, self._clock = show, clock
        self._shown: dict[str, tuple[str, float]] = {}

    def take(self, part: str, status: Mapping[str, Any]) -> None:
        """Take a status of a part."""
        cause = str(status.get("cause", ""))
        before, since = self._shown.get(part, ("", 0.0))
        if not cause:
            if self._shown.pop(part, None) is not None:
                self._show(f"{part}: it answers again")
        elif cause != before or self._clock() - since >= REPEAT_S:
            self._shown[part] = (cause, self._clock())
            self._show(line(part, status))


def line(part: str, status: Mapping[str, Any]) -> str:
    """Return a status as one line: the cause, the next try with its time, the remedy."""
    text = f"{part}: {status['cause']}"
    seconds = float(status.get("retry_in_s", 0.0))
    if seconds > 0:
        at = time.strftime("%H:%M:%S", time.localtime(time.time() + seconds))
        text += f"; next try in {seconds:.0f} s, at {at}"
    fix = str(status.get("fix", ""))
    return f"{text}. {fix}" if fix else text
