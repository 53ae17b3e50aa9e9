"""Which parameter sets run, from the registry: read again each minute.

A set runs only with the code it was registered with. One that cannot, or that raises, is parked
with its reason, and the others go on.
"""

from functools import cache, partial
from typing import TYPE_CHECKING, Final

from signalengine.errors import PermanentError, SignalEngineError, StrategyError
from signalengine.policy import CLASSIC
from signalengine.strategy.lifecycle import CLASSIC_ALONE, Registered, Running, Status, changed

from ...ports import Registry
from ...runtime.clock import Clock, wall_ms
from ...runtime.ttl_cache import TtlCache

if TYPE_CHECKING:
    from signalengine.strategy.loading import Loaded
    from signalengine.strategy.sets import StrategySet

REGISTRY_MS: Final = 60_000
"""How old the registry may be that is used."""


class RunningSets:
    """The sets that run, and their parking."""

    def __init__(self, registry: Registry, who: str, clock: Clock = wall_ms) -> None:
        """`who` is named as the author of changes."""
        self._registry, self._who, self._clock = registry, who, clock
        self._registered = TtlCache(registry.read, clock, REGISTRY_MS)
        self._loaded: dict[tuple[str, str], StrategySet] = {}
        self._parked: dict[str, str] = {}
        """By set, the reason of those whose parking could not be stored yet."""
        self._running = CLASSIC_ALONE

    def running(self) -> Running:
        """Return what runs; the same object until that changes. Raises TransientError."""
        registered = self._registered()
        found = []
        for one in registered.values():
            if one.running and one.name != CLASSIC:
                ready = self._ready(one)
                found += [] if ready is None else [ready]
        running = Running(registered[CLASSIC].running, tuple(found))
        if running != self._running:
            self._running = running
        return self._running

    def find(self, name: str, digest: str, stale_ms: int) -> "tuple[Status, StrategySet | None]":
        """Return the status of a set, and the set if it runs with these parameters.

        The registry is read again when it is older than that and lacks such a set.
        """
        found = self._find(name, digest)
        if found is None and self._registered.age() > stale_ms:
            self._registered.renewed()
            found = self._find(name, digest)
        return found or ("off", None)

    def _find(self, name: str, digest: str) -> "tuple[Status, StrategySet | None] | None":
        one = self._registered().get(name)
        if name == CLASSIC:
            return None if one is None else (one.status, None)
        if one is None or one.digest != digest or not one.running:
            return None
        ready = self._ready(one)
        return None if ready is None else (one.status, ready)

    def park(self, name: str, reason: str) -> None:
        """Stop running a set, and store why; what cannot be stored now is later.

        Only as this process has run it: with another digest it has been mended meanwhile.
        """
        ran = self._registered().get(name)
        digest = None if ran is None else ran.digest
        self._parked[name] = reason
        to = partial(changed, action="park", now=self._clock(), reason=reason, digest=digest)
        try:
            self._registry.change(name, self._who, to)
        except StrategyError:  # it does not run any more: somebody has changed it meanwhile
            pass
        except SignalEngineError:
            return
        self._registered.renewed()
        del self._parked[name]

    def _ready(self, one: Registered) -> "StrategySet | None":
        """Return a set that can run; None for one that is parked now."""
        if one.name in self._parked:
            self.park(one.name, self._parked[one.name])
            return None
        key = (one.text, one.digest)
        if key not in self._loaded:
            from signalengine.strategy.deployed import deployed  # takes time where there is none

            try:
                self._loaded[key] = deployed(one, load_once)
            except PermanentError as error:
                self.park(one.name, str(error))
                return None
        return self._loaded[key]


@cache
def load_once(name: str) -> "Loaded":
    """Return a deployed strategy, which all of its sets share; raises StrategyError."""
    from signalengine.strategy.loading import load_shipped

    return load_shipped(name)
