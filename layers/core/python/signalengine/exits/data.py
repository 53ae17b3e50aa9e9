"""Exits of a signal beyond one TP and one SL, and what came of them, as data."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Target:
    """A price at which a fraction of the position is closed."""

    price: float
    fraction: float
    """0..1, in whole ten-thousandths."""


@dataclass(frozen=True, slots=True)
class Exits:
    """The exits of a signal beyond one TP and one SL, fixed when it opens."""

    targets: tuple[Target, ...]
    """1 to 4, nearest first; what they leave of the position runs to the stop or the expiry."""
    break_even: bool = False
    """The stop moves to the entry after the first target."""
    trail: float | None = None
    """Distance of the trailing stop from the best price; None: it does not trail."""
    trail_step: float | None = None
    """Steps in which it moves."""
    trail_after: int = 0
    """Targets after which it begins."""
    leave: bool = False
    """The strategy may close it at a bar's close."""
    tick_size: float | None = None
    """Smallest step of the price, on which a trailing stop moves; None where it is unknown."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A part of a position that was closed."""

    name: str
    """What closed it: `target1` … `target4`, `stop`, `expiry` or `left`."""
    closed_at: int
    """Close time of its bar."""
    price: float
    fraction: float
    """Of the position, 0..1."""
    touched_at: int | None = None
    """Exchange time at which the path crossed the level; None when unknown."""


@dataclass(frozen=True, slots=True)
class StopMove:
    """The stop's new price, from the next bar on."""

    name: str
    """`stop1`, `stop2`, … in the order of time."""
    at: int
    """Close time of the bar that moved it."""
    price: float


Step: TypeAlias = Fill | StopMove
"""What happens to a signal before it ends: a part of it is closed, or its stop moves."""
