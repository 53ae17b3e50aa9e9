"""One strategy over the bars of a market: every state and every answer, to be compared."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any, Final, TypeAlias

from signalengine.exits.levels import EXITS_SIZE, TTL_MINUTES, clear
from signalengine.snapshot import SIZE as SNAPSHOT_SIZE
from signalengine.strategy.buffer import MOST_VALUES
from signalengine.strategy.loading import Loaded
from signalengine.strategy.running import Row, due, fold_rows

from .failure import LawError, raised
from .markets import Step

SIDES: Final = (1.0, -1.0)
Parameters: TypeAlias = tuple[float, ...]
Convert: TypeAlias = Callable[[Sequence[float]], Any]
UNKNOWN: Final = (nan,) * SNAPSHOT_SIZE


@dataclass(frozen=True, slots=True)
class Side:
    """What a strategy says of one side at a close."""

    entered: bool
    exits: tuple[float, ...]
    """A row of `exits.levels`."""
    parts: tuple[float, ...]
    """Its components, or its score; nothing when it has neither."""
    leaves: bool


Answer: TypeAlias = tuple[Side, Side]
"""Long and short."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a step left."""

    state: bytes
    """Every number of the buffer; unknown is one NaN."""
    values: tuple[float, ...]
    answer: Answer | None
    """None where `entry` is not decides for."""

    @property
    def bits(self) -> tuple[bytes, str]:
        """What two runs have to agree on."""
        return self.state, repr(self.answer)


class Run:
    """A strategy on its way through a market.

    `convert` makes what functions read: tuples, so that a write to them is an error, or arrays for
    compiled ones.
    """

    def __init__(
        self,
        loaded: Loaded,
        p: Parameters,
        buffer: Callable[[list[float]], Any] = list,
        convert: Convert = tuple,
    ) -> None:
        self.loaded, self.convert = loaded, convert
        self.p = convert(p)
        self.s = buffer(loaded.strategy.fresh())
        self.make = buffer

    def step(self, step: Step) -> Seen:
        """Fold the bars of a step; raises LawError when a function of the strategy raises."""
        try:
            closed = self.fold(step)
            decides = closed and due(self.loaded.strategy, step.close_time)
            answer = self.ask(step.f) if decides else None
        except Exception as error:
            raise LawError(raised(error, self.loaded.origin)) from error
        return Seen(packed(self.s), self.values, answer)

    def fold(self, step: Step) -> bool:
        """Fold the bars of a step; returns whether a bar of `every` was among them."""
        rows = [Row(row.interval, self.convert(row.numbers)) for row in step.rows]
        return fold_rows(self.loaded, self.s, rows, self.p)

    @property
    def values(self) -> tuple[float, ...]:
        count = len(self.loaded.strategy.values.declared)
        return tuple(map(float, self.s[:count]))

    def ask(self, f: tuple[float, ...]) -> Answer:
        """Return what the strategy says of both sides now."""
        v = self.convert(with_stand_ins(self.loaded, self.s[:MOST_VALUES]))
        features = self.convert(f or UNKNOWN)
        return self._side(v, features, 1.0), self._side(v, features, -1.0)

    def _side(self, v: Any, f: Any, side: float) -> Side:
        code, p = self.loaded.code, self.p
        exits = self.make([nan] * EXITS_SIZE)
        clear(exits)
        exits[TTL_MINUTES] = float(self.loaded.strategy.ttl_minutes)
        code.exits(v, f, side, p, exits)
        parts = self.make([nan] * len(self.loaded.strategy.components))
        if code.components is not None:
            code.components(v, f, side, p, parts)
        elif code.score is not None:
            parts = [code.score(v, f, side, p)]
        return Side(
            entered=bool(code.entry(v, f, side, p)),
            exits=tuple(map(float, exits)),
            parts=tuple(map(float, parts)),
            leaves=code.leave is not None and bool(code.leave(v, f, side, p)),
        )

    def restored(self, s: bytes) -> None:
        """Take a stored state."""
        self.s = self.make(list(array("d", s)))


def with_stand_ins(loaded: Loaded, v: Sequence[float]) -> list[float]:
    """Return values with stand-ins for those that compare symbols: one symbol is alone here.

    A rank is highest for a value above 0, lowest for one below; another symbol's value is its own.
    """
    out = list(map(float, v))
    for at in loaded.strategy.values.crossed:
        one = loaded.strategy.values.declared[at]
        if one.rank_of is not None:
            x = out[one.rank_of]
            out[at] = 0.5 if x == 0.0 else (nan if x != x else float(x > 0.0))
        elif one.source is not None:
            out[at] = out[one.source]
    return out


def packed(s: Sequence[float]) -> bytes:
    """Return a state as bytes; all unknown numbers are the same."""
    return array("d", (x if x == x else nan for x in map(float, s))).tobytes()


def trace(run: Run, steps: Iterable[Step]) -> list[Seen]:
    """Return what each step of a run left; raises LawError."""
    return [run.step(step) for step in steps]
