"""What a strategy file declares: parameters, values, private slots, and the strategy itself.

    P = Parameters()
    DAYS = P.whole("days", 20, least=5, most=60, about="length of the channel, days")
    V = Values()
    HIGHEST = V.price("highest", about="highest high of the channel")
    S = State(V)
    BARS = S.one("bars")
    STRATEGY = Strategy(name="breakout", version=1, every="1d", parameters=P, values=V, state=S)

Beside it stand functions of plain numbers: `fold_1d(s, bar, p)` for each interval whose closed bars
it reads, `entry(v, f, side, p)`, `exits(v, f, side, p, out)`, and where wanted `components(v, f,
side, p, out)` or `score(v, f, side, p)`, and `leave(v, f, side, p)`. In all of them

* `s` is the strategy's own buffer: values first, then private slots;
* `v` is the values at this close, by the same constants;
* `f` is the engine's snapshot of shared features, by `signalengine.snapshot`;
* `p` is the parameters;
* `bar` is one closed bar, by the constants below;
* `side` is +1 (long) or −1 (short).

Unknown is NaN everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Final, NamedTuple

from ..errors import StrategyError
from ..indicators import Buffer as Buffer
from ..indicators import Numbers as Numbers
from ..intervals import INTERVAL_MS, INTERVALS
from ..slots import Slots
from .buffer import ENGINE_SLOTS, MOST_VALUES, MOST_WARM, PRIVATE

OPEN_TIME: Final = 0
"""Places in a bar: ms, prices in quote currency, volume in base and in quote currency."""
OPEN: Final = 1
HIGH: Final = 2
LOW: Final = 3
CLOSE: Final = 4
VOLUME: Final = 5
QUOTE_VOLUME: Final = 6
BAR_SIZE: Final = 7

MOST_SLOTS: Final = 4_096
MOST_COMPONENTS: Final = 7
NEEDS: Final = ("open_interest", "funding", "liquidations")


class Parameter(NamedTuple):
    """A number that a parameter set may choose, from `least` to `most`."""

    name: str
    default: float
    least: float
    most: float
    whole: bool
    about: str

    def checked(self, value: object) -> float:
        """Return a chosen value; raises StrategyError for one that is out of bounds."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not isfinite(float(value)):  # type: ignore[arg-type]
            raise StrategyError(f"parameter {self.name} = {value!r} is not a number")
        x = float(value)  # type: ignore[arg-type]
        if not self.least <= x <= self.most:
            raise StrategyError(
                f"parameter {self.name} = {x:g} must be from {self.least:g} to {self.most:g}"
            )
        if self.whole and x != int(x):
            raise StrategyError(f"parameter {self.name} = {x:g} must be a whole number")
        return x


class Parameters:
    """The parameters of a strategy, in the order of their declaration."""

    def __init__(self) -> None:
        self.declared: list[Parameter] = []

    def whole(
        self, name: str, default: float, *, least: float, most: float, about: str = ""
    ) -> int:
        """Declare a whole number; returns its place in `p`."""
        return self._add(Parameter(name, float(default), least, most, True, about))

    def number(
        self, name: str, default: float, *, least: float, most: float, about: str = ""
    ) -> int:
        """Declare a number; returns its place in `p`."""
        return self._add(Parameter(name, float(default), least, most, False, about))

    def chosen(self, values: Mapping[str, object]) -> tuple[float, ...]:
        """Return `p` for chosen values; what is not chosen has its default."""
        known = {one.name for one in self.declared}
        unknown = sorted(set(values) - known)
        if unknown:
            raise StrategyError(
                f"there is no parameter {unknown[0]!r}: {', '.join(sorted(known)) or 'none'}"
            )
        return tuple(one.checked(values.get(one.name, one.default)) for one in self.declared)

    def _add(self, one: Parameter) -> int:
        _name(one.name, [other.name for other in self.declared])
        one.checked(one.default)
        self.declared.append(one)
        return len(self.declared) - 1


class Value(NamedTuple):
    """A strategy's number at a close that is stored, shown and may be ranked."""

    name: str
    price: bool
    """A price level, to be drawn on the chart."""
    about: str
    rank_of: int | None = None
    """Place of the value that this one ranks over the universe."""
    symbol: str | None = None
    """Symbol whose value this one repeats."""
    source: int | None = None
    """Place of that value."""

    @property
    def crossed(self) -> bool:
        """Whether other symbols' values are needed for it."""
        return self.rank_of is not None or self.symbol is not None


class Values:
    """The values of a strategy: the first places of its buffer."""

    def __init__(self) -> None:
        self.declared: list[Value] = []

    def number(self, name: str, *, about: str = "") -> int:
        """Declare a number; returns its place in `s` and `v`."""
        return self._add(Value(name, False, about))

    def price(self, name: str, *, about: str = "") -> int:
        """Declare a price level; returns its place in `s` and `v`."""
        return self._add(Value(name, True, about))

    def rank(self, name: str, *, of: int, about: str = "") -> int:
        """Declare the rank of a value over the universe at the same close; NaN in the fold.

        0 is the lowest value, 1 the highest; equal values have the mean of their ranks.
        """
        return self._add(Value(name, False, about, rank_of=self._known(of)))

    def of(self, name: str, symbol: str, source: int, *, about: str = "") -> int:
        """Declare another symbol's value at the same close; NaN in the fold."""
        return self._add(Value(name, False, about, symbol=symbol, source=self._known(source)))

    @property
    def crossed(self) -> tuple[int, ...]:
        """Return the places of values that need other symbols."""
        return tuple(at for at, one in enumerate(self.declared) if one.crossed)

    @property
    def sources(self) -> frozenset[str]:
        """Return the symbols whose values others repeat."""
        return frozenset(one.symbol for one in self.declared if one.symbol is not None)

    def _known(self, at: int) -> int:
        if not 0 <= at < len(self.declared) or self.declared[at].crossed:
            raise StrategyError("a rank or another symbol's value is of a value declared before it")
        return at

    def _add(self, one: Value) -> int:
        _name(one.name, [other.name for other in self.declared])
        if len(self.declared) == MOST_VALUES:
            raise StrategyError(f"a strategy has {MOST_VALUES} values at most")
        self.declared.append(one)
        return len(self.declared) - 1


class State(Slots):
    """The private slots of a strategy, behind its values and the engine's own slots."""

    def __init__(self, values: Values) -> None:
        super().__init__(PRIVATE)
        self.values = values


class Universe(NamedTuple):
    """The symbols that a strategy opens signals of; by default all that are followed.

    What a symbol's own bars say at a close decides, so nothing later than it can.
    """

    symbols: tuple[str, ...] = ()
    """Only these, where any are named."""
    top: int = 0
    """The so many with the largest value `by`; equal ones in the order of their names. 0: all."""
    by: int = 0
    """Place of that value, as the quote volume of the last days."""
    age_days: int = 0
    """Only symbols with so many closed bars of 1d; the exchange gives 499 of the past at most."""


EVERYTHING: Final = Universe()


@dataclass(kw_only=True, eq=False, repr=False)  # imported at each cold start: the rest costs time
class Strategy:
    """The declaration of a strategy; the functions beside it are in `loading.Code`."""

    name: str
    """Lower-case letters, digits and `_`; its file has the same name."""
    version: int
    every: str
    """Interval at whose closes `entry` is evaluated."""
    parameters: Parameters = field(default_factory=Parameters)
    values: Values = field(default_factory=Values)
    state: State | None = None
    ttl_minutes: int = 1_440
    """The longest that a signal may be open, to 28 days; `exits` may set less."""
    warm_up: Mapping[str, int] = field(default_factory=dict)
    """Bars of each interval before its values mean anything, of own folds and of features read."""
    features: tuple[str, ...] = ()
    """Intervals of the shared snapshot that it reads."""
    components: Mapping[str, float] = field(default_factory=dict)
    """Names and weights of the components; the weights sum to 1."""
    needs: tuple[str, ...] = ()
    """Market data without which it makes no sense, of `NEEDS`."""
    on_events: bool = False
    """Whether only closes with an event of the shared fold are evaluated."""
    clock: int | None = None
    """Minutes of the week (0: Monday 00:00 UTC) at which alone `entry` is evaluated."""
    universe: Universe = EVERYTHING
    one_open: bool = True
    """Whether a symbol has one open signal of the strategy at most; else `rearm_s` alone counts."""
    mirror: bool = True
    """Whether the law holds: prices reflected make the same signals of the other side."""
    scale: bool = True
    """Whether the law holds: prices times a power of two make the same signals."""
    about: str = ""

    def __post_init__(self) -> None:
        """Raise StrategyError for a declaration that cannot be run, naming what is wrong."""
        _name(self.name, [])
        if self.every not in INTERVALS:
            raise StrategyError(f"every = {self.every!r} must be one of {', '.join(INTERVALS)}")
        for interval, bars in self.warm_up.items():
            if interval not in INTERVALS or bars != int(bars) or not 0 <= bars <= MOST_WARM:
                raise StrategyError(
                    f"warm_up[{interval!r}] = {bars} must be whole bars of an interval, "
                    f"to {MOST_WARM}"
                )
        if not 1 <= self.ttl_minutes <= MOST_TTL or self.ttl_minutes != int(self.ttl_minutes):
            raise StrategyError(f"ttl_minutes = {self.ttl_minutes} must be whole, 1 to {MOST_TTL}")
        _among("features", self.features, INTERVALS)
        _among("needs", self.needs, NEEDS)
        if len(self.components) > MOST_COMPONENTS:
            raise StrategyError(f"a strategy has {MOST_COMPONENTS} components at most")
        weights = self.components.values()
        if self.components and (min(weights) < 0.0 or abs(sum(weights) - 1.0) > 1e-9):
            raise StrategyError("the weights of components must not be negative and must sum to 1")
        if self.size > MOST_SLOTS:
            raise StrategyError(f"a state has {MOST_SLOTS} numbers at most, this has {self.size}")
        if self.clock is not None and (
            not 0 <= self.clock < _WEEK or self.clock * 60_000 % INTERVAL_MS[self.every]
        ):
            raise StrategyError("clock must be minutes of a week, at a close of `every`")
        self._check_universe()

    def _check_universe(self) -> None:
        if self.on_events and self.compares:
            raise StrategyError("on_events: symbols are compared at closes that all of them have")
        top, by, age = self.universe.top, self.universe.by, self.universe.age_days
        if top != int(top) or top < 0:
            raise StrategyError(f"universe: top = {top} must be a whole number, 0 for all")
        if top and not (
            0 <= by < len(self.values.declared) and not self.values.declared[by].crossed
        ):
            raise StrategyError("universe: `by` must be a value of the symbol's own bars")
        if age != int(age) or not 0 <= age <= MOST_WARM:
            raise StrategyError(f"universe: age_days = {age} must be whole days, to {MOST_WARM}")

    @property
    def compares(self) -> bool:
        """Whether a close is decided by the values of several symbols."""
        return bool(self.values.crossed) or self.universe.top > 0

    def reads(self, symbol: str) -> bool:
        """Return whether a symbol's bars are folded: it may be in the universe, or is read."""
        named = self.universe.symbols
        return not named or symbol in named or symbol in self.values.sources

    @property
    def counted(self) -> tuple[str, ...]:
        """Return the intervals whose bars are counted, folded or not."""
        return (self.every, "1d") if self.universe.age_days else (self.every,)

    @property
    def size(self) -> int:
        """Numbers in the buffer."""
        return PRIVATE if self.state is None else self.state.end

    def fresh(self) -> list[float]:
        """Return the buffer before the first bar."""
        out = [float("nan")] * MOST_VALUES
        private = () if self.state is None else self.state.defined
        for slot in (*ENGINE_SLOTS, *private):
            out += [slot.fresh] * slot.count
        return out


MOST_TTL: Final = 28 * 1_440
_WEEK: Final = 7 * 1_440
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


def _name(name: str, taken: list[str]) -> None:
    if not name or not _LETTERS.issuperset(name) or len(name) > 40:
        raise StrategyError(f"{name!r}: a name has lower-case letters, digits and _, 40 at most")
    if name in taken:
        raise StrategyError(f"{name!r} is declared twice")


def _among(what: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    for one in given:
        if one not in known:
            raise StrategyError(f"{what}: {one!r} must be one of {', '.join(known)}")
