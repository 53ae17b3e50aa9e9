"""Closed signals in columns, with the days they cover: the input of every statistic.

A statistic is of one policy on one kind of market (`Signal.stats_key`); anything else is refused. A
signal belongs to the UTC day of its entry, as in the live statistics. Days without a signal count,
days without bars do not.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from signalengine.facts.stream import Market
from signalengine.intervals import DAY_MS
from signalengine.signals import RETURN_SCALE, Outcome, Settlement, Signal
from signalengine.strategy.parameter_set import ParameterSet

from research.data.bars import BarTable
from research.statistics.errors import StatisticsError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

HOUR_MS: Final = 3_600_000


class FeedLike(Protocol):
    """The bars a run read; rows as in `research.backtest.kernel.BAR_FIELDS`, times in ms."""

    @property
    def market(self) -> Market: ...
    @property
    def warm(self) -> tuple[Floats, ...]: ...
    @property
    def columns(self) -> tuple[Floats, ...]: ...
    @property
    def bars(self) -> Floats: ...
    @property
    def late_ms(self) -> Floats: ...
    @property
    def tick(self) -> Floats: ...
    @property
    def longer(self) -> tuple[Floats, ...]: ...
    @property
    def funding_paid(self) -> Floats: ...
    @property
    def coarse(self) -> str | None: ...
    @property
    def length_ms(self) -> int: ...
    @property
    def settling(self) -> Floats: ...


class RunLike(Protocol):
    """What `research.backtest.run.simulate`, `run_facts` and `strategy_run` return."""

    @property
    def symbol(self) -> str: ...
    @property
    def policy(self) -> ParameterSet: ...
    @property
    def feed(self) -> FeedLike: ...
    @property
    def table(self) -> BarTable | None: ...
    @property
    def signals(self) -> tuple[Signal, ...]: ...
    @property
    def verdicts(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class Span:
    """When signals of a symbol could open and end: start <= time < end, ms."""

    symbol: str
    start: int
    end: int

    def days(self) -> range:
        """UTC day numbers that hold a part of it."""
        return range(self.start // DAY_MS, -(-self.end // DAY_MS))


@dataclass(frozen=True, eq=False, slots=True)
class Marks:
    """What signals made on each day they were open; columns of one shape, returns in 1e-8."""

    day: Ints
    """UTC day number; days of several signals are listed one after the other."""
    net: Ints
    gross: Ints


@dataclass(frozen=True)
class Trades:
    """Closed signals in the order they closed in; columns have shape (n,).

    Returns are integers of 1e-8, as stored. `days` are the UTC day numbers covered, ascending.
    """

    signals: tuple[Signal, ...]
    spans: tuple[Span, ...]
    still_open: int = 0
    marks: Marks | None = None
    """Their returns by day, where they may be open for more than one (`marking`)."""

    def __len__(self) -> int:
        return len(self.signals)

    @cached_property
    def settlements(self) -> tuple[Settlement, ...]:
        return tuple(s.settlement for s in self.signals if s.settlement is not None)

    @cached_property
    def net(self) -> Ints:
        return np.array([end.net_return for end in self.settlements], dtype=np.int64)

    @cached_property
    def gross(self) -> Ints:
        return np.array([end.gross_return for end in self.settlements], dtype=np.int64)

    @cached_property
    def risk(self) -> Floats:
        """Distance of the stop as a fraction of the entry: one R."""
        pairs = [(s.entry_price, s.sl_price) for s in self.signals]
        return np.array([abs(entry - sl) / entry for entry, sl in pairs], dtype=np.float64)

    @cached_property
    def entered(self) -> Ints:
        return np.array([s.close_time for s in self.signals], dtype=np.int64)

    @cached_property
    def closed(self) -> Ints:
        return np.array([end.closed_at for end in self.settlements], dtype=np.int64)

    @cached_property
    def outcomes(self) -> Counter[Outcome]:
        return Counter(end.outcome for end in self.settlements)

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted({span.symbol for span in self.spans}))

    @cached_property
    def days(self) -> Ints:
        held = {day for span in self.spans for day in span.days()}
        return np.array(sorted(held), dtype=np.int64)

    @cached_property
    def day(self) -> Ints:
        """Index into `days` of each signal's entry."""
        return np.searchsorted(self.days, self.entered // DAY_MS).astype(np.int64)

    @property
    def market(self) -> str:
        return self.signals[0].market if self.signals else ""

    def daily(self, values: Floats | Ints | Mask) -> Floats:
        """Sum a column by day of entry; days without a signal are 0. Shape (len(days),)."""
        sums = np.bincount(self.day, weights=values.astype(np.float64), minlength=len(self.days))
        return sums.astype(np.float64)

    def daily_net(self) -> Floats:
        """Net sums by day, as fractions of one stake (sums of integers: exact up to 2**53).

        Of the day of entry; of each day they were open where they are marked to the market.
        """
        if self.marks is None:
            return self.daily(self.net) / RETURN_SCALE
        return self.steps.net / RETURN_SCALE

    @cached_property
    def steps(self) -> "Steps":
        """The returns in the order of time: of each closing, or of each day where marked."""
        marks = self.marks
        if marks is None:
            return Steps(self.closed, self.net, self.gross)
        if not len(self.days):
            return Steps(self.days, self.days, self.days)
        at = np.clip(np.searchsorted(self.days, marks.day), 0, len(self.days) - 1)
        sums = [np.zeros(len(self.days), dtype=np.int64) for _ in range(2)]
        for total, column in zip(sums, (marks.net, marks.gross), strict=True):
            np.add.at(total, at, column)
        return Steps((self.days + 1) * DAY_MS, *sums)

    def profiles(self) -> Counter[tuple[str, ...]]:
        """Signals by the components that lacked data: their scores are not fully comparable."""
        return Counter(s.missing for s in self.signals)


@dataclass(frozen=True, eq=False, slots=True)
class Steps:
    """Returns (1e-8) in the order of time, ms."""

    time: Ints
    net: Ints
    gross: Ints


def trades_of(signals: Iterable[Signal], spans: Sequence[Span]) -> Trades:
    """Put closed signals in columns; those still open are only counted.

    Raises StatisticsError for signals of two policies or kinds of market, for one that is there
    twice, and for one outside the spans.
    """
    listed = list(signals)
    one_kind(listed)
    ids = Counter(s.signal_id for s in listed)
    twice = [i for i, count in ids.items() if count > 1]
    if twice:
        raise StatisticsError(f"signal {twice[0]} is there {ids[twice[0]]} times: count it once.")
    closed = [s for s in listed if s.settlement is not None]
    for signal in closed:
        if not any(_within(signal, span) for span in spans):
            raise StatisticsError(
                f"signal {signal.signal_id} of {signal.symbol} at {signal.close_time} lies outside "
                "the spans given: its day would not be counted."
            )
    closed.sort(key=_closing)
    return Trades(tuple(closed), tuple(spans), still_open=len(listed) - len(closed))


def one_kind(signals: Iterable[Signal]) -> None:
    """Raise StatisticsError unless all signals are of one policy and one kind of market."""
    known = sorted({(s.market, s.policy_digest) for s in signals})
    markets = sorted({market for market, _ in known})
    if len(markets) > 1:
        why = "Simulated signals say nothing of real ones. " if "simulated" in markets else ""
        raise StatisticsError(
            f"signals of {' and '.join(markets)} markets in one statistic. {why}Separate them."
        )
    if len(known) > 1:
        digests = ", ".join(digest for _, digest in known)
        raise StatisticsError(f"signals of policies {digests} in one statistic. Separate them.")


def _within(signal: Signal, span: Span) -> bool:
    return signal.symbol == span.symbol and span.start <= signal.close_time < span.end


def _closing(signal: Signal) -> tuple[int, int, str]:
    assert signal.settlement is not None  # noqa: S101 - only closed signals are sorted
    return signal.settlement.closed_at, signal.close_time, signal.symbol
