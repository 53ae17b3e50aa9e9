"""Stored evaluations: one item a symbol and close, written once; its stream starts the scoring."""

from pynamodb.exceptions import PutError
from signalengine.errors import PermanentError
from signalengine.signals import Evaluation, evaluation_from_json, to_json

from .clock import Clock, day_of, ttl, wall_ms
from .failures import CONDITION, code_of, ours
from .records import Change
from .tables import EVENTS_KEPT_S, EventItem, bind


class UnreadableError(PermanentError):
    """A stored item of another version of this code."""


class DynamoEvents:
    """The table of evaluations."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        self._clock = clock
        bind(EventItem, table)

    def put(self, evaluation: Evaluation) -> bool:
        """Store an evaluation unless that close has one; False when it has."""
        item = EventItem(
            symbol=evaluation.symbol,
            close_time=evaluation.close_time,
            body=to_json(evaluation),
            day=day_of(evaluation.close_time),
            ttl=ttl(self._clock, EVENTS_KEPT_S),
        )
        try:
            item.save(EventItem.symbol.does_not_exist())
        except PutError as error:
            if code_of(error) == CONDITION:
                return False
            raise ours(error, "put event") from error
        return True


def stored_evaluation(change: Change) -> Evaluation | None:
    """Return the evaluation that a change of the table inserted; None for any other change.

    Raises UnreadableError when it was written in a form that this code cannot read.
    """
    if change.kind != "INSERT" or change.after is None:
        return None
    try:
        return evaluation_from_json(change.after["body"]["S"])
    except (ValueError, LookupError, TypeError) as error:
        raise UnreadableError(f"evaluation: {type(error).__name__}: {error}") from error
