"""What one file holds: the span and the rows of each symbol, its source and its licence."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from signalengine.facts.stream import BarsFact
from signalengine.intervals import INTERVAL_MS

from research.data import files
from research.data.errors import DataError
from research.data.holdings import (
    FACTS,
    FUNDING,
    INTEREST,
    LIQUIDATIONS,
    MARK,
    METRICS,
    Holding,
)
from research.data.series import Times
from research.data.stream_archive import read_facts

BARS: Final = "bars"
STREAM: Final = "stream"
_KINDS: Final = {
    FUNDING: "funding", MARK: "mark", METRICS: "open_interest", INTEREST: "open_interest",
    LIQUIDATIONS: "liquidations",
}  # fmt: skip
ARCHIVE: Final = "Binance's archive"
REST: Final = "Binance's REST"
FREQTRADE: Final = "freqtrade"
OWN: Final = "own stream"
NOT_NAMED: Final = "not named"
LICENCES: Final = {
    ARCHIVE: "CC BY-NC-SA 4.0 (Binance Vision), non-commercial",
    REST: "Binance's terms of use",
    OWN: "own recording of Binance's stream, under its terms of use",
}


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of one symbol and kind in a file; `last` is the last row's time, in ms."""

    symbol: str
    kind: str
    interval: str
    source: str
    licence: str
    first: int
    last: int
    rows: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def contents_of(held: Sequence[Holding]) -> list[Content]:
    """Return what a file holds, from all holdings of it; raises DataError."""
    found: list[Content] = []
    for item in held:
        if item.unread is not None:
            raise item.unread.error
        if item.kind == FACTS:
            found += _of_stream(item.path)
            continue
        symbol, kind, interval, times = _times(item)
        source = source_of(item)
        licence = LICENCES.get(source, NOT_NAMED)
        if item.part is not None:
            licence = item.part.layout.licence or NOT_NAMED
        if not len(times):
            raise DataError(f"{item.path.name}: no value in it is known.")
        first, last = int(times.min()), int(times.max())
        found.append(Content(symbol, kind, interval, source, licence, first, last, len(times)))
    return found


def source_of(item: Holding) -> str:
    """Return where a file comes from, as far as its layout and its folder say."""
    if item.part is not None:
        return item.part.layout.source or "mapping"
    if item.kind == FACTS:
        return OWN
    if item.path.suffix.lower() == ".feather":
        return FREQTRADE
    return REST if item.kind == INTEREST or "rest" in item.path.parts[-5:-1] else ARCHIVE


def _times(item: Holding) -> tuple[str, str, str, Times]:
    """Return symbol, kind, interval and the times of a file's rows."""
    one: list[Any] = [item.part or item.path]
    if item.kind in INTERVAL_MS:
        return item.symbol, BARS, item.kind, files.bars(one, item.symbol, item.kind).times
    if item.kind == LIQUIDATIONS:
        flows, _ = files.liquidations(one)
        times = np.empty(0, dtype=np.int64) if flows is None else flows.time
        return item.symbol, _KINDS[item.kind], "", times
    if item.kind == FUNDING:
        steps, _ = files.funding(one)
    elif item.kind == MARK:
        steps, _ = files.marks(one)
    elif item.kind in (METRICS, INTEREST):
        read = files.metrics if item.kind == METRICS and item.part is None else files.interest
        steps, _ = read(one, item.symbol)
    else:
        raise DataError(f"{item.path.name}: bars of {item.kind or 'an unknown interval'}, which "
                        "are not read.")  # fmt: skip
    return (
        item.symbol,
        _KINDS[item.kind],
        "",
        np.empty(0, np.int64) if steps is None else steps.time,
    )


def _of_stream(file: Path) -> list[Content]:
    spans: dict[str, list[int]] = {}
    for fact in read_facts((file,)):
        if isinstance(fact, BarsFact):
            first, last, rows = spans.get(fact.symbol, [fact.close_time, fact.close_time, 0])
            times = (first, last, fact.close_time)
            spans[fact.symbol] = [min(times), max(times), rows + 1]
    minute = INTERVAL_MS["1m"]
    return [
        Content(symbol, STREAM, "1m", OWN, LICENCES[OWN], first - minute, last - minute, rows)
        for symbol, (first, last, rows) in sorted(spans.items())
    ]
