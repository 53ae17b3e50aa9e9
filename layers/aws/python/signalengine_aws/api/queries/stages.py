"""What is stored of the stages behind the fold, in a few reads of one item each."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from ...delivery.deliveries import SENDER, DynamoDeliveries
from ...runtime.channels import CHANNELS
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

ADDRESSES: Final = 10
"""How many of a channel's addresses are read: when none of them accepts anything, it is paused."""


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
            paused={channel: self._paused(channel) for channel in CHANNELS},
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

    def _paused(self, channel: str) -> str:
        """Return why a channel delivers nothing; "" while it delivers to some address.

        Its service refuses the credentials, or each address that it was to write to.
        """
        now = self._clock()
        state = self._deliveries.address_state(f"{channel}:{SENDER}")
        if now < state.parked_until:
            return state.parked_reason
        known = self._deliveries.first_address_states(channel, ADDRESSES)
        used = [address for address in known if address.moved_to is None]
        if not used or any(now >= address.parked_until for address in used):
            return ""
        which = "the only address" if len(used) == 1 else "every address"
        return f"{which}: {used[0].parked_reason}"
