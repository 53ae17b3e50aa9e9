"""Addresses that were replaced by others: the subscription, the messages and the receipts move.

The subscription is moved first, then the replacement is recorded in the address's state: whoever
sees the record finds the subscription at its new key. Each step can be repeated, and it does not
matter whether the service's notice or its refusal of a message comes first.
"""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..runtime.clock import Clock
from . import pacing
from .deliveries import ConflictError, Delivery, change_address_state, suppressed
from .subscriptions import Subscription, change, preferences_of

if TYPE_CHECKING:
    from ..ports import Deliveries, Subscriptions

MOVED: Final = "the address was replaced"
_SAME_EVENT_MS: Final = 600_000


class Moves:
    """Moves addresses. `home` is the channel key that is subscribed without a row."""

    def __init__(
        self,
        *,
        deliveries: "Deliveries",
        subscriptions: "Subscriptions",
        home: str | None,
        clock: Clock,
    ) -> None:
        self._deliveries = deliveries
        self._subscriptions = subscriptions
        self._home = home
        self._clock = clock

    def move(self, channel: str, address: str) -> str:
        """Record that the address of a channel key was replaced; return the new key."""
        new = successor(channel, address)
        if new != channel:
            self._move_subscription(channel, new)
            change_address_state(
                self._deliveries, channel, lambda state: pacing.moved(state, address)
            )
        return new

    def _move_subscription(self, old: str, new: str) -> None:
        """Copy a subscription to its new key, unless that has one, and end the old one.

        While both exist, `moved_to` keeps the old one out of every audience.
        """
        known = preferences_of(self._subscriptions, old, self._home)
        if not known.active and not self._just_left(known):
            return
        change(self._subscriptions, known, self._clock(), moved_to=new)
        if self._subscriptions.get(new) is None:
            copy = replace(known, channel=new, active=True, left_at=0, version=0)
            with suppress(ConflictError):  # moved by another instance, or subscribed there
                self._subscriptions.save(copy)
        change(self._subscriptions, known, self._clock(), active=False)

    def _just_left(self, known: Subscription) -> bool:
        """Return whether the removal from the address may be a part of its replacement."""
        return known.left_at > 0 and self._clock() - known.left_at < _SAME_EVENT_MS

    def follow(self, channel: str, address: str) -> str:
        """Return the new key of a replaced address; its subscription is there."""
        new = successor(channel, address)
        if self._subscriptions.get(new) is None:  # recorded by a version that moved none
            self._move_subscription(channel, new)
        return new

    def is_home(self, channel: str) -> bool:
        """Return whether a channel key is the configured one, or has replaced it."""
        if self._home is None or channel == self._home:
            return channel == self._home
        moved_to = self._deliveries.address_state(self._home).moved_to
        return moved_to is not None and successor(self._home, moved_to) == channel

    def delivery(self, event_id: str, old: Delivery, new: str) -> Delivery:
        """Return an event's delivery at the new key; before the first attempt there, as at `old`.

        What may have arrived at the old address may have arrived for good.
        """
        fresh = Delivery(
            event_id,
            new,
            first_seen_at=old.first_seen_at,
            attempts=old.attempts,
            doubtful=old.may_have_arrived,
            possible_duplicates=old.possible_duplicates,
            summary=old.summary,
            sealed_at=old.sealed_at,
        )
        return self._deliveries.get(event_id, new) or fresh

    def opening(self, event_id: str | None, old: str, new: str) -> Delivery | None:
        """Return an opening's delivery at either key, None without an event.

        The new address has no message with the receipt of the old one, so it is left out.
        """
        if event_id is None:
            return None
        known = self._deliveries.get(event_id, new)
        if known is not None:
            return known
        at_old = self._deliveries.get(event_id, old)
        return None if at_old is None else replace(at_old, receipt=None)

    def retire(self, old: Delivery) -> None:
        """End a delivery that goes on at the new key."""
        if old.version and not old.final:
            self._deliveries.save(suppressed(old, MOVED))


def successor(channel: str, address: str) -> str:
    """Return the channel key of the address that replaced a key's."""
    name, _, _ = channel.partition(":")
    return f"{name}:{address}"
