"""Values that compare symbols: ranks over the universe, and another symbol's values (pure).

All evaluations of a strategy at one close give them. A symbol that is not warm, or has a hole in
its bars, has no value that others could be compared with.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import isfinite, nan

from ..decisions import values_of
from ..signals import DIRECTIONS, Direction, Evaluation
from ..snapshot import flat
from .form import Strategy, Value
from .running import entry_events
from .sets import StrategySet


def rank(x: float, known: Sequence[float]) -> float:
    """Return the rank of a value among sorted ones, itself included: 0 lowest … 1 highest.

    Equal values have the mean of their ranks; NaN when there are fewer than two values.
    """
    if len(known) < 2:
        return nan
    below, up_to = bisect_left(known, x), bisect_right(known, x)
    return (below + up_to - 1) / (2 * (len(known) - 1))


def members(strategy: Strategy, evaluations: Iterable[Evaluation]) -> frozenset[str]:
    """Return the symbols of the universe at the close of these evaluations."""
    able = [one for one in evaluations if _usable(one) and not one.outside]
    universe = strategy.universe
    if not universe.top:
        return frozenset(one.symbol for one in able)
    name = strategy.values.declared[universe.by].name
    sized = [(size, one.symbol) for one in able if (size := one.values.get(name)) is not None]
    ranked = sorted(sized, key=lambda one: (-one[0], one[1]))
    return frozenset(symbol for _, symbol in ranked[: universe.top])


def compared(
    one: StrategySet, evaluations: Iterable[Evaluation], absent: Iterable[str] = ()
) -> dict[str, Evaluation]:
    """Return the evaluations of one close by symbol, with the values that compare symbols.

    `absent` are the symbols whose evaluations were not there.
    """
    strategy, known = one.loaded.strategy, {each.symbol: each for each in evaluations}
    inside = members(strategy, known.values())
    columns = [_column(strategy, known, inside, at) for at in strategy.values.crossed]
    names = [strategy.values.declared[at].name for at in strategy.values.crossed]
    missing = tuple(sorted(set(absent) - known.keys()))
    found: dict[str, Evaluation] = {}
    for symbol, each in known.items():
        across = {name: column[symbol] for name, column in zip(names, columns, strict=True)}
        outside = symbol not in inside and (each.outside or _usable(each))
        found[symbol] = replace(each, across=across, outside=outside, absent=missing)
    return found


def entered(one: StrategySet, evaluation: Evaluation) -> Evaluation:
    """Return a compared evaluation with its entries as events.

    Whatever a strategy's own function raises is raised.
    """
    sides = () if evaluation.outside else _sides(one, evaluation)
    return replace(evaluation, events=entry_events(one.loaded.strategy, sides))


def _usable(one: Evaluation) -> bool:
    return not one.unwarm and not one.tainted


def _column(
    strategy: Strategy, known: Mapping[str, Evaluation], inside: frozenset[str], at: int
) -> dict[str, float | None]:
    """Return one value that compares symbols, by symbol; None: unknown."""
    value = strategy.values.declared[at]
    if value.rank_of is None:
        return dict.fromkeys(known, _of(strategy, known, value))
    own = {
        symbol: x
        for symbol in inside
        if (x := known[symbol].values.get(strategy.values.declared[value.rank_of].name)) is not None
    }
    ordered = sorted(own.values())
    ranks = {symbol: rank(x, ordered) for symbol, x in own.items()}
    return {symbol: x if isfinite(x := ranks.get(symbol, nan)) else None for symbol in known}


def _of(strategy: Strategy, known: Mapping[str, Evaluation], value: Value) -> float | None:
    """Return another symbol's value."""
    other = known.get(value.symbol or "")
    if other is None or value.source is None or not _usable(other):
        return None
    return other.values.get(strategy.values.declared[value.source].name)


def _sides(one: StrategySet, evaluation: Evaluation) -> tuple[Direction, ...]:
    v, f = values_of(evaluation, one), flat(evaluation.features, evaluation.context)
    sides = zip(DIRECTIONS, (1.0, -1.0), strict=True)
    return tuple(name for name, side in sides if one.code.entry(v, f, side, one.parameters))
