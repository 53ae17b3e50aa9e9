"""The recent signals for a policy's protections, settled as far as their bars are stored.

A settlement may be stored after the close that depends on it. So the outcome is computed here from
the stored bars, by the same fold; only the bars have to be stored.

How far the other symbols are is known from their states and cooldowns: a state names the newest
evaluation that was stored before it, and a cooldown the newest one that was decided.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import Policy
from signalengine.protections import Past, past_of
from signalengine.settlement import contiguous, settle
from signalengine.signals import Evaluation, Signal, settled

from ..runtime.aws_errors import mapped
from ..runtime.clock import day_of
from .bars import DynamoBars
from .items.base import bind
from .items.cooldowns import CooldownItem
from .items.signals import SignalItem
from .signals import readable
from .state import DynamoFeed, DynamoStates, trading


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


class DynamoRecent:
    """Reads signals by their indexes, bars of those that are open, and how far symbols are."""

    def __init__(
        self, signals_table: str, bars_table: str, state_table: str, cooldowns_table: str
    ) -> None:
        bind(SignalItem, signals_table)
        bind(CooldownItem, cooldowns_table)
        self._bars = DynamoBars(bars_table)
        self._states = DynamoStates(state_table)
        self._feed = DynamoFeed(state_table)

    def read(self, evaluation: Evaluation, policy: Policy) -> Known:
        """Return the signals of this policy and market that a close depends on."""
        known = policy.protections.known_at(evaluation.close_time)
        behind: dict[str, int] = {}
        progress = 0
        if policy.protections.market_wide:
            progress = self._feed.progress()
            behind = self._behind(evaluation.symbol, known)
        pasts, complete = [], True
        for signal in self._signals(evaluation, policy):
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
        return Known(tuple(pasts), complete, behind, progress)

    def _behind(self, own: str, known: int) -> dict[str, int]:
        """Return the other traded symbols whose signals up to `known` may not all be stored."""
        others = set(trading(self._feed.heartbeat())) - {own}
        reached = self._states.reached(others)
        late = {symbol: at for symbol in others if (at := reached.get(symbol, (0, 0))[0]) < known}
        with mapped("read cooldowns"):  # after the states: what those name may be decided by now
            cooldowns = CooldownItem.batch_get(sorted(reached), consistent_read=True)
            scored = {item.symbol: item.last_scored for item in cooldowns}
        for symbol, (at, evaluated) in reached.items():
            done = scored.get(symbol, 0)
            if done < min(evaluated, known):
                late[symbol] = min(at, done)
        return late

    def _signals(self, evaluation: Evaluation, policy: Policy) -> Iterator[Signal]:
        t, p = evaluation.close_time, policy.protections
        since, until = t - p.memory_ms(policy.ttl_ms), p.known_at(t)
        items = self._items(evaluation.symbol, since, until, market_wide=p.market_wide)
        for signal in (stored.signal for stored in readable(items)):
            if signal.policy_digest == policy.digest and signal.market == evaluation.market:
                yield signal

    @staticmethod
    def _items(symbol: str, since: int, until: int, *, market_wide: bool) -> Iterator[SignalItem]:
        span = SignalItem.close_time.between(since, until)
        with mapped("query recent signals"):
            if not market_wide:
                yield from SignalItem.by_symbol.query(symbol, span)
                return
            for start in range(since - since % DAY_MS, until + 1, DAY_MS):
                yield from SignalItem.by_day.query(day_of(start), span)
