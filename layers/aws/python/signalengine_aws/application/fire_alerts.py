"""Price alerts are fired by the closed 1m bars of the stream, each once.

A bar counts for an alert only if its minute began after the alert was asked for: so the bar comes a
minute later than the alert at least, and alerts that were read `LISTED_MS` ago have it. A market
that does not run at the pace of the clock has them read with each batch.

Fired by a conditional write, published, removed. A function that ends in between leaves a fired
alert, which is published again with the next bars: under the same event id, which is delivered
once.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from signalengine.errors import PermanentError
from signalengine.facts.alerts import reached_at
from signalengine.facts.stream import BarsFact

from ..messaging.sns import Message, alert_message
from ..ports import Topic
from ..runtime.clock import Clock, wall_ms
from ..stores.alerts import StoredAlert

LISTED_MS: Final = 30_000
"""How old the list of alerts may be that is used, while the market is live."""
LIVE: Final = "live"


class Alerts(Protocol):
    """The port: the price alerts of all addresses."""

    def all(self) -> list[StoredAlert]: ...

    def fire(self, one: StoredAlert, closed_at: int, market: str, /) -> StoredAlert | None:
        """Store which bar reached an alert; None when it is fired or removed already."""
        ...

    def remove(self, ones: Sequence[StoredAlert], /) -> None: ...


class FireAlerts:
    """Fires the alerts that bars reach."""

    def __init__(self, alerts: Alerts, topic: Topic, clock: Clock = wall_ms) -> None:
        self._alerts, self._topic, self._clock = alerts, topic, clock
        self._listed: list[StoredAlert] = []
        self._listed_at: int | None = None

    def fire(self, facts: Sequence[BarsFact]) -> int:
        """Publish the alerts that these bars reach; returns how many. Raises TransientError."""
        if not facts:
            return 0
        self._refresh(facts)
        published = 0
        for one in list(self._listed):
            fired = one if one.closed_at is not None else self._fired(one, facts)
            published += fired is not None and self._publish(one, fired)
        return published

    def _refresh(self, facts: Sequence[BarsFact]) -> None:
        now, at = self._clock(), self._listed_at
        paced = all(fact.market == LIVE for fact in facts)
        if at is None or not paced or now - at >= LISTED_MS:
            self._listed, self._listed_at = self._alerts.all(), now

    def _fired(self, one: StoredAlert, facts: Sequence[BarsFact]) -> StoredAlert | None:
        """Store that an alert is fired; None for one that is not, or by another or removed."""
        mine = [fact for fact in facts if fact.symbol == one.alert.symbol]
        closed_at = reached_at(one.alert, (fact.bars[0] for fact in mine))
        if closed_at is None:
            return None
        market = next(fact.market for fact in mine if fact.close_time == closed_at)
        self._listed_at = None  # read again: it may be fired, and not published
        return self._alerts.fire(one, closed_at, market)

    def _publish(self, one: StoredAlert, fired: StoredAlert) -> bool:
        """Publish and remove a fired alert; one that cannot be is tried again with other bars."""
        try:
            self._topic.publish(_message(fired, self._clock()))
        except PermanentError:
            return False
        self._alerts.remove([fired])
        self._listed.remove(one)
        return True


def _message(fired: StoredAlert, now: int) -> Message:
    return alert_message(
        fired.event_id, fired.channel, fired.alert, fired.closed_at or 0, fired.market, now
    )
