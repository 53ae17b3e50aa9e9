"""Repairs made to recorded data, listed with the table.

| kind | what was found | what was done |
|---|---|---|
| `gap` | bars missing between two others | nothing: no bar is invented |
| `short` | the requested span is longer than the data | nothing |
| `duplicate` | the same row again | the second one dropped |
| `unsorted` | rows older than the one before | sorted by time |
| `microseconds` | times in µs | divided by 1,000 |
| `unknown` | an open interest, rate or mark that is empty, NaN, or an impossible 0 | dropped |
| `differing` | two facts that disagree about one minute | the first used, as the engine does |
| `estimated` | bars of a declared layout without a volume in base currency | quote / mean price |
| `malformed` | a record of the archive that is no fact | passed over, as the engine does |

Everything else is an error.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .times import moment


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of repair: of `count` rows of `series`, the first and last of them at these ms."""

    kind: str
    series: str
    count: int
    first: int
    last: int

    def __str__(self) -> str:
        times = moment(self.first)
        if self.last != self.first:
            times += f" .. {moment(self.last)}"
        return f"{self.kind}: {self.count} of {self.series}, {times} UTC"


def joined(repairs: Iterable[Repair]) -> tuple[Repair, ...]:
    """Return one repair per kind and series, in order of first appearance."""
    found: dict[tuple[str, str], Repair] = {}
    for new in repairs:
        old = found.get((new.kind, new.series), new)
        found[new.kind, new.series] = Repair(
            new.kind,
            new.series,
            new.count if old is new else old.count + new.count,
            min(old.first, new.first),
            max(old.last, new.last),
        )
    return tuple(found.values())
