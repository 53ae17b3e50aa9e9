"""Laws of symmetry: a market turned upside down, or priced in other units, is the same market.

Upside down, every price p is 2c − p: exact, because prices and c are whole multiples of 2**-12. A
rule on distances and ATRs says the same of the other side; one on ratios of prices does not. In
other units every price is multiplied by a power of two, which changes no digit.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from signalengine.exits.levels import MOST_TARGETS, REACH, STOP, TARGET, TRAIL, TRAIL_STEP

from .failure import Failure
from .features import with_features
from .markets import CENTRE, Market, Reflected, Scaled, changed
from .runs import Answer, Seen, Side, trace
from .subject import Subject

FACTORS: Final = (8.0, 0.0625)
_LEVELS: Final = (STOP, *range(TARGET, TARGET + MOST_TARGETS))
_DISTANCES: Final = (TRAIL, TRAIL_STEP)
_SHARES: Final = (REACH,)
"""Fractions of the price."""
_NEAR: Final = 1e-6
"""By how much computed numbers may differ: sums round otherwise upside down."""


def mirror(subject: Subject, market: Market, first: Sequence[Seen]) -> Iterator[Failure]:
    """Prices turned upside down make the same entries, scores and exits of the other side."""
    other = trace(subject.run(), with_features(subject, changed(market, Reflected())).steps)
    for number, (seen, turned) in enumerate(zip(first, other, strict=True)):
        if seen.answer is None or turned.answer is None:
            continue
        swapped = turned.answer[1], turned.answer[0]
        for what, found in _unlike(seen.answer, swapped, market.steps[number].rows[0].numbers[4]):
            yield subject.failure(
                "mirror",
                subject.lines.function(*_FUNCTIONS[what]),
                f"{what} at bar {number + 1} {found} with prices turned upside down",
                "treat both sides alike, in distances and ATRs; or declare mirror=False",
            )
            return


def scale(subject: Subject, market: Market, first: Sequence[Seen]) -> Iterator[Failure]:
    """Prices times a power of two make the same entries and scores, and exits times it."""
    for factor in FACTORS:
        other = trace(subject.run(), with_features(subject, changed(market, Scaled(factor))).steps)
        for number, (seen, scaled) in enumerate(zip(first, other, strict=True)):
            if seen.answer is None or scaled.answer is None:
                continue
            found = _unscaled(seen.answer, scaled.answer, factor)
            if found:
                yield subject.failure(
                    "scale",
                    subject.lines.function(*_FUNCTIONS[found]),
                    f"{found} at bar {number + 1} differs with prices times {factor:g}",
                    "compare prices with prices, not with a number; or declare scale=False",
                )
                return


_FUNCTIONS: Final = {
    "entry": ("entry",),
    "score": ("components", "score", "entry"),
    "exits": ("exits",),
    "leave": ("leave",),
}


def _unlike(mine: Answer, other: Answer, close: float) -> Iterator[tuple[str, str]]:
    for name, one, turned in zip(("long", "short"), mine, other, strict=True):
        if one.entered != turned.entered:
            yield "entry", f"differs for {name}"
        if one.leaves != turned.leaves:
            yield "leave", f"differs for {name}"
        if not all(map(_close, one.parts, turned.parts)):
            yield "score", f"differs for {name}"
        if not _same_distances(one, turned, close):
            yield "exits", f"differ for {name}"


def _same_distances(one: Side, turned: Side, close: float) -> bool:
    """Whether levels are as far away; those in per cent of the price may differ by as much."""
    percent = abs(2.0 * (CENTRE - close) / close) + _NEAR
    for at, (x, y) in enumerate(zip(one.exits, turned.exits, strict=True)):
        if at in _LEVELS:
            far, other = x - close, 2.0 * CENTRE - y - close
            if x != x or y != y:
                if (x != x) != (y != y):
                    return False
            elif abs(far - other) > percent * abs(far) + _NEAR * close:
                return False
        elif at in (*_DISTANCES, *_SHARES):
            if not _close(x, y, percent):
                return False
        elif not _close(x, y):
            return False
    return True


def _close(x: float, y: float, within: float = _NEAR) -> bool:
    if x != x or y != y:
        return x != x and y != y
    return abs(x - y) <= within * max(abs(x), abs(y)) + _NEAR


def _unscaled(mine: Answer, other: Answer, factor: float) -> str:
    """Return what is not the same with prices times a factor; "" when all is."""
    for one, scaled in zip(mine, other, strict=True):
        if one.entered != scaled.entered:
            return "entry"
        if one.leaves != scaled.leaves:
            return "leave"
        if repr(one.parts) != repr(scaled.parts):
            return "score"
        prices = (*_LEVELS, *_DISTANCES)
        exits = [x * factor if at in prices else x for at, x in enumerate(one.exits)]
        if repr(exits) != repr(list(scaled.exits)):
            return "exits"
    return ""
