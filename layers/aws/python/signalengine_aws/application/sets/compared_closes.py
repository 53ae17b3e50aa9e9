"""The evaluations of all symbols at one close, for parameter sets that compare symbols.

A close is decided when each symbol that trades has its evaluation, or when the fold is
`MARKET_WAIT_MS` past it. The decision stores the symbols whose evaluations were not there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from time import sleep as real_sleep
from typing import TYPE_CHECKING, Final

from signalengine.signals import Evaluation

from ...ports import ClosesOfSet, FeedOfSymbols

if TYPE_CHECKING:
    from signalengine.strategy.sets import StrategySet

MARKET_WAIT_MS: Final = 10_000
"""How long a close waits for other symbols, in exchange time."""
MARKET_WAIT_S: Final = 10.0
"""The same in wall time: the exchange's time stands still while the feed does."""
LOOK_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Close:
    """What is known of one close."""

    time: int
    expected: frozenset[str]
    """Symbols that trade, as far as the set reads them."""
    evaluations: dict[str, Evaluation]

    @property
    def absent(self) -> frozenset[str]:
        return self.expected - self.evaluations.keys()


class ComparedCloses:
    """Reads the closes of one set; each is read once where all symbols have it."""

    def __init__(
        self,
        one: "StrategySet",
        closes: ClosesOfSet,
        feed: FeedOfSymbols,
        *,
        sleep: Callable[[float], None] = real_sleep,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`clock` returns seconds of wall time."""
        self._one, self._closes, self._feed = one, closes, feed
        self._sleep, self._clock = sleep, clock
        self._last: _Close | None = None

    def compared(self, evaluation: Evaluation) -> Evaluation:
        """Return an evaluation with the values that compare symbols, and its entries.

        Whatever the strategy's own function raises is raised.
        """
        from signalengine.strategy.across import compared, entered  # of few strategies

        close = self._close(evaluation)
        known = compared(self._one, close.evaluations.values(), close.absent)
        return entered(self._one, known[evaluation.symbol])

    def _close(self, evaluation: Evaluation) -> _Close:
        """Return what is known of a close; it waits only where nothing was known of it."""
        last, time = self._last, evaluation.close_time
        if last is not None and last.time == time:
            close = (
                last if evaluation.symbol in last.evaluations else self._read(last.expected, time)
            )
        else:
            close = self._awaited(evaluation)
        close.evaluations[evaluation.symbol] = evaluation  # an index may lack it yet
        self._last = close
        return close

    def _awaited(self, evaluation: Evaluation) -> _Close:
        began, time = self._clock(), evaluation.close_time
        reads = self._one.loaded.strategy.reads
        expected = frozenset(filter(reads, self._feed.trading()))
        while True:
            progress = self._feed.progress()  # before what was stored until then
            close = self._read(expected, time)
            if close.absent <= {evaluation.symbol} or progress >= time + MARKET_WAIT_MS:
                return close
            if self._clock() - began >= MARKET_WAIT_S:
                return close
            self._sleep(LOOK_S)

    def _read(self, expected: frozenset[str], time: int) -> _Close:
        digest = self._one.digest
        found = {one.symbol: one for one in self._closes.of_close(time) if one.digest == digest}
        return _Close(time, expected, found)
