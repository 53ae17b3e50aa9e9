"""Who receives what, by ids that name nobody; and the removal of one.

Addresses of people are never in an answer: of an e-mail address the first letter and the domain's
ending are, of a chat nothing. The names that an operator gave to destinations are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ...delivery.deliveries import DynamoDeliveries
from ...delivery.pacing import AddressState
from ...delivery.subscriptions import DynamoSubscriptions, Subscription, change, zone_name

NAMED: Final = ("discord", "slack", "webhook", "ntfy")
"""Channels whose addresses are names that the operator chose."""
MASKED: Final = "•••"


@dataclass(frozen=True, slots=True)
class Subscribers:
    """The subscribers of all channels."""

    subscriptions: DynamoSubscriptions
    deliveries: DynamoDeliveries
    public_id: Callable[[str], str]
    forget_contact: Callable[[str], None]
    """Removes the e-mail address or the browser of a channel key, where there is one."""
    now: int
    """Wall time, ms."""

    def all(self) -> list[dict[str, Any]]:
        """Return every address with preferences or a message, those that receive first."""
        known = {one.channel: one for one in self.subscriptions.all()}
        states = {one.channel: one for one in self.deliveries.address_states()}
        rows = [self._row(key, known.get(key), states.get(key)) for key in {*known, *states}]
        return sorted(rows, key=lambda row: (not row["active"], row["channel"], row["id"]))

    def remove(self, public_id: str) -> dict[str, Any] | None:
        """End a subscription; returns it as it is now, None when there is none of this id.

        Its e-mail address, or its browser's endpoint and keys, are removed. What waits for it is
        withheld as it becomes due. It may subscribe again itself.
        """
        states = {one.channel: one for one in self.deliveries.address_states()}
        known = {one.channel: one for one in self.subscriptions.all()}
        for key in {*known, *states}:
            if self.public_id(key) == public_id:
                preferences = known.get(key) or Subscription(key)
                saved = change(self.subscriptions, preferences, self.now, active=False)
                self.forget_contact(key)
                return self._row(key, saved, states.get(key))
        return None

    def _row(
        self, key: str, stored: Subscription | None, state: AddressState | None
    ) -> dict[str, Any]:
        one, pace = stored or Subscription(key), state or AddressState(key)
        return {
            "id": self.public_id(key),
            "channel": key.partition(":")[0],
            "address": masked(key),
            "stored": stored is not None,
            "active": one.active,
            "since": one.since or None,
            "symbols": list(one.symbols),
            "strategies": list(one.strategies),
            "direction": one.direction,
            "min_score": one.min_score,
            "opened": one.opened,
            "closed": one.closed,
            "quiet": None if one.quiet is None else list(one.quiet),
            "timezone": zone_name(one.timezone),
            "language": getattr(one, "language", "en"),
            "muted_until": one.muted_until if one.muted_until > self.now else None,
            "left_at": one.left_at or None,
            "moved": bool(one.moved_to or pace.moved_to),
            "parked_until": pace.parked_until if pace.parked_until > self.now else None,
            "parked_reason": pace.parked_reason if pace.parked_until > self.now else "",
            "last_sent": pace.slots[-1] if pace.slots else None,
            "refusals": pace.refusals,
        }


def masked(key: str) -> str:
    """Return what may be shown of an address: `alerts`, `a•••@•••.org`, or nothing."""
    channel, _, address = key.partition(":")
    if channel in NAMED:
        return address
    if channel != "email" or "@" not in address:
        return MASKED
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}{MASKED}@{MASKED}.{domain.rpartition('.')[2]}"
