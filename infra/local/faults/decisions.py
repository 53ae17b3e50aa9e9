"""Compares the engine's decisions on the facts of two replays, and explains differences.

The facts are folded and decided by the core, symbol by symbol and in the order of the stream, as
the deployed functions do. A difference is *explained* when the data is marked as incomplete: a
stamp (a gap, a late bar, an unknown value, a minute that arrived as history) at that minute or
within the hour before, or another explained difference in that hour (a cooldown that moved).
A silent stream is detected after it began, a liquidation may come after its bar, and published
facts are not corrected: a difference in the hour from then on is explained *afterwards*, by the
start of the entry in the ledger.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, TypeAlias

from signalengine.decisions import decide
from signalengine.facts.stream import BarsFact, HistoryFact, Quality
from signalengine.fold import SymbolState, advance
from signalengine.intervals import MINUTE_MS
from signalengine.policy import Policy
from signalengine.signals import Cooldown, Decision, Signal

from infra.local.faults.equality import alike
from infra.local.faults.observations import Observations

BESIDE: Final = (
    "open_interest", "open_interest_time", "funding_rate", "funding_paid", "mark_price",
    "liq_long_usd", "liq_short_usd", "path",
)  # fmt: skip
"""The fields of a fact besides its bars; null when unknown."""
MEMORY_MS: Final = 60 * MINUTE_MS
LATE_MS: Final = 2_000
"""A bar sent later than this (ms) after its close counts as stamped late by its `sent_at`."""
Made: TypeAlias = tuple[Decision, Signal | None]
Place: TypeAlias = tuple[str, int]
"""A symbol and a close time."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The decisions of two replays: counts of the undisturbed one, and the differences."""

    decisions: int
    signals: int
    differing: int
    afterwards: list[str]
    unexplained: list[str]


def compare(seen: Observations, baseline: Observations, policy: Policy) -> Compared:
    """Compare the decisions on the facts of two replays, until the shorter one ends."""
    until = min(seen.end, baseline.end)
    mine, undisturbed = decided(seen, until, policy), decided(baseline, until, policy)
    places = [
        place
        for place in sorted(mine.keys() | undisturbed.keys(), key=_time)
        if place[1] > seen.start and not _alike(mine.get(place), undisturbed.get(place))
    ]
    afterwards: list[str] = []
    unexplained: list[str] = []
    late = [(start, start + MEMORY_MS) for start, _ in late_liquidations(seen)]
    spans = undetected_silences(seen) + late
    for place in _unstamped(places, _stamps(seen, baseline)):
        words = f"{place[0]} {place[1]}: {_difference(mine.get(place), undisturbed.get(place))}"
        (afterwards if within(place[1], spans) else unexplained).append(words)
    signals = sum(signal is not None for _, signal in undisturbed.values())
    return Compared(len(undisturbed), signals, len(places), afterwards, unexplained)


def undetected_silences(seen: Observations) -> list[tuple[int, int]]:
    """Return the spans in which silent liquidations were not yet detected: from, until (ms)."""
    return [
        (gap.start, gap.noticed_at)
        for gap in seen.ledger()
        if gap.stream == "liquidation" and gap.cause == "silent"
    ]


def late_liquidations(seen: Observations) -> list[tuple[int, int]]:
    """Return the minutes whose bars were sent before all of their liquidations came."""
    return [
        (gap.start, gap.start + MINUTE_MS)
        for gap in seen.ledger()
        if gap.stream == "liquidation" and gap.cause == "late"
    ]


def within(close_time: int, spans: Iterable[tuple[int, int]]) -> bool:
    """Return whether a bar closed within one of these spans."""
    return any(start < close_time <= end for start, end in spans)


def decided(seen: Observations, until: int, policy: Policy) -> dict[Place, Made]:
    """Fold and decide the facts that closed by `until`, ms."""
    out: dict[Place, Made] = {}
    for symbol, facts in seen.streams(until).items():
        for decision, signal in _of_one(symbol, facts, policy):
            out[symbol, decision.close_time] = decision, signal
    return out


def _of_one(symbol: str, facts: Iterable[BarsFact | HistoryFact], policy: Policy) -> Iterable[Made]:
    """Yield decisions and signals, with market, quality and reason set to fixed values."""
    state, cooldown = SymbolState.fresh(symbol), Cooldown(symbol, last_scored=0)
    for fact in facts:
        advanced = advance(state, fact, policy)
        state = advanced.state
        if advanced.evaluation is None:
            continue
        done = decide(advanced.evaluation, cooldown, policy, "", recent=())
        cooldown = done.cooldown
        plain: dict[str, Any] = {"quality": Quality(), "market": "recording"}
        signal = None if done.signal is None else replace(done.signal, **plain)
        yield replace(done.decision, **plain, reason=""), signal


def _alike(one: Made | None, other: Made | None) -> bool:
    if one is None or other is None or (one[1] is None) != (other[1] is None):
        return False
    signals = one[1] is None or other[1] is None or alike(asdict(one[1]), asdict(other[1]))
    return signals and alike(asdict(one[0]), asdict(other[0]))


def _difference(mine: Made | None, other: Made | None) -> str:
    if mine is None or other is None:
        return "no decision here" if mine is None else "a decision here only"
    one, two = asdict(mine[0]), asdict(other[0])
    names = [name for name in one if not alike(one[name], two[name])]
    return ", ".join(f"{n} {one[n]!r}, not {two[n]!r}" for n in names)[:300] or "the signal"


def _time(place: Place) -> tuple[int, str]:
    return place[1], place[0]


def _stamps(seen: Observations, baseline: Observations) -> Mapping[str, list[int]]:
    """Return the close times whose fact is marked as incomplete, by symbol."""
    out: dict[str, list[int]] = defaultdict(list)
    bars = seen.bars()
    for key, baseline_fact in baseline.bars().items():
        other, one = baseline_fact.fact, bars.get(key)
        if one is None or one.fact.quality.gap_s > 0.0 or (
            one.fact.sent_at - one.fact.close_time > LATE_MS
            or any(getattr(one.fact, name) is None and getattr(other, name) is not None
                   for name in BESIDE)
        ):  # fmt: skip
            out[other.symbol].append(other.close_time)
    return out


def _unstamped(places: Iterable[Place], stamps: Mapping[str, list[int]]) -> list[Place]:
    out: list[Place] = []
    excused: dict[str, int] = {}
    for symbol, at in places:
        stamped = any(at - MEMORY_MS <= time <= at for time in stamps.get(symbol, ()))
        if stamped or at - excused.get(symbol, -MEMORY_MS) < MEMORY_MS:
            excused[symbol] = at
        else:
            out.append((symbol, at))
    return out
