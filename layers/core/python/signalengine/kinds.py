"""Every kind of event, in the order of the definitions in `events` and `flows`."""

from collections.abc import Mapping, Sequence
from math import isfinite
from types import ModuleType
from typing import Final

from . import events, flows
from .intervals import INTERVALS
from .params import EventKind
from .signals import Event


def _defined(module: ModuleType) -> tuple[EventKind, ...]:
    return tuple(value for value in vars(module).values() if isinstance(value, EventKind))


EVENT_KINDS: Final = (*_defined(events), *_defined(flows))
KINDS: Final = tuple(kind.name for kind in EVENT_KINDS)
MOST_AT_ONCE: Final = sum(len(kind.intervals) for kind in EVENT_KINDS)
"""Events that can fire at one close."""
_BY_NUMBER: Final[Mapping[int, EventKind]] = {kind.number: kind for kind in EVENT_KINDS}


def event_of(row: Sequence[float]) -> Event:
    """Return the event of a row (`events.ROW` numbers); details that are unknown are left out."""
    kind = _BY_NUMBER[int(row[0])]
    details = zip(kind.details, row[4:], strict=True)
    return Event(
        kind=kind.name,
        interval=INTERVALS[int(row[1])],
        direction="long" if row[2] > 0.0 else "short",
        strength=row[3],
        details={name: value for name, value in details if isfinite(value)},
    )
