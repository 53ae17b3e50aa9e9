"""Stored evaluations: one item a strategy, symbol and close, written once.

Its stream starts the scoring.
"""

from functools import partial
from typing import Final

from pynamodb.exceptions import PutError
from signalengine.signals import Evaluation, evaluation_from_dict, to_json

from ..messaging.records import Change
from ..runtime.aws_errors import CONDITION, code_of, mapped, ours
from ..runtime.clock import Clock, day_of, ttl, wall_ms
from ..runtime.packed_json import text_of
from ..runtime.stored_fields import needed, read_body, read_item, versioned
from .items.base import bind
from .items.events import EVENTS_TTL_S, EventItem
from .pagination import Chunk, Items, Key, Place, Span, having, series_key, series_place
from .strategies import CLASSIC, Strategy, strategy_of, without_strategy


class DynamoEvents:
    """The table of evaluations, each under its parameter set."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        self._clock = clock
        bind(EventItem, table)

    def put(self, evaluation: Evaluation) -> bool:
        """Store an evaluation unless that close has one of its set; False when it has."""
        strategy = strategy_of(evaluation)
        item = EventItem(
            series=strategy.key(evaluation.symbol),
            close_time=evaluation.close_time,
            body=versioned(to_json(evaluation)),
            day=strategy.key(day_of(evaluation.close_time)),
            ttl=ttl(self._clock, EVENTS_TTL_S),
        )
        try:
            item.save(EventItem.series.does_not_exist())
        except PutError as error:
            if code_of(error) == CONDITION:
                return False
            raise ours(error, "put event") from error
        return True


class DynamoEventLog:
    """The table of a strategy's evaluations, for reading."""

    def __init__(self, table: str, *, strategy: Strategy = CLASSIC) -> None:
        self._table, self._strategy = table, strategy
        bind(EventItem, table)

    def of(self, strategy: Strategy) -> "DynamoEventLog":
        """Return the same table for reading the evaluations of another strategy."""
        return DynamoEventLog(self._table, strategy=strategy)

    def at(self, symbol: str, close_time: int) -> Evaluation | None:
        """Return the evaluation of a close; None when it had no events, or has expired.

        Nor while this version cannot read it.
        """
        with mapped("read events"):
            try:
                item = EventItem.get(self._strategy.key(symbol), close_time)
            except EventItem.DoesNotExist:
                return None
        where = f"{symbol} {close_time}"
        return read_item("evaluation", where, lambda: _read(item.body))

    def of_close(self, time: int) -> list[Evaluation]:
        """Return all symbols' evaluations of a close (ms) that the index has.

        Those that this version cannot read are left out.
        """
        day = self._strategy.key(day_of(time))
        with mapped("read the events of a close"):
            items = list(EventItem.by_day.query(day, EventItem.close_time == time))
        where = f"{day} {time}"
        found = (read_item("evaluation", where, partial(_read, one.body)) for one in items)
        return [one for one in found if one is not None]

    def of_day(
        self, day: str, span: Span, after: Place | None, limit: int, kind: str | None = None
    ) -> Chunk[Evaluation]:
        """Return a day's evaluations in `span`, newest first, reading `limit` at most.

        `kind`: only those with such an event.
        """
        day = self._strategy.key(day)
        key = series_key(self._strategy, after, day=day)
        return _BY_DAY.chunk(day, span, limit, key, keep=having("kind", kind))

    def of_symbol(
        self, symbol: str, span: Span, after: Place | None, limit: int, kind: str | None = None
    ) -> Chunk[Evaluation]:
        """Return a symbol's evaluations in `span`, newest first, reading `limit` at most."""
        series, key = self._strategy.key(symbol), series_key(self._strategy, after)
        return _BY_SYMBOL.chunk(series, span, limit, key, keep=having("kind", kind))


def _evaluation(raw: Key) -> Evaluation:
    return _read(text_of(raw["body"]))


def _read(text: str) -> Evaluation:
    return evaluation_from_dict(read_body(text))


_BY_DAY: Final = Items(
    "evaluation", EventItem.by_day, EventItem.close_time, _evaluation, series_place
)
_BY_SYMBOL: Final = Items("evaluation", EventItem, EventItem.close_time, _evaluation, series_place)


def key_of(change: Change) -> str:
    """Return the key of a changed item as text: the symbol and the close."""
    item = change.after or change.before or {}
    return f"{without_strategy(item['series']['S'])}#{item['close_time']['N']}"


def stored_evaluation(change: Change) -> Evaluation | None:
    """Return the evaluation that a change of the table inserted; None for any other change.

    Raises UnreadableError when it was written in a form that this code cannot read.
    """
    after = change.after
    if change.kind != "INSERT" or after is None:
        return None
    return needed("evaluation", lambda: _evaluation(after))
