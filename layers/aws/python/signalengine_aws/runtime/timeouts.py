"""What comes in time: the rest of a slow source is not waited for, whatever it does."""

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Piece(Generic[T]):
    value: T


_END: Final = StopIteration()


def within(source: Iterator[T], seconds: float) -> Iterator[T]:
    """Yield what a source yields, as it comes; raises what it raises, or TimeoutError.

    A client's own timeouts bound one read, not an answer that drips. The source runs in a thread
    that is left alone when the time is over: it ends by those timeouts.
    """
    until = time.monotonic() + seconds
    came: queue.Queue[_Piece[T] | Exception] = queue.Queue()
    threading.Thread(target=_pass_on, args=(source, came), name="bounded", daemon=True).start()
    while True:
        try:
            piece = came.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise TimeoutError(f"not done in {seconds:.0f} s") from None
        if piece is _END:
            return
        if isinstance(piece, Exception):
            raise piece
        yield piece.value


def _pass_on(source: Iterator[T], came: "queue.Queue[_Piece[T] | Exception]") -> None:
    try:
        for value in source:
            came.put(_Piece(value))
    except Exception as error:
        came.put(error)
    else:
        came.put(_END)
