"""The scoring transaction: decision, signal and cooldown are stored together or not at all."""

from enum import Enum
from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite
from signalengine.signals import Cooldown, Decision, decision_from_dict, to_json

from ..runtime.aws_errors import lost_conditions, mapped
from ..runtime.clock import Clock, day_of, ttl, wall_ms
from ..runtime.packed_json import text_of
from ..runtime.stored_fields import read_body, read_item, versioned
from .items.base import bind, client
from .items.cooldowns import CooldownItem
from .items.decisions import DECISIONS_TTL_S, DecisionItem
from .items.signals import SignalItem
from .pagination import Chunk, Items, Key, Place, Span, having, series_key, series_place
from .signals import opened_item
from .strategies import CLASSIC, Strategy

if TYPE_CHECKING:
    from signalengine.decisions import Decided


class Commit(Enum):
    """The result of a scoring transaction."""

    DONE = "done"
    ALREADY = "already"
    """This close was decided before; nothing is left to do."""
    CONTESTED = "contested"
    """Something changed since it was read: read and decide again."""


class DynamoDecisions:
    """The tables of decisions, cooldowns and (openings of) signals, for one strategy."""

    def __init__(
        self,
        decisions: str,
        cooldowns: str,
        signals: str,
        clock: Clock = wall_ms,
        *,
        strategy: Strategy = CLASSIC,
    ) -> None:
        self._clock, self._strategy = clock, strategy
        self._unknown: dict[str, bool] = {}
        """Whether another version has stored a symbol's cooldown, so that it says little."""
        bind(DecisionItem, decisions)
        bind(CooldownItem, cooldowns)
        bind(SignalItem, signals)

    def cooldown(self, symbol: str) -> Cooldown | None:
        """Return a symbol's cooldown (consistent read); None when it never had one.

        A time that is missing is 0; the next decision replaces such an item whatever it has.
        """
        with mapped("read cooldown"):
            try:
                item = CooldownItem.get(self._strategy.key(symbol), consistent_read=True)
            except CooldownItem.DoesNotExist:
                return None
        times = (item.last_scored, item.until, item.long_until, item.short_until)
        self._unknown[symbol] = None in times
        return Cooldown(
            symbol=symbol,
            last_scored=item.last_scored or 0,
            until=item.until or 0,
            long_until=item.long_until or 0,
            short_until=item.short_until or 0,
            signal_id=item.signal_id,
        )

    def commit(self, decided: "Decided", read: Cooldown | None) -> Commit:
        """Store a decision made on the cooldown `read`; raises TransientError or PermanentError."""
        try:
            with TransactWrite(connection=client()) as write:
                # the cancellation reasons below come in this order
                write.save(
                    self._decision_item(decided.decision), DecisionItem.series.does_not_exist()
                )
                write.save(self._cooldown_item(decided.cooldown), self._as_read(read))
                if decided.signal is not None:
                    write.save(
                        opened_item(decided.signal, self._clock()),
                        SignalItem.signal_id.does_not_exist(),
                    )
        except TransactWriteError as error:
            decided_before, *_ = lost_conditions(error, "commit decision")
            return Commit.ALREADY if decided_before else Commit.CONTESTED
        return Commit.DONE

    def _as_read(self, read: Cooldown | None) -> Condition | None:
        unknown = read is not None and self._unknown.get(read.symbol, False)
        return None if unknown else _unchanged(read)

    def _decision_item(self, decision: Decision) -> DecisionItem:
        return DecisionItem(
            series=self._strategy.key(decision.symbol),
            close_time=decision.close_time,
            body=versioned(to_json(decision)),
            day=self._strategy.key(day_of(decision.close_time)),
            ttl=ttl(self._clock, DECISIONS_TTL_S),
        )

    def _cooldown_item(self, cooldown: Cooldown) -> CooldownItem:
        return CooldownItem(
            series=self._strategy.key(cooldown.symbol),
            last_scored=cooldown.last_scored,
            until=cooldown.until,
            long_until=cooldown.long_until,
            short_until=cooldown.short_until,
            signal_id=cooldown.signal_id,
        )


class DynamoDecisionLog:
    """The table of a strategy's decisions, for reading."""

    def __init__(self, table: str, *, strategy: Strategy = CLASSIC) -> None:
        self._table, self._strategy = table, strategy
        bind(DecisionItem, table)

    def of(self, strategy: Strategy) -> "DynamoDecisionLog":
        """Return the same table for reading the decisions of another strategy."""
        return DynamoDecisionLog(self._table, strategy=strategy)

    def at(self, symbol: str, close_time: int) -> Decision | None:
        """Return the decision on a close; None when it was not scored, or has expired.

        Nor while this version cannot read it.
        """
        with mapped("read decision"):
            try:
                item = DecisionItem.get(self._strategy.key(symbol), close_time)
            except DecisionItem.DoesNotExist:
                return None
        where = f"{symbol} {close_time}"
        return read_item("decision", where, lambda: _read(item.body))

    def of_day(
        self, day: str, span: Span, after: Place | None, limit: int, verdict: str | None = None
    ) -> Chunk[Decision]:
        """Return a day's decisions in `span`, newest first, reading `limit` at most."""
        day = self._strategy.key(day)
        key = series_key(self._strategy, after, day=day)
        return _BY_DAY.chunk(day, span, limit, key, keep=having("verdict", verdict))

    def of_symbol(
        self, symbol: str, span: Span, after: Place | None, limit: int, verdict: str | None = None
    ) -> Chunk[Decision]:
        """Return a symbol's decisions in `span`, newest first, reading `limit` at most."""
        series, key = self._strategy.key(symbol), series_key(self._strategy, after)
        return _BY_SYMBOL.chunk(series, span, limit, key, keep=having("verdict", verdict))


def _decision(raw: Key) -> Decision:
    return _read(text_of(raw["body"]))


def _read(text: str) -> Decision:
    return decision_from_dict(read_body(text))


_BY_DAY: Final = Items(
    "decision", DecisionItem.by_day, DecisionItem.close_time, _decision, series_place
)
_BY_SYMBOL: Final = Items(
    "decision", DecisionItem, DecisionItem.close_time, _decision, series_place
)


def _unchanged(read: Cooldown | None) -> Condition:
    """The cooldown is the one that was read: each close that changes it is newer than the last."""
    if read is None:
        return CooldownItem.series.does_not_exist()
    unchanged: Condition = CooldownItem.last_scored == read.last_scored
    return unchanged
