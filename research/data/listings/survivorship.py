"""What a set of symbols lacks of those that traded: the sentence about survivorship."""

from collections.abc import Collection
from typing import Final

from research.data.times import day_of

from .history import Listings

FLATTERS: Final = "Results on this set flatter longs."
_NAMED: Final = 3


def survivorship(listings: Listings, held: Collection[str], time: int) -> str:
    """Return what is known of the symbols that are missing at a time (ms), in words."""
    day = day_of(time)
    if listings.first is None:
        return (
            f"Which symbols traded on {day} is unknown: there is no list of contracts here. Fetch "
            f"one: signalengine data fetch exchange-info. Delisted symbols may be missing: "
            f"{_lowered(FLATTERS)}"
        )
    at = listings.universe_at(time)
    missing = sorted(at.symbols - set(held))
    here = len(at.symbols) - len(missing)
    known = "trading" if at.complete else "known to have traded"
    sentences = [f"Of the {len(at.symbols)} symbols {known} on {day}, {here} are here."]
    gone = [name for name in missing if listings.end_of(name) is not None]
    if gone:
        named = ", ".join(gone[:_NAMED]) + (" …" if len(gone) > _NAMED else "")
        sentences.append(f"{len(gone)} of the missing have been delisted since ({named}).")
    if at.unsure:
        sentences.append(
            f"{len(at.unsure)} more may have been delisted by then: between two lists of contracts."
        )
    if not at.complete:
        sentences.append(
            f"Symbols that were delisted and removed before {day_of(listings.first)}, the first "
            "list of contracts, are unknown."
        )
    if gone or not at.complete:
        sentences.append(FLATTERS)
    return " ".join(sentences)


def _lowered(text: str) -> str:
    return text[0].lower() + text[1:]
