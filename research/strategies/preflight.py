"""A short plain run before a strategy is compiled: compiled code checks no place of an array."""

from functools import lru_cache
from typing import Final

from signalengine.errors import StrategyError
from signalengine.strategy.loading import load_text
from signalengine.strategy.sets import StrategySet

from .failure import LawError
from .features import with_features
from .markets import REGIMES, market
from .place_laws import places
from .runs import Parameters
from .subject import Subject

_SEED: Final = 3
_BARS: Final = 70


def preflight(one: StrategySet) -> None:
    """Raise StrategyError where a strategy raises on random bars, or uses foreign places."""
    loaded = one.loaded
    _checked(loaded.text, loaded.origin, one.parameters)


@lru_cache(maxsize=64)
def _checked(text: str, origin: str, p: Parameters) -> None:
    subject = Subject(text, origin, p, load=load_text)
    past = dict.fromkeys(subject.intervals, _BARS)
    bars = market(REGIMES[1], subject.intervals, past, _SEED, subject.strategy.every)
    try:
        found = list(places(subject, with_features(subject, bars)))
    except LawError as error:
        found = [error.failure]
    if found:
        raise StrategyError(f"{origin}, {found[0].found}; signalengine strategy check shows all")
