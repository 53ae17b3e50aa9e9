"""One list, newest first, of items that each parameter set has in partitions of its own.

Items of one close are in the order of the sets' names, `classic` first. So a place names its set,
and from it the next page of every set is known: of a set before it what is older, of one after it
what is as old too.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import TypeVar

from .pagination import Chunk, Place, Read, Span

T = TypeVar("T")


def merged(reads: Mapping[str, Read[T]]) -> Read[T]:
    """Return what reads the parts of all sets as one; `reads` are by key, empty for `classic`."""
    order = sorted(reads)

    def read(part: str, span: Span, after: Place | None, size: int) -> Chunk[T]:
        chunks = []
        for name in order:
            within, place = _beginning(name, span, after)
            if within.start < within.end:
                chunks.append(_named(name, reads[name](part, within, place, size)))
        return _first(chunks)

    return read


def _beginning(name: str, span: Span, after: Place | None) -> tuple[Span, Place | None]:
    """Return the span of a set's items that are not before a place, and where to begin in it."""
    if after is None:
        return span, None
    if after.name is not None and name == after.strategy:
        return span, after
    end = after.time if name < after.strategy else after.time + 1
    return Span(span.start, min(span.end, end)), None


def _named(name: str, chunk: Chunk[T]) -> Chunk[T]:
    """Return a chunk whose places name their set."""
    rows = [(place._replace(strategy=name), row) for place, row in chunk.rows]
    last = None if chunk.last is None else chunk.last._replace(strategy=name)
    return chunk._replace(rows=rows, last=last)


def _first(chunks: list[Chunk[T]]) -> Chunk[T]:
    """Return the newest rows of several chunks, as far as all of them reach."""
    if len(chunks) == 1:
        return chunks[0]
    lasts = [chunk.last for chunk in chunks if chunk.last is not None]
    last = min(lasts, key=_rank, default=None)
    complete = [
        (place, row)
        for chunk in chunks
        for place, row in chunk.rows
        if last is None or _rank(place) <= _rank(last)
    ]
    complete.sort(key=lambda one: _rank(one[0]))
    return Chunk(
        complete,
        last,
        sum(chunk.read for chunk in chunks),
        tuple(_passed_over(chunks, complete, last)),
        sum(chunk.queries for chunk in chunks),
    )


def _passed_over(
    chunks: list[Chunk[T]], complete: list[tuple[Place, T]], last: Place | None
) -> Iterator[int]:
    """Yield for each unreadable item how many rows come before it, at the latest."""
    ranks = [_rank(place) for place, _ in complete]
    for chunk in chunks:
        for item in chunk.unreadable:
            if item < len(chunk.rows):
                following = _rank(chunk.rows[item][0])
                if last is None or following <= _rank(last):
                    yield bisect_left(ranks, following)
            elif chunk.last == last:
                yield len(ranks)


def _rank(place: Place) -> tuple[int, str]:
    return -place.time, place.strategy
