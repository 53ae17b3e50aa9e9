"""What a law found in a strategy."""

import sys
from dataclasses import dataclass
from types import FrameType, TracebackType

from signalengine.strategy.finding import Finding


@dataclass(frozen=True, slots=True)
class Failure:
    """A law that does not hold, where, and how to mend it."""

    law: str
    found: Finding
    warning: bool = False
    """Whether it is worth knowing only."""

    def __str__(self) -> str:
        return f"{self.law}: {self.found}"


class LawError(Exception):
    """A strategy could not be run: `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


def raised(error: Exception, origin: str) -> Failure:
    """Return what an error of a strategy's function means."""
    text, fix = _MEANINGS.get(type(error), ("", ""))
    if not text:
        text, fix = f"{type(error).__name__}: {error}", "compute with numbers only"
    return Failure("runs", Finding(_line_of_error(error.__traceback__, origin), text, fix))


_MEANINGS = {
    IndexError: (
        "reads or writes a place that does not exist",
        "declare as many places as are used: S.many(name, count)",
    ),
    ZeroDivisionError: ("divides by zero", "compare the divisor with 0 first"),
    ValueError: ("makes a whole number of NaN", "test x == x first: NaN is unknown"),
    OverflowError: ("makes a whole number of infinity", "keep the number finite"),
}


def _line_of_error(trace: TracebackType | None, origin: str) -> int:
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == origin:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def line_now(origin: str) -> int:
    """Return the line of a strategy's file that is running; 0: none is."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the only way to a running line
    while frame is not None:
        if frame.f_code.co_filename == origin:
            return frame.f_lineno
        frame = frame.f_back
    return 0
