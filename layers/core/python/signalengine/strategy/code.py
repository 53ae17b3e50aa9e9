"""The functions of a strategy, as the engine calls them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

Function: TypeAlias = Callable[..., Any]


class Code(NamedTuple):
    """The functions of a strategy file; None where it has none."""

    folds: Mapping[str, Function]
    """fold(s, bar, p) by interval."""
    entry: Function
    """entry(v, f, side, p): whether to open in a direction."""
    exits: Function
    """exits(v, f, side, p, out): its levels, a row of `exits.levels`."""
    components: Function | None = None
    """components(v, f, side, p, out): each 0..1, NaN is missing."""
    score: Function | None = None
    """score(v, f, side, p): 0..1, NaN is missing."""
    leave: Function | None = None
    """leave(v, f, side, p): whether to close an open signal."""
