"""The largest difference of every feature from its reference, over all closes of a table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from signalengine.intervals import INTERVALS, MINUTE_MS
from signalengine.policy import default_policy
from signalengine.snapshot import BASE, CONTEXT, NAMES, WIDTH

from research.backtest.feed import feed_of_table
from research.backtest.run import run
from research.data.bars import BarTable
from research.features.snapshots import snapshots

from .context import SOURCES as CONTEXT_SOURCES
from .context import context
from .market import Floats, market
from .references import SCALES, SOURCES, TIED, references

LIMIT: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Row:
    """What was found for one feature of one interval (`context` for the symbol-wide ones)."""

    feature: str
    place: str
    source: str
    bars: int
    """Closes at which both are defined."""
    first: int
    """Number of the first bar (from 1) at which it is defined; 0 when it never was."""
    undefined: int
    """Closes at which only one of the two is defined."""
    largest: float
    """Largest relative difference."""
    beyond: int
    """Closes that differ by more than LIMIT."""
    ties: int = 0
    """Closes, not counted above, where an exact tie was decided by the last bit."""

    @property
    def conforms(self) -> bool:
        return self.undefined == 0 and self.largest <= LIMIT


def measure(table: BarTable) -> Iterator[Row]:
    """Compare every feature at every close of a table of 1m bars without gaps."""
    feed = feed_of_table(table)
    ours = snapshots(feed, default_policy(), intervals=INTERVALS)
    m = market(table)
    for i, interval in enumerate(INTERVALS):
        bars = m.bars[interval]
        at = (bars.index.to_numpy() - table.start) // MINUTE_MS - 1
        theirs = references(bars, interval, m.beside)
        for k, name in enumerate(NAMES):
            mine = ours[at, i * WIDTH + k]
            tied = theirs[TIED] == 1.0 if name in ("poc", "vah", "val") else None
            yield compare(name, interval, SOURCES[name], mine, theirs[name], tied)
    symbol_wide = context(m, run(feed, default_policy()))
    for k, name in enumerate(CONTEXT):
        yield compare(name, "context", CONTEXT_SOURCES[name], ours[:, BASE + k], symbol_wide[name])


def compare(
    feature: str,
    place: str,
    source: str,
    ours: Floats,
    theirs: Floats,
    tied: npt.NDArray[np.bool_] | None = None,
    *,
    floor: Floats | None = None,
) -> Row:
    """Compare two columns of the same closes; where `tied`, another choice is no difference.

    A difference is relative to the reference, or at each close to `floor` if that is larger.
    """
    known = ~np.isnan(ours)
    both = known & ~np.isnan(theirs)
    difference = np.abs(ours - theirs)[both]
    least = SCALES.get(feature, 0.0) if floor is None else floor[both]
    scale = np.maximum(np.abs(theirs[both]), least)
    relative = np.divide(difference, scale, out=np.zeros_like(scale), where=difference > 0.0)
    other = relative > LIMIT
    excused = other & (False if tied is None else tied[both])
    return Row(
        feature=feature,
        place=place,
        source=source,
        bars=int(both.sum()),
        first=int(np.argmax(known)) + 1 if known.any() else 0,
        undefined=int((known != ~np.isnan(theirs)).sum()),
        largest=float(relative[~excused].max(initial=0.0)),
        beyond=int((other & ~excused).sum()),
        ties=int(excused.sum()),
    )


def together(rows: Iterable[Row]) -> list[Row]:
    """Join the rows of several symbols: bars are summed, the worst difference stands."""
    out: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = (row.feature, row.place)
        one = out.get(key)
        out[key] = row if one is None else Row(
            row.feature, row.place, row.source, one.bars + row.bars, max(one.first, row.first),
            one.undefined + row.undefined, max(one.largest, row.largest), one.beyond + row.beyond,
            one.ties + row.ties,
        )  # fmt: skip
    return list(out.values())
