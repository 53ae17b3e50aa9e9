"""Laws of a strategy's state: it is the buffer and nothing else, and no later bar reaches it.

Each law runs the strategy in another way over the same bars, and compares every bit of every state
and answer with the first run.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from .failure import Failure
from .markets import Market, Scaled, Step, changed
from .runs import Run, Seen, trace
from .subject import Subject, differing

HIDDEN: Final = "a function keeps a number outside s: declare it with S.one and write to s"
_AHEAD: Final = 2
"""Bars of another future that are folded in between."""


def prefix(subject: Subject, market: Market, first: Sequence[Seen]) -> Iterator[Failure]:
    """What is known at a bar is the same whatever comes later.

    After each bar another future is folded into a copy of the state, by the same functions.
    """
    run, other = subject.run(), subject.run()
    elsewhere = changed(market, Scaled(1.5)).steps
    steps = market.steps
    for number, step in enumerate(steps):
        seen = run.step(step)
        if seen.bits != first[number].bits:
            yield _differs(subject, "prefix", number, seen, first[number], HIDDEN)
            return
        other.restored(seen.state)
        for later in elsewhere[number + 1 : number + 1 + _AHEAD]:
            other.step(later)


def replay(subject: Subject, market: Market, first: Sequence[Seen]) -> Iterator[Failure]:
    """A bar that comes twice, or late, changes nothing."""
    run, steps = subject.run(), market.steps
    for number, step in enumerate(steps):
        seen = run.step(step)
        again = run.step(step)
        if number:
            run.step(steps[number - 1])
        other = again if again.state != seen.state else first[number]
        if seen.state != other.state or seen.bits != first[number].bits:
            yield _differs(subject, "replay", number, seen, other, HIDDEN)
            return


def restore(subject: Subject, market: Market, first: Sequence[Seen]) -> Iterator[Failure]:
    """A state that is stored, and read by another process, goes on the same.

    Two loads of the file take turns: what one of them keeps to itself, the other one lacks.
    """
    runs = (subject.fresh(), subject.fresh())
    state: bytes | None = None
    for number, step in enumerate(market.steps):
        run = runs[number % 2]
        if state is not None:
            run.restored(state)
        seen = run.step(step)
        state = seen.state
        if seen.bits != first[number].bits:
            yield _differs(subject, "restore", number, seen, first[number], HIDDEN)
            return


def symbols(subject: Subject, market: Market, other: Market) -> Iterator[Failure]:
    """Two symbols in turns through one load are what each is alone."""
    alone = [trace(subject.fresh(), one.steps) for one in (market, other)]
    loaded = subject.load(subject.text, subject.origin)
    runs = (subject.run(loaded), subject.run(loaded))
    for number, pair in enumerate(zip_longest(market.steps, other.steps)):
        for run, step, seen in zip(runs, pair, alone, strict=True):
            if step is None:
                continue
            mine = run.step(step)
            if mine.bits != seen[number].bits:
                yield _differs(subject, "symbols", number, mine, seen[number], HIDDEN)
                return


def compiled(subject: Subject, market: Market, first: Sequence[Seen]) -> Iterator[Failure]:
    """Compiled, the same source gives the same bits."""
    try:
        run = subject.compiled_run()
        seen = _first_difference(run, market.steps, first)
    except Exception as error:  # numba's errors are of many kinds, and have long texts
        yield subject.failure(
            "compiled",
            _line_in(str(error), subject),
            f"does not compile: {_short(error)}",
            "give each name one kind of number, and each return the same",
        )
        return
    if seen is not None:
        number, mine = seen
        fix = "keep whole numbers below 2**53, and what is divided or indexed finite"
        yield _differs(subject, "compiled", number, mine, first[number], fix)


def _first_difference(
    run: Run, steps: Sequence[Step], first: Sequence[Seen]
) -> tuple[int, Seen] | None:
    for number, step in enumerate(steps):
        seen = run.step(step)
        if seen.bits != first[number].bits:
            return number, seen
    return None


def _differs(subject: Subject, law: str, number: int, mine: Seen, other: Seen, fix: str) -> Failure:
    names = list(differing(subject, mine.values, other.values))
    if names:
        what, line = f"value {names[0]!r}", subject.lines.value(names[0])
    elif mine.state != other.state:
        what, line = "the state", subject.lines.fold()
    else:
        what, line = "the answer", subject.lines.function("entry")
    return subject.failure(law, line, f"{what} differs at bar {number + 1}{_WHY[law]}", fix)


_WHY: Final = {
    "prefix": " once later bars were seen",
    "replay": " when bars come twice",
    "restore": " after the state was read by another process",
    "symbols": " when another symbol takes turns",
    "compiled": " when compiled",
}


def _short(error: Exception) -> str:
    """Return the first line of an error that is of the strategy, not of the compiler."""
    wanted = [line.strip() for line in str(error).splitlines() if line.strip()]
    inner = [line for line in wanted if not line.startswith(("Failed in", "During:", "File "))]
    return (inner or [type(error).__name__])[0][:200]


def _line_in(text: str, subject: Subject) -> int:
    """Return the line that a compiler's error names."""
    marker = f'File "{subject.origin}", line '
    _, found, rest = text.partition(marker)
    digits = rest.split(":", 1)[0].split("\n", 1)[0]
    return int(digits) if found and digits.isdigit() else subject.lines.fold()
