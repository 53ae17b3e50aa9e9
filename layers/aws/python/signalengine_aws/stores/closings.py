"""Closing signals: the settlement and the statistics are stored together or not at all."""

from collections.abc import Sequence

from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite
from signalengine.errors import TransientError
from signalengine.signals import Settlement, Signal, Step, steps_to_json, to_json
from signalengine.stats.performance import add

from ..runtime.aws_errors import CONDITION, code_of, lost_conditions, ours
from ..runtime.clock import Clock, day_of, month_of, wall_ms
from ..runtime.retries import attempts
from ..runtime.stored_fields import versioned
from .items.base import bind, client
from .items.performance import PerformanceItem
from .items.signals import SignalItem
from .performance import DAY_PREFIX, DynamoPerformance, day_actions, row_item, unchanged
from .signals import to_publish
from .strategies import strategy_of


class DynamoClosings:
    """Stores what happens to open signals, and closes each once."""

    def __init__(
        self,
        signals: str,
        performance: str,
        clock: Clock = wall_ms,
    ) -> None:
        self._clock = clock
        self._performance = DynamoPerformance(performance)
        bind(SignalItem, signals)

    def close(self, signal: Signal, settlement: Settlement) -> bool:
        """Close an open signal; False when it was closed before. Raises TransientError."""
        for _ in attempts():
            done = self._try(signal, settlement)
            if done is not None:
                return done
        raise TransientError(f"close signal: {signal.signal_id} stays contested")

    def advance(self, signal: Signal, steps: Sequence[Step]) -> bool:
        """Store what happened to an open signal since `signal` was read, to be published.

        `steps` are all of them. False, and nothing is stored, when the signal has changed since it
        was read; then it is read again later. Raises TransientError.
        """
        known, now = len(signal.progress), self._clock()
        before = SignalItem.steps == known if known else SignalItem.steps.does_not_exist()
        try:
            SignalItem(signal.signal_id).update(
                actions=[
                    SignalItem.progress.set(versioned(steps_to_json(steps))),
                    SignalItem.steps.set(len(steps)),
                    SignalItem.updated_at.set(now),
                    *to_publish(signal, now, {step.name for step in steps[known:]}),
                ],
                condition=SignalItem.signal_id.exists()
                & SignalItem.settlement.does_not_exist()
                & before,
            )
        except UpdateError as error:
            if code_of(error) == CONDITION:
                return False
            raise ours(error, "store progress") from error
        return True

    def _try(self, signal: Signal, settlement: Settlement) -> bool | None:
        """Return True: closed now; False: was closed; None: something changed meanwhile."""
        from signalengine.stats.closed_signal import closed_signal, closed_to_json

        row = self._performance.read(signal.stats_key, signal.symbol)
        after = row_item(signal.stats_key, signal.symbol, add(row, settlement, signal.direction))
        day = PerformanceItem(signal.stats_key, DAY_PREFIX + day_of(signal.close_time))
        result = versioned(closed_to_json(closed_signal(signal, settlement)))
        now = self._clock()
        try:
            with TransactWrite(connection=client()) as write:
                # puts come before updates, also in the cancellation reasons below
                write.save(after, unchanged(row))
                write.update(
                    SignalItem(signal.signal_id),
                    actions=[
                        SignalItem.settlement.set(versioned(to_json(settlement))),
                        SignalItem.result.set(result),
                        SignalItem.month.set(strategy_of(signal).key(month_of(signal.close_time))),
                        SignalItem.updated_at.set(now),
                        SignalItem.open.remove(),
                        *to_publish(signal, now, {"closed"}),
                    ],
                    condition=SignalItem.signal_id.exists()
                    & SignalItem.settlement.does_not_exist(),
                )
                write.update(day, actions=day_actions(signal, settlement))
        except TransactWriteError as error:
            _, closed_before, _ = lost_conditions(error, "close signal")
            return False if closed_before else None
        return True
