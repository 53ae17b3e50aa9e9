"""The passing of time: the exchange's clock advances, and each new second is sampled."""

from signalengine.intervals import MINUTE_MS

from ..watching.watch import Watch
from .assembly import BarAssembly
from .liquidations import Liquidations
from .market_clock import MarketClock
from .publisher import Publisher
from .waits import Waits


class Sampler:
    """Does what is due at a time. Not thread-safe: its owner locks."""

    def __init__(
        self,
        clock: MarketClock,
        assembly: BarAssembly,
        liquidations: Liquidations,
        publisher: Publisher,
        watch: Watch,
        waits: Waits,
    ) -> None:
        self._clock, self._assembly, self._liquidations = clock, assembly, liquidations
        self._publisher, self._watch, self._waits = publisher, watch, waits

    def advance(self, event_time: int) -> None:
        """Advance the clock to an event time that is accepted."""
        before = self._clock.time
        if event_time > before:
            second = event_time // 1000 * 1000
            if before and second > before:
                self._sample(second)
            self._clock.reach(event_time)
            if event_time // MINUTE_MS > before // MINUTE_MS:
                self._waits.minute_over()
        self._liquidations.reached(self._clock.time)

    def check(self) -> None:
        """Do what is due by the wall: once a second, whether the exchange's clock moves or not.

        A live market goes on while it sends nothing: bars become late then, too.
        """
        self._publisher.release(self._clock.time)
        now = self._clock.now()
        if self._clock.live and now > self._clock.time:
            self._check_silence(now)
            self._assembly.request_late()
        self._publisher.heartbeat_if_still(self._clock.time)

    def _sample(self, second: int) -> None:
        """Sample everything as it was when `second` began: no later event has been read yet."""
        self._clock.reach(second)
        self._publisher.release(second)
        self._check_silence(second)
        self._assembly.sample(second)
        self._publisher.tick_if_due(second)
        self._publisher.heartbeat_if_due(second)

    def _check_silence(self, now: int) -> None:
        """Liquidations of a silent stream are unknown from then on, not zero."""
        for silence in self._watch.check(now):
            if silence.stream == "liquidation":
                self._liquidations.silent(silence.since)
