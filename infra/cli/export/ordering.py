"""The rows of all lanes in one order, in bounded memory. Pure.

Rows are in the order of time, those of one time by symbol, the events of one close in the order of
detection. So an export of some symbols is that of all without the others. Bars are by symbol, then
time.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import itemgetter

from .datasets import Row
from .pages import Request

_TIME = itemgetter("time")
_SYMBOL = itemgetter("symbol")


def ordered(request: Request, lanes: Sequence[Iterable[Row]]) -> Iterator[Row]:
    """Yield the rows of all lanes; each lane is in the reverse of the API's order.

    The API has the newest first, but the events of a close in the order of detection.
    """
    if not request.newest_first:
        yield from chain(*lanes)
        return
    for _, together in groupby(heapq.merge(*lanes, key=_TIME), key=_TIME):
        rows = list(together)
        rows.reverse()
        rows.sort(key=_SYMBOL)
        yield from rows
