"""Signals of all parameter sets that were ever registered: they settle, also of those that are off.

While no set is registered beside `classic`, nothing is looked for.
"""

import json
from collections.abc import Callable, Sequence
from typing import Final

from signalengine.signals import Signal

from ...ports import Registry
from ...runtime.clock import Clock, wall_ms
from ...runtime.stored_fields import UNREADABLE
from ...runtime.ttl_cache import TtlCache
from ...stores.signals import StoredSignal
from .running_sets import REGISTRY_MS

SECOND_MS: Final = 1_000


class TrackedSets:
    """Reads the registry once a minute."""

    def __init__(
        self,
        registry: Registry,
        shadows: Callable[[], Sequence[StoredSignal]],
        clock: Clock = wall_ms,
    ) -> None:
        """`shadows` returns the open signals that are not published."""
        self._registered = TtlCache(registry.read, clock, REGISTRY_MS)
        self._shadows = shadows

    def open_shadows(self) -> Sequence[StoredSignal]:
        """Return the open signals that are not published."""
        changed = any(one.version for one in self._registered().values())
        return self._shadows() if changed else ()

    def grace_ms(self, signal: Signal, default: int) -> int:
        """Return how long (ms) after its expiry the bars of a signal are waited for.

        The rule of its set, if it is still the one that opened it.
        """
        one = self._registered().get(signal.strategy)
        if one is None or one.digest != signal.policy_digest:
            return default
        try:
            seconds = json.loads(one.text).get("rules", {}).get("grace_s")
            return default if seconds is None else int(seconds * SECOND_MS)
        except UNREADABLE:
            return default
