"""Price alerts, in three buckets of the table of preferences: "BTCUSDT#1f2e3d4c5b".

Those of browsers and of subscribers by e-mail are in buckets of their own, so that the functions
that serve these have no right to ids of chats. One Query reads a bucket.

An alert is fired by a conditional write, published, and removed: one that is fired and still stored
was not published for certain.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Final

from pynamodb.exceptions import PutError
from signalengine.facts.alerts import Alert
from signalengine.facts.typed import typed

from ..runtime.aws_errors import CONDITION, code_of, mapped, ours
from ..runtime.clock import Clock, ttl, wall_ms
from ..runtime.stored_fields import read_body, read_item, versioned
from .items.base import DAY_S, bind
from .items.subscriptions import SubscriptionItem

BUCKET: Final = "alerts"
BROWSERS: Final = "browser_alerts"
CONTACTS: Final = "email_alerts"
BUCKETS: Final = (BUCKET, BROWSERS, CONTACTS)
_APART: Final = {"push": BROWSERS, "email": CONTACTS}
LIFETIME_S: Final = 90 * DAY_S
WAITING: Final = 1
"""The version of an alert that was not reached yet."""
FIRED: Final = 2


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert of one address."""

    alert: Alert
    channel: str
    """Key of the address that asked for it."""
    closed_at: int | None = None
    """Close (ms) of the bar that reached it."""
    market: str = ""
    """Of that bar."""

    @property
    def alert_id(self) -> str:
        """What it is known by among those of its symbol: its address and its price."""
        text = f"{self.channel}#{self.alert.symbol}#{self.alert.price!r}"
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    @property
    def bucket(self) -> str:
        return bucket_of(self.channel)

    @property
    def key(self) -> str:
        return f"{self.alert.symbol}#{self.alert_id}"

    @property
    def event_id(self) -> str:
        """Of its notification: another one for the same price has an id of its own."""
        return f"alert#{self.key}#{self.alert.since}"


class DynamoAlerts:
    """The alerts of all addresses; those of other buckets than `buckets` are not listed."""

    def __init__(
        self, table: str, clock: Clock = wall_ms, buckets: Sequence[str] = BUCKETS
    ) -> None:
        bind(SubscriptionItem, table)
        self._table, self._clock, self._buckets = table, clock, buckets

    def all(self) -> list[StoredAlert]:
        """Return those that have not expired, by symbol; eventually consistent."""
        with mapped("list alerts"):
            items = [one for bucket in self._buckets for one in SubscriptionItem.query(bucket)]
        now_s = self._clock() // 1000
        found = [
            read_item("alert", one.channel, partial(_read, one))
            for one in items
            if one.ttl is None or one.ttl > now_s
        ]
        return [one for one in found if one is not None]

    def put(self, one: StoredAlert) -> None:
        """Store an alert; one of the same address and price is replaced."""
        with mapped("put an alert"):
            self._item(one, WAITING).save()

    def fire(self, one: StoredAlert, closed_at: int, market: str) -> StoredAlert | None:
        """Store which bar reached an alert; None when it is fired or removed already."""
        fired = replace(one, closed_at=closed_at, market=market)
        version, body = SubscriptionItem.version, SubscriptionItem.body
        unchanged = (version == WAITING) & (body == _body(one))
        try:
            self._item(fired, FIRED).save(unchanged)
        except PutError as error:
            if code_of(error) == CONDITION:
                return None
            raise ours(error, "fire an alert") from error
        return fired

    def remove(self, ones: Sequence[StoredAlert]) -> None:
        """Remove alerts; again is harmless."""
        with mapped("remove an alert"):
            for one in ones:
                SubscriptionItem(one.bucket, one.key).delete()

    def forget(self, channel: str) -> int:
        """Remove all alerts of an address; returns how many there were."""
        own = DynamoAlerts(self._table, self._clock, (bucket_of(channel),))
        mine = [one for one in own.all() if one.channel == channel]
        self.remove(mine)
        return len(mine)

    def _item(self, one: StoredAlert, version: int) -> SubscriptionItem:
        return SubscriptionItem(
            bucket=one.bucket,
            channel=one.key,
            body=_body(one),
            version=version,
            ttl=ttl(self._clock, LIFETIME_S),
        )


def bucket_of(channel: str) -> str:
    """Return the bucket that has the alerts of a channel key."""
    return _APART.get(channel.partition(":")[0], BUCKET)


def _body(one: StoredAlert) -> str:
    return versioned(json.dumps(asdict(one), separators=(",", ":")))


def _read(item: SubscriptionItem) -> StoredAlert:
    raw = read_body(item.body)
    return typed(StoredAlert, raw, alert=typed(Alert, raw["alert"]))
