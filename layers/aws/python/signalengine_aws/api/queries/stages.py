"""What is stored of the stages behind the fold, in a few small reads."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from ...delivery.deliveries import SENDER, DynamoDeliveries
from ...runtime.channels import CHANNELS, QUEUES, served_by
from ...runtime.clock import Clock, day_of, wall_ms
from ...stores.decisions import DynamoDecisionLog
from ...stores.events import DynamoEventLog
from ...stores.outbox import DynamoOutbox
from ...stores.pagination import Span
from ...stores.state import DynamoFeed
from .health import Stages, late_ms

if TYPE_CHECKING:
    from ..services import Services

LOOKED_BACK_MS: Final = 3_600_000
"""How old the close may be by which scoring is evaluated."""


class StageQueries:
    """Reads what `health.health` evaluates."""

    def __init__(
        self,
        *,
        feed: DynamoFeed,
        events: DynamoEventLog,
        decisions: DynamoDecisionLog,
        outbox: DynamoOutbox,
        deliveries: DynamoDeliveries,
        clock: Clock = wall_ms,
    ) -> None:
        self._feed = feed
        self._events = events
        self._decisions = decisions
        self._outbox = outbox
        self._deliveries = deliveries
        self._clock = clock

    @classmethod
    def of(cls, services: "Services") -> Self:
        env = services.env
        return cls(
            feed=services.feed,
            events=DynamoEventLog(env.events_table),
            decisions=DynamoDecisionLog(env.decisions_table),
            outbox=DynamoOutbox(env.signals_table),
            deliveries=DynamoDeliveries(env.deliveries_table),
        )

    def read(self, beat: Mapping[str, Any] | None) -> Stages | None:
        """Return what is stored behind a heartbeat; None without one."""
        if beat is None:
            return None
        waiting = self._outbox.waiting(1)
        return Stages(
            unscored=self._unscored(beat),
            unpublished_at=waiting[0].updated_at if waiting else None,
            paused={queue: why for queue in QUEUES if (why := self._paused(queue)) is not None},
            probed_at=self._feed.probed_at(),
        )

    def _unscored(self, beat: Mapping[str, Any]) -> tuple[str, int] | None:
        """Return the newest close that is due and has no decision.

        Every stored evaluation is decided, within seconds.
        """
        due = int(beat["watermark"]) - late_ms(beat)
        day = day_of(due)
        chunk = self._events.of_day(day, Span(max(0, due - LOOKED_BACK_MS), due + 1), None, 1)
        for _, found in chunk.rows:
            if self._decisions.at(found.symbol, found.close_time) is None:
                return found.symbol, found.close_time
        return None

    def _paused(self, queue: str) -> str | None:
        """Return why a queue's channels deliver nothing; "" while they do to some address.

        A service refuses the credentials, or each address that it was to write to. Addresses are
        read until one accepts messages, which is most often the first. None for a queue of several
        channels without an address.
        """
        now, reasons = self._clock(), list[str]()
        for channel in served_by(queue):
            state = self._deliveries.address_state(f"{channel}:{SENDER}")
            if now < state.parked_until:
                reasons.append(state.parked_reason)
                if queue in CHANNELS:
                    return state.parked_reason
                continue
            for address in self._deliveries.address_states_of(channel):
                if address.moved_to is not None:
                    continue
                if now >= address.parked_until:
                    return ""
                reasons.append(address.parked_reason)
        if not reasons:
            return "" if queue in CHANNELS else None
        which = "the only address" if len(reasons) == 1 else "every address"
        return f"{which}: {reasons[0]}"
