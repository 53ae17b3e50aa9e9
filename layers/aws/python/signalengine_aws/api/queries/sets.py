"""Which parameter sets an answer is of.

Without a choice those that are live, or were: what was published stays in the lists.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from signalengine.policy import CLASSIC
from signalengine.strategy.lifecycle import Registered

from ...runtime.clock import Clock, wall_ms
from ...runtime.ttl_cache import TtlCache
from ...stores import strategies
from ...stores.registry import DynamoRegistry
from ...stores.strategies import Strategy
from ..parameters import QueryError

if TYPE_CHECKING:
    from ..services import Services

REGISTRY_MS: Final = 10_000
"""How old the registry may be that lists are made by."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The sets of a list."""

    sets: Mapping[str, Strategy]
    """By their keys in stored items: empty for `classic`."""
    published: bool = False
    """Without signals in shadow."""
    shadows: bool = False
    """Whether there may be signals in shadow among them."""

    @property
    def alone(self) -> str | None:
        """The key of the one set of the list; None for several."""
        return next(iter(self.sets)) if len(self.sets) == 1 else None


class RegisteredSets:
    """The registered sets, read again every ten seconds."""

    def __init__(self, registry: DynamoRegistry, clock: Clock = wall_ms) -> None:
        self._get = registry.get
        self._registered: Callable[[], Mapping[str, Registered]]
        self._registered = TtlCache(registry.read, clock, REGISTRY_MS)

    @classmethod
    def of(cls, services: "Services") -> Self:
        return cls(DynamoRegistry(services.env.strategies_table))

    def chosen(self, strategy: str | None = None, *, shadow: bool = False) -> Chosen:
        """Return the sets of a list; raises QueryError for one that is not registered.

        Of a named set everything is listed; `shadow`: everything of all sets.
        """
        if strategy is not None:
            named = self.named(strategy)
            return Chosen(_keys([named]), shadows=named.version > 0)
        every = self._registered().values()
        if shadow:
            return Chosen(_keys(every), shadows=True)
        # a set that never changed has opened no signal in shadow: nothing has to be left out
        public = [one for one in every if one.public]
        return Chosen(_keys(public), published=any(one.version for one in public))

    def named(self, strategy: str) -> Registered:
        """Return a set by its name, as it is now; raises QueryError when it is not registered."""
        found = self._get(strategy)
        if found is None:
            raise QueryError(f"strategy: {strategy} is not registered; see /strategies")
        return found

    def running(self) -> list[Registered]:
        """Return the sets that run, as they were some seconds ago, without `classic`."""
        found = self._registered().values()
        return [one for one in found if one.running and one.name != CLASSIC]

    def settled(self, name: str) -> Registered | None:
        """Return a set by its name as it was some seconds ago; None when it is not registered."""
        return self._registered().get(name)


def key_of(name: str) -> str:
    """Return a set's key in stored items by its name."""
    return "" if name == CLASSIC else name


def name_of(key: str) -> str:
    """Return a set's name by its key in stored items."""
    return key or CLASSIC


def strategy_of(key: str) -> Strategy:
    """Return a set by its key in stored items."""
    return Strategy(key) if key else strategies.CLASSIC


def _keys(sets: Iterable[Registered]) -> dict[str, Strategy]:
    return {key_of(one.name): strategy_of(key_of(one.name)) for one in sets}
