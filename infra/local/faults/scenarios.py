"""The scenarios: the faults of each row of the table.

Every scenario replays the same span from its beginning; its fault starts after `LEAD_MIN` minutes.
Durations of market faults are minutes of event time; those of stalled sockets, REST and the stream
are seconds of wall time, of which a minute of event time has fewer at higher speeds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from .stream import Kind

LEAD_MIN: Final = 4
TAIL_MIN: Final = 6
"""Undisturbed minutes after the fault, in which everything has to recover."""
MINUTE_MS: Final = 60_000
_FIRST: Final = "FIRST"
"""Stands for the first symbol of the run."""


@dataclass(frozen=True, slots=True)
class OnStream:
    """A fault of the stream, for seconds of wall time."""

    kind: Kind
    for_s: float
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of the task that holds the lease, `after_s` wall seconds after the lead."""

    how: Literal["killed", "terminated"]
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row: which faults, and for how long.

    `faults` are rows in the exchange's form (infra/local/exchange/faults/schedule.py), `at` and
    `for` in minutes after the lead; `minutes` and `wall_s` are its duration, by either clock.
    """

    name: str
    words: str
    faults: tuple[Mapping[str, Any], ...] = ()
    stream: tuple[OnStream, ...] = ()
    minutes: float = 5
    wall_s: float = 0.0
    from_start: bool = False
    """The fault starts before the task."""
    quiet: bool = False
    """The task need not detect it; it must have no effect."""
    fatal: str = ""
    """The task must refuse to run with this text in its log."""
    follow: str = ""
    """SYMBOLS of the task, where it is not the list of all symbols."""
    ending: Ending | None = None
    """The task is ended; if it was the only one, another is started afterwards."""
    tasks: int = 1
    """Tasks side by side."""
    orders: bool = False
    """Needs liquidations, which no recording has."""
    excused: tuple[str, ...] = ()
    """Fields that may differ because the exchange itself sent other values."""
    full_speed: bool = False
    """Too long for the plan's speed: plays as fast as the task reads."""

    def length_min(self, speed: float) -> int:
        """Return the minutes of event time it needs at that speed."""
        waited = self.wall_s * speed / 60.0
        return math.ceil(LEAD_MIN + max(self.minutes, waited) + TAIL_MIN)

    def rows(self, start: int, symbols: Sequence[str]) -> list[dict[str, Any]]:
        """Return the exchange's faults for a play that begins at `start`, ms."""
        return [_row(fault, start, symbols, self.from_start) for fault in self.faults]


def _row(
    fault: Mapping[str, Any], start: int, symbols: Sequence[str], from_start: bool
) -> dict[str, Any]:
    lead = 0 if from_start else LEAD_MIN
    row = {**fault, "at": start + round((lead + fault.get("at", 0)) * MINUTE_MS)}
    if "for" in fault:
        row["for"] = round(fault["for"] * MINUTE_MS)
    if fault.get("symbol") == _FIRST:
        row["symbol"] = symbols[0]
    if fault.get("stream", "").startswith(_FIRST):
        row["stream"] = fault["stream"].replace(_FIRST, symbols[0].lower())
    return row


def _fault(kind: str, for_min: float, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "for": for_min, **fields}


_REGION_ERROR: Final = "region"
SCENARIOS: Final[Mapping[str, Scenario]] = {
    one.name: one
    for one in (
        Scenario("none", "nothing: how the bench itself measures", quiet=True),
        # streams
        Scenario("silent_stream", "klines of one symbol silent for 5 min",
                 (_fault("silent", 5, stream="kline", symbol=_FIRST),)),
        Scenario("silent_klines", "all klines silent for 5 min",
                 (_fault("silent", 5, stream="kline"),)),
        Scenario("silent_marks", "mark prices silent for 5 min",
                 (_fault("silent", 5, stream="mark"),)),
        Scenario("silent_liquidations", "liquidations silent for 12 min, after 12 min of them",
                 (_fault("silent", 12, stream="liquidation", at=8),), minutes=20, orders=True),
        Scenario("silent_symbol", "one symbol absent from all streams for 5 min",
                 (_fault("silent", 5, symbol=_FIRST),)),
        Scenario("silent_all", "everything silent for 5 min, pings answered",
                 (_fault("silent", 5),), wall_s=40),
        Scenario("never_started", "klines confirmed, and never begun for 6 min",
                 (_fault("silent", 6, stream="kline"),), minutes=6, from_start=True),
        # klines
        Scenario("missing_finals", "no closing klines for 5 min", (_fault("missing", 5),)),
        Scenario("late_finals", "closing klines 10 s late for 5 min",
                 (_fault("late", 5, delay_ms=10_000),)),
        Scenario("duplicates", "every message twice for 5 min", (_fault("duplicate", 5),),
                 quiet=True),
        Scenario("reordered", "every second message after the next one, for 5 min",
                 (_fault("reorder", 5),), quiet=True),
        Scenario("mismatch", "closing klines that REST does not confirm, for 5 min",
                 (_fault("mismatch", 5),)),
        Scenario("unheard", "only closing klines, which REST does not confirm, for 5 min",
                 (_fault("unformed", 5), _fault("mismatch", 5))),
        # frames
        Scenario("malformed", "every 5th frame broken for 5 min", (_fault("malformed", 5),),
                 excused=("mark_price",)),  # a mark of the second before is one
        Scenario("huge", "frames of 2 MB in between for 5 min", (_fault("huge", 5, every=40),),
                 quiet=True),
        Scenario("unknown", "unknown fields and events for 5 min", (_fault("unknown", 5),),
                 quiet=True),
        # clocks
        Scenario("clock_ahead", "the exchange's clock 5 s ahead for 5 min",
                 (_fault("skew", 5, offset_ms=5_000),), quiet=True,
                 excused=("mark_price",)),
        Scenario("clock_behind", "the exchange's clock 5 s behind for 5 min",
                 (_fault("skew", 5, offset_ms=-5_000),), quiet=True,
                 excused=("mark_price",)),
        # connections
        Scenario("stall", "a socket that sends nothing more and stays open",
                 ({"kind": "stall"},), wall_s=45),
        Scenario("disconnect", "one disconnect", ({"kind": "disconnect"},), wall_s=10),
        Scenario("storm", "a disconnect every 30 s for 5 min",
                 (_fault("disconnect", 5, every_ms=30_000),), wall_s=40),
        Scenario("refused", "cut, and refused with HTTP 503 for 5 min",
                 ({"kind": "disconnect"}, _fault("refuse", 5, status=503)), wall_s=30),
        Scenario("day", "a whole day at full speed, and the close at 24 h", (
                 {"kind": "expire", "age_ms": 86_400_000},), minutes=24 * 60 + 20,
                 from_start=True, full_speed=True),
        # REST, while closing klines are missing, so that it is needed
        Scenario("slow_rest", "no closing klines for 3 min, REST takes 2 s",
                 (_fault("missing", 3), _fault("slow_rest", 5, delay_ms=2_000)), wall_s=25),
        Scenario("lagging_rest", "no closing klines for 3 min, REST 20 s behind",
                 (_fault("missing", 3), _fault("lagging_rest", 5, delay_ms=20_000)), wall_s=15),
        Scenario("rest_429", "no closing klines for 3 min, REST answers 429 for 2 of them",
                 (_fault("missing", 3), _fault("refuse_rest", 2, status=429, path="/fapi/")),
                 wall_s=40),
        Scenario("rest_418", "no closing klines for 3 min, REST bans (418) for 1 of them",
                 (_fault("missing", 3), _fault("refuse_rest", 1, status=418, path="/fapi/",
                                             retry_after=20)), wall_s=60),
        Scenario("rest_403", "no closing klines for 3 min, a firewall's 403 for 1 of them",
                 (_fault("missing", 3), _fault("refuse_rest", 1, status=403, path="/fapi/",
                                             retry_after=15)), wall_s=50),
        Scenario("rest_5xx", "no closing klines for 3 min, REST answers 503 for 2 of them",
                 (_fault("missing", 3), _fault("refuse_rest", 2, status=503, path="/fapi/")),
                 wall_s=40),
        Scenario("rest_451", "REST refuses the region (451) before the start",
                 ({"kind": "refuse_rest", "status": 451, "path": "/fapi/"},), from_start=True,
                 fatal=_REGION_ERROR),
        # the market
        Scenario("halt", "a symbol halts for 6 min and trades again",
                 (_fault("halt", 6, symbol=_FIRST),), minutes=6),
        Scenario("listing", "a symbol is listed 10 min after the start",
                 (_fault("unlisted", 10, symbol=_FIRST),), minutes=10, from_start=True,
                 follow="all"),
        # the task
        Scenario("killed", "the task is killed, and started again", wall_s=25,
                 ending=Ending("killed")),
        Scenario("terminated", "SIGTERM while Kinesis is away for two minutes, and a new start",
                 stream=(OnStream("away", 120),), wall_s=170, ending=Ending("terminated", 30)),
        Scenario("leader_killed", "of two tasks side by side, the lease holder is killed",
                 wall_s=65, ending=Ending("killed"), tasks=2),
        # the stream
        Scenario("kinesis_throttled", "Kinesis throttles every record for 10 s",
                 stream=(OnStream("throttled", 10),), wall_s=20),
        Scenario("kinesis_partial", "Kinesis takes every second record only for 20 s",
                 stream=(OnStream("partial", 20),), wall_s=30),
        Scenario("kinesis_500", "Kinesis answers 500 for 20 s",
                 stream=(OnStream("error", 20),), wall_s=35),
        Scenario("kinesis_slow", "Kinesis takes 2 s to answer, for 20 s",
                 stream=(OnStream("slow", 20, 2.0),), wall_s=30, quiet=True),
        Scenario("kinesis_outage", "Kinesis away for two minutes",
                 stream=(OnStream("away", 120),), wall_s=140),
    )
}  # fmt: skip
CROWD: Final = 120.0
"""Event seconds per wall second that two cores can handle, summed over all scenarios."""
QUICK: Final = ("none", "missing_finals", "disconnect", "kinesis_partial")
"""A few that exercise most of the bench: the ones that `make test` runs."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of a bench: market, scenarios, speed."""

    source: str
    symbols: str = ""
    start: str | None = None
    end: str | None = None
    seed: int = 7
    speed: float = 30.0
    names: tuple[str, ...] = field(default=tuple(SCENARIOS))
    jobs: int | None = None
    """How many at a time; None: as many as the machine can handle at that speed."""

    @property
    def at_once(self) -> int:
        """How many scenarios run at a time: one needs some 1 % of a core at speed 1."""
        return self.jobs or max(1, min(len(self.names), int(CROWD / self.speed)))

    @property
    def market(self) -> str:
        return "simulated" if self.source == "sim" else "recording"

    @property
    def task_market(self) -> str:
        """The MARKET setting of the task.

        A recording runs as `live`: with wall-clock checks, and without waiting for open interest.
        A simulated market has open interest, whose polls fall on different times in each replay,
        so that two replays of it as `live` would differ.
        """
        return self.market if self.source == "sim" else "live"

    def scenarios(self) -> list[Scenario]:
        """Return the scenarios that the source supports, the longest first."""
        able = [SCENARIOS[name] for name in self.names]
        able = [one for one in able if self.source == "sim" or not one.orders]
        return sorted(able, key=self.wall_s, reverse=True)

    def wall_s(self, scenario: Scenario) -> float:
        """Return the approximate wall seconds that a scenario takes."""
        if scenario.full_speed:
            return scenario.length_min(self.speed) / 25.0
        return scenario.length_min(self.speed) * 60.0 / self.speed
