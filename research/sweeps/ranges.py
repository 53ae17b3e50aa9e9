"""What a search may choose: ranges of fields, and values of others.

On the command line `--range threshold=0.4..0.7`, `--range ttl_s=1800..7200:600` (in steps of 600)
and, as for a grid, `--set atr_interval=15m,1h`.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from signalengine.errors import PolicyError
from signalengine.strategy.form import Parameter
from signalengine.strategy.loading import Loaded

from research.sweeps.grid import Variant, base_policy, policy_variant, strategy_variant

_FORM: Final = re.compile(r"([^=]+)=([^.:=]+(?:\.\d+)?)\.\.([^:=]+?)(?::([^:=]+))?")
_DIGITS: Final = 4
"""Significant digits of a value that is chosen: more would decide nothing."""
_SHARED: Final = ("weights", "interval_weights")
"""Tables of a policy whose numbers sum to 1."""


@dataclass(frozen=True, slots=True)
class Range:
    """A field and the numbers to choose from, both ends included; no step is any number."""

    name: str
    least: float
    most: float
    step: float | None = None
    whole: bool = False

    def __post_init__(self) -> None:
        """Raise PolicyError for a range without room, and for parts of a whole number."""
        if not self.least < self.most:
            raise PolicyError(
                f"{self.name}: the range begins at {self.least:g}, which must be below its end "
                f"{self.most:g}"
            )
        if self.step is not None and not 0.0 < self.step <= self.most - self.least:
            raise PolicyError(f"{self.name}: a step of {self.step:g} does not fit the range")
        for number in (self.least, self.most, self.step or 1.0):
            if self.whole and not number.is_integer():
                raise PolicyError(
                    f"{self.name} is a whole number: {number:g} cannot be in its range"
                )

    @property
    def top(self) -> float:
        """The largest number that can be chosen."""
        if self.step is None:
            return self.most
        return self.least + math.floor((self.most - self.least) / self.step + 1e-9) * self.step

    def rounded(self, x: float) -> float:
        """Return a number of the range with as many digits as are worth reading."""
        return min(max(float(f"{x:.{_DIGITS}g}"), self.least), self.most)


@dataclass(frozen=True, slots=True)
class Space:
    """All that a search chooses from: a policy, or a strategy, with ranges and values."""

    ranges: tuple[Range, ...]
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    base: Mapping[str, Any] = field(default_factory=lambda: base_policy("default"))
    strategy: Loaded | None = None

    def __post_init__(self) -> None:
        """Raise PolicyError or StrategyError for what no set can have."""
        names = [one.name for one in self.ranges]
        twice = [name for name in names if names.count(name) > 1 or name in self.values]
        if twice:
            raise PolicyError(f"{twice[0]}: given twice")
        if not names:
            raise PolicyError("a search needs a range: --range threshold=0.4..0.7")
        for one in self.ranges:
            for end in (one.least, one.most):
                self.variant({one.name: end})

    def variant(self, chosen: Mapping[str, Any]) -> Variant:
        """Return the set of chosen values; raises PolicyError or StrategyError where it is none."""
        if self.strategy is not None:
            return strategy_variant(self.strategy, chosen)
        return policy_variant(self.base, balanced(self.base, chosen))


def balanced(base: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return chosen values with all weights of a table that has any of them, scaled to sum to 1.

    What is no table of numbers stays as it is, for the policy to refuse.
    """
    found = dict(chosen)
    for table in _SHARED:
        mine = {name: x for name, x in chosen.items() if name.startswith(f"{table}.")}
        listed = base.get(table)
        known = {f"{table}.{n}": x for n, x in listed.items()} if isinstance(listed, dict) else {}
        weights = known | mine
        if not mine or set(mine) - set(known) or not all(map(_is_number, weights.values())):
            continue  # a policy has none of these, and says so
        total = sum(weights.values()) or 1.0
        scaled = {name: round(x / total, _DIGITS) for name, x in weights.items()}
        largest = max(scaled, key=lambda name: scaled[name])
        scaled[largest] = round(scaled[largest] + 1.0 - sum(scaled.values()), _DIGITS)
        found |= scaled
    return found


def _is_number(x: object) -> bool:
    return isinstance(x, int | float) and math.isfinite(x)


def parse_ranges(items: Iterable[str], strategy: Loaded | None = None) -> tuple[Range, ...]:
    """Read `threshold=0.4..0.7`: whole numbers where all of them are written without a point.

    Those of a strategy are whole where the parameter is.
    """
    declared = {} if strategy is None else _declared(strategy)
    return tuple(_range(item, declared) for item in items)


def _range(item: str, declared: Mapping[str, Parameter]) -> Range:
    found = _FORM.fullmatch(item)
    try:
        name, *texts = found.groups() if found else ()
        numbers = [float(text) for text in texts if text is not None]
    except ValueError:
        raise PolicyError(f"{item!r}: write FIELD=LEAST..MOST, or FIELD=LEAST..MOST:STEP") from None
    whole = all(re.fullmatch(r"-?\d+", text) for text in texts if text is not None)
    if name in declared:
        whole = declared[name].whole
    return Range(name, numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else None, whole)


def _declared(strategy: Loaded) -> Mapping[str, Parameter]:
    return {one.name: one for one in strategy.strategy.parameters.declared}
