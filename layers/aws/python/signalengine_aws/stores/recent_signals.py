"""Recent signals for a policy's protections, settled as far as their bars are stored.

A settlement may be stored after the close that depends on it. So the outcome is computed here from
the stored bars, by the same fold; only the bars have to be stored.

How far the other symbols are is known from their logs and cooldowns: a log names the newest
evaluation of each symbol, and a cooldown the newest one that was decided. A cooldown
names the symbol's newest signal too: an index that lacks it is behind, by milliseconds, which
matters when several minutes are decided in one batch.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.protections import Past, past_of
from signalengine.settlement import advance, contiguous, opened, settle
from signalengine.signals import Cooldown, Evaluation, Signal, settled
from signalengine.strategy.parameter_set import ParameterSet

from ..runtime.aws_errors import mapped
from ..runtime.clock import day_of
from .bars import DynamoBars
from .items.base import bind
from .items.cooldowns import CooldownItem
from .items.signals import SignalItem
from .log.reached import DynamoReached
from .positions import DynamoPositions, lasting
from .signals import readable
from .state import DynamoFeed, trading
from .strategies import CLASSIC, Strategy, without_strategy


def _behind(
    others: Iterable[str],
    reached: Mapping[str, tuple[int, int]],
    cooldowns: Mapping[str, CooldownItem],
    known: int,
) -> dict[str, int]:
    """Return the other traded symbols whose signals up to `known` may not all be stored (pure)."""
    late = {symbol: at for symbol in others if (at := reached.get(symbol, (0, 0))[0]) < known}
    for symbol, (at, evaluated) in reached.items():
        scored = cooldowns.get(symbol)
        done = 0 if scored is None else scored.last_scored or 0
        if done < min(evaluated, known):
            late[symbol] = min(at, done)
    return late


@dataclass(frozen=True, slots=True)
class Known:
    """The signals for one close."""

    pasts: tuple[Past, ...]
    complete: bool
    """False while bars that an open signal's outcome depends on are not stored."""
    behind: Mapping[str, int] = field(default_factory=dict)
    """Symbols that are not evaluated so far yet, with the time (ms) that each has reached."""
    progress: int = 0
    """Close time (ms) of the newest bar that is stored of any symbol."""
    lagging: bool = False
    """The index lacked a signal; the newest of each symbol was read from the table."""


class DynamoRecent:
    """Reads a strategy's signals, bars of those that are open, and how far symbols are."""

    def __init__(
        self,
        signals_table: str,
        bars_table: str,
        state_table: str,
        cooldowns_table: str,
        *,
        strategy: Strategy = CLASSIC,
    ) -> None:
        self._strategy = strategy
        bind(SignalItem, signals_table)
        bind(CooldownItem, cooldowns_table)
        self._bars = DynamoBars(bars_table, state_table)
        self._positions = DynamoPositions(bars_table)
        self._reached = DynamoReached(bars_table, state_table)
        self._feed = DynamoFeed(state_table)

    def read(self, evaluation: Evaluation, policy: ParameterSet) -> Known:
        """Return the signals of this policy and market that a close depends on."""
        known = policy.protections.known_at(evaluation.close_time)
        own, behind, progress = evaluation.symbol, dict[str, int](), 0
        if policy.protections.market_wide:
            progress = self._feed.progress()
            others = set(trading(self._feed.heartbeat())) - {own}
            reached = self._reached.of(others)
            # after the logs: what those name is decided
            cooldowns = self._cooldowns({own, *reached})
            behind = _behind(others, reached, cooldowns, known)
        else:
            cooldowns = self._cooldowns({own})
        signals, lagging = self._signals(evaluation, policy, cooldowns.values())
        pasts, complete = [], True
        for signal in signals:
            if signal.settlement is not None or signal.close_time >= known:
                pasts.append(past_of(signal))
                continue
            until = min(known, signal.expires_at)
            bars = self._bars.minutes(signal.symbol, signal.close_time, until)
            end = settle(signal, bars)
            pasts.append(past_of(signal if end is None else settled(signal, end)))
            whole = sum(1 for _ in contiguous(signal.close_time, bars))
            there = signal.close_time + whole * MINUTE_MS >= until
            complete = complete and (end is not None or there)
        return Known(tuple(pasts), complete, behind, progress, lagging)

    def newest_open(self, cooldown: Cooldown, time: int) -> Signal | None:
        """Return the newest signal of a symbol if it is open at a time (ms), by its stored bars."""
        if cooldown.signal_id is None:
            return None
        with mapped("read the newest signal"):
            items = list(SignalItem.batch_get([cooldown.signal_id], consistent_read=True))
        signal = next((one.signal for one in readable(items)), None)
        if signal is None or not signal.close_time < time < signal.expires_at:
            return None
        end = signal.settlement
        if end is None:
            stored = self._positions.of([signal] if lasting(signal) else ())
            position = stored.get(signal.signal_id) or opened(signal)
            bars = self._bars.minutes(signal.symbol, position.until, time)
            _, end = advance(signal, position, bars)
        return None if end is not None and end.closed_at <= time else signal

    def _cooldowns(self, symbols: Iterable[str]) -> dict[str, CooldownItem]:
        series = sorted(self._strategy.key(symbol) for symbol in symbols)
        with mapped("read cooldowns"):
            found = CooldownItem.batch_get(series, consistent_read=True)
            return {without_strategy(item.series): item for item in found}

    def _signals(
        self, evaluation: Evaluation, policy: ParameterSet, cooldowns: Iterable[CooldownItem]
    ) -> tuple[list[Signal], bool]:
        """Return the signals of the span, and whether the index was behind."""
        t, p = evaluation.close_time, policy.protections
        since, until = t - p.memory_ms(policy.ttl_ms), p.known_at(t)
        newest = {
            item.signal_id: opened
            for item in cooldowns
            if item.signal_id and (opened := (item.until or 0) - policy.cooldown_ms) >= since
        }
        last = max(until, *newest.values(), 0)
        items = list(self._items(evaluation.symbol, since, last, market_wide=p.market_wide))
        lacking = sorted(newest.keys() - {item.signal_id for item in items})
        if lacking:
            with mapped("read recent signals"):
                items += SignalItem.batch_get(lacking, consistent_read=True)
        signals = [
            one.signal
            for one in readable(items)
            if since <= one.signal.close_time <= until
            and one.signal.policy_digest == policy.digest
            and one.signal.market == evaluation.market
        ]
        return signals, bool(lacking)

    def _items(
        self, symbol: str, since: int, until: int, *, market_wide: bool
    ) -> Iterator[SignalItem]:
        span = SignalItem.close_time.between(since, until)
        with mapped("query recent signals"):
            if not market_wide:
                yield from SignalItem.by_symbol.query(self._strategy.key(symbol), span)
                return
            for start in range(since - since % DAY_MS, until + 1, DAY_MS):
                yield from SignalItem.by_day.query(self._strategy.key(day_of(start)), span)
