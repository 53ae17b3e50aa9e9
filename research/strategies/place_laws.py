"""Laws of places: a fold writes to what is declared, and reads what was written."""

from collections.abc import Callable, Iterator
from typing import SupportsIndex

from signalengine.slots import Slot
from signalengine.strategy.buffer import ENGINE_SLOTS, PRIVATE
from signalengine.strategy.form import Strategy

from .failure import Failure, line_now
from .markets import Market
from .runs import Run
from .subject import Subject


def places(
    subject: Subject, market: Market, make_run: Callable[..., Run] = Run
) -> Iterator[Failure]:
    """No write outside of the declared values and slots, no read of what no bar has written."""
    guards: list[Guard] = []

    def guarded(numbers: list[float]) -> list[float]:
        if len(numbers) != subject.strategy.size:
            return numbers  # a row of exits or components
        guards.append(Guard(numbers, subject.strategy, subject.origin))
        return guards[-1]

    run = make_run(subject.loaded, subject.p, buffer=guarded)
    for step in market.steps:
        run.step(step)
        guards[0].end_bar()
    for line, text in sorted(guards[0].found):
        yield subject.failure("places", line, text, _FIXES[text.split()[0]])


_FIXES = {
    "writes": "declare it: V.number, V.price, S.one or S.many",
    "reads": "count the bars in a slot, and read only places that were written",
    "counts": "keep the place at 0 or more: % of a whole number does",
}


class Guard(list[float]):
    """A buffer that remembers which lines use places that they may not."""

    def __init__(self, numbers: list[float], strategy: Strategy, origin: str) -> None:
        super().__init__(numbers)
        self.origin = origin
        self.found: set[tuple[int, str]] = set()
        self.private = () if strategy.state is None else tuple(strategy.state.defined)
        self.allowed = {*range(len(strategy.values.declared)), *range(PRIVATE, strategy.size)}
        self.unwritten = {
            at: slot.name
            for slot in self.private
            if slot.count > 1 and slot.fresh == slot.fresh
            for at in range(slot.at, slot.at + slot.count)
        }
        self.early: dict[int, int] = {}
        """Line by place, of reads of this bar before any write."""

    def __setitem__(self, at: SupportsIndex | slice, x: object) -> None:
        place = at.__index__() if not isinstance(at, slice) else -1
        if place not in self.allowed:
            line = line_now(self.origin)
            if line:  # the engine writes its own
                self.found.add((line, f"writes to {self._name(place)}, which is not declared"))
        self.unwritten.pop(place, None)
        self.early.pop(place, None)
        super().__setitem__(at, x)  # type: ignore[call-overload]

    def __getitem__(self, at: SupportsIndex | slice) -> float:  # type: ignore[override]
        if isinstance(at, slice):
            return super().__getitem__(at)  # type: ignore[return-value]
        place = at.__index__()
        if place < 0:
            self.found.add((line_now(self.origin), "counts places from the end"))
        elif place in self.unwritten:
            self.early.setdefault(place, line_now(self.origin))
        return super().__getitem__(place)

    def end_bar(self) -> None:
        """Report the reads of places that this bar did not write either."""
        for place, line in self.early.items():
            name = self.unwritten[place]
            self.found.add((line, f"reads a place of {name!r} that no bar has written"))
        self.early.clear()

    def _name(self, place: int) -> str:
        slots: tuple[Slot, ...] = (*ENGINE_SLOTS, *self.private)
        for slot in slots:
            if slot.at <= place < slot.at + slot.count:
                return f"{slot.name!r} of the engine"
        return f"place {place}"
