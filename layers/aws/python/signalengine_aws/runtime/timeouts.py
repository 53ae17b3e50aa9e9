"""A time limit for a whole iteration."""

import queue
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Piece(Generic[T]):
    """A result of the iterator."""

    value: T


_END: Final = StopIteration()
MAX_WAITING: Final = 16
"""Values that may wait for their reader; the source pauses meanwhile."""


def iterate_within(source: Iterator[T], seconds: float) -> Iterator[T]:
    """Yield a source's values as they arrive; raises what it raises, or TimeoutError.

    A client's own time-outs limit one read, not a slow answer as a whole. The source runs in a
    thread. When the time is over or the reader stops, the thread ends at its next value, so a
    source that may never have one needs a limit of its own.
    """
    until = time.monotonic() + seconds
    arrived: queue.Queue[_Piece[T] | Exception] = queue.Queue(MAX_WAITING)
    ended = threading.Event()
    threading.Thread(
        target=_forward, args=(source, arrived, ended), name="bounded", daemon=True
    ).start()
    try:
        while (piece := _next(arrived, until, seconds)) is not _END:
            if isinstance(piece, Exception):
                raise piece
            yield piece.value
    finally:
        ended.set()
        _discard(arrived)


def _next(
    arrived: "queue.Queue[_Piece[T] | Exception]", until: float, seconds: float
) -> "_Piece[T] | Exception":
    """Return the next value; raises TimeoutError, also while values are waiting."""
    left_s = until - time.monotonic()
    with suppress(queue.Empty):
        if left_s > 0:
            return arrived.get(timeout=left_s)
    raise TimeoutError(f"not done in {seconds:.0f} s")


def _discard(arrived: "queue.Queue[_Piece[T] | Exception]") -> None:
    """Make room, so that the thread is not blocked by values that nobody reads."""
    with suppress(queue.Empty):
        while True:
            arrived.get_nowait()


def _forward(
    source: Iterator[T],
    arrived: "queue.Queue[_Piece[T] | Exception]",
    ended: threading.Event,
) -> None:
    try:
        for value in source:
            arrived.put(_Piece(value))
            if ended.is_set():
                break
    except Exception as error:
        arrived.put(error)
    else:
        arrived.put(_END)
    finally:
        if isinstance(source, Generator):
            source.close()  # in its own thread: it may hold a connection
