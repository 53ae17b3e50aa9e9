"""A time limit for a whole iteration."""

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


def iterate_within(source: Iterator[T], seconds: float) -> Iterator[T]:
    """Yield a source's values as they arrive; raises what it raises, or TimeoutError.

    A client's own time-outs limit one read, not a slow answer as a whole. The source runs in a
    thread, which is abandoned when the time is over and ends by those time-outs.
    """
    until = time.monotonic() + seconds
    arrived: queue.Queue[_Piece[T] | Exception] = queue.Queue()
    threading.Thread(target=_forward, args=(source, arrived), name="bounded", daemon=True).start()
    while True:
        try:
            piece = arrived.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise TimeoutError(f"not done in {seconds:.0f} s") from None
        if piece is _END:
            return
        if isinstance(piece, Exception):
            raise piece
        yield piece.value


def _forward(source: Iterator[T], arrived: "queue.Queue[_Piece[T] | Exception]") -> None:
    try:
        for value in source:
            arrived.put(_Piece(value))
    except Exception as error:
        arrived.put(error)
    else:
        arrived.put(_END)
