"""The law of the warm-up: what came before it has no say any more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from signalengine.strategy.buffer import MOST_WARM

from .failure import Failure
from .markets import CALM, Market, Regime, market
from .runs import trace
from .subject import Subject

WITHIN: Final = 1e-3
TIMES: Final = 4
SEEDS: Final = (11, 12)
_WILD: Final = Regime("wild", step=0.004, trend=0.4, decimals=3)


@dataclass(frozen=True, slots=True)
class Worst:
    """The value that differs most, relative to its size."""

    name: str = ""
    difference: float = 0.0


def warm_up(subject: Subject) -> Iterator[Failure]:
    """Values with the declared warm-up equal those with four times as much, to a thousandth."""
    need = {name: bars for name, bars in subject.warm_up.items() if bars}
    if not need or not subject.strategy.values.declared:
        return
    worst = worst_of(subject, need)
    if worst.difference <= WITHIN:
        return
    shown = f"by {worst.difference:.2%}" if worst.difference < 1e9 else "in being known"
    yield subject.failure(
        "warm-up",
        subject.lines.value(worst.name),
        f"value {worst.name!r} with the declared warm-up and with {TIMES} times it differs {shown}",
        _enough(subject, need),
    )


def worst_of(subject: Subject, need: Mapping[str, int]) -> Worst:
    """Return the value that depends most on bars before the warm-up."""
    return max(_tried(subject, need), key=lambda one: one.difference)


def _tried(subject: Subject, need: Mapping[str, int]) -> Iterator[Worst]:
    many = {name: TIMES * bars for name, bars in need.items()}
    for regime in (_WILD, CALM):
        for seed in SEEDS:
            whole = market(regime, subject.intervals, many, seed, subject.strategy.every)
            yield _compared(subject, whole, need)


def _compared(subject: Subject, whole: Market, need: Mapping[str, int]) -> Worst:
    count = len(whole.live)
    cut = whole.warmed(need)
    long, short = (
        [seen.values for seen in trace(subject.run(), one.steps)[-count:]] for one in (whole, cut)
    )
    found = Worst()
    for at, one in enumerate(subject.strategy.values.declared):
        if one.crossed:
            continue
        mine, other = [row[at] for row in short], [row[at] for row in long]
        found = max(found, Worst(one.name, _apart(mine, other)), key=lambda w: w.difference)
    return found


def _apart(mine: Sequence[float], other: Sequence[float]) -> float:
    """Return the largest difference, relative to the number or to its usual size."""
    known = [abs(y) for y in other if y == y]
    usual = sum(known) / len(known) if known else 0.0
    worst = 0.0
    for x, y in zip(mine, other, strict=True):
        if (x != x) != (y != y):
            return float("inf")
        size = max(abs(x), abs(y), usual)
        if size > 0.0:
            worst = max(worst, abs(x - y) / size)
    return worst


def _enough(subject: Subject, need: Mapping[str, int]) -> str:
    """Return the advice: the least warm-up tried that is enough."""
    times = 1.5
    while max(need.values()) * times <= MOST_WARM:
        longer = {name: ceil(bars * times) for name, bars in need.items()}
        if all(one.difference <= WITHIN for one in _tried(subject, longer)):
            said = ", ".join(f'"{name}": {bars}' for name, bars in longer.items())
            return f"declare warm_up={{{said}}}"
        times *= 1.5
    return (
        f"no warm-up of up to {MOST_WARM} bars is enough: a sum since the first bar never ends; "
        "use its change, or an average"
    )
