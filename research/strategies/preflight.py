"""A short plain run before a strategy is compiled: compiled code checks no place of an array.

What is folded depends on no parameters but those that the folds read: sets that differ in others
share the run, and each is asked at its closes.
"""

from functools import lru_cache, partial
from typing import Any, Final, NamedTuple, TypeAlias

from signalengine.errors import StrategyError
from signalengine.strategy.buffer import MOST_VALUES
from signalengine.strategy.loading import Loaded, load_text
from signalengine.strategy.sets import StrategySet

from .failure import Failure, LawError, raised
from .features import with_features
from .fold_parameters import folded_only
from .markets import REGIMES, market
from .place_laws import places
from .runs import Answer, Parameters, Run, Side
from .subject import Subject

_SEED: Final = 3
_BARS: Final = 70
_NOTHING: Final = Side(entered=False, exits=(), parts=(), leaves=False)
_Closes: TypeAlias = list[tuple[list[float], tuple[float, ...]]]
"""The values and the features where `entry` is evaluated."""


class _Folded(NamedTuple):
    """The closes of a run, and what is wrong with the folds."""

    closes: _Closes
    found: Failure | None


class _Recorder(Run):
    """A run that asks nothing, and notes where it would."""

    def __init__(self, closes: _Closes, *run: Any, **options: Any) -> None:
        super().__init__(*run, **options)
        self.closes = closes

    def ask(self, f: tuple[float, ...]) -> Answer:
        self.closes.append((self.s[:MOST_VALUES], f))
        return _NOTHING, _NOTHING


def preflight(one: StrategySet) -> None:
    """Raise StrategyError where a strategy raises on random bars, or uses foreign places."""
    loaded, p = one.loaded, one.parameters
    found = _failure(loaded.text, loaded.origin, p, folded_only(loaded, p))
    if found is not None:
        raise StrategyError(
            f"{loaded.origin}, {found.found}; signalengine strategy check shows all"
        )


@lru_cache(maxsize=4096)
def _failure(text: str, origin: str, p: Parameters, folded_p: Parameters) -> Failure | None:
    """Return the first thing that is wrong with a strategy under parameters."""
    folded, run = _folded(text, origin, folded_p), Run(_loaded(text, origin), p)
    try:
        for v, f in folded.closes:
            run.s = v
            run.ask(f)
    except Exception as error:  # of the strategy's own functions
        return raised(error, origin)
    return folded.found


@lru_cache(maxsize=16)
def _folded(text: str, origin: str, p: Parameters) -> _Folded:
    subject = Subject(text, origin, p, load=load_text)
    closes: _Closes = []
    past = dict.fromkeys(subject.intervals, _BARS)
    bars = market(REGIMES[1], subject.intervals, past, _SEED, subject.strategy.every)
    try:
        found = list(places(subject, with_features(subject, bars), partial(_Recorder, closes)))
    except LawError as error:
        found = [error.failure]
    return _Folded(closes, next(iter(found), None))


@lru_cache(maxsize=16)
def _loaded(text: str, origin: str) -> Loaded:
    return load_text(text, origin)
