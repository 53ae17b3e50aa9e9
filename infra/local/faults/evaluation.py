"""The evaluation of one scenario: lost and wrong bars, and other differences.

* A bar is *lost* when the exchange has it and no fact contains it; *wrong* when any of its fields
  differs from the exchange's, the longer bars that close with it included.
* The other fields (open interest, mark, funding, liquidations, path) are compared with the
  undisturbed replay: *unknown* where the fact has null, *altered* where it has another value (see
  `equality`), *too low* where it has fewer liquidations (a lower bound) and a later ledger entry
  covers that time.
* Decisions are compared, and their differences explained, in `decisions`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from signalengine.facts.stream import BarsFact, HistoryFact
from signalengine.intervals import INTERVAL_MS, INTERVALS
from signalengine.policy import Policy

from infra.local.faults.decisions import (
    BESIDE,
    compare,
    late_liquidations,
    undetected_silences,
    within,
)
from infra.local.faults.equality import A_SECOND, TOLERANCE, alike, coarser
from infra.local.faults.observations import Arrived, Observations


@dataclass(slots=True)
class Verdict:
    """One row of the table; times in seconds of event time."""

    name: str
    words: str
    minutes: int
    bars: int = 0
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    disordered: int = 0
    again: int = 0
    """Facts that arrived twice."""
    unknown: dict[str, int] = field(default_factory=dict)
    altered: list[str] = field(default_factory=list)
    too_low: int = 0
    """Bars whose liquidations were too low, covered by a later ledger entry."""
    decisions: int = 0
    signals: int = 0
    differing: int = 0
    afterwards: list[str] = field(default_factory=list)
    """Differences on unstamped bars, covered by a later ledger entry."""
    unexplained: list[str] = field(default_factory=list)
    noticed_s: float | None = None
    noticed_by: str = ""
    latest_s: float | None = None
    """The longest delay of a bar from its close to the stream."""
    ledger: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""
    full_speed: bool = False
    """Times are meaningless: the market plays as fast as the task reads."""

    @property
    def passed(self) -> bool:
        return not (self.lost or self.wrong or self.altered or self.unexplained or self.problem
                    or self.disordered)  # fmt: skip


def evaluate(
    verdict: Verdict,
    seen: Observations,
    baseline: Observations,
    policy: Policy,
    excused: tuple[str, ...] = (),
) -> None:
    """Fill a verdict from a disturbed replay and the undisturbed one of the same beginning."""
    bars = seen.bars()
    minutes = {
        (symbol, at) for symbol, interval, at in seen.truth if interval == "1m" and at >= seen.start
    }
    past = {(fact.symbol, bar.open_time) for fact in _histories(seen) for bar in fact.bars
            if bar.interval == "1m"}  # fmt: skip
    verdict.bars = len(minutes)
    verdict.lost = [f"{s} {at}" for s, at in sorted(minutes - set(bars) - past)]
    for (symbol, _), one in bars.items():
        verdict.wrong += _wrong(symbol, one.fact, seen)
    verdict.disordered, verdict.again = _order(seen)
    baseline_bars, silences = baseline.bars(), undetected_silences(seen)
    silences += late_liquidations(seen)
    for key, one in bars.items():
        if key in baseline_bars:
            _compare_fields(verdict, one.fact, baseline_bars[key].fact, excused, silences)
    verdict.unknown = dict(sorted(verdict.unknown.items()))
    _lateness(verdict, seen, bars.values())
    verdict.ledger = [_entry(gap) for gap in seen.ledger()]
    found = compare(seen, baseline, policy)
    verdict.decisions, verdict.signals, verdict.differing = (
        found.decisions, found.signals, found.differing,
    )  # fmt: skip
    verdict.afterwards, verdict.unexplained = found.afterwards, found.unexplained


def _histories(seen: Observations) -> Iterable[HistoryFact]:
    return (one.fact for one in seen.of(HistoryFact))


def _wrong(symbol: str, fact: BarsFact, seen: Observations) -> list[str]:
    """Compare a fact's bars with the exchange's, field by field."""
    out = []
    for bar in fact.bars:
        true = seen.truth.get((symbol, bar.interval, bar.open_time))
        if true is None:
            out.append(f"{symbol} {bar.interval} {bar.open_time}: the exchange has no such bar")
        elif not _same(bar, true):
            out.append(f"{symbol} {bar.interval} {bar.open_time}: {bar} is {true}")
    for interval in INTERVALS[1:]:
        expected = [
            at for s, i, at in _closing(seen, symbol, fact.close_time) if i == interval
        ]  # fmt: skip
        if expected and not any(bar.interval == interval for bar in fact.bars):
            out.append(f"{symbol} {interval} {expected[0]}: not published with its last minute")
    return out


def _same(bar: Any, true: Any) -> bool:
    """Return whether two bars are equal; the sums of a longer bar up to rounding."""
    if bar == true:
        return True
    sums = {"volume", "quote_volume", "taker_buy_volume"}
    same = all(_near(getattr(bar, name), getattr(true, name)) for name in sums)
    return bar.interval != "1m" and same and bar == replace(
        true, **{name: getattr(bar, name) for name in sums}
    )  # fmt: skip


def _near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 1e-6 * max(abs(one), abs(other), 1e-9)


def _closing(seen: Observations, symbol: str, close_time: int) -> list[tuple[str, str, int]]:
    """Return the keys of the exchange's longer bars of a symbol that close at a time."""
    keys = [(symbol, i, close_time - INTERVAL_MS[i]) for i in INTERVALS[1:]]
    return [key for key in keys if key in seen.truth and close_time % INTERVAL_MS[key[1]] == 0]


def _order(seen: Observations) -> tuple[int, int]:
    """Return how many facts arrived first after a later one, and how many arrived again."""
    newest: dict[str, int] = {}
    known: set[tuple[str, int]] = set()
    disordered = again = 0
    for one in seen.of(BarsFact):
        fact = one.fact
        key = (fact.symbol, fact.close_time)
        if key in known:
            again += 1
        elif fact.close_time < newest.get(fact.symbol, 0):
            disordered += 1
        known.add(key)
        newest[fact.symbol] = max(fact.close_time, newest.get(fact.symbol, 0))
    return disordered, again


def _compare_fields(
    verdict: Verdict,
    fact: BarsFact,
    baseline: BarsFact,
    excused: tuple[str, ...],
    silences: Sequence[tuple[int, int]],
) -> None:
    for name in sorted({*BESIDE} - {*excused}):
        mine, other = getattr(fact, name), getattr(baseline, name)
        near = A_SECOND if name == "mark_price" else TOLERANCE
        if other is None or alike(mine, other, near):
            continue
        if mine is None:
            verdict.unknown[name] = verdict.unknown.get(name, 0) + 1
        elif name.startswith("liq_") and mine < other and within(fact.close_time, silences):
            verdict.too_low += 1
        elif name != "path" or not coarser(mine, other):
            verdict.altered.append(
                f"{fact.symbol} {fact.close_time} {name}: {mine!r}, not {other!r}"
            )


def _lateness(verdict: Verdict, seen: Observations, bars: Iterable[Arrived[BarsFact]]) -> None:
    if verdict.full_speed:
        return
    since = seen.start + 1 if seen.struck is None else seen.struck  # the first bar is fetched
    ends = [(one.now, one.fact.close_time) for one in bars]
    late = [now - end for now, end in ends if end >= since]
    if not late:
        return
    verdict.latest_s = max(0, *late) / 1_000


def _entry(gap: Any) -> dict[str, Any]:
    names = ("symbol", "stream", "cause", "start", "end", "noticed_at", "repaired_at",
             "bars_missing", "bars_repaired", "outcome")  # fmt: skip
    return {name: getattr(gap, name) for name in names}
