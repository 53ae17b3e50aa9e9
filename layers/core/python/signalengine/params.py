"""The policy's numbers as one flat array: what the numeric functions read instead of objects.

Places are taken here by what all rules share, and in `events` and `flows` by each kind of event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .intervals import CLASSIC_INTERVALS, INTERVALS
from .slots import Slots

NUMBERS: Final = Slots()
_EACH: Final = len(INTERVALS)
_COMPONENTS: Final = 7

INTERVAL_WEIGHTS: Final = NUMBERS.many("interval_weights", len(CLASSIC_INTERVALS))
WEIGHTS: Final = NUMBERS.many("weights", _COMPONENTS)  # in the order of signals.COMPONENTS
LIQ_FLOOR: Final = NUMBERS.one("liq_floor")
TREND_FULL: Final = NUMBERS.one("trend_full")
VWAP_ATR: Final = NUMBERS.one("vwap_atr")
ROOM_ATR: Final = NUMBERS.one("room_atr")
VWAP_MISSING_BARS: Final = NUMBERS.one("vwap_missing_bars")
OI_FULL: Final = NUMBERS.one("oi_full")
LIQ_FULL: Final = NUMBERS.one("liq_full")
THRESHOLD: Final = NUMBERS.one("threshold")
COVERAGE: Final = NUMBERS.one("coverage")
FRESH_MS: Final = NUMBERS.one("fresh_ms")
COST_NEED: Final = NUMBERS.one("cost_need")  # nearest TP the costs allow, a fraction of the entry
TP_ATR: Final = NUMBERS.one("tp_atr")
SL_ATR: Final = NUMBERS.one("sl_atr")
ATR_FEATURE: Final = NUMBERS.one("atr_feature")  # place in the snapshot of the levels' ATR
COOLDOWN_MS: Final = NUMBERS.one("cooldown_ms")
REARM_MS: Final = NUMBERS.one("rearm_ms")
TTL_MS: Final = NUMBERS.one("ttl_ms")
WARM_BARS: Final = NUMBERS.one("warm_bars")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind of event in the policy file, and where its number goes."""

    name: str
    at: int
    minutes: bool = False
    """True: the number is minutes, and goes to `at` as a number of bars for each interval."""


class EventKind:
    """The definition of one kind of event, made beside the function that detects it.

    `number` is the kind in event rows and the first of its switches (one an interval: 1 where
    the policy looks for it); `details` names the two details of a row; `intervals` are those on
    which it can be looked for.
    """

    def __init__(
        self, name: str, details: tuple[str, str], intervals: Sequence[str] = CLASSIC_INTERVALS
    ) -> None:
        self.name = name
        self.details = details
        self.intervals = tuple(intervals)
        self.number = NUMBERS.many(name, _EACH)
        self.fields: list[Field] = []

    def field(self, name: str) -> int:
        """Return the place of a positive number that the policy file gives by this name."""
        at = NUMBERS.one(f"{self.name}.{name}")
        self.fields.append(Field(name, at))
        return at

    def bars(self, name: str) -> int:
        """Return the first of its places, one an interval: minutes in the file, bars here."""
        at = NUMBERS.many(f"{self.name}.{name}", _EACH)
        self.fields.append(Field(name, at, minutes=True))
        return at
