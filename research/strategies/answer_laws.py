"""Laws of answers: what a strategy says where it enters can be decided on and settled."""

from collections.abc import Iterator, Sequence
from math import isfinite

from signalengine.exits.levels import FAULTS, FINE, MOST_TARGETS, STOP, TARGET, fault

from .failure import Failure
from .markets import Market
from .runs import SIDES, Seen, Side
from .subject import Subject


def answers(subject: Subject, market: Market, first: Sequence[Seen]) -> Iterator[Failure]:
    """Where `entry` holds, exits are prices that can be reached and scores are 0..1."""
    found: dict[str, Failure] = {}
    for step, seen in zip(market.steps, first, strict=True):
        if seen.answer is None:
            continue
        close = step.rows[0].numbers[4]
        for side, one in zip(SIDES, seen.answer, strict=True):
            if one.entered:
                for failure in _of_side(subject, one, close, side):
                    found.setdefault(failure.found.text, failure)
    yield from found.values()


def _of_side(subject: Subject, one: Side, close: float, side: float) -> Iterator[Failure]:
    lines, name = subject.lines, "long" if side > 0.0 else "short"
    wrong = fault(one.exits, close, side)
    if wrong != FINE and not _below_zero(one):
        yield subject.failure(
            "answers",
            lines.function("exits"),
            f"exits of a {name}: {FAULTS[wrong]}",
            "enter only where the numbers that exits uses are known: x == x",
        )
    names = tuple(subject.strategy.components) or ("score",)
    where = lines.function("components", "score")
    for part, x in zip(names, one.parts, strict=False):
        if x != x and _may_lack(subject):
            continue
        if not isfinite(x) or not 0.0 <= x <= 1.0:
            text = "is unknown" if x != x else f"is {x:g}, not 0 to 1"
            fix = "clip it: unit(x) of signalengine.numbers; NaN is for missing data alone"
            yield subject.failure("answers", where, f"{part} of a {name} {text}", fix)


def _below_zero(one: Side) -> bool:
    """Whether a level of a wild market is below zero: such a close is `out_of_range`."""
    return any(one.exits[at] <= 0.0 for at in (STOP, *range(TARGET, TARGET + MOST_TARGETS)))


def _may_lack(subject: Subject) -> bool:
    """Whether a component may be unknown on whole bars: it needs data beside them."""
    return bool(subject.strategy.needs or subject.strategy.features)


def enters(subject: Subject, runs: Sequence[Sequence[Seen]]) -> Iterator[Failure]:
    """It enters now and then."""
    said = [seen.answer for run in runs for seen in run if seen.answer is not None]
    if not any(side.entered for answer in said for side in answer):
        yield subject.failure(
            "enters",
            subject.lines.function("entry"),
            f"no entry at {len(said):,} closes of random markets",
            "try a recording with --source: the condition may be rare, or never hold",
            warning=True,
        )
