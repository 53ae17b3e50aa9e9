"""Fibers: everything that runs in a step, one at a time, and a seeded choice of who goes on.

A fiber gives way at each call to AWS and at each sleep, and nowhere else, so a schedule is the
same in every run. A thread pool of the code under test becomes fibers of the same invocation.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from greenlet import getcurrent, greenlet

from .faults import Fault

STICKY: Final = (0.0, 0.5, 0.8, 0.9)
"""With which probability a fiber goes on after a call, by the seed."""
T = TypeVar("T")
S = TypeVar("S")


class CrashError(BaseException):
    """The process ends here: nothing of the code under test catches this."""


@dataclass(slots=True, eq=False)
class Invocation:
    """One run of a function in one of its instances."""

    function: str
    number: int
    instance: Any = None
    faults: Sequence[Fault] = ()
    lag: int = 0
    """Writes that indexes, and reads that are not consistent, are behind."""
    began: int = 0
    """Wall time (ms)."""
    calls: int = 0
    of: Counter[str] = field(default_factory=Counter)
    """The calls of each operation, and of each operation on a table."""
    crashed: bool = False
    happened: list[str] = field(default_factory=list)
    """The calls that had a fault, each with its kind."""
    leases: dict[str, str] = field(default_factory=dict)
    """The event whose delivery was leased last, by channel: an address is served in order."""
    error: str | None = None

    def fault(self, operation: str, table: str = "") -> Fault | None:
        """Count a call; returns the fault that it has."""
        numbers = {"": self.calls}
        self.calls += 1
        for name in {operation, f"{operation} {table}"}:
            numbers[name] = self.of[name]
            self.of[name] += 1
        return next((one for one in self.faults if numbers.get(one.of) == one.call), None)


@dataclass(slots=True, eq=False)
class _Fiber(Generic[T]):
    """A piece of work on its own stack."""

    work: Callable[[], T]
    invocation: Invocation
    stack: Any = None
    result: T | None = None
    error: BaseException | None = None
    waiting_for: int = 0
    parent: "_Fiber[Any] | None" = None


class Hub:
    """Runs the invocations of a step."""

    def __init__(self) -> None:
        self._ready: list[_Fiber[Any]] = []
        self._stalled: list[_Fiber[Any]] = []
        """Who goes on when nobody else can."""
        self._chance = random.Random(0)  # repeatable, not secret
        self._sticky = 0.0
        self._hub: Any = None
        self._current: _Fiber[Any] | None = None

    @property
    def current(self) -> Invocation:
        """Return the invocation that is running."""
        if self._current is None:
            raise RuntimeError("no invocation is running")
        return self._current.invocation

    @property
    def running(self) -> bool:
        return self._current is not None

    def run(
        self,
        works: Sequence[tuple[Invocation, Callable[[], T]]],
        seed: int,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        """Run invocations to their ends, interleaved as the seed has it; errors are in them.

        `meanwhile` is called when those that do not stand still have ended; it may run others.
        """
        outer, self._stalled = self._stalled, []
        self._hub, self._chance = getcurrent(), random.Random(seed)
        self._sticky = self._chance.choice(STICKY)
        fibers = [self._start(work, invocation, None) for invocation, work in works]
        self._go_on()
        if meanwhile is not None:
            meanwhile()
        while self._stalled:
            self._ready.append(self._stalled.pop(0))
            self._go_on()
        self._stalled = outer
        for fiber in fibers:
            if fiber.error is not None and not isinstance(fiber.error, CrashError):
                fiber.invocation.error = f"{type(fiber.error).__name__}: {fiber.error}"
                if not isinstance(fiber.error, Exception):
                    raise fiber.error

    def pause(self) -> None:
        """Let the others go on, perhaps; raises CrashError when the process has ended meanwhile."""
        if self._current is None:
            return
        me = self._current
        if self._ready:
            self._ready.append(me)
            self._hub.switch()
        if me.invocation.crashed:
            raise CrashError

    def stalled(self, call: Callable[[], T], *, late: bool) -> T:
        """Make a call, and stand still before it, or after it, until everything beside has ended.

        Raises CrashError when the process has ended meanwhile.
        """
        if late:
            answer = call()
            self._stand()
            return answer
        self._stand()
        return call()

    def _stand(self) -> None:
        me = self._current
        if me is None:
            return
        self._stalled.append(me)
        self._hub.switch()
        if me.invocation.crashed:
            raise CrashError

    def map(self, work: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
        """Do what an executor's `map` does, with one fiber an item."""
        me = self._current
        if me is None:
            return map(work, items)
        children = [
            self._start(lambda item=item: work(item), me.invocation, me)  # type: ignore[misc]  # mypy infers no type for such a lambda
            for item in items
        ]
        if children:
            me.waiting_for = len(children)
            self._hub.switch()
        if me.invocation.crashed:
            raise CrashError
        return _results(children)

    def _start(
        self, work: Callable[[], T], invocation: Invocation, parent: "_Fiber[Any] | None"
    ) -> _Fiber[T]:
        fiber: _Fiber[T] = _Fiber(work, invocation, parent=parent)
        fiber.stack = greenlet(lambda: self._work(fiber), parent=self._hub)
        self._ready.append(fiber)
        return fiber

    def _go_on(self) -> None:
        while self._ready:
            if len(self._ready) > 1:
                self._current = self._choose()
            else:
                self._current = self._ready[0]
            self._ready.remove(self._current)
            self._current.stack.switch()
        self._current = None

    def _choose(self) -> "_Fiber[Any]":
        """Return who goes on: often the same one, or the others would keep pace with each other."""
        if self._current in self._ready and self._chance.random() < self._sticky:
            return self._current
        return self._ready[self._chance.randrange(len(self._ready))]

    def _work(self, fiber: _Fiber[Any]) -> None:
        try:
            if not fiber.invocation.crashed:
                fiber.result = fiber.work()
        except BaseException as error:
            fiber.error = error
        if fiber.parent is not None:
            fiber.parent.waiting_for -= 1
            if fiber.parent.waiting_for == 0:
                self._ready.append(fiber.parent)


def _results(fibers: Sequence[_Fiber[T]]) -> Iterator[T]:
    for fiber in fibers:
        if fiber.error is not None:
            raise fiber.error
        yield fiber.result  # type: ignore[misc]  # a fiber without an error has its result


class Pool:
    """Stands in for ThreadPoolExecutor: its tasks are fibers."""

    hub: Hub

    def __init__(self, workers: int = 0) -> None:
        self._workers = workers

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to wait for."""

    def map(self, work: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
        return self.hub.map(work, items)
